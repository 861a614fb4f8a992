/** Snapshots as bytes: what was written is read, in the form of today and the one before. */

import { expect } from 'chai';
import fc from 'fast-check';
import { HearsayError } from '../../src/base/errors.js';
import { decodeSnapshot, encodeSnapshot } from '../../src/node/snapshot.js';
import { FORCED_ORIGIN } from '../../src/log/forced-log.js';
import type { SnapshotState } from '../../src/replica/state.js';
import { ZERO_STAMP } from '../../src/timestamp/stamp.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { pack, unpack } from '../../src/wire/msgpack.js';
import { ORIGINS, session } from '../log/support.js';
import { keptResults } from '../wire/field-arbitraries.js';

const DATABASE = new Uint8Array([1, 2, 3]);

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
};

/** The parts of a snapshot as they are written, format first. */
const partsOf = (state: SnapshotState): unknown[] =>
  unpack(encodeSnapshot(state, DATABASE)) as unknown[];

describe('snapshots', () => {
  it('come back as they were: state, results and database', () => {
    const { state, database } = decodeSnapshot(encodeSnapshot(STATE, DATABASE));
    expect(state.valueTimestamp.equals(STATE.valueTimestamp)).to.equal(true);
    expect({ ...state, valueTimestamp: null }).to.deep.equal({ ...STATE, valueTimestamp: null });
    expect(new Uint8Array(database)).to.deep.equal(DATABASE);
  });

  it('come back with all results there may be', () => {
    fc.assert(
      fc.property(keptResults, (results) => {
        const bytes = encodeSnapshot({ ...STATE, results }, DATABASE);
        const { state, database } = decodeSnapshot(bytes);
        expect(encodeSnapshot(state, database)).to.deep.equal(bytes);
      }),
    );
  });

  it('of releases without forced updates are read: they have no results', () => {
    const [, ...parts] = partsOf(STATE);
    const old = pack([1, ...parts.slice(0, -1)]);
    const { state, database } = decodeSnapshot(old);
    expect(state.results).to.deep.equal({ latest: ZERO_STAMP, sessions: [] });
    expect(state.executed).to.deep.equal(STATE.executed);
    expect(state.latest).to.deep.equal(STATE.latest);
    expect(new Uint8Array(database)).to.deep.equal(DATABASE);
  });

  it('say which format they have', () => {
    expect(partsOf(STATE)[0]).to.equal(2);
  });

  describe('are refused', () => {
    const [format, timestamp, executed, latest, database, results] = partsOf(STATE);
    const wrong: Readonly<Record<string, unknown>> = {
      'of a later format': [3, timestamp, executed, latest, database, results],
      'that are no list': { format, timestamp },
      'without a timestamp': [format, null, executed, latest, database, results],
      'with a timestamp of no origin': [format, [['rm', 1]], executed, latest, database, results],
      'without an executed table': [format, timestamp, null, latest, database, results],
      'with a session of no name': [format, timestamp, [['s', []]], latest, database, results],
      'without a stamp': [format, timestamp, executed, null, database, results],
      'with a stamp of text': [format, timestamp, executed, ['now', 0], database, results],
      'without a database': [format, timestamp, executed, latest, null, results],
      'with results of another form': [format, timestamp, executed, latest, database, [1, 2]],
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
