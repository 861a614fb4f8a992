import { expect } from 'chai';
import fc from 'fast-check';
import { frameOf } from '../../../src/client/ui/frame.js';
import { KEYMAP } from '../../../src/client/ui/keymap.js';
import { lineWidth, plainText } from '../../../src/client/ui/line.js';
import type { Outcome } from '../../../src/client/ui/state.js';
import { OPERATIONS } from './fake-client.js';
import { answered, logged, pressed, screenOf, startState, typing } from './support.js';

const TIMESTAMP = { 'rm-1.x7~3f': 12, 'rm-2.k2~90': 3 };

/** A film whose title tries to colour the screen, by blessed's tags and by an escape. */
const FILMS = [
  { movieId: 1, title: 'Toy Story (1995)', genres: ['Adventure', 'Comedy'] },
  { movieId: 3114, title: '{bold}Toy\u001b[31m Story 2', genres: ['Comedy'] },
];

const AT_START = `
┌─ 1 movies ─────┐┌─ 2 average ──────────────────────────────────────── query ─┐
│Queries         ││Mean of all ratings of a movie, and how many there are; the │
│ ▸ average      ││mean of none is null                                        │
│   search       ││                                                            │
│   genres       ││movieId *                       the film, a whole number fr…│
│Updates         ││Press Enter to fill in this form.                           │
│   rate         │└────────────────────────────────────────────────────────────┘
│   tag          │┌─ 3 results ────────────────────────────────────────────────┐
│                ││To ask: choose an operation in panel 1 with the arrow keys, │
│                ││press Enter, fill in the form, and press Enter again.       │
│                ││Answers will stand here, the newest first.                  │
│                ││Each says how fresh it is, or how many replicas hold the    │
│                ││update on disk.                                             │
│                ││                                                            │
└────────────────┘└────────────────────────────────────────────────────────────┘
┌─ 4 gossip and timestamps ──────────────────────────────────────── following ─┐
│What the replicas do and tell each other will stand here: send rate and watch │
│it spread.                                                                    │
│Each line has the time, who, what, and the timestamp: how many updates of each│
│replica.                                                                      │
│                                                                              │
└──────────────────────────────────────────────────────────────────────────────┘
 user 42 │ via 127.0.0.1:7100 │ level auto │ nothing seen yet
 Enter open  / filter  z zoom  c level  ? help  q quit  Tab next  Esc back`;

const AFTER_AN_ANSWER = `
┌─ 1 movies ─────┐┌─ 2 search ───────────────────────────────────────── query ─┐
│Queries         ││Movies whose title contains a text and that have a genre, by│
│   average      ││title   toy                   part of the title, 1 to 255 c…│
│ ▸ search       ││genre                         the whole name, the name of o…│
│   genres       ││limit                         how many at most, a whole num…│
│Updates         ││title (may stay empty): part of the title, 1 to 255         │
│   rate         ││characters                                                  │
│   tag          │└────────────────────────────────────────────────────────────┘
│                │┌─ 3 results ───────────────────────────────────── 1-5 of 7 ─┐
│                ││search title=toy                                  fresh 3 ms│
│                ││  movieId  title                        genres              │
│                ││        1  Toy Story (1995)             Adventure, Comedy   │
│                ││     3114  {bold}Toy\\u001b[31m Story 2  Comedy              │
│                ││  2 rows                                                    │
└────────────────┘└────────────────────────────────────────────────────────────┘
┌─ 4 gossip and timestamps ──────────────────────────────────────── following ─┐
│12:03:04.123 rm-1  gossip sent                    → rm-2      at rm-1:12 rm-2…│
│rm-2 ended with signal SIGKILL; starting again in 1 s                         │
│                                                                              │
│                                                                              │
│                                                                              │
└──────────────────────────────────────────────────────────────────────────────┘
 user 42 │ via 127.0.0.1:7100 │ level auto → fresh │ rm-1:12 rm-2:3
 Enter run  Down field  Tab next  Esc back  F1 help  F2 level  Ctrl-C quit`;

describe('the screen', () => {
  it('tells a newcomer what to do', () => {
    expect(screenOf(startState())).to.equal(AT_START.slice(1));
  });

  it('shows an answer, what it is worth, and what goes on', () => {
    const asked = pressed(startState(), 'j', 'enter', ...typing('toy'), 'enter');
    const state = answered(asked, 1, {
      kind: 'value',
      value: FILMS,
      guarantee: 'fresh',
      timestamp: TIMESTAMP,
      tookMs: 3.2,
    });
    const watched = logged(
      state,
      '12:03:04.123 rm-1  gossip sent                    → rm-2      at rm-1:12 rm-2:3',
      'rm-2 ended with signal SIGKILL; starting again in 1 s',
    );
    expect(screenOf(watched)).to.equal(AFTER_AN_ANSWER.slice(1));
  });

  it('says so when the terminal is too small', () => {
    const state = startState({ columns: 30, rows: 4 });
    expect(screenOf(state)).to.equal(
      'hearsay needs 60 columns and\n16 rows; this terminal has 30\nand 4. Ctrl-C quits.\n',
    );
  });

  it('keeps the field in view that is typed, however many there are', () => {
    const names = Array.from({ length: 30 }, (_, index) => `field${index}`);
    const [first] = OPERATIONS;
    const operations =
      first === undefined
        ? []
        : [
            {
              ...first,
              arguments: names.map((name) => ({
                name,
                reads: 'string' as const,
                type: 'text',
                required: false,
                about: '',
              })),
            },
          ];
    const state = pressed(
      { ...startState(), operations },
      'enter',
      ...names.slice(9).map(() => 'down'),
    );
    expect(screenOf(state)).to.include('field20 ').and.not.include('field10 ');
  });

  const outcome: fc.Arbitrary<Exclude<Outcome, { kind: 'waiting' }>> = fc.oneof(
    fc.record({
      kind: fc.constant('value' as const),
      value: fc.jsonValue(),
      guarantee: fc.constantFrom('fresh' as const, 'causal' as const),
      timestamp: fc.constant(TIMESTAMP),
      tookMs: fc.nat(),
    }),
    fc.record({
      kind: fc.constant('failed' as const),
      code: fc.constantFrom('TIMEOUT' as const, 'REFUSED' as const),
      message: fc.string({ unit: 'binary' }),
      definite: fc.boolean(),
      tookMs: fc.nat(),
    }),
  );
  const keys = KEYMAP.flatMap(({ bindings }) => bindings.flatMap((binding) => binding.keys));
  const happening = fc.oneof(
    { weight: 6, arbitrary: fc.record({ key: fc.constantFrom(...keys, 'x', '日') }) },
    { weight: 1, arbitrary: fc.record({ line: fc.string({ unit: 'binary' }) }) },
    { weight: 1, arbitrary: fc.record({ answer: outcome }) },
  );

  it('is as large as the terminal and safe for it, whatever happens', () => {
    const size = fc.record({
      columns: fc.integer({ min: 1, max: 170 }),
      rows: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(size, fc.array(happening, { maxLength: 40 }), (terminal, happenings) => {
        let state = startState(terminal);
        for (const event of happenings) {
          if ('key' in event) state = pressed(state, event.key);
          else if ('line' in event) state = logged(state, event.line);
          else state = answered(state, state.nextId - 1, event.answer);
        }
        const frame = frameOf(state);
        expect(frame).to.have.length(terminal.rows);
        for (const line of frame) {
          expect(plainText(line)).to.not.match(/[\p{Control}\p{Surrogate}]/u);
          if (terminal.columns > 1) expect(lineWidth(line)).to.equal(terminal.columns);
        }
      }),
    );
  });
});
