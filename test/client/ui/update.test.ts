import { expect } from 'chai';
import {
  draftOf,
  EXCHANGES_KEPT,
  LOG_LINES_KEPT,
  selectedOperation,
} from '../../../src/client/ui/state.js';
import { textOf } from '../../../src/client/ui/text-field.js';
import { update } from '../../../src/client/ui/update.js';
import {
  answered,
  logged,
  press,
  pressed,
  screenOf,
  SMALL,
  startState,
  textsIn,
  typing,
} from './support.js';

const start = startState();

/** What stands in the fields of the form. */
function fieldsOf(state: typeof start): string[] {
  const operation = selectedOperation(state);
  return operation === null ? [] : draftOf(state, operation).fields.map(textOf);
}

const noteOf = (state: typeof start): string | null => {
  const operation = selectedOperation(state);
  return operation === null ? null : draftOf(state, operation).note;
};

describe('the list of operations', () => {
  it('is walked with arrows, j and k, pages and ends, and stops at both ends', () => {
    expect(start.selected).to.equal('average');
    expect(pressed(start, 'down', 'j').selected).to.equal('genres');
    expect(pressed(start, 'j', 'k', 'up').selected).to.equal('average');
    expect(pressed(start, 'G').selected).to.equal('tag');
    expect(pressed(start, 'pagedown', 'down').selected).to.equal('tag');
    expect(pressed(start, 'end', 'home').selected).to.equal('average');
  });

  it('is filtered while one types, and what is selected stays among what is shown', () => {
    const state = pressed(start, '/', ...typing('rat'));
    expect(state.selected).to.equal('rate');
    expect(screenOf(state)).to.include('filter /rat');
    expect(screenOf(state)).to.not.include('▸ average');
    const kept = pressed(state, 'enter');
    expect(kept.prompt).to.equal(null);
    expect(kept.filters.operations).to.equal('rat');
    expect(pressed(kept, 'escape').filters.operations).to.equal('');
    expect(pressed(state, 'escape')).to.deep.include({ prompt: null, filters: start.filters });
  });

  it('may be empty by a filter; then there is nothing to run', () => {
    const state = pressed(start, '/', ...typing('zzz'), 'enter', 'enter');
    expect(state.selected).to.equal(null);
    expect(press(state, 'enter', 'x', 'down', 'tab').requests).to.deep.equal([]);
    expect(screenOf(state)).to.include('No operation is selected');
  });
});

describe('the form', () => {
  it('runs what was typed', () => {
    const { state, requests } = press(start, 'enter', '1', '2', 'enter');
    expect(requests).to.have.length(1);
    expect(requests[0]).to.deep.include({ kind: 'call', consistency: 'auto' });
    expect(requests[0]).to.have.deep.nested.property('call.args', { movieId: 12 });
    expect(requests[0]).to.have.nested.property('call.operation.name', 'average');
    expect(state.exchanges[0]).to.include({ request: 'average movieId=12' });
    expect(screenOf(state)).to.include('waiting …');
  });

  it('leaves out what may stay empty', () => {
    const { requests } = press(start, 'j', 'enter', ...typing('toy story'), 'enter');
    expect(requests[0]).to.have.deep.nested.property('call.args', { title: 'toy story' });
  });

  it('says what is needed, and goes there', () => {
    const { state, requests } = press(
      start,
      '/',
      ...typing('rate'),
      'enter',
      'enter',
      '1',
      'enter',
    );
    expect(requests).to.deep.equal([]);
    expect(noteOf(state)).to.equal('rating is needed: 0.5 to 5 in steps of 0.5');
    expect(fieldsOf(pressed(state, '4'))).to.deep.equal(['1', '4']);
    expect(noteOf(pressed(state, '4'))).to.equal(null);
  });

  it('says what cannot be read, and goes there', () => {
    const typed = pressed(start, '/', ...typing('rate'), 'enter', 'enter', '1', 'down', 'x', 'up');
    const { state, requests } = press(typed, 'enter');
    expect(requests).to.deep.equal([]);
    expect(noteOf(state)).to.equal('rating must be 0.5 to 5 in steps of 0.5, not "x"');
    expect(fieldsOf(pressed(state, 'backspace', '3'))).to.deep.equal(['1', '3']);
    expect(textsIn(state, 'bad')).to.include(noteOf(state));
  });

  it('asks before it sends an empty text', () => {
    const asked = press(start, 'G', 'enter', '1', 'enter');
    expect(asked.requests).to.deep.equal([]);
    expect(noteOf(asked.state)).to.equal('tag is empty: Enter again sends it so');
    const { requests } = press(asked.state, 'enter');
    expect(requests[0]).to.have.deep.nested.property('call.args', { movieId: 1, tag: '' });
    expect(press(asked.state, 'x', 'backspace', 'enter').requests).to.deep.equal([]);
  });

  it('keeps what was typed while another operation is looked at', () => {
    const state = pressed(start, 'enter', '7', 'escape', 'j', 'enter', 'x', 'escape', 'k');
    expect(fieldsOf(state)).to.deep.equal(['7']);
  });

  it('takes letters that mean something elsewhere', () => {
    const { state, requests } = press(start, 'j', 'enter', ...typing('q?1/'));
    expect(fieldsOf(state)[0]).to.equal('q?1/');
    expect(requests).to.deep.equal([]);
  });
});

