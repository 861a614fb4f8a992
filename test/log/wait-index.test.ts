import { expect } from 'chai';
import fc from 'fast-check';
import type { Origin } from '../../src/base/ids.js';
import { WaitIndex } from '../../src/log/wait-index.js';
import { ORIGINS, originAt } from './support.js';

interface Waiter {
  readonly item: number;
  readonly origin: Origin;
  readonly count: number;
}

const anOrigin = fc.constantFrom(...ORIGINS);
const anItem = fc.nat({ max: 30 });
const aCount = fc.integer({ min: 1, max: 12 });

const aStep = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('park' as const), anItem, anOrigin, aCount) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('remove' as const), anItem, anOrigin, aCount) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('release' as const), anItem, anOrigin, aCount) },
);

describe('WaitIndex', () => {
  it('does what a list does that is looked through each time', () => {
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 200 }), (steps) => {
        const index = new WaitIndex<number>();
        let list: Waiter[] = [];
        for (const [kind, item, origin, count] of steps) {
          if (kind === 'park') {
            index.park(item, origin, count);
            list = [...list.filter((waiter) => waiter.item !== item), { item, origin, count }];
          } else if (kind === 'remove') {
            index.remove(item);
            list = list.filter((waiter) => waiter.item !== item);
          } else {
            const due = list.filter((each) => each.origin === origin && each.count <= count);
            const woken = index.release(origin, count);
            expect(woken).to.have.members(due.map((waiter) => waiter.item));
            const counts = woken.map((each) => due.find((waiter) => waiter.item === each)?.count);
            expect(counts).to.deep.equal(due.map((waiter) => waiter.count).sort((a, b) => a - b));
            list = list.filter((waiter) => !due.includes(waiter));
          }
          expect(index.size).to.equal(list.length);
          expect([...index.items()]).to.have.members(list.map((waiter) => waiter.item));
          for (let each = 0; each <= 30; each++) {
            const place = list.find((waiter) => waiter.item === each);
            const expected = place === undefined ? null : [place.origin, place.count];
            expect(index.placeOf(each)).to.deep.equal(expected);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('wakes in order after most have given up', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(counts, fc.infiniteStream(fc.nat()), (waiting, chance) => {
        const index = new WaitIndex<number>();
        waiting.forEach((count, item) => index.park(item, originAt(0), count));
        const left = waiting.map((count, item) => ({ count, item }));
        // Just past half, so that what is left was put in order anew and nothing since.
        for (let i = 0; i <= waiting.length / 2; i++) {
          const [gone] = left.splice((chance.next().value as number) % left.length, 1);
          if (gone !== undefined) index.remove(gone.item);
        }
        const woken: number[] = [];
        for (let count = 0; count <= 1000; count += 25) {
          woken.push(...index.release(originAt(0), count));
          const due = left.filter((waiter) => waiter.count <= count);
          expect(woken).to.have.members(due.map(({ item }) => item));
        }
      }),
    );
  });

  it('holds nothing when all have given up, and works on', () => {
    const index = new WaitIndex<number>();
    for (let item = 0; item < 1000; item++) index.park(item, originAt(item), 1_000_000 - item);
    for (let item = 0; item < 1000; item++) index.remove(item);
    expect(index.size).to.equal(0);
    for (const origin of ORIGINS) {
      expect(index.release(origin, Number.MAX_SAFE_INTEGER)).to.deep.equal([]);
    }
    index.park(7, originAt(0), 3);
    expect(index.release(originAt(0), 2)).to.deep.equal([]);
    expect(index.release(originAt(0), 3)).to.deep.equal([7]);
  });
});
