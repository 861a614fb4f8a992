import { expect } from 'chai';
import { SnapshotSaver } from '../../src/node/snapshot-saver.js';
import { MemoryDisk, MemoryJournal } from '../../src/storage/memory-journal.js';

describe('SnapshotSaver', () => {
  /** A saver over a log that is durable as far as the test says, each record in a group of its own. */
  async function open(every: number | undefined) {
    const disk = new MemoryDisk();
    const journal = new MemoryJournal(disk);
    const log = { length: 0, durable: 0 };
    const taken: number[] = [];
    const failures: unknown[] = [];
    const saver = new SnapshotSaver({
      journal,
      every,
      take: () => {
        taken.push(log.length);
        return { bytes: new Uint8Array([log.length]), items: log.length };
      },
      durable: () => ({ items: log.durable, group: log.durable }),
      onFailure: (error) => failures.push(error),
    });
    /** Executes and appends up to `length` records; answers which snapshots are on the disk then. */
    const goTo = async (length: number, durable = length): Promise<number[]> => {
      while (disk.groups.length < durable) await journal.append(new Uint8Array());
      Object.assign(log, { length, durable });
      saver.saveWhenDue(length);
      await new Promise((resolve) => setImmediate(resolve));
      expect(failures).to.deep.equal([]);
      return [...disk.snapshots.keys()];
    };
    return { saver, disk, taken, goTo };
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
});
