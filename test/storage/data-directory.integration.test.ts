import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { type DataDirectory, openDataDirectory } from '../../src/storage/data-directory.js';
import { bytesOf, fatalMessage, snapshotsOf } from '../contract/journal-contract.js';

const IDENTITY = { nonce: 'x7k2m9qp', initialHash: 'a1b2', clusterId: 'c1', generation: 0 };

const beginning = (text: string) => ({
  identity: IDENTITY,
  snapshot: bytesOf(text),
  metadata: new Map([['note', bytesOf('kept')]]),
});

describe('a data directory', () => {
  let parent: string;
  let path: string;
  let opened: DataDirectory[];

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'hearsay-data-'));
    path = join(parent, 'movies', 'rm-1');
    opened = [];
  });

  afterEach(async () => {
    await closeAll();
    await rm(parent, { recursive: true });
  });

  async function closeAll(): Promise<void> {
    for (const directory of opened.splice(0)) await directory.close();
  }

  async function open(overrides: object = {}): Promise<DataDirectory> {
    const directory = await openDataDirectory({
      path,
      service: 'movies',
      name: 'rm-1',
      ...overrides,
    });
    opened.push(directory);
    return directory;
  }

  async function makeOne(): Promise<void> {
    await (await open()).create(beginning('initial'));
    await closeAll();
  }

  const file = () => join(path, 'hearsay.json');

  it('is new at first, then what it was made', async () => {
    const first = await open();
    expect(first.identity).to.equal(null);
    await first.create(beginning('initial'));
    expect(first.identity).to.deep.equal(IDENTITY);
    await first.journal.append(bytesOf('one'));
    await closeAll();
    const second = await open();
    expect(second.identity).to.deep.equal(IDENTITY);
    expect(second.journal.lastGroup).to.equal(1);
    const snapshots = await snapshotsOf(second.journal);
    expect(snapshots).to.deep.equal([{ throughGroup: 0, bytes: bytesOf('initial') }]);
    expect(await fatalMessage(second.create(beginning('other')))).to.include('exists');
  });

  it('is made anew when making it was interrupted', async () => {
    await open();
    await closeAll();
    const second = await open();
    expect(second.identity).to.equal(null);
    await second.journal.saveSnapshot({ throughGroup: 0, bytes: bytesOf('first try') });
    await closeAll();
    writeFileSync(join(path, 'hearsay.json.1234.unfinished'), '{');
    const third = await open();
    expect(third.identity).to.equal(null);
    await third.create(beginning('second try'));
    await closeAll();
    const [snapshot] = await snapshotsOf((await open()).journal);
    expect(snapshot?.bytes).to.deep.equal(bytesOf('second try'));
  });

  it('has its metadata before it counts as made', async () => {
    await makeOne();
    const { journal } = await open();
    expect(await journal.readMeta('note')).to.deep.equal(bytesOf('kept'));
  });

  it('may be one of a release that knew no clusters', async () => {
    await makeOne();
    const { format, service, name, createdAt, nonce, initialHash } = JSON.parse(
      readFileSync(file(), 'utf8'),
    ) as Record<string, unknown>;
    const old = { format, service, name, createdAt, nonce, initialHash };
    const checksum = crc32(JSON.stringify(old)).toString(16).padStart(8, '0');
    writeFileSync(file(), JSON.stringify({ ...old, checksum }));
    expect((await open()).identity).to.deep.equal({ ...IDENTITY, clusterId: null });
  });

  it('refuses one of another service, name or format', async () => {
    await makeOne();
    const wrong = ['service movies, not service kv', 'name rm-1, not name rm-2'];
    expect(await fatalMessage(open({ service: 'kv' })))
      .to.include(wrong[0])
      .and.include(path);
    expect(await fatalMessage(open({ name: 'rm-2' }))).to.include(wrong[1]);
    writeFileSync(file(), readFileSync(file(), 'utf8').replace('"format": 1', '"format": 2'));
    expect(await fatalMessage(open())).to.include('format 2');
  });

  it('refuses what is not its own, and changes nothing', async () => {
    await mkdir(path, { recursive: true });
    writeFileSync(join(path, 'thesis.txt'), 'years of work');
    expect(await fatalMessage(open()))
      .to.include(path)
      .and.include('thesis.txt');
    expect(readdirSync(path)).to.deep.equal(['thesis.txt']);
  });

  it('refuses a damaged identity: no flipped bit passes', async () => {
    await makeOne();
    const whole = readFileSync(file());
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8((whole[at] ?? 0) ^ 1, at);
      writeFileSync(file(), bytes);
      const outcome = await open().then(
        ({ identity }) => identity,
        (error: Error) => error.name,
      );
      await closeAll();
      // White space may change without a change of meaning.
      expect(outcome, `byte ${at}`).to.satisfy(
        (found: unknown) =>
          found === 'FatalError' || JSON.stringify(found) === JSON.stringify(IDENTITY),
      );
    }
    writeFileSync(file(), whole.subarray(0, 20));
    expect(await fatalMessage(open())).to.include('hearsay.json is damaged');
  });

  it('refuses an update log whose identity is lost', async () => {
    await makeOne();
    await (await open()).journal.append(bytesOf('one'));
    await closeAll();
    rmSync(file());
    expect(await fatalMessage(open())).to.include('hearsay.json is missing');
    expect(existsSync(file())).to.equal(false);
  });

  it('refuses to go on without its journal', async () => {
    await makeOne();
    await rm(join(path, 'journal'), { recursive: true });
    expect(await fatalMessage(open()))
      .to.include('journal')
      .and.include('missing');
  });

  it('is used by one process at a time', async () => {
    await open();
    expect(await fatalMessage(open())).to.include('in use by another process');
  });

  it('goes on from a copy elsewhere', async () => {
    await makeOne();
    await cp(path, join(parent, 'copy'), { recursive: true });
    expect((await open({ path: join(parent, 'copy') })).identity).to.deep.equal(IDENTITY);
  });

  it('says what stands in the way of making it', async () => {
    const regular = join(parent, 'regular');
    writeFileSync(regular, '');
    expect(await fatalMessage(open({ path: regular }))).to.include(`${regular} is no directory`);
    const below = join(regular, 'movies', 'rm-1');
    const message = await fatalMessage(open({ path: below }));
    expect(message).to.include(below).and.include(`${regular} is no directory`);
  });

  it('does not hang where nothing can be made', async function () {
    if (!existsSync('/proc/self')) this.skip();
    const message = await fatalMessage(open({ path: '/proc/hearsay/rm-1' }));
    expect(message).to.include('/proc/hearsay');
  });
});
