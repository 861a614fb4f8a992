import { expect } from 'chai';
import fc from 'fast-check';
import { SeededRandom } from '../../src/base/random.js';
import { checkHistory } from '../../src/check/check-history.js';
import type { History, HistoryOperation, HistoryOutcome } from '../../src/check/history.js';
import { forcedModelHistory, type ModelService } from './forced-model.js';
import { isExplained } from './forced-oracle.js';
import { hungryModel, kvModel } from './model-services.js';

const model = (operations: number, lost: number) =>
  fc.record({
    seed: fc.nat(),
    operations: fc.constant(operations),
    users: fc.integer({ min: 1, max: 3 }),
    lost: fc.constant(lost),
  });

const promisesOf = (history: History): readonly string[] =>
  checkHistory(history).violations.map(({ promise, words }) => `${promise}: ${words}`);

/** Gives one operation what another one of the same kind was told, or moves an answer's place by one. */
function spoil(history: History, seed: number): History {
  const random = new SeededRandom(seed);
  const ended = history.operations.flatMap(({ outcome }, index) =>
    outcome.kind === 'unknown' ? [] : [index],
  );
  if (ended.length === 0) return history;
  const target = random.pick(ended);
  const donors = history.operations.filter(
    ({ operation, outcome }) =>
      operation === history.operations[target]?.operation && outcome.kind !== 'unknown',
  );
  const donor = random.pick(donors).outcome;
  const operations = history.operations.map((operation, index) =>
    index === target ? { ...operation, outcome: spoilt(operation, donor, random) } : operation,
  );
  return { ...history, operations };
}

function spoilt(
  { outcome }: HistoryOperation,
  donor: HistoryOutcome,
  random: SeededRandom,
): HistoryOutcome {
  if (donor.kind === 'unknown') return outcome;
  if (outcome.kind === 'answered' && donor.kind === 'answered') {
    if (random.chance(1, 4)) return { ...outcome, order: Math.max(0, (outcome.order ?? 0) - 1) };
    return { ...outcome, value: donor.value };
  }
  const order = 'order' in outcome ? outcome.order : undefined;
  return order === undefined || donor.kind === 'answered' ? outcome : { ...donor, order };
}

/** What a violation of these says is of places, not of results. */
const OF_PLACES = ['one order', 'read your writes', 'monotonic reads', 'fresh', 'durability'];

const isRejected = (history: History): boolean =>
  Object.keys(checkHistory(history).figures.violations).some(
    (promise) => !OF_PLACES.includes(promise),
  );

/** How many spoilt histories no order explains, and how many of those were rejected. */
function compare<State>(service: ModelService<State>, operations: number, lost: number) {
  const counts = { wrong: 0, found: 0 };
  fc.assert(
    fc.property(model(operations, lost), fc.nat(), (options, seed) => {
      const history = spoil(forcedModelHistory(service, options), seed);
      const isWrong = !isExplained(history, service);
      const wasFound = isRejected(history);
      if (wasFound) expect(isWrong, 'an order explains it all the same').to.equal(true);
      counts.wrong += Number(isWrong);
      counts.found += Number(wasFound);
    }),
    { numRuns: 400 },
  );
  return counts;
}

describe('check: forced updates, against all orders that there are', function () {
  this.timeout(60_000);

  const accepts = <State>(service: ModelService<State>): void =>
    fc.assert(
      fc.property(model(80, 20), (options) => {
        const history = forcedModelHistory(service, options);
        expect(promisesOf(history)).to.deep.equal([]);
      }),
      { numRuns: 150 },
    );

  it('accepts what correct services show', () => {
    accepts(kvModel('values', 2));
    accepts(kvModel('stock', 2));
    accepts(hungryModel(12));
  });

  for (const kind of ['values', 'stock'] as const) {
    for (const lost of [10, 40]) {
      it(`finds exactly the wrong results of one key (${kind}, ${lost} of 100 lost)`, () => {
        const { wrong, found } = compare(kvModel(kind, 1), 14, lost);
        expect(found).to.equal(wrong);
        expect(wrong).to.be.above(30);
      });
    }
  }

  it('finds most wrong results of hungry, and nothing else', () => {
    const { wrong, found } = compare(hungryModel(8), 14, 20);
    expect(found).to.be.at.least(wrong * 0.9);
    expect(wrong).to.be.above(100);
  });
});
