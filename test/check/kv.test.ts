import { expect } from 'chai';
import { checkHistory } from '../../src/check/check-history.js';
import { expectBroken, expectKept, Script } from './support.js';

const set = (key: string, value: unknown) => ({ key, value });
const x = { key: 'x' };
const y = { key: 'y' };
const script = () => new Script();

describe('check/kv: what no update wrote', () => {
  it('rejects a value that nobody wrote', () => {
    const history = (seen: number) =>
      script().updated('a', 'set', set('x', 1)).causal('b', 'get', x, seen).history();
    expectKept(history(1));
    const { violations } = expectBroken(history(7), 'no thin air', 'showed key "x" as 7');
    expect(violations[0]?.operations).to.deep.equal([1]);
  });

  it('rejects the effect of an update that certainly failed', () => {
    const history = (seen: unknown) =>
      script().failed('a', 'set', set('x', 1)).causal('b', 'get', x, seen).history();
    expectKept(history(null));
    expectBroken(history(1), 'refused means never', '#0 set key="x" value=1', 'session a');
  });

  it('rejects a value whose update was sent after the answer', () => {
    const history = (called: number) =>
      script()
        .causal('b', 'get', x, 1, { called: 10, returned: 20 })
        .updated('a', 'set', set('x', 1), 2, { called, returned: 40 })
        .history();
    expectKept(history(15));
    expectBroken(history(30), 'nothing from the future', 'sent after the answer had come');
  });

  it('rejects an answer of a form that the operation never gives', () => {
    expectBroken(
      script().causal('a', 'scan', { prefix: '' }, 5).history(),
      'no thin air',
      'with 5',
    );
    expectBroken(script().causal('a', 'count', { key: 'c' }, 'many').history(), 'no thin air');
    expectBroken(script().causal('a', 'count', { key: 'c' }, -1).history(), 'no thin air');
  });

  it('lets an update of unknown outcome be seen late, or never', () => {
    expectKept(
      script()
        .unknown('a', 'set', set('x', 1), { returned: null })
        .causal('b', 'get', x, null)
        .causal('b', 'get', x, 1)
        .history(),
    );
    expectKept(script().unknown('a', 'set', set('x', 1)).causal('a', 'get', x, null).history());
  });
});