describe('panels', () => {
  const focusAfter = (...keys: string[]): string => pressed(start, ...keys).focus;

  it('are reached by number, and the operations by Esc', () => {
    expect(focusAfter('4')).to.equal('log');
    expect(focusAfter('3')).to.equal('results');
    expect(focusAfter('2')).to.equal('form');
    expect(focusAfter('4', '1')).to.equal('operations');
    expect(focusAfter('2', 'escape')).to.equal('operations');
  });

  it('are reached by Tab, by way of each field', () => {
    expect(focusAfter('tab', 'tab')).to.equal('results');
    expect(focusAfter('j', 'tab', 'tab', 'tab')).to.equal('form');
    expect(focusAfter('j', 'tab', 'tab', 'tab', 'tab', 'tab', 'tab')).to.equal('operations');
    expect(focusAfter('S-tab')).to.equal('log');
    const last = pressed(start, 'j', '3', 'S-tab', 'x');
    expect(fieldsOf(last)).to.deep.equal(['', '', 'x']);
    expect(pressed(last, 'S-tab', 'S-tab').focus).to.equal('form');
    expect(pressed(last, 'S-tab', 'S-tab', 'S-tab').focus).to.equal('operations');
  });

  it('fill the screen alone when zoomed', () => {
    const zoomed = pressed(start, '4', 'z');
    expect(screenOf(zoomed)).to.include('4 gossip').and.not.include('1 movies');
    expect(screenOf(pressed(zoomed, 'tab')))
      .to.include('1 movies')
      .and.not.include('4 gossip');
    expect(screenOf(pressed(zoomed, 'escape')))
      .to.include('4 gossip')
      .and.include('1 movies');
  });
});

