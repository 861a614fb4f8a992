/** Snapshots as bytes: what was written is read, in the form of today and those before. */

import { expect } from 'chai';
import fc from 'fast-check';
import { HearsayError } from '../../src/base/errors.js';
import { decodeSnapshot, encodeSnapshot } from '../../src/node/snapshot.js';
import type { MemberId, Name, Origin } from '../../src/base/ids.js';
import { FORCED_ORIGIN, NO_FORCED } from '../../src/log/forced-log.js';
import { founded } from '../../src/log/membership.js';
import { NOTHING_COLLECTED } from '../../src/log/update-log.js';
import { bodyDigest } from '../../src/wire/digest.js';
import type { SnapshotState } from '../../src/replica/state.js';
import { ZERO_STAMP } from '../../src/timestamp/stamp.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { pack, unpack } from '../../src/wire/msgpack.js';
import { aBody, aNoOp, anUpdateEntry, ballot, ORIGINS, session } from '../log/support.js';
import { keptResults } from '../wire/field-arbitraries.js';

const DATABASE = new Uint8Array([1, 2, 3]);

/** With the digest that it really has. */
const A_BODY = (() => {
  const body = aBody(1, 3);
  const { operation, args, user, stamp, session: by } = body;
  return { ...body, digest: bodyDigest(operation, args, user, stamp, by) };
})();

const STATE: SnapshotState = {
  valueTimestamp: VectorTimestamp.of([
    [ORIGINS[0] as (typeof ORIGINS)[0], 4],
    [FORCED_ORIGIN, 2],
  ]),
  executed: [
    [
      session(0),
      [
        [1, 2],
        [4, 9],
      ],
      { physicalMs: 1_700_000_000_000, logical: 3 },
    ],
  ],
  latest: { physicalMs: 1_800_000_000_000, logical: 7 },
  results: {
    latest: { physicalMs: 1_800_000_000_001, logical: 0 },
    sessions: [
      [
        session(1),
        { physicalMs: 1_800_000_000_000, logical: 1 },
        [[1, 2]],
        [
          [
            2,
            '0'.repeat(32),
            { kind: 'refused', message: 'none left' },
            VectorTimestamp.of([[FORCED_ORIGIN, 2]]),
          ],
        ],
      ],
    ],
  },
  membership: null,
  forced: null,
  log: NOTHING_COLLECTED,
};

/** The same with members, and with logs that begin somewhere. */
const KEPT: SnapshotState = {
  ...STATE,
  membership: {
    ...founded([{ name: 'rm-1' as Name, id: 'rm-1.x7' as MemberId, address: 'a:1' }], 1),
    settled: [[ORIGINS[1] as Origin, { final: 7, cut: STATE.valueTimestamp }]],
    dropped: [{ origin: ORIGINS[2] as Origin, final: 9 }],
    retired: [['rm-2.x7' as MemberId, STATE.valueTimestamp]],
  },
  forced: {
    ...NO_FORCED,
    base: 3,
    baseUpdate: 2,
    baseBorn: ballot(1),
    entries: [anUpdateEntry(4, { body: A_BODY }), aNoOp(5, ballot(2))],
    view: ballot(3),
    lnv: ballot(2),
    commit: 5,
    mayVote: true,
    promises: 6,
    notes: [{ member: 'rm-2.x7' as MemberId, boot: { number: 3, nonce: 'n' }, promises: 2 }],
    floorMs: 1_699_999_999_999,
    executed: 4,
    executedView: ballot(1),
  },
  log: { base: 12, collected: STATE.valueTimestamp, bodies: [A_BODY] },
};

/** The state of a snapshot with its timestamps as plain lists. */
const plain = (state: SnapshotState): unknown =>
  JSON.parse(
    JSON.stringify(state, (_, value: unknown) => (value instanceof Map ? [...value] : value)),
  );

/** The parts of a snapshot as they are written, format first. */
const partsOf = (state: SnapshotState): unknown[] =>
  unpack(encodeSnapshot(state, DATABASE)) as unknown[];