describe('check/kv: causality', () => {
  it('rejects a session that does not see its own write, and says where it moved', () => {
    const history = (seen: unknown) =>
      script()
        .updated('a', 'set', set('x', 1), 1)
        .causal('a', 'get', x, seen, { sentTo: 'fe-2', answeredBy: 'fe-2' })
        .history();
    expectKept(history(1));
    expectBroken(
      history(null),
      'read your writes',
      'as null, the initial value',
      'it had to show 1',
      'moved from fe-1 to fe-2',
    );
  });

  it('rejects an older value after a newer one', () => {
    const history = (last: number) =>
      script()
        .updated('a', 'set', set('x', 1), 1)
        .updated('a', 'set', set('x', 2), 1)
        .causal('b', 'get', x, 2)
        .causal('b', 'get', x, last)
        .history();
    expectKept(history(2));
    expectBroken(
      history(1),
      'monotonic reads',
      '#2',
      'showed what #1 wrote',
      '#1 is later than #0',
    );
  });

  it('rejects a later write of a session without its earlier one', () => {
    const history = (first: unknown) =>
      script()
        .updated('a', 'set', set('x', 1), 1)
        .updated('a', 'set', set('y', 2), 1)
        .causal('b', 'get', y, 2)
        .causal('b', 'get', x, first)
        .history();
    expectKept(history(1));
    expectBroken(history(null), 'monotonic writes', 'it had to show 1');
  });

  it('does not order an update after an earlier one of unknown outcome, or one under way', () => {
    const history = (begin: (script: Script) => Script) =>
      begin(script())
        .updated('a', 'set', set('y', 2), 1, { called: 5, returned: 6 })
        .causal('b', 'get', y, 2)
        .causal('b', 'get', x, null)
        .history();
    const at = (returned: number) => ({ called: 1, returned });
    expectKept(history((script) => script.unknown('a', 'set', set('x', 1), at(2))));
    expectKept(history((script) => script.updated('a', 'set', set('x', 1), 1, at(7))));
    expectBroken(
      history((script) => script.updated('a', 'set', set('x', 1), 1, at(2))),
      'monotonic writes',
    );
  });

  it('rejects a write without what its session had read', () => {
    const history = (first: unknown) =>
      script()
        .updated('a', 'set', set('x', 1), 1)
        .causal('b', 'get', x, 1)
        .updated('b', 'set', set('y', 2), 1)
        .causal('c', 'get', y, 2)
        .causal('c', 'get', x, first)
        .history();
    expectKept(history(1));
    expectBroken(history(null), 'writes follow reads', '#1 get key="x"', '#3', 'before #4');
  });

  it('rejects longer ways, also within one answer', () => {
    const rows = (...keys: string[]) => keys.map((key) => ({ key, value: 1 }));
    const history = (...keys: string[]) =>
      script()
        .updated('a', 'set', set('x', 1), 1)
        .updated('a', 'set', set('y', 1), 1)
        .causal('b', 'get', y, 1)
        .updated('b', 'set', set('z', 1), 1)
        .causal('c', 'scan', { prefix: '' }, rows(...keys))
        .history();
    expectKept(history('x', 'y', 'z'));
    expectKept(history('x'));
    expectBroken(history('x', 'z'), 'writes follow reads', 'showed key "y" as null');
    expectBroken(history('y', 'z'), 'monotonic writes', 'showed key "x" as null');
    const { violations } = expectBroken(history('z'), 'causality', 'shows 1 more');
    expect(violations[0]?.operations).to.have.members([4, 0, 1, 2, 3]);
  });

  it('knows that an update of unknown outcome has a past of its own', () => {
    const history = (first: unknown) =>
      script()
        .updated('a', 'set', set('x', 1), 1)
        .unknown('a', 'set', set('y', 2))
        .causal('b', 'get', y, 2)
        .causal('b', 'get', x, first)
        .history();
    expectKept(history(1));
    expectBroken(history(null), 'monotonic writes');
  });

  it('counts each answer once, reports the first of each promise, and at most 20', () => {
    const bad = script().updated('a', 'set', set('x', 1), 1);
    for (let i = 0; i < 30; i++) bad.causal('a', 'get', x, null);
    const { violations, figures } = checkHistory(
      bad.causal('b', 'get', x, 7).history('kv', { finalHashes: { 'rm-1': 'a', 'rm-2': 'b' } }),
    );
    expect(violations).to.have.length(20);
    expect(violations.slice(0, 3).map(({ promise }) => promise)).to.deep.equal([
      'no thin air',
      'convergence',
      'read your writes',
    ]);
    expect(figures.violations).to.deep.equal({
      'no thin air': 1,
      convergence: 1,
      'read your writes': 30,
    });
  });
});

describe('check/kv: scans', () => {
  const written = () =>
    script()
      .updated('a', 'set', set('p/1', 1), 1)
      .updated('a', 'set', set('p/2', 2), 1)
      .updated('a', 'set', set('q', 3), 1);
  const row = (key: string, value: number) => ({ key, value });

  it('covers the keys of its prefix, up to its limit', () => {
    const scan = (args: Record<string, unknown>, ...rows: unknown[]) =>
      written().causal('a', 'scan', args, rows).history();
    expectKept(scan({ prefix: 'p/' }, row('p/1', 1), row('p/2', 2)));
    expectBroken(scan({ prefix: 'p/' }, row('p/1', 1)), 'read your writes', 'p/2');
    expectKept(scan({ prefix: 'p/', limit: 1 }, row('p/1', 1)));
    expectBroken(scan({ prefix: 'p/', limit: 1 }, row('p/2', 2)), 'read your writes', 'p/1');
    expectBroken(scan({ prefix: '' }, row('p/1', 1), row('p/2', 2)), 'read your writes', '"q"');
    expectBroken(scan({ prefix: 'r' }, row('r', 1)), 'no thin air', 'key "r"');
  });

  it('orders keys as the service does, by code points', () => {
    const history = (...rows: unknown[]) =>
      script()
        .updated('a', 'set', set('\u{1f600}', 1), 1)
        .updated('a', 'set', set('\uffee', 2), 1)
        .causal('a', 'scan', { prefix: '', limit: 1 }, rows)
        .history();
    expectKept(history(row('\uffee', 2)));
    expectBroken(history(row('\u{1f600}', 1)), 'read your writes', '\uffee');
  });
});

