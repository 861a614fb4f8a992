/** Those who come in masses or never listen: 10,000 silent connections, and readers that do not read. */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { encodeFrames } from '../../src/wire/codec.js';
import type { SessionId } from '../../src/base/ids.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { CROWD_MODES, CrowdReport } from '../transport/silent-crowd.js';
import { clientFrame, OPCODE, RawPeer } from '../transport/support.js';
import { HostileCluster, Witness } from './hostile-cluster.js';
import { CLIENT_HELLO } from './hostile-peer.js';
import { until } from './support/until.js';

const CROWD = fileURLToPath(new URL('../transport/silent-crowd.js', import.meta.url));
const CROWD_SIZE = 10_000;

describe('hostile crowds', function () {
  this.timeout(120_000);
  let cluster: HostileCluster;
  let witness: Witness;
  const children: ChildProcess[] = [];

  before(async () => {
    cluster = await HostileCluster.start();
    witness = new Witness(await cluster.connect(), 'witness');
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await witness.isServed();
    await cluster.isUnharmed();
  });

  after(async () => {
    await witness?.stop();
    await cluster?.close();
  });

  /** Sends connections to a part; gives what is known of them at any time. */
  function sendCrowd(
    address: string,
    size: number,
    mode: keyof typeof CROWD_MODES,
  ): () => CrowdReport {
    let report: CrowdReport = { connected: 0, ended: 0 };
    const child = fork(CROWD, [address, `${size}`, mode], { execArgv: [] });
    children.push(child);
    child.on('message', (latest) => {
      report = latest as CrowdReport;
    });
    return () => report;
  }

  it('that say nothing make room for each other, and are gone in the end', async () => {
    const parts = ['fe-1', 'rm-2'].map((name) => cluster.part(name));
    const crowds = parts.flatMap(({ address }) =>
      (['nothing', 'no-hello'] as const).map((mode) => sendCrowd(address, CROWD_SIZE / 2, mode)),
    );
    await until('all to have come', async () => {
      return crowds.every((crowd) => crowd().connected >= CROWD_SIZE / 2);
    });
    await witness.isServed();
    const newcomer = await cluster.connect();
    await newcomer.query('get', { key: 'witness' });
    await cluster.isUnharmed();
    await until('all to be gone', async () => {
      return crowds.every((crowd) => crowd().ended >= CROWD_SIZE / 2);
    });
    for (const part of parts) {
      await part.says(/the oldest without hello, had to go|within 5000 ms: closed/);
      await part.says(/\d+ more connections/);
    }
  });

  it('that ask and never read are closed, in words', async () => {
    const client = await cluster.connect();
    await client.update('set', { key: 'large', value: 'v'.repeat(60_000) });
    const { address } = cluster.part('fe-1');
    const peer = await RawPeer.upgrade(address);
    peer.socket.pause();
    const queries = Array.from({ length: 100 }, (_, requestId) => ({
      kind: 'client-query' as const,
      requestId,
      session: 'never-reads' as SessionId,
      prev: VectorTimestamp.zero,
      consistency: 'causal' as const,
      operation: 'get',
      args: { key: 'large' },
      user: '1',
      timeoutMs: 10_000,
    }));
    const [hello] = encodeFrames([CLIENT_HELLO]).map((bytes) => clientFrame(OPCODE.binary, bytes));
    const [ask] = encodeFrames(queries).map((bytes) => clientFrame(OPCODE.binary, bytes));
    peer.socket.write(hello ?? '');
    // Each asks for 6 MB; 32 MB may wait for a reader.
    while (!/reads too slowly/.test(cluster.part('fe-1').said)) {
      peer.socket.write(ask ?? '');
      await witness.isServed();
    }
    peer.socket.destroy();
  });
});
