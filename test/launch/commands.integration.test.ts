/** The other commands with real processes: one cluster for all of them, and parts started by hand. */

import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect } from 'chai';
import type { ClusterStatus } from '../../src/client/api.js';
import { HearsayProcess, hearsay, until } from './hearsay-process.js';

describe('hearsay commands', function () {
  this.timeout(180_000);

  describe('with a cluster', () => {
    let up: HearsayProcess;
    let at: string[];

    before(async () => {
      up = new HearsayProcess('up', '1', '3', '--service', 'kv', '--ephemeral', '--no-client');
      await up.untilSaid(/^ready$/m);
      at = ['--frontend', up.urls('fe').at(-1) ?? ''];
    });

    after(() => HearsayProcess.endAll());

    it('update and query, with the exit status of what came of it', async () => {
      const added = await hearsay('update', 'add', 'key=n', 'amount=-5', '--json', ...at);
      expect(added.status, added.stderr).to.equal(0);
      expect(JSON.parse(added.stdout)).to.include({ result: null, copies: 2 });
      const fresh = ['--consistency', 'fresh'];
      const counted = await hearsay('query', 'count', 'key=n', ...fresh, ...at);
      expect(counted).to.include({ status: 0, stdout: '-5\n', stderr: '' });
      const wrong = await hearsay('update', 'add', 'key=n', 'amount=abc', ...at);
      expect(wrong).to.include({ status: 2, stdout: '' });
      expect(wrong.stderr).to.match(/^error INVALID: amount must be .*"abc"\n$/);
      const nobody = ['--frontend', '127.0.0.1:1', '--timeout', '500'];
      const nowhere = await hearsay('query', 'count', 'key=n', ...nobody);
      expect(nowhere.status).to.equal(3);
      expect(nowhere.stderr).to.match(/^error UNAVAILABLE: /);
    });

    it('show what every part says of itself, and set the status of one', async () => {
      const set = await hearsay('status', 'rm-2', 'overloaded', '--json', ...at);
      expect(set.status, set.stderr).to.equal(0);
      const { members, frontends } = JSON.parse(set.stdout) as ClusterStatus;
      expect(members.map(({ name }) => name)).to.deep.equal(['rm-1', 'rm-2', 'rm-3']);
      expect(members[1]?.status).to.deep.equal({ value: 'OVERLOADED', source: 'hand' });
      expect(members[1]?.pid).to.equal(up.pids().get('rm-2'));
      expect(members[1]?.stateHash).to.match(/^[0-9a-f]{32}$/);
      expect(frontends[0]).to.include({ name: 'fe-1', pid: up.pids().get('fe-1') });
      const table = await hearsay('status', ...at);
      expect(table.stdout).to.match(/^rm-2 +(primary|backup) +OVERLOADED \(hand\) /m);
      const unknown = await hearsay('status', 'rm-9', 'auto', ...at);
      expect(unknown.status, unknown.stderr).to.equal(2);
    });

    it('follow what happens, until a signal or the end of their reader', async () => {
      const log = new HearsayProcess('log', '--format', 'json', ...at);
      // Who comes second is not shown what replicas did before.
      await until('the first lines', () => log.stdout || null);
      const read = new HearsayProcess('log', ...at);
      await hearsay('update', 'set', 'key=seen', 'value=1', ...at);
      await until('the update', () => /"event":"executed set"/.exec(log.stdout));
      await until('lines for people', () => read.stdout || null);
      log.kill('SIGINT');
      const { status, stdout } = await log.ended;
      expect(status).to.equal(0);
      for (const line of stdout.trimEnd().split('\n')) {
        expect(JSON.parse(line)).to.include.keys('at', 'host', 'event');
      }
      read.closeOutput();
      await hearsay('update', 'set', 'key=seen', 'value=2', ...at);
      expect((await read.ended).status).to.equal(0);
    });
  });

  describe('that run one part', () => {
    const servers: Server[] = [];

    afterEach(async () => {
      await HearsayProcess.endAll();
      for (const server of servers.splice(0)) {
        await new Promise((resolve) => server.close(resolve));
      }
    });

    const replica = (listen: string, ...words: readonly string[]) => [
      ...['replica', '--name', 'rm-1', '--listen', listen, '--service', 'kv'],
      ...['--members', 'rm-1=127.0.0.1:1', ...words],
    ];

    it('end with 4 on a busy port, and say which', async () => {
      const server = createServer();
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const frontend = ['frontend', '--name', 'fe-1', '--listen', address, '--service', 'kv'];
      for (const words of [
        replica(address, '--ephemeral'),
        [...frontend, '--members', 'rm-1=127.0.0.1:1'],
      ]) {
        const { status, stderr } = await hearsay(...words);
        expect(status, stderr).to.equal(4);
        expect(stderr)
          .to.match(/^error: /)
          .and.to.contain(`${address} is in use`);
      }
    });

    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      it(`end well on ${signal} when they were started by hand`, async () => {
        const port = 20_000 + (process.pid % 10_000);
        const part = new HearsayProcess(...replica(`127.0.0.1:${port}`, '--ephemeral'));
        for (let answers = false; !answers; ) {
          answers = await fetch(`http://127.0.0.1:${port}/readyz`).then(
            ({ status }) => status === 200,
            () => false,
          );
        }
        part.kill(signal);
        const { status, stderr } = await part.ended;
        expect(status, stderr).to.equal(0);
      });
    }

    it('end with 2 on a service that there is none of', async () => {
      const words = replica('127.0.0.1:0', '--ephemeral').map((word) =>
        word === 'kv' ? 'films' : word,
      );
      const { status, stderr } = await hearsay(...words);
      expect(status, stderr).to.equal(2);
      expect(stderr).to.contain('there is no service "films"');
    });
  });
});