describe('answers', () => {
  const asked = pressed(start, 'enter', '1', 'enter');
  const timestamp = { 'rm-1.x7~3f': 12, 'rm-2.k2~90': 3 };
  const value = (reached: 'fresh' | 'causal') =>
    answered(asked, 1, {
      kind: 'value',
      value: { mean: 3.5, count: 2 },
      guarantee: reached,
      timestamp,
      tookMs: 4.4,
    });

  it('of queries say how fresh they are', () => {
    expect(screenOf(value('fresh'))).to.match(/average movieId=1 +fresh 4 ms/);
    expect(screenOf(value('fresh')))
      .to.match(/mean +3\.5/)
      .and.include('at rm-1:12 rm-2:3');
    expect(textsIn(value('fresh'), 'good')).to.include('fresh');
    expect(textsIn(value('causal'), 'warning')).to.include('causal');
    expect(screenOf(value('fresh'))).to.include('level auto → fresh');
  });

  it('of updates say how many copies there are', () => {
    const done = (copies: number) =>
      answered(asked, 1, { kind: 'done', result: null, copies, timestamp, tookMs: 4 });
    expect(textsIn(done(2), 'good')).to.include.members(['2 copies', 'done']);
    expect(textsIn(done(1), 'warning')).to.include('1 copy');
    expect(screenOf(done(2))).to.include('copies 2 │ rm-1:12 rm-2:3');
  });

  it('may be errors, which say whether anything may have happened', () => {
    const failed = (state: typeof start, definite: boolean) =>
      answered(state, 1, {
        kind: 'failed',
        code: 'TIMEOUT',
        message: 'no answer',
        definite,
        tookMs: 9,
      });
    expect(screenOf(failed(asked, true)))
      .to.match(/TIMEOUT 9 ms/)
      .and.include('no answer');
    expect(screenOf(failed(asked, false))).to.include('outcome unknown');
    expect(screenOf(failed(asked, false))).to.not.include('It may have been carried out');
    const rated = pressed(
      start,
      '/',
      ...typing('rate'),
      'enter',
      'enter',
      '1',
      'tab',
      '4',
      'enter',
    );
    expect(screenOf(failed(rated, false))).to.include('It may have been carried out');
  });

  it('that take their time say how long', () => {
    const waited = update(asked, { kind: 'waited', id: 1, seconds: 3 }).state;
    expect(screenOf(waited)).to.match(/average movieId=1 +waiting 3 s …/);
    const other = update(asked, { kind: 'waited', id: 2, seconds: 3 }).state;
    expect(screenOf(other)).to.match(/average movieId=1 +waiting …/);
  });

  it('of forced updates have a result', () => {
    const result = { orderId: 7, total: 1250 };
    const done = answered(asked, 1, { kind: 'done', result, copies: 2, timestamp, tookMs: 4 });
    expect(screenOf(done))
      .to.match(/orderId +7/)
      .and.match(/total +1250/);
    expect(textsIn(done, 'good')).to.not.include('done');
  });

  it('come in any order', () => {
    const two = pressed(asked, 'backspace', '2', 'enter');
    const state = answered(two, 1, {
      kind: 'value',
      value: null,
      guarantee: 'fresh',
      timestamp,
      tookMs: 1,
    });
    expect(screenOf(state)).to.match(/movieId=2 +waiting[\s\S]*movieId=1 +fresh/);
  });

  it('are forgotten when there are many, the oldest first', () => {
    const keys = Array.from({ length: EXCHANGES_KEPT + 5 }, () => 'enter');
    const { exchanges } = pressed(start, 'enter', '1', ...keys);
    expect(exchanges).to.have.length(EXCHANGES_KEPT);
    expect(exchanges[0]).to.include({ id: EXCHANGES_KEPT + 5 });
  });

  it('are shown as JSON on demand, filtered, and scrolled within their length', () => {
    const state = pressed(value('fresh'), 'escape', '3');
    expect(screenOf(pressed(state, 'r'))).to.include('"mean": 3.5');
    const filtered = screenOf(pressed(state, '/', ...typing('COUNT')));
    expect(filtered)
      .to.match(/count +2/)
      .and.not.match(/mean +3/);
    expect(screenOf(pressed(state, '/', ...typing('zzz')))).to.include('Nothing passes the filter');
    expect(pressed(state, 'down', 'pagedown').resultsScroll).to.equal(0);
    const long = Array.from({ length: 50 }, (_, n) => ({ n }));
    const table = pressed(
      answered(asked, 1, { kind: 'value', value: long, guarantee: 'fresh', timestamp, tookMs: 1 }),
      'escape',
      '3',
    );
    expect(screenOf(pressed(table, 'G'))).to.include('50 rows');
    expect(screenOf(pressed(table, 'G', 'g'))).to.match(/average movieId=1 +fresh/);
  });
});

describe('the level of queries', () => {
  it('goes round, and goes with the request', () => {
    const levels = [['c'], ['c', 'c'], ['c', 'c', 'c']].map(
      (keys) => pressed(start, ...keys).consistency,
    );
    expect(levels).to.deep.equal(['fresh', 'causal', 'auto']);
    const { requests } = press(start, 'c', 'enter', 'f2', '1', 'enter');
    expect(requests[0]).to.include({ consistency: 'causal' });
  });
});

