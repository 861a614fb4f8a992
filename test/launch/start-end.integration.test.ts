/**
 * Parts that end, or have to, under load (scenarios 7 and 25): asked to, for want of disk, or because
 * their launcher is gone. Whatever was acknowledged is there afterwards, and the others go on.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Client } from '../../src/client/api.js';
import { connect } from '../../src/client/connect.js';
import { WebSocketTransport } from '../../src/transport/ws-transport.js';
import { encodeFrames } from '../../src/wire/codec.js';
import { HearsayProcess } from './hearsay-process.js';
import { HostileCluster } from '../integration/hostile-cluster.js';
import { CLIENT_HELLO, impostorHello, replicaHelloAt } from '../integration/hostile-peer.js';
import { until } from '../integration/support/until.js';

/** Writers of fresh keys: what none of them was told does not count. */
class Load {
  readonly acknowledged: string[] = [];
  #error: Error | null = null;
  #isStopped = false;
  readonly #running: Promise<unknown>;

  constructor(clients: readonly Client[], valueBytes = 10) {
    const value = 'v'.repeat(valueBytes);
    this.#running = Promise.all(
      clients.map(async (client, writer) => {
        for (let i = 0; !this.#isStopped; i++) {
          const key = `load-${writer}-${i}`;
          try {
            await client.update('set', { key, value }, { timeoutMs: 30_000 });
            this.acknowledged.push(key);
          } catch (error) {
            if (!this.#isStopped) this.#error = error as Error;
            return;
          }
        }
      }),
    );
  }