describe('check/kv: deletes and values written twice', () => {
  it('takes null for any delete, or for what was there at first', () => {
    const history = (seen: unknown) =>
      script()
        .updated('a', 'set', set('x', 1), 1)
        .updated('a', 'delete', x, 1)
        .causal('a', 'get', x, seen)
        .history();
    const { figures } = expectKept(history(null));
    expect(figures.ambiguousReads).to.equal(1);
    expectBroken(history(1), 'read your writes', 'it had to show null');
  });

  it('rejects null when each delete was written over', () => {
    const history = (seen: unknown) =>
      script()
        .updated('a', 'delete', x, 1)
        .updated('a', 'set', set('x', 1), 1)
        .causal('a', 'get', x, seen)
        .history();
    expectKept(history(1));
    expectBroken(history(null), 'read your writes', 'it had to show 1');
  });

  it('takes a value for any write of it that was not written over', () => {
    const history = (first: number, ...more: number[]) => {
      const values = [first, ...more];
      values.reduce((script, value) => script.updated('a', 'set', set('x', value), 1), script());
      return values
        .reduce((all, value) => all.updated('a', 'set', set('x', value), 1), script())
        .causal('a', 'get', x, 1)
        .history();
    };
    expectKept(history(1, 2, 1));
    expectBroken(history(1, 1, 2), 'read your writes', 'any of 2 that wrote the same');
  });

  it('compares values whatever the order of their keys', () => {
    expectKept(
      script()
        .updated('a', 'set', set('x', { p: 1, q: { r: 2, s: 3 } }))
        .causal('a', 'get', x, { q: { s: 3, r: 2 }, p: 1 })
        .history(),
    );
  });
});

describe('check/kv: what a history held', () => {
  it('is counted', () => {
    const { figures, notes } = expectKept(
      script()
        .updated('a', 'set', set('x', 1))
        .failed('a', 'set', set('x', 2))
        .unknown('a', 'set', set('x', 3))
        .fresh('b', 'get', x, 1, { answeredBy: 'fe-2' })
        .causal('b', 'get', x, 1, { final: true })
        .causal('b', 'oracle', {}, 1)
        .history(),
    );
    expect(figures).to.deep.equal({
      operations: 6,
      updates: { acknowledged: 1, failed: 1, unknown: 1 },
      queries: { causal: 2, fresh: 1, failed: 0, unknown: 0 },
      sessions: 2,
      movedSessions: 1,
      registers: 1,
      reads: 2,
      freshReads: 1,
      finalReads: 1,
      ambiguousReads: 0,
      ordered: 0,
      refused: 0,
      forcedAnswers: 0,
      hashes: 0,
      violations: {},
    });
    expect(notes).to.deep.equal(['oracle was not checked: the checkers do not know it']);
  });

  it('must be of a service that is known, and have the form of a history', () => {
    expect(() => checkHistory(script().history('toString'))).to.throw(
      'kv, movies, hungry, not toString',
    );
    const twice = script()
      .updated('a', 'set', set('x', 1), 2, { called: 1, returned: 2 })
      .updated('a', 'set', set('x', 2), 2, { called: 2, returned: 3 });
    expect(() => checkHistory(twice.history())).to.throw('operation 1 of the history: the place 2');
  });
});
