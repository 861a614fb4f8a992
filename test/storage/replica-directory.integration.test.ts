import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Residence } from '../../src/ports/replica-place.js';
import { ReplicaDirectory } from '../../src/storage/replica-directory.js';
import { bytesOf, snapshotsOf } from '../contract/journal-contract.js';
import { aBody } from '../log/support.js';

const beginning = (nonce: string) => ({
  identity: { nonce, initialHash: 'a1b2', clusterId: 'c1', generation: 0 },
  snapshot: bytesOf(`state of ${nonce}`),
  metadata: new Map([['note', bytesOf(nonce)]]),
});

describe('the places of a replica on a disk', () => {
  let data: string;
  let opened: Residence[];
  const path = () => join(data, 'rm-1');

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'hearsay-places-'));
    opened = [];
  });

  afterEach(async () => {
    for (const { journal } of opened) await journal.close();
    await rm(data, { recursive: true });
  });

  const place = () => new ReplicaDirectory({ path: path(), service: 'kv', name: 'rm-1' });

  async function begun(nonce: string, at = place()): Promise<Residence> {
    const residence = await at.begin(beginning(nonce));
    opened.push(residence);
    return residence;
  }

  async function reopened(): Promise<Residence | null> {
    for (const { journal } of opened.splice(0)) await journal.close();
    const residence = await place().open();
    if (residence !== null) opened.push(residence);
    return residence;
  }

  it('has nothing at first, then what was begun', async () => {
    const first = place();
    expect(await first.open()).to.equal(null);
    const { identity } = await begun('one', first);
    expect(identity.nonce).to.equal('one');
    const again = await reopened();
    expect(again?.identity).to.deep.equal(beginning('one').identity);
    expect(await again?.journal.readMeta('note')).to.deep.equal(bytesOf('one'));
  });

  it('puts the old identity aside when another one begins', async () => {
    const present = place();
    await present.open();
    const old = await begun('one', present);
    await old.journal.append(bytesOf('a record'));
    await old.journal.close();
    const { identity, journal } = await begun('two', present);
    expect(identity.nonce).to.equal('two');
    const [snapshot] = await snapshotsOf(journal);
    expect(snapshot?.bytes).to.deep.equal(bytesOf('state of two'));
    const [retired = '', ...more] = readdirSync(data).filter((name) => name !== 'rm-1');
    expect(retired).to.match(/^rm-1\.retired-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d$/);
    expect(more).to.deep.equal([]);
    expect(readFileSync(join(data, retired, 'hearsay.json'), 'utf8')).to.include('"one"');
  });

  it('never takes a name that is there for what is put aside', async () => {
    const present = place();
    await present.open();
    for (const nonce of ['one', 'two', 'three', 'four']) {
      await (await begun(nonce, present)).journal.close();
    }
    expect(readdirSync(data).filter((name) => name.includes('retired'))).to.have.length(3);
  });

  it('finishes what a crash between the two renamings left', async () => {
    await (await begun('one')).journal.close();
    renameSync(path(), `${path()}.next`);
    expect((await reopened())?.identity.nonce).to.equal('one');
    expect(existsSync(`${path()}.next`)).to.equal(false);
  });

  it('goes on with the old one where the next was not in its place yet', async () => {
    await (await begun('next')).journal.close();
    renameSync(path(), `${path()}.next`);
    // As `begin` leaves it that dies before the first renaming.
    const other = new ReplicaDirectory({ path: join(data, 'old'), service: 'kv', name: 'rm-1' });
    await (await begun('old', other)).journal.close();
    renameSync(join(data, 'old'), path());
    expect((await reopened())?.identity.nonce).to.equal('old');
  });

  it('is put away as a whole', async () => {
    const present = place();
    await present.open();
    await (await begun('one', present)).journal.close();
    const where = await present.putAway();
    expect(existsSync(join(where, 'hearsay.json'))).to.equal(true);
    expect(await reopened()).to.equal(null);
  });

  it('keeps unsettled updates for people, each once', async () => {
    const present = place();
    await present.open();
    await begun('one', present);
    await present.keep('unsettled', [aBody(0, 1), aBody(0, 2)]);
    const where = await present.keep('unsettled', [aBody(0, 2), aBody(0, 3)]);
    const kept = JSON.parse(readFileSync(where, 'utf8')) as { n: number }[];
    expect(kept.map(({ n }) => n)).to.deep.equal([1, 2, 3]);
    expect(where).to.equal(join(path(), 'unsettled.json'));
  });
});
