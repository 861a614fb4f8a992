import { expect } from 'chai';
import fc from 'fast-check';
import { InvariantError } from '../../src/base/assert.js';
import type { Origin } from '../../src/base/ids.js';
import type { LogRecord } from '../../src/log/record.js';
import { UpdateLog } from '../../src/log/update-log.js';
import { type MissingRange, VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { aBody, aRecord, ORIGINS, originAt, session } from './support.js';

const DIGESTS = ['0'.repeat(32), 'f'.repeat(32)];

/** Who made a record, of which session's n-th update, with which of two bodies. */
const aStep = fc.tuple(
  fc.nat({ max: 2 }),
  fc.nat({ max: 2 }),
  fc.integer({ min: 1, max: 4 }),
  fc.constantFrom(...DIGESTS),
);

const someSteps = fc.array(aStep, { maxLength: 40 });

function fill(steps: readonly (readonly [number, number, number, string])[]): {
  log: UpdateLog;
  list: LogRecord[];
} {
  const log = new UpdateLog();
  const list: LogRecord[] = [];
  for (const [maker, by, n, digest] of steps) {
    const origin = originAt(maker);
    const seq = list.filter((record) => record.origin === origin).length + 1;
    const record = aRecord(origin, seq, aBody(by, n, digest));
    list.push(record);
    log.append(record);
  }
  return { log, list };
}

const aKnowledge = fc
  .array(fc.tuple(fc.constantFrom(...ORIGINS), fc.nat({ max: 15 })), { maxLength: 4 })
  .map((list) => VectorTimestamp.of(new Map(list)));

const aRange: fc.Arbitrary<MissingRange> = fc.record({
  origin: fc.constantFrom(...ORIGINS),
  from: fc.integer({ min: 1, max: 15 }),
  to: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(Number.MAX_SAFE_INTEGER)),
});

const distinctRanges = fc.uniqueArray(aRange, { selector: ({ origin }) => origin });

describe('UpdateLog', () => {
  it('holds what was appended, in that order', () => {
    fc.assert(
      fc.property(someSteps, (steps) => {
        const { log, list } = fill(steps);
        expect(log.length).to.equal(list.length);
        list.forEach((record, position) => {
          expect(log.at(position)).to.deep.equal(record);
          expect(log.heldAt(position).positions).to.include(position);
          expect(log.heldBy(record.origin, record.seq)).to.equal(log.heldAt(position));
        });
        for (const origin of ORIGINS) {
          const count = list.filter((record) => record.origin === origin).length;
          for (let seq = 0; seq <= 20; seq++) {
            expect(log.contains(origin, seq)).to.equal(seq >= 1 && seq <= count);
            if (seq === 0 || seq > count) {
              expect(() => log.heldBy(origin, seq)).to.throw(InvariantError);
            }
          }
        }
        expect(() => log.at(list.length)).to.throw(InvariantError);
        expect(() => log.at(-1)).to.throw(InvariantError);
      }),
    );
  });

  it('finds updates by id and body, and all bodies under one number', () => {
    fc.assert(
      fc.property(someSteps, (steps) => {
        const { log, list } = fill(steps);
        for (let by = 0; by <= 3; by++) {
          for (let n = 1; n <= 5; n++) {
            const under = list.filter(({ body }) => body.session === session(by) && body.n === n);
            const digests = [...new Set(under.map(({ body }) => body.digest))];
            const held = log.withNumber(session(by), n);
            expect(held.map(({ body }) => body.digest)).to.deep.equal(digests);
            for (const digest of DIGESTS) {
              const found = log.find({ session: session(by), n, digest });
              const positions = list.flatMap(({ body }, position) =>
                body.session === session(by) && body.n === n && body.digest === digest
                  ? [position]
                  : [],
              );
              expect(found?.positions ?? []).to.deep.equal(positions);
              expect(found).to.equal(held.find(({ body }) => body.digest === digest));
            }
          }
        }
      }),
    );
  });

  it('answers, on appending, the update that the record belongs to', () => {
    const log = new UpdateLog();
    const first = log.append(aRecord(originAt(0), 1, aBody(1, 1)));
    first.executed = true;
    const again = log.append(aRecord(originAt(1), 1, aBody(1, 1)));
    expect(again).to.equal(first);
    expect(again.positions).to.deep.equal([0, 1]);
    expect(log.append(aRecord(originAt(1), 2, aBody(1, 1, DIGESTS[1]))).executed).to.equal(false);
  });

  it('keeps one copy of a body that two records have', () => {
    const log = new UpdateLog();
    log.append(aRecord(originAt(0), 1, aBody(1, 1)));
    log.append(aRecord(originAt(1), 1, aBody(1, 1)));
    expect(log.at(1).body).to.equal(log.at(0).body);
    expect(log.at(1).origin).to.equal(originAt(1));
  });

  it('takes nothing but the next record of an origin', () => {
    const log = new UpdateLog();
    log.append(aRecord(originAt(0), 1, aBody(1, 1)));
    for (const seq of [0, 1, 3]) {
      const wrong = aRecord(originAt(0), seq, aBody(1, 2));
      expect(() => log.append(wrong), String(seq)).to.throw(InvariantError);
    }
    expect(() => log.append(aRecord(originAt(1), 2, aBody(1, 2)))).to.throw(InvariantError);
    expect(log.length).to.equal(1);
  });

  it('finds the first record that somebody lacks', () => {
    fc.assert(
      fc.property(someSteps, aKnowledge, (steps, known) => {
        const { log, list } = fill(steps);
        const first = list.findIndex(({ origin, seq }) => seq > known.get(origin));
        expect(log.firstUncovered(known)).to.equal(first < 0 ? list.length : first);
      }),
    );
  });

  it('finds the records of ranges, in log order, before an end, at most so many', () => {
    fc.assert(
      fc.property(
        someSteps,
        distinctRanges,
        fc.nat({ max: 45 }),
        fc.integer({ min: 1, max: 12 }),
        (steps, ranges, end, most) => {
          const { log, list } = fill(steps);
          const isIn = (origin: Origin, seq: number): boolean =>
            ranges.some((each) => each.origin === origin && each.from <= seq && seq <= each.to);
          const expected = list
            .slice(0, end)
            .filter(({ origin, seq }) => isIn(origin, seq))
            .slice(0, most);
          expect(log.inRanges(ranges, end, most)).to.deep.equal(expected);
        },
      ),
    );
  });

  it('weighs a body at least as heavy as it is on the way', () => {
    const log = new UpdateLog();
    const text = 'ŝ'.repeat(1000);
    const body = { ...aBody(1, 1), args: { text, list: [text, { text }], none: null } };
    const { weight } = log.append(aRecord(originAt(0), 1, body));
    expect(weight).to.be.at.least(3 * 2000);
  });
});
