/**
 * SCENARIOS 3 and 4 at one replica's journal: whatever happens to its files, opening gives exactly
 * the first so many groups that were written, and names what is missing of the acknowledged ones.
 */

import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { type LevelJournal, openLevelJournal } from '../../src/storage/level-journal.js';
import { bytesOf, fatalMessage, groupsOf, snapshotsOf } from '../contract/journal-contract.js';

const WRITTEN = Array.from({ length: 12 }, (_, index) => `group ${index + 1}`);

describe('a journal whose files were damaged', function () {
  this.timeout(120_000);

  let parent: string;
  /** As an orderly process left it; never changed. */
  let pristine: string;
  /** The copy that a test damages. */
  let folder: string;
  let opened: LevelJournal[];

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'hearsay-damage-'));
    pristine = join(parent, 'pristine');
    folder = join(parent, 'journal');
    const journal = await openLevelJournal({ folder: pristine, create: true });
    await journal.saveSnapshot({ throughGroup: 0, bytes: bytesOf('initial') });
    for (const text of WRITTEN.slice(0, 6)) await journal.append(bytesOf(text));
    await journal.saveSnapshot({ throughGroup: 5, bytes: bytesOf('through 5') });
    await journal.close();
    // The second life has the first six groups in a table, and writes the others to a new log.
    const again = await openLevelJournal({ folder: pristine, create: false });
    for (const text of WRITTEN.slice(6)) await again.append(bytesOf(text));
    await again.writeMeta('boot', bytesOf('2'));
    await again.close();
  });

  beforeEach(async () => {
    opened = [];
    await restore();
  });

  afterEach(async () => {
    for (const journal of opened) await journal.close();
  });

  after(() => rm(parent, { recursive: true }));

  async function restore(): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    await cp(pristine, folder, { recursive: true });
  }

  function onlyFile(pattern: RegExp): string {
    const groups = join(folder, 'groups');
    const names = readdirSync(groups).filter((name) => pattern.test(name));
    expect(names, `files like ${pattern}`).to.have.length(1);
    return join(groups, names[0] ?? '');
  }

  const logFile = () => onlyFile(/\.log$/);
  const tableFile = () => onlyFile(/\.ldb$/);

  async function open(): Promise<LevelJournal> {
    const journal = await openLevelJournal({ folder, create: false });
    opened.push(journal);
    return journal;
  }

  /** Changes one character of a group in LevelDB's table. */
  function changeTable(): { name: string; bytes: Buffer } {
    const path = tableFile();
    const bytes = readFileSync(path);
    bytes.write('G', bytes.indexOf(bytesOf('group 3')));
    writeFileSync(path, bytes);
    return { name: basename(path), bytes };
  }

  /** Opens, checks what must hold in any case, and answers how many groups were left. */
  async function expectPrefixOrNamedDamage(what: string): Promise<number> {
    let journal: LevelJournal = await open();
    try {
      const groups = await groupsOf(journal);
      expect(groups, what).to.deep.equal(WRITTEN.slice(0, groups.length));
      const { damage } = journal;
      if (groups.length < WRITTEN.length) expect(damage, what).to.not.equal(null);
      if (damage !== null) {
        expect(damage.firstGroup, what).to.equal(groups.length + 1);
        expect(readdirSync(join(damage.movedTo, 'groups')), what).to.not.be.empty;
        for (const { number, bytes } of damage.readable) {
          expect(number).to.be.greaterThan(groups.length);
          expect(new TextDecoder().decode(bytes)).to.equal(WRITTEN[number - 1]);
        }
        for (const { throughGroup } of await snapshotsOf(journal)) {
          expect(throughGroup, what).to.be.lessThan(damage.firstGroup);
        }
      }
      // It goes on from there.
      await journal.append(bytesOf('next'));
      await journal.close();
      journal = await open();
      expect(journal.damage, what).to.equal(null);
      expect(await groupsOf(journal), what).to.deep.equal([...groups, 'next']);
      expect((await snapshotsOf(journal)).at(-1)?.throughGroup, what).to.equal(0);
      expect(await journal.readMeta('boot'), what).to.not.equal(null);
      return groups.length;
    } finally {
      await journal.close();
    }
  }

  async function flipEachByte(pathOf: () => string): Promise<number[]> {
    const size = readFileSync(pathOf()).length;
    const left: number[] = [];
    for (let at = 0; at < size; at += 3) {
      const path = pathOf();
      const bytes = readFileSync(path);
      bytes.writeUInt8((bytes[at] ?? 0) ^ (1 << (at % 8)), at);
      writeFileSync(path, bytes);
      left.push(await expectPrefixOrNamedDamage(`bit ${at % 8} of byte ${at} flipped`));
      await restore();
    }
    return left;
  }

  it('is whole without damage', async () => {
    expect(await expectPrefixOrNamedDamage('nothing done')).to.equal(WRITTEN.length);
  });

  it('loses only the last group, and says so, when the log is cut anywhere in its last record', async () => {
    const size = readFileSync(logFile()).length;
    const lastRecord = size - readFileSync(logFile()).lastIndexOf(bytesOf('group 11')) - 8;
    for (let cut = 1; cut <= lastRecord; cut++) {
      truncateSync(logFile(), size - cut);
      expect(await expectPrefixOrNamedDamage(`${cut} bytes cut`)).to.equal(WRITTEN.length - 1);
      await restore();
    }
    expect(lastRecord).to.be.greaterThan(30);
  });

  it('drops a torn record that was never acknowledged without a word', async () => {
    const tail = readFileSync(join(folder, 'tail'));
    const journal = await open();
    await journal.append(bytesOf('never acknowledged'));
    await journal.close();
    writeFileSync(join(folder, 'tail'), tail);
    // Opening began a new log: this record is all that is in it.
    const size = readFileSync(logFile()).length;
    truncateSync(logFile(), size - 1);
    const reopened = await open();
    expect(reopened.damage).to.equal(null);
    expect(await groupsOf(reopened)).to.deep.equal(WRITTEN);
  });

  it('finds any flipped bit of the log', async () => {
    const left = await flipEachByte(logFile);
    // LevelDB drops what follows in the same block: the mark tells that it was there.
    expect(Math.max(...left)).to.be.lessThan(WRITTEN.length);
    expect(Math.min(...left)).to.equal(6);
  });

  it('finds any flipped bit of a table', async () => {
    const left = await flipEachByte(tableFile);
    expect(Math.min(...left)).to.be.lessThan(6);
  });

  it('finds any flipped bit in the files by which LevelDB finds its own', async () => {
    await flipEachByte(() => onlyFile(/^MANIFEST/));
    await flipEachByte(() => onlyFile(/^CURRENT$/));
  });

  it('names a missing file of LevelDB', async () => {
    for (const [pattern, left] of [
      [/\.log$/, 6],
      [/\.ldb$/, 0],
      [/^MANIFEST/, 12],
      [/^CURRENT$/, 12],
    ] as const) {
      rmSync(onlyFile(pattern));
      expect(await expectPrefixOrNamedDamage(`${pattern} removed`)).to.equal(left);
      await restore();
    }
  });

  it('keeps the later groups that can still be read, and the files as they were', async () => {
    const table = changeTable();
    const journal = await open();
    // LevelDB must not read a table that is damaged anywhere: all six groups in it are lost.
    expect(journal.damage).to.include({ firstGroup: 1 });
    expect(journal.damage?.reason).to.include('checksum');
    expect(journal.damage?.readable.map(({ number }) => number)).to.deep.equal([
      7, 8, 9, 10, 11, 12,
    ]);
    const kept = join(journal.damage?.movedTo ?? '', 'groups', table.name);
    expect(readFileSync(kept).equals(table.bytes)).to.equal(true);
    expect(readdirSync(journal.damage?.movedTo ?? '')).to.include('0000000000000005.snapshot');
    await journal.close();
  });

  it('finishes a replacement that a crash interrupted', async () => {
    const groups = join(folder, 'groups');
    // Both renames are to be done; only the second one is; both are done.
    await cp(groups, join(folder, 'groups.rebuilt'), { recursive: true });
    rmSync(join(folder, 'groups.rebuilt', 'CURRENT'));
    expect(await expectPrefixOrNamedDamage('before the renames')).to.equal(12);
    await restore();
    await cp(groups, join(folder, 'groups.rebuilt'), { recursive: true });
    rmSync(groups, { recursive: true });
    expect(await expectPrefixOrNamedDamage('between the renames')).to.equal(12);
    await restore();
    await cp(groups, join(folder, 'groups.discarded'), { recursive: true });
    await cp(groups, join(folder, 'groups.opening'), { recursive: true });
    expect(await expectPrefixOrNamedDamage('after the renames')).to.equal(12);
    expect(readdirSync(folder).sort()).to.deep.equal(
      ['groups', 'lock', 'metadata', 'snapshots', 'tail'].sort(),
    );
  });

  it('never reuses a folder of earlier damage', async () => {
    const folders = new Set<string>();
    for (let round = 0; round < 3; round++) {
      changeTable();
      const journal = await open();
      folders.add(journal.damage?.movedTo ?? '');
      await journal.close();
      await rm(join(folder, 'groups'), { recursive: true });
      await cp(join(pristine, 'groups'), join(folder, 'groups'), { recursive: true });
    }
    expect(folders).to.have.length(3);
    for (const path of folders) expect(existsSync(join(path, 'groups'))).to.equal(true);
  });

  it('leaves out damaged snapshots', async () => {
    const path = join(folder, 'snapshots', '0000000000000005.snapshot');
    const whole = readFileSync(path);
    for (let size = 0; size < whole.length; size++) {
      writeFileSync(path, whole.subarray(0, size));
      const journal = await open();
      expect((await snapshotsOf(journal)).map((one) => one.throughGroup)).to.deep.equal([0]);
      await journal.close();
    }
    writeFileSync(path, readFileSync(join(folder, 'snapshots', '0000000000000000.snapshot')));
    const journal = await open();
    expect(await snapshotsOf(journal)).to.have.length(1);
    await journal.close();
  });

  it('clears away a snapshot that was half written', async () => {
    writeFileSync(join(folder, 'snapshots', '0000000000000007.snapshot.1.unfinished'), 'half');
    const journal = await open();
    expect(await snapshotsOf(journal)).to.have.length(2);
    expect(readdirSync(join(folder, 'snapshots'))).to.have.length(2);
    await journal.close();
  });

  it('refuses damaged metadata by name', async () => {
    const path = join(folder, 'metadata', 'boot');
    const bytes = readFileSync(path);
    bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
    writeFileSync(path, bytes);
    const journal = await open();
    expect(await fatalMessage(journal.readMeta('boot')))
      .to.include(path)
      .and.include('checksum');
    await journal.close();
  });

  it('refuses to start without its update log', async () => {
    await rm(join(folder, 'groups'), { recursive: true });
    expect(await fatalMessage(open()))
      .to.include(join(folder, 'groups'))
      .and.include('missing');
  });

  it('notices a lost end of the log by a snapshot when the mark is lost too', async () => {
    rmSync(join(folder, 'tail'));
    rmSync(tableFile());
    const journal = await open();
    expect(journal.damage).to.include({ firstGroup: 1 });
    await journal.close();
  });
});
