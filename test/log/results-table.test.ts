/** Results of forced updates: kept until the client has them, forgotten by the stamps of the log alone. */

import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ForcedAnswer,
  type ForcedOutcome,
  type KeptResults,
  ResultsTable,
} from '../../src/log/results-table.js';
import type { Stamp } from '../../src/timestamp/stamp.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { FORCED_ORIGIN } from '../../src/log/forced-log.js';
import { aBody, anUpdateEntry, session } from './support.js';

const TTL_MS = 1000;

/** The table looks for expired sessions once in so many executions. */
const SWEEP_EVERY = 4096;

const answerAt = (seq: number, outcome: ForcedOutcome): ForcedAnswer => ({
  outcome,
  timestamp: VectorTimestamp.zero.with(FORCED_ORIGIN, seq),
});

interface Execution {
  readonly by: number;
  readonly n: number;
  readonly stampMs: number;
  readonly answered?: number;
  readonly outcome?: ForcedOutcome;
}

/** A table that is told of one entry after the other. */
class Executor {
  readonly table: ResultsTable;
  /** The number of the last entry. */
  seq: number;

  constructor(kept?: KeptResults, seq = 0) {
    this.table = new ResultsTable(TTL_MS, kept);
    this.seq = seq;
  }

  /** An entry is executed; its result is its number unless the test says otherwise. */
  execute({ by, n, stampMs, answered = 0, outcome }: Execution): ForcedAnswer {
    const seq = ++this.seq;
    const answer = answerAt(seq, outcome ?? { kind: 'value', value: seq });
    const body = { ...aBody(by, n), stamp: stampOf(stampMs) };
    this.table.add(anUpdateEntry(seq, { body, answered }), answer);
    return answer;
  }

  outcomeOf(by: number, n: number): ForcedOutcome | undefined {
    return this.table.find({ session: session(by), n })?.outcome;
  }
}

const stampOf = (physicalMs: number): Stamp => ({ physicalMs, logical: 0 });

const REPEATED = { kind: 'repeated' } as const;

describe('results of forced updates', () => {
  it('are given again to every retry, with their place in the order, refusals too', () => {
    const executor = new Executor();
    const outcome = { kind: 'refused', message: 'only 3 left' } as const;
    const first = executor.execute({ by: 0, n: 1, stampMs: 10 });
    const second = executor.execute({ by: 0, n: 2, stampMs: 11, outcome });
    for (const [n, answer] of [first, second].entries()) {
      for (let retry = 0; retry < 2; retry++) {
        const found = executor.table.find({ session: session(0), n: n + 1 });
        expect(found).to.deep.equal({ ...answer, digest: aBody(0, n + 1).digest });
      }
    }
  });

  it('name the body they belong to', () => {
    const { table } = new Executor();
    const body = aBody(0, 1, 'f'.repeat(32));
    table.add(anUpdateEntry(1, { body }), answerAt(1, { kind: 'value', value: 1 }));
    expect(table.find({ session: session(0), n: 1 })?.digest).to.equal('f'.repeat(32));
  });

  it('are those of one session each', () => {
    const executor = new Executor();
    executor.execute({ by: 0, n: 1, stampMs: 10 });
    executor.execute({ by: 0, n: 3, stampMs: 12 });
    executor.execute({ by: 1, n: 2, stampMs: 11 });
    expect(executor.outcomeOf(0, 1)).to.deep.equal({ kind: 'value', value: 1 });
    expect(executor.outcomeOf(1, 2)).to.deep.equal({ kind: 'value', value: 3 });
    for (const [by, n] of [
      [0, 2],
      [1, 1],
      [1, 3],
      [2, 1],
    ] as const) {
      expect(executor.outcomeOf(by, n), `${by}:${n}`).to.equal(undefined);
    }
    expect(executor.table.sessions).to.equal(2);
  });

  it('are freed once the client says that it has them: then it is only known that it was done', () => {
    const executor = new Executor();
    for (const n of [1, 2, 3]) executor.execute({ by: 0, n, stampMs: n });
    executor.execute({ by: 1, n: 1, stampMs: 4 });
    executor.execute({ by: 0, n: 4, stampMs: 5, answered: 2 });
    expect([1, 2, 3, 4].map((n) => executor.outcomeOf(0, n))).to.deep.equal([
      REPEATED,
      REPEATED,
      { kind: 'value', value: 3 },
      { kind: 'value', value: 5 },
    ]);
    expect(executor.table.find({ session: session(0), n: 1 })).to.deep.equal({
      outcome: REPEATED,
      timestamp: VectorTimestamp.zero,
      digest: null,
    });
    expect(executor.outcomeOf(1, 1), 'of another session').to.deep.equal({
      kind: 'value',
      value: 4,
    });
  });

  it('of an entry that says it was answered itself are freed at once', () => {
    const executor = new Executor();
    executor.execute({ by: 0, n: 1, stampMs: 1, answered: 1 });
    expect(executor.outcomeOf(0, 1)).to.deep.equal(REPEATED);
  });
});

