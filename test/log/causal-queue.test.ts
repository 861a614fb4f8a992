import { expect } from 'chai';
import fc from 'fast-check';
import type { Origin } from '../../src/base/ids.js';
import { CausalQueue } from '../../src/log/causal-queue.js';
import { TimestampBuilder, VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { aHistory, dotOf, isReady, originAt, ORIGINS, type Sequenced } from './support.js';

/** The same by looking through all that waits, again and again, until nothing is ready any more. */
class DumbQueue {
  readonly done: TimestampBuilder;
  readonly waiting = new Map<string, Sequenced>();

  constructor(done: TimestampBuilder) {
    this.done = done;
  }

  add(record: Sequenced): void {
    if (record.seq > this.done.get(record.origin)) this.waiting.set(dotOf(record), record);
  }

  moved(origin: Origin, count: number): void {
    this.done.advance(origin, count);
    for (const [dot, record] of this.waiting) {
      if (record.seq <= this.done.get(record.origin)) this.waiting.delete(dot);
    }
  }

  take(accept: (record: Sequenced) => boolean): void {
    for (;;) {
      const ready = [...this.waiting.values()].find(
        (record) => isReady(record, this.done) && accept(record),
      );
      if (ready === undefined) return;
      this.waiting.delete(dotOf(ready));
      this.done.advance(ready.origin, ready.seq);
    }
  }

  heads(): Sequenced[] {
    return ORIGINS.flatMap((origin) => {
      const records = [...this.waiting.values()].filter((record) => record.origin === origin);
      const least = records.sort((a, b) => a.seq - b.seq)[0];
      return least === undefined ? [] : [least];
    });
  }
}

const aStep = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant('add' as const), fc.nat()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('take' as const), fc.nat()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('refuse' as const), fc.nat()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('allow' as const), fc.nat()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('move' as const), fc.nat()) },
);

/** Counts how often entries are asked for: what work there is, whatever the machine. */
class CountingBuilder extends TimestampBuilder {
  asked = 0;

  override get(origin: Origin): number {
    this.asked++;
    return super.get(origin);
  }
}

