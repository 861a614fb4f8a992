/** Coming back from a disk: with all that is on it, without what it forgot, or not at all, in words. */

import { expect } from 'chai';
import { FatalError } from '../../src/base/errors.js';
import { recoverReplica } from '../../src/node/recovery.js';
import type { ForcedTransition } from '../../src/log/forced-log.js';
import { FORCED_ORIGIN } from '../../src/log/forced-log.js';
import type { LogRecord } from '../../src/log/record.js';
import { encodeSnapshot } from '../../src/node/snapshot.js';
import type { Journal } from '../../src/ports/journal.js';
import { EMPTY_SNAPSHOT } from '../../src/replica/state.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { encodeGroup } from '../../src/wire/journal-group.js';
import { unpack } from '../../src/wire/msgpack.js';
import { aBody, aNoOp, anUpdateEntry, aRecord, ballot, ORIGINS } from '../log/support.js';
import { MemoryDisk, MemoryJournal } from '../../src/storage/memory-journal.js';
import { openSqlDatabase } from '../../src/storage/sql-database.js';

const failed = (): never => {
  throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
};

/** A journal of which `part` cannot be read. */
function unreadable(part: 'groups' | 'snapshots'): Journal {
  const journal = new MemoryJournal(new MemoryDisk());
  return Object.defineProperty(journal, part, { value: failed });
}

describe('a replica whose disk cannot be read', () => {
  for (const part of ['groups', 'snapshots'] as const) {
    it(`does not start, and says why (${part})`, async () => {
      const database = await openSqlDatabase();
      const error = await recoverReplica(unreadable(part), database, false).then(
        () => null,
        (reason: unknown) => reason,
      );
      database.close();
      expect(error).to.be.instanceOf(FatalError);
      expect((error as FatalError).message).to.match(/EIO.*nothing was changed: mend the disk/);
    });
  }
});

const [ORIGIN] = ORIGINS as [(typeof ORIGINS)[0]];

const record = (seq: number): LogRecord => aRecord(ORIGIN, seq, aBody(0, seq));

const groupOf = (
  records: readonly LogRecord[],
  transitions: readonly ForcedTransition[] = [],
): Uint8Array => encodeGroup({ records, transitions });

/** Two updates between no-ops, of which all but the last entry is committed. */
const TRANSITIONS: readonly ForcedTransition[] = [
  { mayVote: true, view: ballot(1) },
  { lnv: ballot(1), entries: [aNoOp(1)] },
  { entries: [anUpdateEntry(2)], commit: 1 },
  { entries: [anUpdateEntry(3), aNoOp(4), anUpdateEntry(5)], commit: 4 },
];

/** A disk with these groups and an initial snapshot of an empty state. */
async function diskOf(...groups: readonly Uint8Array[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await saveSnapshot(disk, 0, VectorTimestamp.zero);
  const journal = new MemoryJournal(disk);
  for (const group of groups) await journal.append(group);
  return disk;
}

async function saveSnapshot(
  disk: MemoryDisk,
  throughGroup: number,
  valueTimestamp: VectorTimestamp,
): Promise<void> {
  const database = await openSqlDatabase();
  const bytes = encodeSnapshot({ ...EMPTY_SNAPSHOT, valueTimestamp }, database.export());
  database.close();
  await new MemoryJournal(disk).saveSnapshot({ throughGroup, bytes });
}

async function recover(disk: MemoryDisk) {
  const database = await openSqlDatabase();
  try {
    return await recoverReplica(new MemoryJournal(disk), database, false);
  } finally {
    database.close();
  }
}

describe('a replica that comes back from its disk', () => {
  it('has all records and all transitions, each in their order, over all groups', async () => {
    const [first, second, ...rest] = TRANSITIONS as [ForcedTransition, ForcedTransition];
    const disk = await diskOf(
      groupOf([record(1), record(2)], [first, second]),
      groupOf([], rest),
      groupOf([record(3)]),
    );
    const recovered = await recover(disk);
    expect(recovered.records.map(({ seq }) => seq)).to.deep.equal([1, 2, 3]);
    const shapes = (all: readonly ForcedTransition[]) =>
      all.map(({ entries = [], ...others }) => [
        entries.map(({ kind, seq }) => kind + seq),
        others,
      ]);
    expect(shapes(recovered.transitions)).to.deep.equal(shapes(TRANSITIONS));
    const { lastGroup, hasForgotten, mustRecover } = recovered;
    expect({ lastGroup, hasForgotten, mustRecover }).to.deep.equal({
      lastGroup: 3,
      hasForgotten: false,
      mustRecover: null,
    });
  });

  it('reads groups of releases without forced updates, which have three parts', async () => {
    const group = groupOf([record(1)]);
    expect(unpack(group)).to.have.length(3);
    expect(unpack(groupOf([], TRANSITIONS))).to.have.length(4);
    const { records, transitions } = await recover(await diskOf(group));
    expect(records).to.have.length(1);
    expect(transitions).to.deep.equal([]);
  });

  it('knows that it has forgotten where groups are lost: what it promised may be gone (B12)', async () => {
    const disk = await diskOf(groupOf([record(1)], TRANSITIONS), groupOf([record(2)]));
    await saveSnapshot(disk, 1, VectorTimestamp.of([[FORCED_ORIGIN, 3]]));
    disk.damageGroup(2);
    const { hasForgotten, transitions, records } = await recover(disk);
    expect(hasForgotten).to.equal(true);
    expect(records).to.have.length(1);
    expect(transitions).to.have.length(TRANSITIONS.length);
  });

  it('has forgotten nothing where only files beside the groups were damaged', async () => {
    const disk = await diskOf(groupOf([record(1)], TRANSITIONS));
    const damage = { firstGroup: 2, reason: 'a file', movedTo: 'nowhere', readable: [] };
    disk.damage = { ...damage, groupsLost: false };
    expect((await recover(disk)).hasForgotten).to.equal(false);
  });

  it('asks others for records that it lost, and not for entries: those come by other means', async () => {
    const lost = VectorTimestamp.of([
      [ORIGIN, 2],
      [FORCED_ORIGIN, 3],
    ]);
    const disk = await diskOf(groupOf([record(1)]), groupOf([record(2)], TRANSITIONS));
    await saveSnapshot(disk, 1, lost);
    disk.damageGroup(2);
    const { mustRecover, snapshot } = await recover(disk);
    expect([...(mustRecover?.entries() ?? [])]).to.deep.equal([[ORIGIN, 2]]);
    expect(snapshot.valueTimestamp.size, 'nor does it show what it cannot serve').to.equal(0);
  });

  for (const [seq, isTaken] of [
    [2, true],
    [3, true],
    [4, false],
    [5, false],
  ] as const) {
    const what = isTaken ? 'takes a snapshot within' : 'does not take a snapshot above';
    it(`${what} its committed updates (${seq} of 3)`, async () => {
      const disk = await diskOf(groupOf([record(1)], TRANSITIONS));
      const valueTimestamp = VectorTimestamp.of([
        [ORIGIN, 1],
        [FORCED_ORIGIN, seq],
      ]);
      await saveSnapshot(disk, 1, valueTimestamp);
      const { snapshot } = await recover(disk);
      const expected = isTaken ? valueTimestamp : VectorTimestamp.zero;
      expect(snapshot.valueTimestamp.equals(expected)).to.equal(true);
    });
  }
});
