import { expect } from 'chai';
import { MemoryDisk, MemoryJournal } from '../../src/storage/memory-journal.js';
import { bytesOf, fatalMessage, groupsOf, journalContract } from '../contract/journal-contract.js';

journalContract('MemoryJournal', async () => {
  const disk = new MemoryDisk();
  return {
    open: async () => new MemoryJournal(disk),
    damageGroup: async (number) => disk.damageGroup(number),
    dispose: async () => {},
  };
});

describe('a memory disk', () => {
  const disk = () => {
    const made = new MemoryDisk();
    return { disk: made, journal: new MemoryJournal(made) };
  };

  /** Lets writes wait until the answer is called. */
  function holdWrites(made: MemoryDisk): () => void {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    made.beforeWrite = () => released;
    return release;
  }

  it('fails writes as it is told, and the journal takes no more', async () => {
    const { disk: made, journal } = disk();
    await journal.append(bytesOf('one'));
    made.beforeWrite = () => Promise.reject(new Error('no space left'));
    expect(await fatalMessage(journal.append(bytesOf('two')))).to.include('no space left');
    made.beforeWrite = () => Promise.resolve();
    expect(await fatalMessage(journal.append(bytesOf('three')))).to.include('no space left');
    expect(await fatalMessage(journal.writeMeta('boot', null))).to.include('no space left');
    expect(await groupsOf(new MemoryJournal(made))).to.deep.equal(['one']);
  });

  for (const pending of ['lost', 'kept'] as const) {
    it(`crashes with the write under way ${pending}, and answers it to nobody`, async () => {
      const { disk: made, journal } = disk();
      await journal.append(bytesOf('one'));
      const release = holdWrites(made);
      let answered = false;
      const tell = () => {
        answered = true;
      };
      void journal.append(bytesOf('two')).then(tell, tell);
      made.crash(pending);
      const next = new MemoryJournal(made);
      const expected = pending === 'kept' ? ['one', 'two'] : ['one'];
      expect(await groupsOf(next)).to.deep.equal(expected);
      release();
      await new Promise((resolve) => setImmediate(resolve));
      await next.append(bytesOf('next'));
      expect(await groupsOf(next)).to.deep.equal([...expected, 'next']);
      expect(answered).to.equal(false);
    });
  }

  it('lets a dead journal write nothing', async () => {
    const { disk: made, journal } = disk();
    made.crash();
    void journal.append(bytesOf('late'));
    await new Promise((resolve) => setImmediate(resolve));
    made.crash('kept');
    expect(await groupsOf(new MemoryJournal(made))).to.deep.equal([]);
  });
});