describe('snapshots', () => {
  it('come back as they were: state, results, logs, members and database', () => {
    for (const whole of [STATE, KEPT]) {
      const bytes = encodeSnapshot(whole, DATABASE, 17);
      const { state, database, transitions } = decodeSnapshot(bytes);
      expect(plain(state)).to.deep.equal(plain(whole));
      expect(new Uint8Array(database)).to.deep.equal(DATABASE);
      expect(transitions).to.equal(17);
    }
  });

  it('come back with all results there may be', () => {
    fc.assert(
      fc.property(keptResults, (results) => {
        const bytes = encodeSnapshot({ ...KEPT, results }, DATABASE);
        const { state, database } = decodeSnapshot(bytes);
        expect(encodeSnapshot(state, database)).to.deep.equal(bytes);
      }),
    );
  });

  for (const [format, what] of [
    [1, 'before forced updates are read: they have no results'],
    [2, 'before collection are read: their journal is whole'],
  ] as const) {
    it(`of releases ${what}`, () => {
      const [, timestamp, , latest, database, results] = partsOf(STATE);
      const sessions = STATE.executed.map(([session, intervals]) => [session, intervals]);
      const parts = [format, timestamp, sessions, latest, database];
      const old = decodeSnapshot(pack(format === 1 ? parts : [...parts, results]));
      const none = { latest: ZERO_STAMP, sessions: [] };
      expect(plain(old.state)).to.deep.equal(
        plain({
          ...STATE,
          executed: STATE.executed.map(([by, intervals]) => [by, intervals, STATE.latest]),
          results: format === 1 ? none : STATE.results,
        }),
      );
      expect(new Uint8Array(old.database)).to.deep.equal(DATABASE);
      expect(old.transitions).to.equal(0);
    });
  }

  it('say which format they have', () => {
    expect(partsOf(STATE)[0]).to.equal(3);
  });

  describe('are refused', () => {
    const parts = partsOf(KEPT);
    /** With one part, by its place, in place of the right one. */
    const withPart = (at: number, part: unknown): unknown[] => parts.with(at, part);
    const [origins, timestamps, membership, forced, log] = parts[6] as [
      unknown,
      unknown,
      unknown,
      unknown[],
      unknown[],
    ];
    const withForced = (at: number, part: unknown): unknown[] =>
      withPart(6, [origins, timestamps, membership, forced.with(at, part), log]);
    const wrong: Readonly<Record<string, unknown>> = {
      'of a later format': withPart(0, 4),
      'that are no list': { format: 3 },
      'without a timestamp': withPart(1, null),
      'with a timestamp of no origin': withPart(1, [['rm', 1]]),
      'with a timestamp that counts backwards': withPart(1, [[ORIGINS[0], -1]]),
      'without an executed table': withPart(2, null),
      'with a session of no name': withPart(2, [['s', [], [1, 1]]]),
      'with a session without its last stamp': withPart(2, [[session(0), []]]),
      'without a stamp': withPart(3, null),
      'with a stamp of text': withPart(3, ['now', 0]),
      'without a database': withPart(4, null),
      'with results of another form': withPart(5, [1, 2]),
      'without their logs': withPart(6, null),
      'with a log of another form': withPart(6, [origins, timestamps, membership, forced, [1, 2]]),
      'with a forced log that has a gap': withForced(0, 2),
      'with a forced log committed beyond its end': withForced(6, 6),
      'that executed what is not committed': withForced(12, 6),
      'that lack a part of their forced log': withForced(12, 2),
      'without a place in their journal': withPart(7, null),
      'with a place of no whole number': withPart(7, 1.5),
    };
    for (const [what, parts] of Object.entries(wrong)) {
      it(what, () => {
        expect(() => decodeSnapshot(pack(parts)))
          .to.throw(HearsayError)
          .with.property('code', 'INVALID');
      });
    }
  });
});
