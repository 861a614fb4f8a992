/** The commands that talk to a front end, with a client that exists only in the test. */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import type { MemberStatus } from '../../src/client/api.js';
import { readCommand } from '../../src/launch/arguments.js';
import { runClient } from '../../src/launch/client.js';
import type { Command } from '../../src/launch/command.js';
import { runLog } from '../../src/launch/log.js';
import { runOperation } from '../../src/launch/operation.js';
import { runStatus, statusTable } from '../../src/launch/status.js';
import type { TraceEvent } from '../../src/wire/messages.js';
import { settle } from './fake-parts.js';
import { EVENT, FakeSurroundings, fakeClient } from './fake-surroundings.js';

describe('commands that talk to a front end', () => {
  let world: FakeSurroundings;

  beforeEach(() => {
    world = new FakeSurroundings();
  });

  function run(line: string): Promise<number> {
    const command: Command = readCommand(line.split(' '));
    switch (command.kind) {
      case 'query':
      case 'update':
        return runOperation(command, world);
      case 'status':
        return runStatus(command, world);
      case 'log':
        return runLog(command, world);
      case 'client':
        return runClient(command, world);
      default:
        throw new Error(`${command.kind} does not talk to a front end`);
    }
  }

  describe('hearsay query and update', () => {
    it('print the value or the result', async () => {
      expect(await run('query get key=1')).to.equal(0);
      expect(world.stdout.text).to.equal('{"key":"1"}\n');
      expect(await run('update set key=1')).to.equal(0);
      expect(world.stdout.text).to.equal('null\n');
    });

    it('print objects with --json', async () => {
      await run('query get key=1 --json');
      expect(JSON.parse(world.stdout.text)).to.deep.equal({
        value: { key: '1' },
        guarantee: 'fresh',
        timestamp: { 'rm-1.abcdefgh~1': 3 },
      });
      await run('update set key=1 --json');
      expect(JSON.parse(world.stdout.text)).to.deep.equal({
        result: null,
        copies: 2,
        timestamp: { 'rm-1.abcdefgh~1': 3 },
      });
    });

    it('connect as they are told to', async () => {
      await run('query get key=1 --user u --consistency fresh --timeout 5 --frontend h:1,h:2');
      expect(world.connections).to.deep.equal([
        {
          urls: ['ws://h:1', 'ws://h:2'],
          options: { user: 'u', consistency: 'fresh', timeoutMs: 5, minCopies: 1 },
        },
      ]);
    });

    for (const [line, message] of [
      ['query set key=1', 'set is one of the updates: hearsay update set'],
      ['update get key=1', 'get is one of the queries: hearsay query get'],
      ['query gt key=1', 'fake has no query "gt"; did you mean get?'],
      ['query help', 'fake has no query "help"'],
      ['query get clef=1', 'clef'],
      ['query get key', 'key'],
      ['update set key=x', 'key must be a key, not "x"'],
    ] as const) {
      it(`refuse: ${line}`, async () => {
        expect(await run(line)).to.equal(2);
        expect(world.stderr.text).to.contain('error INVALID: ').and.to.contain(message);
        expect(world.stdout.text).to.equal('');
      });
    }

    for (const [code, status] of [
      ['REFUSED', 1],
      ['EXPIRED', 1],
      ['TOO_LARGE', 2],
      ['UNAVAILABLE', 3],
      ['OVERLOADED', 3],
    ] as const) {
      it(`end with status ${status} when the answer is ${code}`, async () => {
        const query = () => Promise.reject(new HearsayError(code, 'said so'));
        world.client = fakeClient({ query });
        expect(await run('query get key=1')).to.equal(status);
        expect(world.stderr.text).to.equal(`error ${code}: said so\n`);
      });
    }

    it('print the error of a connection that cannot be had, with --json on stdout', async () => {
      world.client = new HearsayError('UNAVAILABLE', 'nobody is there');
      expect(await run('query get key=1 --json')).to.equal(3);
      expect(JSON.parse(world.stdout.text)).to.deep.equal({
        error: { code: 'UNAVAILABLE', message: 'nobody is there', definite: false },
      });
    });

    it('close the connection also after an error', async () => {
      let isClosed = false;
      world.client = fakeClient({
        query: () => Promise.reject(new HearsayError('REFUSED', 'no')),
        close: async () => {
          isClosed = true;
        },
      });
      await run('query get key=1');
      expect(isClosed).to.equal(true);
    });
  });

  const MEMBER: MemberStatus = {
    name: 'rm-1',
    id: 'rm-1.abcdefgh',
    origin: 'rm-1.abcdefgh~1',
    address: '127.0.0.1:7200',
    pid: 4242,
    status: { value: 'ACTIVE', source: 'auto' },
    replicaTS: {},
    valueTS: { 'rm-2.zzzzzzzz~1': 2, 'rm-1.abcdefgh~1': 3, 'rm-1.abcdefgh~2': 4, '!0': 1 },
    stateHash: '0123456789abcdef',
    logRecords: 9,
    lagRecords: 0,
    counted: true,
    clockAheadMs: 0,
    role: 'primary',
    view: { n: 7, owner: 'rm-1.abcdefgh' },
    mayVote: true,
    epoch: 1,
    waitsFor: null,
  };

  describe('hearsay status', () => {
    it('shows a line for each part', () => {
      const lost: MemberStatus = {
        ...MEMBER,
        ...{ name: 'rm-2', id: null, origin: null, pid: null, replicaTS: null, valueTS: null },
        ...{
          stateHash: null,
          logRecords: null,
          lagRecords: null,
          counted: null,
          clockAheadMs: null,
          role: null,
          epoch: null,
        },
        status: { value: 'UNREACHABLE', source: 'auto' },
      };
      const slow: MemberStatus = {
        ...MEMBER,
        name: 'rm-3',
        status: { value: 'OVERLOADED', source: 'hand' },
        counted: false,
        role: 'backup',
        epoch: 0,
        waitsFor: 'the report of rm-2',
      };
      const table = statusTable('movies', {
        clusterId: 'c0ffee',
        epoch: 1,
        view: { n: 7, owner: 'rm-1.abcdefgh' },
        members: [MEMBER, lost, slow],
        frontends: [{ name: 'fe-1', address: '127.0.0.1:7100', pid: 4300 }],
      });
      expect(`\n${table}\n`).to.equal(`
movies, cluster c0ffee, epoch 1, view 7 led by rm-1

NAME  ROLE       STATUS             PID   ADDRESS         RECORDS  LAG  COUNTED  STATE     APPLIED
rm-1  primary    ACTIVE             4242  127.0.0.1:7200  9        0    yes      01234567  !0:1 rm-1:7 rm-2:2
rm-2  -          UNREACHABLE        -     127.0.0.1:7200  -        -    -        -         -
rm-3  learner    OVERLOADED (hand)  4242  127.0.0.1:7200  9        0    no       01234567  !0:1 rm-1:7 rm-2:2
fe-1  front end                     4300  127.0.0.1:7100

rm-3 waits for the report of rm-2
`);
    });

    it('counts what is applied by members in the order of their numbers', () => {
      const valueTS = { 'rm-10.abcdefgh~1': 1, 'rm-2.zzzzzzzz~1': 2, 'rm-1.abcdefgh~1': 3 };
      const members = [{ ...MEMBER, valueTS }];
      const status = { clusterId: 'c', epoch: 1, view: null, members, frontends: [] };
      expect(statusTable('movies', status)).to.contain('  rm-1:3 rm-2:2 rm-10:1');
    });

    it('says when nobody orders forced updates', () => {
      const status = { clusterId: 'c', epoch: 1, view: null, members: [], frontends: [] };
      expect(statusTable('movies', status)).to.match(/^movies, cluster c, epoch 1, no primary\n/);
    });

    it('lets nothing that a part says control the terminal', () => {
      const members = [{ ...MEMBER, address: '\u001b[2J' }];
      const status = { clusterId: 'c', epoch: 1, view: null, members, frontends: [] };
      expect(statusTable('movies', status)).not.to.contain('\u001b');
    });

    it('prints the object as it is with --json, states compared', async () => {
      const asked: unknown[] = [];
      const status = { clusterId: 'c', epoch: 1, view: null, members: [MEMBER], frontends: [] };
      world.client = fakeClient({
        status: async (options) => {
          asked.push(options);
          return status;
        },
      });
      expect(await run('status --json')).to.equal(0);
      expect(JSON.parse(world.stdout.text)).to.deep.equal(status);
      expect(asked).to.deep.equal([{ hash: true }]);
    });

    it('sets a status first', async () => {
      const set: string[] = [];
      world.client = fakeClient({
        setStatus: async (name, value) => void set.push(`${name} ${value}`),
      });
      await run('status rm-2 offline');
      await run('status rm-2 random');
      expect(set).to.deep.equal(['rm-2 OFFLINE', 'rm-2 random']);
    });
  });

  describe('hearsay log', () => {
    let tell: (event: TraceEvent) => void;
    let isWatching: boolean;
    let isClosed: boolean;

    beforeEach(() => {
      isWatching = false;
      isClosed = false;
      world.client = fakeClient({
        watch: (listener) => {
          tell = listener;
          isWatching = true;
          return () => {
            isWatching = false;
          };
        },
        close: async () => {
          isClosed = true;
        },
      });
    });

    it('prints events as they come until a signal', async () => {
      const done = run('log --format json');
      await settle();
      tell(EVENT);
      tell({ ...EVENT, at: EVENT.at - 5, event: 'before it, told later' });
      expect(world.stdout.text, 'lines of several processes wait for each other').to.equal('');
      world.scheduler.runUntil(1000);
      const lines = world.stdout.text.trimEnd().split('\n');
      const events = lines.map((line) => (JSON.parse(line) as TraceEvent).event);
      expect(events).to.deep.equal(['before it, told later', 'started']);
      world.signal('SIGINT');
      expect(await done).to.equal(0);
      expect([isWatching, isClosed]).to.deep.equal([false, true]);
    });

    it('prints everything at the end for ShiViz', async () => {
      const done = run('log --format shiviz');
      await settle();
      tell(EVENT);
      expect(world.stdout.text).to.equal('');
      world.signal('SIGTERM');
      expect(await done).to.equal(0);
      expect(world.stdout.text).to.contain('rm-1 {"rm-1":1}');
    });

    it('ends well when nobody reads it any more, and prints no more', async () => {
      const done = run('log --format shiviz');
      await settle();
      tell(EVENT);
      world.closeOutput();
      expect(await done).to.equal(0);
      expect(world.stdout.text).to.equal('');
    });

    it('can be stopped while it connects', async () => {
      world.client = null;
      const done = run('log');
      world.signal('SIGINT');
      expect(await done).to.equal(0);
    });
  });

  describe('hearsay client without a terminal', () => {
    it('answers lines, and ends with them', async () => {
      world.stdin.end('get key=1\n\nset key=2\nget nothing');
      expect(await run('client 7')).to.equal(0);
      const [first, second, third, end] = world.stdout.text.split('\n');
      expect([first, second, end]).to.deep.equal(['{"key":"1"}', 'null', '']);
      expect(third).to.match(/^error INVALID: /);
      expect(world.connections[0]?.options).to.deep.equal({ user: '7' });
    });

    it('draws a user from 1 to 610, and says which', async () => {
      world.stdin.end('quit\n');
      expect(await run('client')).to.equal(0);
      const { user } = world.connections[0]?.options ?? {};
      expect(Number(user)).to.be.within(1, 610);
      expect(world.stderr.text).to.equal(`user ${user}\n`);
    });

    it('ends with 3 when it is interrupted before the end of its input', async () => {
      for (const interrupt of [() => world.signal('SIGHUP'), () => world.closeOutput()]) {
        const done = run('client 7');
        await settle();
        interrupt();
        expect(await done).to.equal(3);
      }
    });
  });

  describe('hearsay client in a terminal', () => {
    let closed: number;

    beforeEach(() => {
      closed = 0;
      world.terminal = {
        notice: () => {},
        close: () => {
          closed += 1;
        },
      };
    });

    for (const [how, leave] of [
      ['the user leaves', () => world.onQuit()],
      ['a signal comes', () => world.signal('SIGHUP')],
    ] as const) {
      it(`gives the terminal back when ${how}`, async () => {
        const done = run('client 7');
        await settle();
        expect(closed).to.equal(0);
        leave();
        expect(await done).to.equal(0);
        expect(closed).to.equal(1);
      });
    }
  });
});