  /** Waits for so many more acknowledgements. */
  async goesOn(more = 50): Promise<void> {
    const target = this.acknowledged.length + more;
    await until(`${more} more updates`, async () => {
      if (this.#error !== null) throw this.#error;
      return this.acknowledged.length >= target;
    });
  }

  /** No more updates begin; what is under way when the cluster has gone is nobody's concern. */
  stop(): void {
    this.#isStopped = true;
  }

  async stopped(): Promise<void> {
    this.stop();
    await this.#running;
  }

  async expectAll(client: Client): Promise<void> {
    const keys = [...this.acknowledged];
    while (keys.length > 0) {
      const asked = keys.splice(0, 256).map(async (key) => {
        const { value } = await client.query('get', { key }, { timeoutMs: 30_000 });
        expect(value, key).to.be.a('string');
      });
      await Promise.all(asked);
    }
  }
}

describe('parts that end under load', function () {
  this.timeout(120_000);
  let cluster: HostileCluster;

  beforeEach(async () => {
    cluster = await HostileCluster.start(['--gossip-log', 'off']);
  });

  afterEach(() => cluster.close());

  async function startLoad(valueBytes?: number): Promise<Load> {
    const clients = await Promise.all(Array.from({ length: 8 }, () => cluster.connect()));
    return new Load(clients, valueBytes);
  }

  /** The state of every replica is the same, `rm-2` included. */
  async function expectAgreement(client: Client): Promise<void> {
    await until('all replicas to agree', async () => {
      const { members } = await client.status({ hash: true });
      const hashes = new Set(members.map(({ stateHash }) => stateHash));
      return hashes.size === 1 && !hashes.has(null);
    });
  }

  it('a replica that is told to end ends with 0, and all of them keep what was acknowledged', async () => {
    const load = await startLoad();
    await load.goesOn();
    for (const name of ['rm-1', 'rm-2', 'rm-3']) {
      const part = cluster.part(name);
      part.kill('SIGTERM');
      expect(await part.ended).to.deep.equal({ status: 0, signal: null, stderr: '' });
      await load.goesOn();
      part.start();
      await part.ready();
    }
    await load.stopped();
    for (const part of cluster.parts) part.kill('SIGTERM');
    for (const part of cluster.parts) expect(await part.ended).to.include({ status: 0 });
    for (const part of cluster.parts) part.start();
    for (const part of cluster.parts) await part.ready();
    const client = await cluster.connect();
    await load.expectAll(client);
    await expectAgreement(client);
  });

  it('a replica whose disk takes no more ends with 4 and says so; the others go on', async function () {
    if (process.platform === 'win32') this.skip();
    const part = cluster.part('rm-2');
    part.kill('SIGTERM');
    await part.ended;
    // A file that would grow beyond 256 KiB cannot be written, as on a full disk.
    part.start(['bash', '-c', 'ulimit -f 256 && exec "$@"', 'bash']);
    await part.ready();
    const load = await startLoad(4000);
    const { status, stderr } = await part.ended;
    expect(stderr).to.match(/^error: rm-2 cannot write to its data directory and stops: [^\n]+\n$/);
    expect(stderr).to.match(/File too large|No space left/);
    expect(status).to.equal(4);
    await load.goesOn();
    part.start();
    await part.ready();
    await load.goesOn();
    await load.stopped();
    const client = await cluster.connect();
    await load.expectAll(client);
    await expectAgreement(client);
  });
});

describe('a peer of another version', function () {
  this.timeout(120_000);
  let cluster: HostileCluster;

  beforeEach(async () => {
    cluster = await HostileCluster.start();
  });
  afterEach(() => cluster.close());

  it('that takes the place of a replica is told VERSION, again and again; the others go on', async () => {
    const part = cluster.part('rm-3');
    const hello = await replicaHelloAt(part.address);
    part.kill('SIGTERM');
    await part.ended;
    const froms = ['rm-1', 'fe-1'].map((name) => cluster.part(name).said.length);
    const said: string[] = [];
    const [frame = new Uint8Array()] = encodeFrames([
      { ...impostorHello(hello, 'rm-3'), protocol: [4, 5] },
    ]);
    const listener = await new WebSocketTransport().listen({
      address: part.address,
      onConnection: (connection) => {
        connection.onFrame = () => connection.send(frame);
        connection.onClose = (error) => said.push(error ?? '');
      },
    });
    const client = await cluster.connect();
    await client.update('set', { key: 'k', value: 1 });
    const words = /VERSION: protocol 4 to 5 is spoken there, 3 to 3 here; upgrade the older side/;
    await until('several tries', async () => said.length >= 4);
    for (const [index, name] of ['rm-1', 'fe-1'].entries()) {
      await cluster.part(name).says(words, froms[index]);
      expect(cluster.part(name).isAlive).to.equal(true);
    }
    expect((await client.query('get', { key: 'k' })).value).to.equal(1);
    await listener.close();
    part.start();
    await part.ready();
    await until('rm-3 to be back', async () => {
      const { members } = await client.status();
      return members.every((member) => member.counted === true);
    });
  });

  it('that is a client is told so by its library, at once', async () => {
    const transport = new WebSocketTransport();
    const [frame = new Uint8Array()] = encodeFrames([
      {
        kind: 'rejected',
        code: 'VERSION',
        message: 'protocol 3 to 3 is spoken there, 4 to 5 here',
      },
    ]);
    const listener = await transport.listen({
      address: '127.0.0.1:0',
      onConnection: (connection) => {
        connection.onFrame = () => {
          connection.send(frame);
          connection.close({ kind: 'version', message: 'no common version' });
        };
      },
    });
    const refused = await connect([`ws://${listener.address}`], { timeoutMs: 5000 }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refused).to.include({ code: 'VERSION' });
    await listener.close();
    expect(CLIENT_HELLO.protocol).to.deep.equal([3, 3]);
  });
});

describe('a cluster whose launcher ends', function () {
  this.timeout(120_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearsay-launcher-'));
  });

  afterEach(async () => {
    await HearsayProcess.endAll();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [what, end] of [
    ['a crash', (up: HearsayProcess) => up.kill('SIGKILL')],
    ['a closed terminal', (up: HearsayProcess) => up.killGroup('SIGHUP')],
    ['Ctrl-C', (up: HearsayProcess) => up.killGroup('SIGINT')],
    ['kill -9 of everything', (up: HearsayProcess) => up.killGroup('SIGKILL')],
  ] as const) {
    it(`by ${what}: no process is left, and all that was acknowledged is there`, async () => {
      const words = ['up', '1', '3', '--service', 'kv', '--data', folder, '--no-client'];
      const up = new HearsayProcess(...words);
      await up.untilSaid(/^ready$/m);
      const clients = await Promise.all(
        Array.from({ length: 4 }, () => connect(up.urls('fe').slice(-1))),
      );
      const load = new Load(clients);
      await load.goesOn(100);
      load.stop();
      end(up);
      await up.ended;
      await up.untilAllEnded();
      await Promise.all(clients.map((client) => client.close()));
      await load.stopped();

      const again = new HearsayProcess(...words);
      await again.untilSaid(/^ready$/m);
      const client = await connect(again.urls('fe').slice(-1));
      await load.expectAll(client);
      await client.close();
      again.kill('SIGINT');
      expect(await again.ended).to.include({ status: 0 });
      await again.untilAllEnded();
    });
  }
});
