/** The disk of a small world: what a crash leaves of it, and what must not be written to it. */

import { expect } from 'chai';
import type { MemberId, Origin, SessionId } from '../../src/base/ids.js';
import { Disk } from '../../src/explore/disk.js';
import { FORCED_ORIGIN, type ForcedEntry } from '../../src/log/forced-log.js';
import type { LogRecord, UpdateBody } from '../../src/log/record.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';

const ORIGIN = 'rm-2.d0~1' as Origin;
const VIEW = { n: 1, owner: 'rm-1.d0' as MemberId };

const body = (n: number): UpdateBody => ({
  session: 'session-1' as SessionId,
  n,
  digest: `digest of ${n}`,
  stamp: { physicalMs: 0, logical: n },
  operation: 'take',
  args: {},
  user: '',
});

const record = (seq: number, prev = VectorTimestamp.zero): LogRecord => ({
  origin: ORIGIN,
  seq,
  prev,
  body: body(seq),
});

const entry = (seq: number, prev = VectorTimestamp.zero): ForcedEntry => ({
  kind: 'update',
  seq,
  born: VIEW,
  committed: 0,
  prev,
  body: body(seq + 10),
  answered: 0,
});

const write = (disk: Disk, ...items: readonly (LogRecord | ForcedEntry)[]): string[] =>
  items.flatMap((item) =>
    disk.write(
      'kind' in item
        ? { kind: 'transition', transition: { entries: [item] } }
        : { kind: 'record', record: item },
    ),
  );

describe('disk of a small world', () => {
  it('keeps of what is not synced a prefix in the order of writing, in a crash', () => {
    for (let kept = 0; kept <= 3; kept++) {
      const disk = new Disk('rm-1');
      expect(write(disk, record(1), entry(1), record(2))).to.deep.equal([]);
      disk.crash(kept);
      expect(disk.records.length).to.equal(kept < 1 ? 0 : kept < 3 ? 1 : 2);
      expect(disk.forced.op).to.equal(kept < 2 ? 0 : 1);
      expect(disk.forcedWritten.op).to.equal(disk.forced.op);
      expect(disk.unsynced).to.deep.equal([]);
      expect([...disk.updates()]).to.have.length(kept);
    }
  });

  it('tells how many of the synced items are transitions, and counts what is committed', () => {
    const disk = new Disk('rm-1');
    write(disk, record(1), entry(1));
    disk.write({ kind: 'transition', transition: { commit: 1 } });
    expect(disk.sync(2)).to.equal(1);
    expect(disk.held.get(FORCED_ORIGIN)).to.equal(0);
    expect(disk.sync(1)).to.equal(1);
    expect(disk.held.get(FORCED_ORIGIN)).to.equal(1);
    expect(disk.held.get(ORIGIN)).to.equal(1);
  });

  it('finds what is written before what it depends on', () => {
    const past = VectorTimestamp.of([[ORIGIN, 1]]);
    expect(write(new Disk('rm-1'), entry(1, past), record(1))).to.deep.equal([
      'I15: rm-1 writes entry 1 before what it depends on',
    ]);
    expect(write(new Disk('rm-1'), record(1), entry(1, past))).to.deep.equal([]);
    const order = VectorTimestamp.of([[FORCED_ORIGIN, 1]]);
    expect(write(new Disk('rm-1'), entry(1), record(1, order))).to.deep.equal([
      `I3: rm-1 writes ${ORIGIN}:1 before what it depends on`,
    ]);
  });
});
