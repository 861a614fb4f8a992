import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeCheckedFile } from '../../src/storage/atomic-file.js';
import { readInitialState, writeInitialState } from '../../src/storage/initial-state.js';
import { bytesOf, fatalMessage } from '../contract/journal-contract.js';

describe('the initial state of a data directory', () => {
  let parent: string;
  let directory: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'hearsay-initial-'));
    directory = join(parent, 'data', 'movies');
  });

  afterEach(() => rm(parent, { recursive: true }));

  const state = (text: string) => ({
    service: 'movies',
    schemaHash: 's1',
    stateHash: 'h1',
    database: bytesOf(text),
  });
  const file = () => join(directory, 'initial-state');

  async function read() {
    const found = await readInitialState(directory);
    return found && { ...found, database: Uint8Array.from(found.database) };
  }

  it('is absent at first, then read as written, then replaced', async () => {
    expect(await read()).to.equal(null);
    await writeInitialState(directory, state('tables\nand\nrows'));
    expect(await read()).to.deep.equal(state('tables\nand\nrows'));
    await writeInitialState(directory, state(''));
    expect(await read()).to.deep.equal(state(''));
    expect(readdirSync(directory)).to.deep.equal(['initial-state']);
  });

  it('is refused when any bit of it is wrong, or its end is missing', async () => {
    await writeInitialState(directory, state('tables and rows'));
    const whole = readFileSync(file());
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8((whole[at] ?? 0) ^ (1 << (at % 8)), at);
      writeFileSync(file(), bytes);
      expect(await fatalMessage(read()), `byte ${at} changed`).to.include(file());
      writeFileSync(file(), whole.subarray(0, at));
      expect(await fatalMessage(read()), `cut to ${at} bytes`).to.include('import again');
    }
  });

  it('is refused when it is something else, or of another format', async () => {
    await writeInitialState(directory, state(''));
    writeFileSync(file(), 'userId,movieId,rating,timestamp\n1,1,4.0,964982703\n');
    expect(await fatalMessage(read())).to.include('does not begin like a file of this program');
    await writeCheckedFile(file(), 'snapshot 1', bytesOf('{"format":1}\n'));
    expect(await fatalMessage(read())).to.include('checksum');
    await writeCheckedFile(file(), 'initial state', bytesOf('{"format":2}\n'));
    expect(await fatalMessage(read())).to.include('format is 2');
  });

  it('says why it cannot be written', async () => {
    writeFileSync(join(parent, 'data'), 'a file');
    const message = await fatalMessage(writeInitialState(directory, state('')));
    expect(message)
      .to.include(directory)
      .and.include(`${join(parent, 'data')} is no directory`);
  });
});
