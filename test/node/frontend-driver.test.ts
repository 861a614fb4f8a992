/** A front end and its cluster: finding replicas, following changes of the members, telling clients. */

import { expect } from 'chai';
import type { HearsayError } from '../../src/base/errors.js';
import type { Name, SessionId } from '../../src/base/ids.js';
import { SeededRandom } from '../../src/base/random.js';
import { SessionClient } from '../../src/client/client-driver.js';
import { SeedList } from '../../src/discovery/seed-list.js';
import { FrontDoor } from '../../src/node/front-door.js';
import { FrontendDriver } from '../../src/node/frontend-driver.js';
import { serviceByName } from '../../src/service/registry.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import { keepConnected } from '../../src/transport/dialer.js';
import { MemoryNetwork } from '../../src/transport/memory-transport.js';
import { encodeFrames, PROTOCOL_VERSIONS } from '../../src/wire/codec.js';
import type { Message } from '../../src/wire/messages.js';
import { configurationOf, FakeReplica } from './fake-replica.js';

const kv = serviceByName('kv');

describe('a front end and its cluster', () => {
  let scheduler: VirtualScheduler;
  let network: MemoryNetwork;
  let random: SeededRandom;
  let said: string[];
  /** Of these, what somebody should see to. */
  let warnings: string[];
  let running: { close(): Promise<void> }[];

  beforeEach(() => {
    scheduler = new VirtualScheduler();
    random = new SeededRandom(1);
    network = new MemoryNetwork({ scheduler, random });
    said = [];
    warnings = [];
    running = [];
  });

  afterEach(async () => {
    for (const each of running) await passing(each.close());
  });

  async function frontend(join: readonly string[], name = 'fe-1'): Promise<FrontendDriver> {
    const transport = network.transport(name);
    const driver = new FrontendDriver(
      {
        scheduler,
        random,
        transport,
        keepConnected: (address, onConnection) =>
          keepConnected({ transport, address, scheduler, random, onConnection }),
        discovery: new SeedList(join),
        service: kv,
        outside: { get: () => Promise.reject(new Error('none')), settings: {} },
        sink: {
          trace: () => {},
          say: (level, words) => {
            said.push(words);
            if (level === 'warn') warnings.push(words);
          },
        },
      },
      {
        name: name as Name,
        members: [],
        listen: `${name}:7100`,
        pid: 7,
        trace: false,
        administrator: 'admin',
      },
    );
    running.push(driver);
    await driver.start();
    return driver;
  }

  function replica(name: string, init: { clusterId?: string; service?: string } = {}): FakeReplica {
    const { service = 'kv', ...rest } = init;
    const transport = network.transport(name);
    return new FakeReplica({
      name,
      transport,
      scheduler,
      service: serviceByName(service),
      ...rest,
    });
  }

  /** Replicas that run and tell front ends that they are the members of epoch 1. */
  async function members(...names: string[]): Promise<FakeReplica[]> {
    const replicas = names.map((name) => replica(name));
    for (const each of replicas) {
      each.configuration = configurationOf(1, names);
      await each.start();
    }
    return replicas;
  }

  async function client(addresses = ['fe-1:7100']): Promise<SessionClient> {
    const components = { scheduler, random, transport: network.transport('client') };
    const made = new SessionClient(components, addresses, 'session-1' as SessionId, {});
    running.push(made);
    await passing(made.ready());
    return made;
  }

  /** Virtual time passes until this is settled. */
  async function passing<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isSettled || scheduler.nextDueMs() === null) return promise;
      scheduler.runNext();
    }
  }

  const wait = (ms: number): Promise<void> =>
    passing(new Promise((resolve) => void scheduler.after(ms, resolve)));

  it('waits for a replica, in words, and serves those who came before', async () => {
    const driver = await frontend(['rm-1:7200', 'rm-2:7200']);
    await wait(5000);
    expect(driver.waitsFor).to.equal('a replica at rm-1:7200, rm-2:7200');
    const asking = await client();
    expect(asking.operations.map(({ name }) => name)).to.include('set');
    const update = asking.update('set', { key: 'k', value: 1 });
    const query = asking.query('get', { key: 'k' });
    await wait(500);
    await members('rm-1');
    expect((await passing(update)).copies).to.equal(1);
    expect((await passing(query)).value).to.equal('rm-1');
    expect(driver.waitsFor).to.equal(null);
  });

  it('dials the members that one replica tells, and names those it cannot reach', async () => {
    const [, second] = await members('rm-1', 'rm-2');
    const driver = await frontend(['rm-1:7200']);
    await wait(1000);
    expect(driver.reachableReplicas).to.equal(2);
    expect(driver.waitsFor).to.equal(null);
    await passing(second?.stop() ?? Promise.resolve());
    await wait(100);
    expect(driver.waitsFor).to.equal('rm-2');
  });

  it('follows a change: dials who is new, and leaves who is gone', async () => {
    const [first, second] = await members('rm-1', 'rm-2');
    const third = replica('rm-3');
    await third.start();
    const driver = await frontend(['rm-1:7200']);
    await wait(1000);
    const changed = configurationOf(2, ['rm-1', 'rm-3']);
    third.configuration = changed;
    first?.tell(changed);
    await wait(1000);
    expect([second?.connections, third.connections]).to.deep.equal([0, 1]);
    expect(driver.waitsFor).to.equal(null);
  });

  it('fails no request when the members change under it', async () => {
    const [first, second] = await members('rm-1', 'rm-2');
    const third = replica('rm-3');
    third.configuration = configurationOf(2, ['rm-1', 'rm-3']);
    await third.start();
    await frontend(['rm-1:7200']);
    const asking = await client();
    await wait(1000);
    if (second !== undefined) second.isSilent = true;
    const update = asking.update('set', { key: 'k', value: 1 }, { minCopies: 2 });
    await wait(20);
    first?.tell(configurationOf(2, ['rm-1', 'rm-3']));
    expect((await passing(update)).copies).to.equal(2);
  });

  it('says which two clusters do not go together, and goes on dialling', async () => {
    const [first] = await members('rm-1');
    const driver = await frontend(['rm-1:7200']);
    await wait(500);
    const stranger = replica('rm-9', { clusterId: 'cluster-2' });
    await stranger.start();
    first?.tell(configurationOf(2, ['rm-1', 'rm-9']));
    await wait(10_000);
    const refusals = warnings.filter(
      (line) => line.includes('cluster-1') && line.includes('cluster-2'),
    );
    expect(refusals).to.have.length(1);
    const hellos = stranger.received.filter(({ kind }) => kind === 'hello');
    expect(hellos.length).to.be.at.least(2);
    expect(driver.waitsFor).to.equal('rm-9');
  });

  it('goes on saying that another service is there, once a minute', async () => {
    const shop = replica('rm-1', { service: 'hungry' });
    await shop.start();
    const driver = await frontend(['rm-1:7200']);
    await wait(150_000);
    expect(warnings.filter((line) => line.includes('hungry'))).to.have.length(3);
    expect(driver.waitsFor).to.include('service hungry');
  });

  it('does not warn of a replica that does not serve yet, and says so once a minute', async () => {
    const door = await FrontDoor.open({
      transport: network.transport('rm-1'),
      address: 'rm-1:7200',
      onNuisance: () => {},
      reason: () => 'rm-1 does not serve yet: it waits for its data',
    });
    running.push(door);
    await frontend(['rm-1:7200']);
    await wait(50_000);
    expect(said).to.deep.equal([
      'rm-1:7200 refused us: UNAVAILABLE: rm-1 does not serve yet: it waits for its data',
    ]);
    await wait(50_000);
    expect(said).to.have.length(2);
    expect(warnings).to.deep.equal([]);
  });

  it('asks wherever a replica has been when all members are gone', async () => {
    const [first, second] = await members('rm-1', 'rm-2');
    const driver = await frontend(['rm-1:7200']);
    await wait(1000);
    first?.tell(configurationOf(2, ['rm-2']));
    await wait(1000);
    expect(first?.connections).to.equal(0);
    await passing(second?.stop() ?? Promise.resolve());
    // The member is somewhere else now, and only the one that left can tell.
    const third = replica('rm-3');
    third.configuration = configurationOf(3, ['rm-3']);
    await third.start();
    if (first !== undefined) first.configuration = third.configuration;
    await wait(10_000);
    expect(driver.waitsFor).to.equal(null);
    expect([first?.connections, third.connections]).to.deep.equal([0, 1]);
  });

  it('keeps a replica that it reaches in two ways when one of them ends', async () => {
    const only = replica('rm-1');
    only.configuration = configurationOf(1, ['rm-1']);
    await only.start('rm-1:7999');
    const driver = await frontend(['rm-1:7999']);
    await wait(1000);
    // Its own address is not answered yet: what was given is as good.
    expect(driver.reachableReplicas).to.equal(1);
    await only.start();
    await wait(5000);
    expect(only.connections).to.equal(1);
    expect(driver.waitsFor).to.equal(null);
  });

  it('tells clients of other front ends, and they go there', async () => {
    const [first] = await members('rm-1');
    const driver = await frontend(['rm-1:7200']);
    await frontend(['rm-1:7200'], 'fe-2');
    const asking = await client();
    await wait(500);
    first?.tellFrontends([
      { name: 'fe-1' as Name, address: 'fe-1:7100' },
      { name: 'fe-2' as Name, address: 'fe-2:7100' },
    ]);
    await wait(100);
    await passing(driver.close());
    const { value } = await passing(asking.query('get', { key: 'k' }));
    expect([value, asking.frontend]).to.deep.equal(['rm-1', 'fe-2:7100']);
  });

  it('tells a client that comes later of them as well, and forgets none with the last replica', async () => {
    const [first] = await members('rm-1');
    if (first !== undefined) first.frontends = [{ name: 'fe-2' as Name, address: 'fe-2:7100' }];
    const driver = await frontend(['rm-1:7200']);
    await wait(500);
    await passing(first?.stop() ?? Promise.resolve());
    await wait(500);
    const asking = await client();
    await wait(100);
    await frontend(['rm-1:7200'], 'fe-2');
    await passing(driver.close());
    await wait(3000);
    expect(asking.frontend).to.equal('fe-2:7100');
  });

  it('shows the epoch, all members and all front ends', async () => {
    const [first] = await members('rm-1', 'rm-2');
    if (first !== undefined) first.frontends = [{ name: 'fe-2' as Name, address: 'fe-2:7100' }];
    await frontend(['rm-1:7200']);
    const asking = await client();
    await wait(500);
    first?.tell(configurationOf(4, ['rm-1', 'rm-5']));
    await wait(100);
    const { clusterId, epoch, members: shown, frontends } = await passing(asking.status());
    expect({ clusterId, epoch }).to.deep.equal({ clusterId: 'cluster-1', epoch: 4 });
    expect(shown.map(({ name, status }) => `${name} ${status.value}`)).to.deep.equal([
      'rm-1 ACTIVE',
      'rm-5 UNREACHABLE',
    ]);
    expect(frontends).to.deep.equal([
      { name: 'fe-1', address: 'fe-1:7100', pid: 7 },
      { name: 'fe-2', address: 'fe-2:7100', pid: null },
    ]);
  });

  it('tells replicas what has come of many switches of the watch, not of each', async () => {
    const [first] = await members('rm-1');
    const driver = await frontend(['rm-1:7200']);
    await wait(500);
    const watches = () => first?.received.flatMap((each) => (each.kind === 'watch' ? each.on : []));
    const connection = await passing(network.transport('client').dial(driver.address));
    connection.onFrame = () => {};
    connection.onClose = () => {};
    const say = (...messages: readonly Message[]): void => {
      for (const frame of encodeFrames(messages)) connection.send(frame);
    };
    const toggles: Message[] = Array.from({ length: 1000 }, (_, i) => ({
      kind: 'watch',
      on: i % 2 === 0,
    }));
    const hello = { kind: 'hello', role: 'client', protocol: PROTOCOL_VERSIONS } as const;
    say({ ...hello, service: '' }, ...toggles);
    await wait(500);
    expect(watches(), 'off again before anybody was told').to.deep.equal([]);
    say(...toggles.slice(0, -1));
    await wait(500);
    expect(watches()).to.deep.equal([true]);
    const second = replica('rm-2');
    second.configuration = configurationOf(2, ['rm-1', 'rm-2']);
    await second.start();
    first?.tell(second.configuration);
    await wait(1000);
    expect(second.received.map(({ kind }) => kind)).to.include('watch');
    connection.close({ kind: 'normal', message: 'done' });
    await wait(500);
    expect(watches()).to.deep.equal([true, false]);
  });

  it('names the replicas that there are in their order', async () => {
    await members('rm-10', 'rm-9');
    await frontend(['rm-10:7200']);
    const asking = await client();
    await wait(1000);
    const error = await passing(
      asking.setStatus('rm-1', 'OFFLINE').catch((reason: unknown) => reason),
    );
    expect(error).to.include({ message: 'there is no replica rm-1; there are rm-9, rm-10' });
  });

  it('lets any replica end a recovery, and the one that is named first', async () => {
    const asked = await members('rm-2', 'rm-1');
    await frontend(['rm-2:7200']);
    const asking = await client();
    await wait(1000);
    for (const each of asked) {
      each.answer = (message) =>
        message.kind === 'recover'
          ? {
              kind: 'members-changed',
              requestId: message.requestId,
              epoch: 1,
              message: each.address,
            }
          : null;
    }
    const abort = { plan: 'plan', lost: [], abort: true };
    const done = await passing(asking.recover({ ...abort, survivors: [] }));
    expect(done.message).to.equal('rm-1:7200');
    const other = await passing(asking.recover({ ...abort, survivors: ['rm-2'] }));
    expect(other.message).to.equal('rm-2:7200');
  });

  describe('that is asked to retire a replica', () => {
    it('asks the primary, and tells what came of it', async () => {
      const [, second] = await members('rm-1', 'rm-2');
      if (second === undefined) throw new Error('two replicas');
      second.answer = (message) =>
        message.kind === 'change-members'
          ? { kind: 'members-changed', requestId: message.requestId, epoch: 2, message: 'done' }
          : null;
      second.primary = 'rm-2';
      await frontend(['rm-1:7200']);
      const asking = await client();
      await wait(1000);
      const change = await passing(asking.retire('rm-1', { force: true }));
      expect(change).to.deep.equal({ epoch: 2, message: 'done' });
      expect(second.received.find(({ kind }) => kind === 'change-members')).to.deep.include({
        action: 'retire',
        name: 'rm-1',
        force: true,
      });
    });

    it('tells why the primary does not', async () => {
      const [first] = await members('rm-1');
      if (first === undefined) throw new Error('a replica');
      first.answer = (message) =>
        message.kind === 'change-members'
          ? {
              kind: 'declined',
              requestId: message.requestId,
              code: 'INVALID',
              message: 'there is no rm-7',
            }
          : null;
      first.primary = 'rm-1';
      await frontend(['rm-1:7200']);
      const asking = await client();
      await wait(1000);
      const error = await passing(asking.retire('rm-7').catch((error: unknown) => error));
      expect(error).to.include({ code: 'INVALID', message: 'there is no rm-7', definite: true });
    });

    it('says so where no primary is known', async () => {
      await members('rm-1');
      await frontend(['rm-1:7200']);
      const asking = await client();
      await wait(1000);
      const error = await passing(asking.retire('rm-1').catch((error: unknown) => error));
      expect((error as HearsayError).code).to.equal('UNAVAILABLE');
      expect((error as HearsayError).message).to.match(/no primary is known/);
    });

    it('takes names only', async () => {
      await frontend(['rm-1:7200']);
      const asking = await client();
      const error = await passing(asking.retire('RM 1').catch((error: unknown) => error));
      expect((error as HearsayError).code).to.equal('INVALID');
    });
  });
});
