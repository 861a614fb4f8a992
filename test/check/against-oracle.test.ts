import { expect } from 'chai';
import fc from 'fast-check';
import { SeededRandom } from '../../src/base/random.js';
import { checkHistory } from '../../src/check/check-history.js';
import type { History, HistoryOperation } from '../../src/check/history.js';
import { modelHistory } from './model-store.js';
import { oracle, type OracleVerdict } from './oracle.js';

const CAUSAL = [
  'read your writes',
  'monotonic reads',
  'monotonic writes',
  'writes follow reads',
  'causality',
];
const UNWRITTEN = ['no thin air', 'nothing from the future', 'refused means never'];

function verdictOf(history: History): OracleVerdict {
  const { violations } = checkHistory(history).figures;
  const sum = (...promises: string[]): number =>
    promises.reduce((total, promise) => total + (violations[promise] ?? 0), 0);
  return {
    unwritten: sum(...UNWRITTEN),
    causal: sum(...CAUSAL),
    fresh: sum('fresh'),
    durability: sum('durability'),
    circle: sum('causal convergence') > 0,
  };
}

const model = (operations: number) =>
  fc.record({
    seed: fc.nat(),
    operations: fc.constant(operations),
    sessions: fc.integer({ min: 2, max: 5 }),
    replicas: fc.integer({ min: 1, max: 3 }),
    keys: fc.integer({ min: 1, max: 3 }),
    values: fc.constantFrom(0, 0, 3),
    deletes: fc.constantFrom(0, 20),
  });

/** Another answer that a wrong store might have given: what is, was, or will be written, or nothing. */
function otherAnswer(random: SeededRandom, history: History, query: HistoryOperation): unknown {
  const valueOf = (key: unknown): unknown => {
    const writes = history.operations.filter((o) => o.operation === 'set' && o.args['key'] === key);
    const values = writes.map(({ args }) => args['value']);
    return random.pick([null, ...values]);
  };
  if (query.operation === 'get') return valueOf(query.args['key']);
  if (query.operation === 'count') {
    const adds = history.operations.filter((o) => o.operation === 'add');
    return adds.reduce((sum, o) => sum + (random.chance(1, 2) ? Number(o.args['amount']) : 0), 0);
  }
  return [...new Set(history.operations.map(({ args }) => args['key']))]
    .filter((key) => String(key).startsWith('k'))
    .map((key) => ({ key, value: valueOf(key) }))
    .filter(({ value }) => value !== null);
}

/** Changes so many answers in a hundred. */
function spoil(history: History, seed: number, percent: number): History {
  const random = new SeededRandom(seed);
  const operations = history.operations.map((operation) => {
    if (operation.outcome.kind !== 'answered' || random.below(100) >= percent) return operation;
    const value = otherAnswer(random, history, operation);
    return { ...operation, outcome: { ...operation.outcome, value } };
  });
  return { ...history, operations };
}

/** A limit that cuts is not the oracle's. */
const uncut = (history: History): History => ({
  ...history,
  operations: history.operations.map((operation) =>
    operation.operation === 'scan' ? { ...operation, args: { prefix: 'k' } } : operation,
  ),
});

describe('check: against the definitions', function () {
  this.timeout(60_000);

  it('accepts what a correct store shows', () => {
    fc.assert(
      fc.property(model(60), fc.constantFrom(0, 30), (options, forced) => {
        const { violations } = checkHistory(modelHistory({ ...options, forced }));
        expect(violations.map(({ words }) => words)).to.deep.equal([]);
      }),
      { numRuns: 200 },
    );
  });

  for (const percent of [10, 30, 100]) {
    it(`finds what the definitions find when ${percent} of 100 answers are wrong`, () => {
      const found = { unwritten: 0, causal: 0, fresh: 0, durability: 0, circle: 0 };
      fc.assert(
        fc.property(model(24), fc.nat(), (options, seed) => {
          const history = spoil(uncut(modelHistory(options)), seed, percent);
          const verdict = oracle(history);
          expect(verdictOf(history)).to.deep.equal(verdict);
          found.unwritten += verdict.unwritten;
          found.causal += verdict.causal;
          found.fresh += verdict.fresh;
          found.durability += verdict.durability;
          found.circle += Number(verdict.circle);
        }),
        { numRuns: 300 },
      );
      // With few wrong answers the rarer kinds are left to chance.
      if (percent < 30) return;
      for (const [kind, count] of Object.entries(found)) expect(count, kind).to.be.above(0);
    });
  }
});