describe('the horizon of forced updates', () => {
  it('is told by the greatest stamp executed, to the millisecond, and by no clock', () => {
    const executor = new Executor();
    expect(executor.table.isExpired(stampOf(0)), 'before anything was executed').to.equal(false);
    executor.execute({ by: 0, n: 1, stampMs: 5000 });
    executor.execute({ by: 1, n: 1, stampMs: 4500 });
    expect(executor.table.isExpired(stampOf(4000))).to.equal(false);
    expect(executor.table.isExpired(stampOf(3999))).to.equal(true);
  });

  it('is moved by an entry that expired too: it was told to all replicas', () => {
    const executor = new Executor();
    executor.execute({ by: 0, n: 1, stampMs: 5000, outcome: { kind: 'expired' } });
    expect(executor.table.isExpired(stampOf(3999))).to.equal(true);
  });

  it('an entry that expired leaves no result: it had no effect', () => {
    const executor = new Executor();
    executor.execute({ by: 0, n: 1, stampMs: 5000 });
    executor.execute({ by: 1, n: 1, stampMs: 100, outcome: { kind: 'expired' } });
    expect(executor.outcomeOf(1, 1)).to.equal(undefined);
    expect(executor.table.sessions).to.equal(1);
  });

  it('a session counts as unknown once all its stamps are below, to the millisecond', () => {
    const executor = new Executor();
    executor.execute({ by: 0, n: 1, stampMs: 100 });
    executor.execute({ by: 0, n: 2, stampMs: 200 });
    executor.execute({ by: 1, n: 1, stampMs: 1200 });
    expect(executor.outcomeOf(0, 1), 'its last stamp is not below').to.deep.equal({
      kind: 'value',
      value: 1,
    });
    executor.execute({ by: 1, n: 2, stampMs: 1201 });
    expect([1, 2].map((n) => executor.outcomeOf(0, n))).to.deep.equal([undefined, undefined]);
  });

  it('a session that comes back begins anew: what it did before is not known again', () => {
    const executor = new Executor();
    executor.execute({ by: 0, n: 1, stampMs: 100 });
    executor.execute({ by: 1, n: 1, stampMs: 5000 });
    executor.execute({ by: 0, n: 2, stampMs: 5000 });
    expect(executor.outcomeOf(0, 1)).to.equal(undefined);
    expect(executor.outcomeOf(0, 2)).to.deep.equal({ kind: 'value', value: 3 });
  });

  it('a session stays known by its greatest stamp, whatever came after it', () => {
    const executor = new Executor();
    executor.execute({ by: 0, n: 2, stampMs: 1000 });
    executor.execute({ by: 0, n: 1, stampMs: 100 });
    executor.execute({ by: 1, n: 1, stampMs: 2000 });
    expect(executor.outcomeOf(0, 1)).to.deep.equal({ kind: 'value', value: 2 });
  });

  it('sessions below it are looked for and dropped now and then', () => {
    const executor = new Executor();
    executor.execute({ by: 0, n: 1, stampMs: 100 });
    for (let n = 1; n < SWEEP_EVERY - 1; n++) {
      executor.execute({ by: 1, n, stampMs: 5000, answered: n });
    }
    expect(executor.table.sessions).to.equal(2);
    executor.execute({ by: 1, n: SWEEP_EVERY, stampMs: 5000 });
    expect(executor.table.sessions).to.equal(1);
    expect(executor.outcomeOf(1, 1), 'the other one is still known').to.deep.equal(REPEATED);
  });
});

