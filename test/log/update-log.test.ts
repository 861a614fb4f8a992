import { expect } from 'chai';
import fc from 'fast-check';
import { InvariantError } from '../../src/base/assert.js';
import type { Origin } from '../../src/base/ids.js';
import type { LogRecord, UpdateBody } from '../../src/log/record.js';
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

const isSame = (one: UpdateBody, other: UpdateBody): boolean =>
  one.session === other.session && one.n === other.n && one.digest === other.digest;

/** All answers of a log that was collected up to `base`, by going through the list of all its records. */
function expectRest(log: UpdateLog, list: readonly LogRecord[], base: number): void {
  expect([log.base, log.length, log.size]).to.deep.equal([base, list.length, list.length - base]);
  const rest = list.slice(base);
  for (const [position, record] of list.entries()) {
    const isHere = position >= base;
    expect(log.contains(record.origin, record.seq)).to.equal(isHere);
    const positions = list.flatMap(({ body }, at) =>
      at >= base && isSame(body, record.body) ? [at] : [],
    );
    expect(log.find(record.body)?.positions ?? []).to.deep.equal(positions);
    if (isHere) {
      expect(log.at(position)).to.deep.equal(record);
      expect(log.heldBy(record.origin, record.seq)).to.equal(log.heldAt(position));
    } else expect(() => log.at(position)).to.throw(InvariantError);
  }
  for (const origin of ORIGINS) {
    const seqs = rest.filter((record) => record.origin === origin).map(({ seq }) => seq);
    for (let from = 1; from <= 12; from++) {
      const found = log.inRanges([{ origin, from, to: 20 }], list.length, 50);
      const isServed = from >= (seqs[0] ?? 1);
      const expected = isServed ? seqs.filter((seq) => seq >= from) : [];
      expect(found.map(({ seq }) => seq)).to.deep.equal(expected);
      const known = VectorTimestamp.of([[origin, from - 1]]);
      const first = rest.findIndex(
        (record) => record.seq > known.get(record.origin) || record.origin !== origin,
      );
      expect(log.firstUncovered(known)).to.equal(first < 0 ? list.length : base + first);
    }
  }
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
    const digest = '0'.repeat(32);
    const { log } = fill([
      [0, 0, 1, digest],
      [1, 0, 1, digest],
      [0, 0, 2, digest],
    ]);
    expect(log.heldAt(1).bodyAt, 'a second record has none').to.equal(0);
    expect(log.keptAt(3).bodies).to.deep.equal([]);
    const { body } = log.at(2);
    const second = { origin: originAt(1), seq: 2, prev: VectorTimestamp.zero, body };
    expect(log.append(second).bodyAt, 'the snapshot is without it').to.equal(3);
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

  it('takes records in again from where it was collected, and has what is left', () => {
    fc.assert(
      fc.property(someSteps, fc.array(fc.nat(), { maxLength: 4 }), (steps, cuts) => {
        const { log, list } = fill(steps);
        for (const held of list.map((_, position) => log.heldAt(position))) held.executed = true;
        for (const cut of cuts) {
          const base = log.base + (cut % (log.size + 1));
          const kept = log.keptAt(base);
          log.collect(base);
          expectRest(log, list, base);
          const again = new UpdateLog(kept);
          // On disk a record has its body only where none was before it.
          for (const [position, record] of list.entries()) {
            if (position < base) continue;
            const known = again.find(record.body);
            const isFirst = list.findIndex(({ body }) => isSame(body, record.body)) === position;
            expect(known !== undefined || isFirst, `the body at ${position}`).to.equal(true);
            again.append(known === undefined ? record : { ...record, body: known.body });
          }
          expectRest(again, list, base);
          expect(again.keptAt(base)).to.deep.equal(kept);
        }
      }),
    );
  });

  it('lets go of the bodies that it began with once no other record can come', () => {
    const log = new UpdateLog();
    log.append(aRecord(originAt(0), 1, aBody(1, 1))).executed = true;
    log.append(aRecord(originAt(0), 2, aBody(1, 2))).executed = true;
    const collected = VectorTimestamp.of([[originAt(0), 2]]);
    const again = new UpdateLog({ base: 0, collected, bodies: log.executedBodies() });
    expect(again.withNumber(session(1), 1)[0]?.executed).to.equal(true);
    again.append(aRecord(originAt(1), 1, aBody(1, 2)));
    again.settle(VectorTimestamp.of([[originAt(0), 1]]));
    expect(again.withNumber(session(1), 1)).to.have.length(1);
    again.settle(collected);
    expect(again.withNumber(session(1), 1)).to.deep.equal([]);
    expect(again.withNumber(session(1), 2), 'its second record is here').to.have.length(1);
    again.collect(1);
    expect(again.withNumber(session(1), 2)).to.deep.equal([]);
  });

  it('gives records of a forgotten origin to nobody, and counts on in it when it begins again', () => {
    const { log } = fill([
      [0, 0, 1, '0'.repeat(32)],
      [1, 0, 2, '0'.repeat(32)],
      [0, 0, 3, '0'.repeat(32)],
    ]);
    log.forget(originAt(0));
    expect(log.origins()).to.deep.equal([originAt(1)]);
    expect(log.firstUncovered(VectorTimestamp.of([[originAt(1), 1]]))).to.equal(3);
    const all = [{ origin: originAt(0), from: 1, to: 9 }];
    expect(log.inRanges(all, 3, 9)).to.deep.equal([]);
    expect(log.at(0).origin).to.equal(originAt(0));
    expect(log.keptAt(1).collected.get(originAt(0))).to.equal(1);
    expect(log.keptAt(3).collected.get(originAt(0))).to.equal(0);
    log.collect(3);
    expect(log.size).to.equal(0);
  });

  it('has a body written again that a snapshot may be without', () => {
    const digest = '0'.repeat(32);
    const { log } = fill([
      [0, 0, 1, digest],
      [1, 0, 1, digest],
      [0, 0, 2, digest],
    ]);
    expect(log.heldAt(1).bodyAt, 'a second record has none').to.equal(0);
    expect(log.keptAt(3).bodies).to.deep.equal([]);
    const { body } = log.at(2);
    const second = { origin: originAt(1), seq: 2, prev: VectorTimestamp.zero, body };
    expect(log.append(second).bodyAt, 'the snapshot is without it').to.equal(3);
  });

  it('weighs a body at least as heavy as it is on the way', () => {
    const log = new UpdateLog();
    const text = 'ŝ'.repeat(1000);
    const body = { ...aBody(1, 1), args: { text, list: [text, { text }], none: null } };
    const { weight } = log.append(aRecord(originAt(0), 1, body));
    expect(weight).to.be.at.least(3 * 2000);
  });
});
