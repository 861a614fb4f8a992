/** A replica that is started on data that it cannot use: exit status 4, in words, and nothing changed. */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { findFreePorts } from '../../src/launch/ports.js';
import { type Ended, HearsayProcess, hearsay } from '../launch/hearsay-process.js';
import { until } from './support/until.js';

describe('a replica on data that it cannot use', function () {
  this.timeout(120_000);
  let folder: string;
  let made: string;
  let port: number;

  /** Makes a whole data directory once; each test works on a copy. */
  before(async () => {
    made = mkdtempSync(join(tmpdir(), 'hearsay-made-'));
    const [ports = []] = await findFreePorts('127.0.0.1', [
      { from: 12_000 + (process.pid % 7000), count: 1 },
    ]);
    [port = 0] = ports;
    const replica = new HearsayProcess(...words(made));
    await serves();
    replica.kill('SIGTERM');
    expect(await replica.ended).to.include({ status: 0 });
  });

  after(() => rmSync(made, { recursive: true, force: true }));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearsay-start-'));
  });

  afterEach(async () => {
    await HearsayProcess.endAll();
    rmSync(folder, { recursive: true, force: true });
  });

  const words = (data: string, name = 'rm-1', service = 'kv'): string[] => [
    ...['replica', '--name', name, '--listen', `127.0.0.1:${port}`, '--service', service],
    ...['--members', `${name}=127.0.0.1:${port}`, '--data', data],
  ];

  async function serves(): Promise<void> {
    await until('the replica to serve', () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  }

  const copyMade = (to = folder): void => cpSync(made, to, { recursive: true });

  /** One line of words for people; a stack trace would be a bug's. */
  function expectRefusal({ status, stdout, stderr }: Ended, pattern: RegExp): void {
    expect(status, stderr).to.equal(4);
    expect(stderr)
      .to.match(/^error: [^\n]+\n$/)
      .and.to.match(pattern);
    expect(stdout).to.equal('');
  }

  it("somebody else's folder", async () => {
    mkdirSync(join(folder, 'rm-1'));
    const file = join(folder, 'rm-1', 'notes.txt');
    writeFileSync(file, 'mine');
    const pattern = /is no data directory of hearsay, and not empty \(notes\.txt\)/;
    expectRefusal(await hearsay(...words(folder)), pattern);
    expect(readFileSync(file, 'utf8')).to.equal('mine');
  });

  it('a path below a file', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const data of [file, join(file, 'a', 'b')]) {
      expectRefusal(
        await hearsay(...words(data)),
        /cannot use the log directory .* is no directory/,
      );
    }
  });

  it('a directory that another process uses', async () => {
    copyMade();
    const first = new HearsayProcess(...words(folder));
    await serves();
    expectRefusal(await hearsay(...words(folder)), /rm-1.* is in use by another process/);
    await serves();
    first.kill('SIGTERM');
    expect(await first.ended).to.include({ status: 0 });
  });

  it('the directory of another replica, or of another service', async () => {
    copyMade();
    cpSync(join(folder, 'rm-1'), join(folder, 'rm-2'), { recursive: true });
    const name = /was made for name rm-1, not name rm-2/;
    expectRefusal(await hearsay(...words(folder, 'rm-2')), name);
    const service = /was made for service kv, not (?:service )?movies/;
    expectRefusal(await hearsay(...words(folder, 'rm-1', 'movies')), service);
  });

  it('an identity with a flipped bit', async () => {
    copyMade();
    const file = join(folder, 'rm-1', 'hearsay.json');
    const whole = readFileSync(file);
    for (const share of [0, 0.2, 0.4, 0.6, 0.8, 0.97]) {
      const damaged = Buffer.from(whole);
      const at = Math.floor(share * whole.length);
      damaged.writeUInt8((whole[at] ?? 0) ^ 0x04, at);
      writeFileSync(file, damaged);
      expectRefusal(await hearsay(...words(folder)), /hearsay\.json is damaged|was made for /);
    }
    writeFileSync(file, whole);
    const replica = new HearsayProcess(...words(folder));
    await serves();
    replica.kill('SIGINT');
    expect(await replica.ended).to.include({ status: 0 });
  });

  it('a journal that is gone, and with it the state', async () => {
    copyMade();
    rmSync(join(folder, 'rm-1', 'journal'), { recursive: true });
    expectRefusal(await hearsay(...words(folder)), /journal/);
  });

  it('an initial state with a flipped bit', async () => {
    copyMade();
    rmSync(join(folder, 'rm-1'), { recursive: true });
    const file = join(folder, 'initial-state');
    const damaged = readFileSync(file);
    const at = Math.floor(damaged.length / 2);
    damaged.writeUInt8((damaged[at] ?? 0) ^ 0x10, at);
    writeFileSync(file, damaged);
    expectRefusal(
      await hearsay(...words(folder)),
      /initial-state: its checksum is wrong; move it away/,
    );
  });

  it('wrong words end with 2 before any of it', async () => {
    for (const [wrong, pattern] of [
      [[...words(folder), '--listen', 'nowhere'], /--listen/],
      [words(folder).map((word) => word.replace(/^rm-1=/, 'rm-2=')), /--members must name rm-1/],
      [words(folder, 'RM 1'), /--name|--members/],
      [[...words(folder), '--ephemeral'], /--ephemeral keeps nothing/],
      [[...words(folder), '--gossip', 'maybe'], /--gossip/],
      [[...words(folder), 'surplus'], /surplus/],
    ] as const) {
      const { status, stderr } = await hearsay(...wrong);
      expect(status, stderr).to.equal(2);
      expect(stderr).to.match(pattern);
    }
  });
});
