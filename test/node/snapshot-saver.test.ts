import { expect } from 'chai';
import { SnapshotSaver } from '../../src/node/snapshot-saver.js';
import { JournalMarks } from '../../src/node/journal-marks.js';
import type { Reflected } from '../../src/replica/snapshots.js';
import { MemoryDisk, MemoryJournal } from '../../src/storage/memory-journal.js';

describe('SnapshotSaver', () => {
  /** A saver over a log that is durable as far as the test says, each record in a group of its own. */
  async function open(every: number | undefined) {
    const disk = new MemoryDisk();
    const journal = new MemoryJournal(disk);
    const log = { length: 0, durable: 0, base: 0 };
    const taken: number[] = [];
    const saved: Reflected[] = [];
    const marks = new JournalMarks();
    const failures: unknown[] = [];
    const saver = new SnapshotSaver({
      logLimit: 250_000,
      journal,
      marks,
      every,
      place: { records: 0, transitions: 0 },
      take: () => {
        taken.push(log.length);
        const items = log.length;
        const reflected = { length: items, forced: 0 };
        const place = { records: log.base, transitions: 0 };
        return { bytes: new Uint8Array([items]), items, place, reflected };
      },
      onSaved: (reflected) => saved.push(reflected),
      durable: () => ({ items: log.durable, group: log.durable }),
      onFailure: (error) => failures.push(error),
    });
    /** Executes and appends up to `length` records; answers which snapshots are on the disk then. */
    const goTo = async (length: number, durable = length, items = length): Promise<number[]> => {
      while (disk.lastGroup < durable) {
        await journal.append(new Uint8Array());
        marks.note(disk.lastGroup, { records: disk.lastGroup, transitions: 0 });
      }
      Object.assign(log, { length, durable });
      saver.saveWhenDue(length, items);
      await new Promise((resolve) => setImmediate(resolve));
      expect(failures).to.deep.equal([]);
      return [...disk.snapshots.keys()];
    };
    return { saver, disk, journal, log, taken, saved, goTo };
  }

  it('saves one each time so many updates were executed', async () => {
    const { goTo, disk } = await open(3);
    expect(await goTo(2)).to.deep.equal([]);
    expect(await goTo(3)).to.deep.equal([3]);
    expect(await goTo(5)).to.deep.equal([3]);
    expect(await goTo(7)).to.deep.equal([3, 7]);
    expect(disk.snapshots.get(7)).to.deep.equal(new Uint8Array([7]));
  });

  it('saves it once the log is durable as far as it goes (A14)', async () => {
    const { goTo, disk } = await open(3);
    expect(await goTo(4, 2)).to.deep.equal([]);
    expect(await goTo(9, 3)).to.deep.equal([]);
    expect(await goTo(9, 5)).to.deep.equal([5]);
    expect(disk.snapshots.get(5)).to.deep.equal(new Uint8Array([4]));
  });

  it('takes one every 50,000 updates unless told otherwise', async () => {
    const { goTo, taken } = await open(undefined);
    await goTo(49_999, 1);
    expect(taken).to.deep.equal([]);
    await goTo(50_000, 1);
    expect(taken).to.deep.equal([50_000]);
  });

  it('saves the rest when it finishes, and nothing when there is none', async () => {
    const { saver, goTo, disk } = await open(100);
    await goTo(2);
    await saver.finish(2);
    expect([...disk.snapshots.keys()]).to.deep.equal([2]);
    await goTo(3);
    await saver.finish(2);
    expect([...disk.snapshots.keys()]).to.deep.equal([2]);
  });

  it('saves one when the journal has got much although few updates were executed', async () => {
    const { goTo } = await open(3);
    expect(await goTo(2, 2, 11)).to.deep.equal([]);
    expect(await goTo(2, 2, 12)).to.deep.equal([2]);
  });

  it('says what a snapshot reflects once it is durable, not before', async () => {
    const { goTo, saved } = await open(3);
    await goTo(4, 2);
    expect(saved).to.deep.equal([]);
    await goTo(5);
    expect(saved).to.deep.equal([{ length: 4, forced: 0 }]);
  });

  it('trims the journal as far as neither of the two newest snapshots needs it', async () => {
    const { goTo, disk, journal, log } = await open(3000);
    await journal.saveSnapshot({ throughGroup: 0, bytes: new Uint8Array() });
    await goTo(3000);
    log.base = 2500;
    await goTo(6000);
    expect(disk.trimmed, 'the first one begins at 0').to.equal(0);
    log.base = 5500;
    await goTo(9000);
    // Of every 64 groups, which hold a record each here, one is noted.
    expect(disk.trimmed).to.equal(2496);
    expect([...disk.snapshots.keys()], 'the initial one says nothing any more').to.deep.equal([
      6000, 9000,
    ]);
    await goTo(12_000);
    expect(disk.trimmed).to.equal(5440);
  });

  it('never trims the last group, from which the next start knows where it is', async () => {
    const { goTo, disk, log } = await open(1024);
    for (const length of [1024, 2048]) {
      log.base = length;
      await goTo(length);
    }
    expect(disk.trimmed).to.equal(1024);
    await goTo(3072, 2048, 2048);
    expect(disk.trimmed, 'both snapshots begin after group 2048').to.equal(1024);
    await goTo(4096);
    expect(disk.trimmed).to.equal(2048);
  });
});