describe('CausalQueue', () => {
  it('hands out exactly what a search through all that waits hands out, in causal order', () => {
    fc.assert(
      fc.property(aHistory(40), fc.array(aStep, { maxLength: 120 }), (history, steps) => {
        const done = new TimestampBuilder();
        const queue = new CausalQueue<Sequenced>(done);
        const oracle = new DumbQueue(new TimestampBuilder());
        const refused = new Set<string>();
        const handedOut: string[] = [];
        const expected: string[] = [];

        const takeBoth = (): void => {
          queue.take((record) => {
            if (refused.has(dotOf(record))) return false;
            expect(isReady(record, done), `${dotOf(record)} is ready`).to.equal(true);
            handedOut.push(dotOf(record));
            return true;
          });
          oracle.take((record) => {
            if (refused.has(dotOf(record))) return false;
            expected.push(dotOf(record));
            return true;
          });
          expect(handedOut).to.have.members(expected);
          expect(new Set(handedOut).size).to.equal(handedOut.length);
          expect(done.value().equals(oracle.done.value())).to.equal(true);
        };

        for (const [kind, number] of [...steps, ['take', 0] as const]) {
          const record = history[number % Math.max(history.length, 1)];
          if (record === undefined) continue;
          if (kind === 'add') {
            queue.add(record);
            oracle.add(record);
          } else if (kind === 'refuse') refused.add(dotOf(record));
          else if (kind === 'allow') {
            refused.delete(dotOf(record));
            queue.retry(record.origin);
          } else if (kind === 'move') {
            oracle.moved(record.origin, record.seq);
            done.advance(record.origin, record.seq);
            queue.moved(record.origin, done.get(record.origin));
          } else takeBoth();
          expect(queue.size).to.equal(oracle.waiting.size);
          expect(queue.has(record.origin, record.seq)).to.equal(oracle.waiting.has(dotOf(record)));
          expect([...queue.heads()].map(dotOf)).to.have.members(oracle.heads().map(dotOf));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('hands out a whole history, however it arrives', () => {
    fc.assert(
      fc.property(
        aHistory(40).chain((history) =>
          fc
            .shuffledSubarray([...history, ...history], {
              minLength: 2 * history.length,
            })
            .map((arrivals) => ({ history, arrivals })),
        ),
        ({ history, arrivals }) => {
          const done = new TimestampBuilder();
          const queue = new CausalQueue<Sequenced>(done);
          const taken: string[] = [];
          for (const record of arrivals) {
            queue.add(record);
            queue.take((each) => taken.push(dotOf(each)) > 0);
          }
          expect(taken).to.have.members(history.map(dotOf));
          expect(taken).to.have.length(history.length);
          expect(queue.size).to.equal(0);
        },
      ),
    );
  });

  it('takes a second copy in place of the first', () => {
    const queue = new CausalQueue<Sequenced & { readonly copy: number }>(new TimestampBuilder());
    const record = { origin: originAt(0), seq: 1, prev: VectorTimestamp.zero };
    queue.add({ ...record, copy: 1 });
    queue.add({ ...record, copy: 2 });
    expect(queue.size).to.equal(1);
    const copies: number[] = [];
    queue.take(({ copy }) => copies.push(copy) > 0);
    queue.add({ ...record, copy: 3 });
    queue.take(({ copy }) => copies.push(copy) > 0);
    expect(copies).to.deep.equal([2]);
  });

  it('does not offer a refused record again until it is told to', () => {
    const queue = new CausalQueue<Sequenced>(new TimestampBuilder());
    queue.add({ origin: originAt(0), seq: 1, prev: VectorTimestamp.zero });
    let offers = 0;
    const refuse = (): boolean => {
      offers++;
      return false;
    };
    queue.take(refuse);
    queue.take(refuse);
    expect(offers).to.equal(1);
    queue.retry(originAt(0));
    queue.take(refuse);
    expect(offers).to.equal(2);
    expect(queue.size).to.equal(1);
  });

  it('lets the owner move the timestamp from within `accept`', () => {
    const done = new TimestampBuilder();
    const queue = new CausalQueue<Sequenced>(done);
    const [a, b] = [originAt(0), originAt(1)];
    const first = VectorTimestamp.of([[a, 1]]);
    queue.add({ origin: b, seq: 1, prev: first });
    queue.add({ origin: a, seq: 2, prev: VectorTimestamp.of([[b, 1]]) });
    queue.add({ origin: a, seq: 1, prev: VectorTimestamp.zero });
    const taken: string[] = [];
    queue.take((record) => {
      done.advance(record.origin, record.seq);
      return taken.push(dotOf(record)) > 0;
    });
    expect(taken).to.deep.equal([`${a}:1`, `${b}:1`, `${a}:2`]);
  });

  describe('costs what it takes, not what waits', () => {
    /** Each record depends on one of another origin a little before it; the first comes last. */
    function workFor(records: number): number {
      const made: Sequenced[] = [];
      const counts = new Map<Origin, number>();
      for (let i = 0; i < records; i++) {
        const before = made[i - 1 - ((i * 7) % 13)];
        const prev =
          before === undefined ? VectorTimestamp.zero : before.prev.with(before.origin, before.seq);
        const origin = originAt((i * i) % 7);
        const seq = (counts.get(origin) ?? 0) + 1;
        counts.set(origin, seq);
        made.push({ origin, seq, prev });
      }
      const done = new CountingBuilder();
      const queue = new CausalQueue<Sequenced>(done);
      for (const record of made.reverse()) {
        queue.add(record);
        queue.take(() => true);
      }
      expect(queue.size).to.equal(0);
      return done.asked;
    }

    it('needs about twice the work for twice as many', () => {
      const [once, twice] = [workFor(10_000), workFor(20_000)];
      expect(once).to.be.below(10_000 * 20);
      expect(twice / once).to.be.below(2.2);
    });
  });
});
