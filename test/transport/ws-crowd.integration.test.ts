/** 10,000 connections that say nothing, held by other processes, and one client that is served. */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import type { Connection, Listener } from '../../src/ports/transport.js';
import { WebSocketTransport } from '../../src/transport/ws-transport.js';
import { CROWD_MODES, type CrowdReport } from './silent-crowd.js';
import { bytes, eventually } from './support.js';

const CROWD = fileURLToPath(new URL('./silent-crowd.js', import.meta.url));
const CROWD_SIZE = 10_000;

/** Files that this process may open; sockets count. Infinite where the system sets no bound. */
function openFilesLimit(): number {
  const report = process.report.getReport() as {
    userLimits?: { open_files?: { soft: number | 'unlimited' } };
  };
  const limit = Number(report.userLimits?.open_files?.soft ?? 'unlimited');
  return Number.isNaN(limit) ? Number.POSITIVE_INFINITY : limit;
}

describe('10,000 connections that say nothing', function () {
  this.timeout(120_000);
  const connections = Math.min(LIMITS.connections, Math.floor(openFilesLimit() / 2));
  let children: ChildProcess[];
  let reports: CrowdReport[];
  let listener: Listener;
  let transport: WebSocketTransport;
  let nuisances: string[];
  let client: Connection;
  let clientEnds: (string | null)[];
  let echoes: number;

  beforeEach(() => {
    [children, reports, nuisances, clientEnds, echoes] = [[], [], [], [], 0];
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await eventually(
      () => children.every((child) => child.exitCode !== null || child.signalCode !== null),
      'the crowd has gone',
    );
    await listener.close();
  });

  async function listen(helloMs: number): Promise<void> {
    transport = new WebSocketTransport({ connections, helloMs });
    listener = await transport.listen({
      address: '127.0.0.1:0',
      onConnection: (connection) => {
        // The one kind of hello that this test knows: any frame.
        connection.onFrame = (frame) => {
          connection.accepted();
          connection.send(frame);
        };
      },
      onHttp: async () => ({ status: 200, contentType: 'text/plain', body: 'alive' }),
      onNuisance: (what) => nuisances.push(what),
    });
    client = await transport.dial(listener.address);
    client.onFrame = () => {
      echoes += 1;
    };
    client.onClose = (error) => clientEnds.push(error);
    await isServed();
  }

  function sendCrowd(mode: keyof typeof CROWD_MODES, size: number): void {
    const index = children.length;
    const child = fork(CROWD, [listener.address, `${size}`, mode], { execArgv: [] });
    children.push(child);
    reports.push({ connected: 0, ended: 0 });
    child.on('message', (report) => {
      reports[index] = report as CrowdReport;
    });
  }

  const sum = (key: keyof CrowdReport) => reports.reduce((total, report) => total + report[key], 0);

  async function isServed(): Promise<void> {
    const before = echoes;
    client.send(bytes('hello'));
    await eventually(() => echoes > before, 'the client is answered');
  }

  /** A new client gets in and is answered, and so is a health check. */
  async function newcomersAreServed(): Promise<void> {
    const newcomer = await transport.dial(listener.address);
    let isAnswered = false;
    newcomer.onFrame = () => {
      isAnswered = true;
    };
    newcomer.send(bytes('hello'));
    await eventually(() => isAnswered, 'the newcomer is answered');
    newcomer.close({ kind: 'normal', message: '' });
    const health = await fetch(`http://${listener.address}/livez`);
    expect(await health.text()).to.equal('alive');
  }

  for (const mode of Object.keys(CROWD_MODES) as (keyof typeof CROWD_MODES)[]) {
    it(`make room for each other, never for more than the bound: ${mode}`, async () => {
      await listen(600_000);
      const before = process.memoryUsage().rss;
      for (let i = 0; i < 4; i++) sendCrowd(mode, CROWD_SIZE / 4);
      while (sum('connected') < CROWD_SIZE) await isServed();
      const held = connections - 1; // the client has the other place
      await eventually(() => sum('ended') === CROWD_SIZE - held, 'all but the youngest are ended');
      await newcomersAreServed();
      expect(sum('ended')).to.be.within(CROWD_SIZE - held, CROWD_SIZE - held + 2);
      expect(clientEnds).to.deep.equal([]);
      expect(process.memoryUsage().rss - before).to.be.lessThan(400_000_000);
      expect(nuisances.length).to.be.within(1, 200);
      expect(nuisances[0]).to.contain('the oldest without hello, had to go');
    });
  }

  it('are gone when their time to say hello is over, and all is as before', async () => {
    await listen(LIMITS.helloMs);
    for (const mode of Object.keys(CROWD_MODES)) {
      sendCrowd(mode as keyof typeof CROWD_MODES, Math.ceil(CROWD_SIZE / 3));
    }
    const total = 3 * Math.ceil(CROWD_SIZE / 3);
    while (sum('connected') < total) await isServed();
    await newcomersAreServed();
    await eventually(() => sum('ended') === total, 'every silent connection is ended', 60_000);
    expect(clientEnds).to.deep.equal([]);
    await isServed();
    expect(nuisances.some((what) => what.includes(`within ${LIMITS.helloMs} ms`))).to.equal(true);
  });
});