describe('the log', () => {
  const lines = Array.from(
    { length: 30 },
    (_, n) => `event ${n} of ${n % 2 === 0 ? 'rm-1' : 'rm-2'}`,
  );
  const full = pressed(logged(start, ...lines), '4');

  it('follows what happens', () => {
    expect(screenOf(full)).to.include('event 29').and.include('following');
    expect(screenOf(logged(full, 'one more'))).to.include('one more');
  });

  it('stands still while paused, counts what came, and follows again', () => {
    const paused = logged(pressed(full, 'p'), 'one more', 'and one');
    expect(screenOf(paused)).to.include('event 29').and.include('paused, 2 new');
    expect(screenOf(paused)).to.not.include('one more');
    for (const key of ['p', 'space', 'G']) {
      expect(screenOf(pressed(paused, key)))
        .to.include('and one')
        .and.include('following');
    }
    const empty = logged(pressed(start, '4', 'p'), 'too late');
    expect(screenOf(empty)).to.not.include('too late');
  });

  it('stands still while scrolled', () => {
    const scrolled = pressed(full, 'k', 'k');
    expect(screenOf(scrolled)).to.include('event 27').and.not.include('event 28');
    expect(screenOf(logged(scrolled, 'one more')))
      .to.include('event 27')
      .and.not.include('event 28');
    expect(screenOf(pressed(full, 'home'))).to.include('event 0 ');
    expect(screenOf(pressed(full, 'home', 'k', 'pagedown'))).to.include('event 4 ');
  });

  it('shows only what passes the filter, and counts only that', () => {
    const filtered = pressed(full, '/', ...typing('RM-1'), 'enter');
    expect(screenOf(filtered)).to.include('event 28').and.not.include('event 29');
    const paused = logged(pressed(filtered, 'p'), 'of rm-1', 'of rm-2');
    expect(screenOf(paused)).to.include('paused, 1 new');
  });

  it('moves sideways', () => {
    const wide = pressed(logged(start, `${'x'.repeat(75)} the end`), '4');
    expect(screenOf(wide)).to.not.include('the end');
    expect(screenOf(pressed(wide, 'right'))).to.include('the end');
    expect(screenOf(pressed(wide, 'right', 'left', 'left'))).to.equal(screenOf(wide));
  });

  it('forgets the oldest lines, also under a view that stands still', () => {
    const many = Array.from({ length: LOG_LINES_KEPT + 10 }, (_, n) => `line ${n}`);
    const state = logged(pressed(full, 'p'), ...many);
    expect(state.log.lines).to.have.length(LOG_LINES_KEPT);
    expect(screenOf(state)).to.include('line 10').and.not.include('event 29');
  });

  it('says where the client is connected', () => {
    const change = (frontend: string | null) =>
      update(start, { kind: 'frontend-changed', frontend }).state;
    expect(screenOf(change(null))).to.include('lost its front end');
    expect(textsIn(change(null), 'bad')).to.include('no front end');
    expect(screenOf(change('ws://127.0.0.1:7101'))).to.include('via 127.0.0.1:7101');
  });
});

describe('help', () => {
  it('opens from every panel, scrolls, and closes where one was', () => {
    for (const keys of [['?'], ['enter', 'f1'], ['3', '?'], ['4', 'f1']]) {
      const open = pressed(start, ...keys);
      expect(screenOf(open)).to.include('help (arrow keys scroll)');
      expect(screenOf(pressed(open, 'down'))).to.not.equal(screenOf(open));
      expect(screenOf(pressed(open, 'end'))).to.include('Words and colours');
      expect(pressed(open, 'escape')).to.deep.include({ help: null, focus: open.focus });
      expect(press(open, 'q')).to.deep.include({ requests: [] });
    }
  });
});

describe('the terminal client', () => {
  it('quits on q outside of text and on Ctrl-C everywhere', () => {
    const quit = [{ kind: 'quit' }];
    expect(press(start, 'q').requests).to.deep.equal(quit);
    expect(press(start, 'enter', 'C-c').requests).to.deep.equal(quit);
    expect(press(start, '/', 'q').requests).to.deep.equal([]);
    expect(press(start, '/', 'C-c').requests).to.deep.equal(quit);
  });

  it('asks for a new drawing on Ctrl-L', () => {
    expect(press(start, 'C-l').requests).to.deep.equal([{ kind: 'redraw' }]);
  });

  it('takes a new size', () => {
    const size = { columns: 120, rows: 40 };
    expect(screenOf(update(start, { kind: 'resized', size }).state).split('\n')).to.have.length(40);
    expect(SMALL).to.not.deep.equal(size);
  });
});
