import { expect } from 'chai';
import {
  MemoryDisk,
  MemoryJournal,
  type WriteFate,
  type WriteKind,
} from '../../src/storage/memory-journal.js';
import {
  bytesOf,
  fatalMessage,
  groupsOf,
  journalContract,
  snapshotsOf,
} from '../contract/journal-contract.js';

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

  /** A group, a snapshot and metadata under way at once, over what was there before. */
  async function withWritesUnderWay(): Promise<MemoryDisk> {
    const { disk: made, journal } = disk();
    await journal.saveSnapshot({ throughGroup: 0, bytes: bytesOf('initial') });
    await journal.append(bytesOf('one'));
    await journal.writeMeta('boot', bytesOf('old'));
    holdWrites(made);
    void journal.saveSnapshot({ throughGroup: 1, bytes: bytesOf('through 1') });
    void journal.append(bytesOf('two'));
    await settled();
    return made;
  }

  const settled = () => new Promise((resolve) => setImmediate(resolve));

  async function contents(made: MemoryDisk) {
    const journal = new MemoryJournal(made);
    const through = (await snapshotsOf(journal)).map(({ throughGroup }) => throughGroup);
    return { groups: await groupsOf(journal), through, damage: journal.damage };
  }

  for (const [group, snapshot, groups, through] of [
    ['kept', 'lost', ['one', 'two'], [0]],
    ['lost', 'kept', ['one'], [1, 0]],
    ['torn', 'torn', ['one'], [0]],
    ['kept', 'kept', ['one', 'two'], [1, 0]],
  ] as [WriteFate, WriteFate, string[], number[]][]) {
    it(`asks for the fate of each write under way: group ${group}, snapshot ${snapshot}`, async () => {
      const made = await withWritesUnderWay();
      const asked: WriteKind[] = [];
      made.crash((kind) => {
        asked.push(kind);
        return kind === 'group' ? group : snapshot;
      });
      expect(asked).to.have.members(['group', 'snapshot']);
      expect(await contents(made)).to.deep.equal({ groups, through, damage: null });
    });
  }

  it('leaves a torn snapshot in the place of one that is kept, until newer ones are saved', async () => {
    const made = await withWritesUnderWay();
    made.crash(() => 'torn');
    made.beforeWrite = () => Promise.resolve();
    const journal = new MemoryJournal(made);
    const through = async () => (await contents(made)).through;
    for (const number of [2, 3]) {
      await journal.append(bytesOf(`${number}`));
      await journal.saveSnapshot({ throughGroup: number, bytes: bytesOf('whole') });
      expect(await through()).to.deep.equal(number === 2 ? [2, 0] : [3, 2, 0]);
    }
    const before = made.snapshots.get(3);
    holdWrites(made);
    void journal.saveSnapshot({ throughGroup: 3, bytes: bytesOf('again') });
    await settled();
    made.crash(() => 'torn');
    expect(made.snapshots.get(3)).to.equal(before);
  });

  it('keeps the old value, or nothing, of torn metadata, and loses those that waited', async () => {
    const { disk: made, journal } = disk();
    await journal.writeMeta('boot', bytesOf('old'));
    holdWrites(made);
    for (const value of ['new', 'newer']) void journal.writeMeta('boot', bytesOf(value));
    void journal.writeMeta('other', bytesOf('x'));
    await settled();
    const asked: WriteKind[] = [];
    made.crash((kind) => {
      asked.push(kind);
      return 'torn';
    });
    expect(asked).to.deep.equal(['metadata']);
    const next = new MemoryJournal(made);
    expect(await next.readMeta('boot')).to.deep.equal(bytesOf('old'));
    expect(await next.readMeta('other')).to.equal(null);
  });

  it('writes files one after the other, whatever time each takes', async () => {
    const { disk: made, journal } = disk();
    const releases: (() => void)[] = [];
    made.beforeWrite = () => new Promise((resolve) => releases.push(resolve));
    const writes = ['1', '2'].map((value) => journal.writeMeta('boot', bytesOf(value)));
    await settled();
    expect(releases).to.have.length(1);
    const closed = journal.close();
    releases[0]?.();
    await writes[0];
    await closed;
    expect(await fatalMessage(writes[1] ?? closed)).to.include('closed');
    expect(made.metadata.get('boot')).to.deep.equal(bytesOf('1'));
  });

  it('does not wait for its writes when the journal of a dead process is closed', async () => {
    const { disk: made, journal } = disk();
    holdWrites(made);
    void journal.writeMeta('boot', bytesOf('1'));
    await settled();
    made.crash();
    await journal.close();
    let asked = 0;
    made.beforeWrite = () => {
      asked += 1;
      return Promise.resolve();
    };
    void made.write(0, { kind: 'metadata', take: () => {}, tear: () => {} });
    await settled();
    expect(asked).to.equal(0);
  });

  it('may crash as a write begins', async () => {
    const { disk: made, journal } = disk();
    made.beforeWrite = () => {
      made.crash(() => 'kept');
      return Promise.resolve();
    };
    void journal.append(bytesOf('one'));
    await settled();
    expect((await contents(made)).groups).to.deep.equal(['one']);
  });

  it('cannot be read while it has a fault, and is as it was afterwards', async () => {
    const { disk: made, journal } = disk();
    await journal.append(bytesOf('one'));
    await journal.saveSnapshot({ throughGroup: 1, bytes: bytesOf('s') });
    await journal.writeMeta('boot', bytesOf('1'));
    made.readFault = 'EIO: i/o error, read';
    const next = new MemoryJournal(made);
    for (const reading of [groupsOf(next), snapshotsOf(next), next.readMeta('boot')]) {
      expect(await fatalMessage(reading)).to.match(/^cannot read .*: EIO: i\/o error, read$/);
    }
    made.readFault = null;
    expect(await contents(made)).to.deep.equal({ groups: ['one'], through: [1], damage: null });
    expect(await next.readMeta('boot')).to.deep.equal(bytesOf('1'));
  });

  it('keeps what earlier damage left readable when more groups are damaged', async () => {
    const { disk: made, journal } = disk();
    for (const text of ['1', '2', '3', '4', '5', '6']) await journal.append(bytesOf(text));
    made.damageGroup(5);
    made.damageGroup(2);
    const next = new MemoryJournal(made);
    expect(next.damage).to.deep.include({ firstGroup: 2, groupsLost: true });
    expect(next.damage?.readable.map(({ number }) => number)).to.deep.equal([3, 4, 6]);
    expect(await groupsOf(next)).to.deep.equal(['1']);
    expect(() => made.damageGroup(2)).to.throw('no group 2');
    made.damageGroup(1);
    expect(made.damage?.readable.map(({ number }) => number)).to.deep.equal([3, 4, 6]);
  });

  it('is not damaged under a process that writes', async () => {
    const { disk: made, journal } = disk();
    await journal.append(bytesOf('one'));
    holdWrites(made);
    void journal.append(bytesOf('two'));
    expect(() => made.damageGroup(1)).to.throw('a process writes to this disk');
  });
});
