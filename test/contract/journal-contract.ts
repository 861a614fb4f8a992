/**
 * What every Journal must do. An implementation's test gives a fixture: one disk, on which journals
 * are opened one after the other, as by one process after the other.
 */

import { expect } from 'chai';
import { FatalError } from '../../src/base/errors.js';
import type { Journal, StoredSnapshot } from '../../src/ports/journal.js';

export interface JournalFixture {
  open(): Promise<Journal>;
  /** Makes one group unreadable; no journal is open. */
  damageGroup(number: number): Promise<void>;
  dispose(): Promise<void>;
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The groups of a journal, of which so many were trimmed. */
export async function groupsOf(journal: Journal, trimmed = 0): Promise<string[]> {
  const groups: string[] = [];
  for await (const { number, bytes } of journal.groups()) {
    expect(number).to.equal(trimmed + groups.length + 1);
    groups.push(new TextDecoder().decode(bytes));
  }
  return groups;
}

export async function snapshotsOf(journal: Journal): Promise<StoredSnapshot[]> {
  const snapshots: StoredSnapshot[] = [];
  for await (const { throughGroup, bytes } of journal.snapshots()) {
    snapshots.push({ throughGroup, bytes: Uint8Array.from(bytes) });
  }
  return snapshots;
}

/** Awaits a promise that must be rejected with a FatalError, and answers its message. */
export async function fatalMessage(promise: Promise<unknown>): Promise<string> {
  const outcome = await promise.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
  if (outcome instanceof FatalError) return outcome.message;
  throw new Error(`expected a FatalError: ${outcome}`);
}

export function journalContract(name: string, makeFixture: () => Promise<JournalFixture>): void {
  describe(`${name} as a Journal`, () => {
    let fixture: JournalFixture;
    let journal: Journal;

    beforeEach(async () => {
      fixture = await makeFixture();
      journal = await fixture.open();
    });

    afterEach(async () => {
      await journal.close();
      await fixture.dispose();
    });

    async function reopen(): Promise<void> {
      await journal.close();
      journal = await fixture.open();
    }

    async function append(...texts: string[]): Promise<void> {
      for (const text of texts) await journal.append(bytesOf(text));
    }

    const saveSnapshot = (throughGroup: number, text: string) =>
      journal.saveSnapshot({ throughGroup, bytes: bytesOf(text) });

    it('is empty at first', async () => {
      expect(await groupsOf(journal)).to.deep.equal([]);
      expect(await snapshotsOf(journal)).to.deep.equal([]);
      expect(await journal.readMeta('boot')).to.equal(null);
      expect(journal.damage).to.equal(null);
    });

    it('keeps groups in order, over reopening', async () => {
      await append('one', 'two');
      await reopen();
      await append('three', '');
      expect(await groupsOf(journal)).to.deep.equal(['one', 'two', 'three', '']);
      await reopen();
      expect(await groupsOf(journal)).to.deep.equal(['one', 'two', 'three', '']);
      expect(journal.damage).to.equal(null);
    });

    it('keeps a group of many bytes, and its own copy of them', async () => {
      const bytes = new Uint8Array(3_000_000).fill(7);
      const written = journal.append(bytes);
      await written;
      bytes.fill(8);
      const kept: Uint8Array[] = [];
      for await (const group of journal.groups()) kept.push(Uint8Array.from(group.bytes));
      expect(kept).to.have.length(1);
      expect(kept[0]?.every((byte) => byte === 7)).to.equal(true);
      expect(kept[0]).to.have.length(3_000_000);
    });

    it('refuses appends that overlap', async () => {
      const first = journal.append(bytesOf('one'));
      const error = await journal.append(bytesOf('two')).catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(Error).with.property('message').that.includes('overlap');
      await first;
      await append('three');
      expect(await groupsOf(journal)).to.deep.equal(['one', 'three']);
    });

    it('keeps the initial snapshot and the two newest', async () => {
      await saveSnapshot(0, 'initial');
      await append('1', '2', '3', '4', '5');
      for (const through of [1, 3, 4]) await saveSnapshot(through, `through ${through}`);
      const expected = [
        { throughGroup: 4, bytes: bytesOf('through 4') },
        { throughGroup: 3, bytes: bytesOf('through 3') },
        { throughGroup: 0, bytes: bytesOf('initial') },
      ];
      expect(await snapshotsOf(journal)).to.deep.equal(expected);
      await reopen();
      expect(await snapshotsOf(journal)).to.deep.equal(expected);
    });

    it('replaces a snapshot that goes through the same group', async () => {
      await saveSnapshot(0, 'first try');
      await saveSnapshot(0, 'second try');
      await reopen();
      expect(await snapshotsOf(journal)).to.deep.equal([
        { throughGroup: 0, bytes: bytesOf('second try') },
      ]);
    });

    it('takes no snapshot of groups that it does not hold', async () => {
      const error = await saveSnapshot(1, 'early').catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(Error);
      expect(await snapshotsOf(journal)).to.deep.equal([]);
    });

    describe('trimmed', () => {
      beforeEach(async () => {
        await saveSnapshot(0, 'initial');
        await append('1', '2', '3', '4', '5');
        await saveSnapshot(3, 'through 3');
        await saveSnapshot(5, 'through 5');
        await journal.trim(3);
      });

      const through = async () =>
        (await snapshotsOf(journal)).map(({ throughGroup }) => throughGroup);

      it('has the rest under the numbers it had, over reopening', async () => {
        for (const isReopened of [false, true]) {
          if (isReopened) await reopen();
          expect(await groupsOf(journal, 3)).to.deep.equal(['4', '5']);
          expect(await through()).to.deep.equal([5, 3]);
          expect(journal.damage).to.equal(null);
        }
        await append('6');
        await reopen();
        expect(await groupsOf(journal, 3)).to.deep.equal(['4', '5', '6']);
      });

      it('can be trimmed again, also while a group is written, and not backwards', async () => {
        await Promise.all([journal.trim(4), append('6')]);
        await journal.trim(2);
        expect(await groupsOf(journal, 4)).to.deep.equal(['5', '6']);
        await reopen();
        expect(await groupsOf(journal, 4)).to.deep.equal(['5', '6']);
        expect(journal.damage).to.equal(null);
      });

      it('lets go of nothing that it does not have', async () => {
        const error = await journal.trim(6).catch((caught: unknown) => caught);
        expect(error).to.be.instanceOf(Error);
        expect(await groupsOf(journal, 3)).to.deep.equal(['4', '5']);
      });

      it('tells what is damaged of the rest, and goes on from before it', async () => {
        await journal.close();
        await fixture.damageGroup(5);
        journal = await fixture.open();
        expect(journal.damage).to.include({ firstGroup: 5, groupsLost: true });
        expect(await groupsOf(journal, 3)).to.deep.equal(['4']);
        expect(await through()).to.deep.equal([3]);
        await append('new 5');
        await reopen();
        expect(await groupsOf(journal, 3)).to.deep.equal(['4', 'new 5']);
        expect(journal.damage).to.equal(null);
      });
    });

    it('keeps metadata, replaces and removes them', async () => {
      await journal.writeMeta('boot', bytesOf('1'));
      await journal.writeMeta('other', bytesOf('x'));
      await journal.writeMeta('boot', bytesOf('2'));
      await reopen();
      expect(Array.from((await journal.readMeta('boot')) ?? [])).to.deep.equal([0x32]);
      await journal.writeMeta('boot', null);
      expect(await journal.readMeta('boot')).to.equal(null);
      await reopen();
      expect(await journal.readMeta('boot')).to.equal(null);
      expect(await journal.readMeta('other')).to.not.equal(null);
    });

    it('takes writes of different kinds at once, and those of one kind in order', async () => {
      await append('1');
      await Promise.all([
        append('2'),
        saveSnapshot(0, 'initial'),
        saveSnapshot(1, 'through 1'),
        ...Array.from({ length: 9 }, (_, n) => journal.writeMeta('boot', bytesOf(`${n}`))),
      ]);
      await reopen();
      expect(await groupsOf(journal)).to.deep.equal(['1', '2']);
      expect(await snapshotsOf(journal)).to.have.length(2);
      expect(Array.from((await journal.readMeta('boot')) ?? [])).to.deep.equal([0x38]);
    });

    it('counts what it wrote', async () => {
      await append('four', 'five5');
      expect(journal.statistics.syncs).to.equal(2);
      expect(journal.statistics.bytes).to.equal(9);
    });

    it('refuses to write after close, and closes twice', async () => {
      await append('one');
      await journal.close();
      await journal.close();
      expect(await fatalMessage(append('two'))).to.include('closed');
      expect(await fatalMessage(saveSnapshot(1, 'late'))).to.include('closed');
      expect(await fatalMessage(journal.trim(1))).to.include('closed');
      expect(await fatalMessage(journal.writeMeta('boot', null))).to.include('closed');
      journal = await fixture.open();
      expect(await groupsOf(journal)).to.deep.equal(['one']);
    });

    describe('with a damaged group', () => {
      beforeEach(async () => {
        await saveSnapshot(0, 'initial');
        await append('1', '2', '3', '4', '5');
        await saveSnapshot(2, 'through 2');
        await saveSnapshot(4, 'through 4');
        await journal.writeMeta('boot', bytesOf('1'));
        await journal.close();
        await fixture.damageGroup(3);
        journal = await fixture.open();
      });

      it('names the damage, sets aside all that follows, and goes on from before it', async () => {
        expect(journal.damage).to.include({ firstGroup: 3 });
        expect(journal.damage?.reason).to.include('group 3');
        expect(journal.damage?.readable).to.deep.equal([
          { number: 4, bytes: Buffer.from('4') },
          { number: 5, bytes: Buffer.from('5') },
        ]);
        expect(await groupsOf(journal)).to.deep.equal(['1', '2']);
        await append('new 3');
        expect(await groupsOf(journal)).to.deep.equal(['1', '2', 'new 3']);
      });

      it('uses no snapshot that may hold what is lost', async () => {
        const through = (await snapshotsOf(journal)).map(({ throughGroup }) => throughGroup);
        expect(through).to.deep.equal([2, 0]);
      });

      it('keeps metadata', async () => {
        expect(await journal.readMeta('boot')).to.not.equal(null);
      });

      it('says so again at each opening, until something is appended', async () => {
        const { damage } = journal;
        await reopen();
        expect(journal.damage).to.deep.equal(damage);
        expect(await groupsOf(journal)).to.deep.equal(['1', '2']);
        await append('new 3');
        await reopen();
        expect(journal.damage).to.equal(null);
        expect(await groupsOf(journal)).to.deep.equal(['1', '2', 'new 3']);
      });
    });
  });
}