const anExecution: fc.Arbitrary<Execution> = fc.record({
  by: fc.nat({ max: 2 }),
  n: fc.integer({ min: 1, max: 6 }),
  stampMs: fc.integer({ min: 0, max: 4 * TTL_MS }),
  answered: fc.nat({ max: 5 }),
});

const executions = fc.array(anExecution, { maxLength: 40 });

/** What a table says of every id and of every age. */
const wordsOf = ({ table }: Executor) => ({
  found: [0, 1, 2].flatMap((by) =>
    [1, 2, 3, 4, 5, 6].map((n) => table.find({ session: session(by), n })),
  ),
  expired: [0, 500, 1500, 2500, 3500].map((ms) => table.isExpired(stampOf(ms))),
});

/** Executes as a replica does: known ids have no second effect, what is below the horizon none at all. */
function follow(executor: Executor, execution: Execution): void {
  const { by, n, stampMs } = execution;
  if (executor.table.find({ session: session(by), n }) !== undefined) return;
  const isExpired = executor.table.isExpired(stampOf(stampMs));
  executor.execute(isExpired ? { ...execution, outcome: { kind: 'expired' } } : execution);
}

/** What a table that has just dropped what expired would keep. */
const withoutExpired = ({ latest, sessions }: KeptResults): KeptResults => ({
  latest,
  sessions: sessions.filter(([, { physicalMs }]) => physicalMs >= latest.physicalMs - TTL_MS),
});

describe('results of forced updates in a snapshot', () => {
  it('are whole: sessions, what they did, and the results that were not freed', () => {
    const executor = new Executor();
    executor.execute({ by: 0, n: 1, stampMs: 100 });
    executor.execute({ by: 0, n: 4, stampMs: 90, outcome: { kind: 'refused', message: 'no' } });
    executor.execute({ by: 1, n: 2, stampMs: 80, answered: 2 });
    const kept = executor.table.kept();
    const { digest } = aBody(0, 1);
    const value = answerAt(1, { kind: 'value', value: 1 });
    const refused = answerAt(2, { kind: 'refused', message: 'no' });
    expect(kept).to.deep.equal({
      latest: stampOf(100),
      sessions: [
        [
          session(0),
          stampOf(100),
          [
            [1, 1],
            [4, 4],
          ],
          [
            [1, digest, value.outcome, value.timestamp],
            [4, digest, refused.outcome, refused.timestamp],
          ],
        ],
        [session(1), stampOf(80), [[2, 2]], []],
      ],
    });
    expect(new ResultsTable(TTL_MS, kept).kept()).to.deep.equal(kept);
  });

  it('answer as those in memory, whatever comes later, and whether or not expired ones are in it', () => {
    fc.assert(
      fc.property(executions, executions, (before, after) => {
        const original = new Executor();
        for (const each of before) follow(original, each);
        const kept = original.table.kept();
        const text = JSON.stringify(kept);
        const copies = [kept, withoutExpired(kept)].map((some) => new Executor(some, original.seq));
        const expectSame = (): void => {
          for (const copy of copies) expect(wordsOf(copy)).to.deep.equal(wordsOf(original));
        };
        expectSame();
        for (const each of after) {
          for (const executor of [original, ...copies]) follow(executor, each);
          expectSame();
        }
        expect(JSON.stringify(kept), 'it shares nothing with the tables').to.equal(text);
      }),
    );
  });
});
