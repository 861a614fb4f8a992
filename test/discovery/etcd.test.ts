import { expect } from 'chai';
import { EtcdDiscovery } from '../../src/discovery/etcd.js';
import type { Registration } from '../../src/ports/discovery.js';
import { FakeEtcd } from './fake-etcd.js';
import { Surroundings } from './support.js';

const SECOND_MS = 1000;
const RM_1 = 'c/replicas/rm-1';

describe('discovery by etcd', () => {
  let world: Surroundings;
  let etcd: FakeEtcd;
  let opened: EtcdDiscovery[];

  beforeEach(() => {
    world = new Surroundings();
    etcd = new FakeEtcd(world.scheduler);
    opened = [];
  });

  afterEach(async () => {
    etcd.mood = { kind: 'works' };
    await Promise.all(opened.map((each) => each.close()));
  });

  function open(
    seeks: Registration['kind'] = 'replica',
    hosts = ['e1:2379'],
    post = etcd.post,
  ): EtcdDiscovery {
    const init = { hosts, prefix: 'c', seeks };
    const discovery = new EtcdDiscovery({ ...world.components, post }, init);
    opened.push(discovery);
    return discovery;
  }

  function register(name: string, address: string): EtcdDiscovery {
    const discovery = open();
    discovery.register({ kind: 'replica', name, address });
    return discovery;
  }

  const warnings = (): string[] => world.said.filter((line) => line.startsWith('warn'));

  it('finds who is registered, and who comes and goes', async () => {
    etcd.put(RM_1, 'h1:7200');
    const discovery = open();
    expect(discovery.addresses()).to.deep.equal([]);
    await world.passMs(10);
    expect(discovery.addresses()).to.deep.equal(['h1:7200']);
    etcd.put('c/replicas/rm-2', 'h2:7200');
    etcd.put('c/frontends/fe-1', 'h3:7100');
    etcd.put('other/replicas/rm-9', 'h9:7200');
    await world.passMs(10);
    expect(discovery.addresses()).to.have.members(['h1:7200', 'h2:7200']);
    etcd.remove(RM_1);
    await world.passMs(10);
    expect(discovery.addresses()).to.deep.equal(['h2:7200']);
    expect(world.said).to.deep.equal([]);
  });

  it('tells when it has looked for the first time', async () => {
    etcd.mood = { kind: 'away' };
    const discovery = open();
    let hasLooked = false;
    void discovery.firstLook().then(() => (hasLooked = true));
    await world.passMs(30 * SECOND_MS);
    expect(hasLooked).to.equal(false);
    etcd.mood = { kind: 'works' };
    await world.passMs(5 * SECOND_MS);
    expect(hasLooked).to.equal(true);
    expect(discovery.addresses()).to.deep.equal([]);
  });

  it('lets nobody wait for its first look once it is closed', async () => {
    etcd.mood = { kind: 'away' };
    const discovery = open();
    await discovery.close();
    await discovery.firstLook();
    expect(discovery.addresses()).to.deep.equal([]);
  });

  it('finds front ends for clients', async () => {
    etcd.put(RM_1, 'h1:7200');
    etcd.put('c/frontends/fe-1', 'h3:7100');
    const discovery = open('frontend');
    await world.passMs(10);
    expect(discovery.addresses()).to.deep.equal(['h3:7100']);
  });

  it('keeps a registration for as long as it is open, and takes it back', async () => {
    const discovery = register('rm-1', 'h1:7200');
    await world.passMs(10);
    expect(etcd.keys.get(RM_1)?.value).to.equal('h1:7200');
    await world.passMs(60 * SECOND_MS);
    expect(etcd.keys.get(RM_1)?.value).to.equal('h1:7200');
    expect(etcd.leases).to.equal(1);
    await discovery.close();
    expect(etcd.keys.size).to.equal(0);
    expect(etcd.leases).to.equal(0);
    expect(world.scheduler.pending).to.equal(0);
    expect(world.said).to.deep.equal([]);
  });

  it('does not name the process itself', async () => {
    const discovery = register('rm-1', 'h1:7200');
    register('rm-2', 'h2:7200');
    await world.passMs(10);
    expect(discovery.addresses()).to.deep.equal(['h2:7200']);
  });

  it('lists a process that died without a word until its lease has run out', async () => {
    let isDead = false;
    const dying = open('replica', ['e1:2379'], (...call) =>
      isDead ? Promise.reject(new Error('this process is dead')) : etcd.post(...call),
    );
    dying.register({ kind: 'replica', name: 'rm-1', address: 'h1:7200' });
    etcd.put('c/replicas/rm-2', 'h2:7200');
    const discovery = open();
    await world.passMs(10);
    expect(discovery.addresses()).to.have.members(['h1:7200', 'h2:7200']);
    isDead = true;
    await world.passMs(5 * SECOND_MS);
    expect(discovery.addresses()).to.have.members(['h1:7200', 'h2:7200']);
    await world.passMs(5 * SECOND_MS);
    expect(discovery.addresses()).to.deep.equal(['h2:7200']);
  });

  it('keeps what it knows while etcd is away, says so once, and says when it is back', async () => {
    etcd.put('c/replicas/rm-2', 'h2:7200');
    const discovery = register('rm-1', 'h1:7200');
    await world.passMs(10);
    etcd.stop();
    await world.passMs(60 * SECOND_MS);
    expect(discovery.addresses()).to.deep.equal(['h2:7200']);
    expect(discovery.trouble).to.contain('nothing listens at e1:2379');
    expect(warnings()).to.have.members([
      'warn: cannot look up replicas in etcd: nothing listens at e1:2379; going on with what is known, trying on',
      'warn: cannot register rm-1 in etcd: nothing listens at e1:2379; everything else goes on, trying on',
    ]);
    etcd.mood = { kind: 'works' };
    await world.passMs(5 * SECOND_MS);
    expect(discovery.trouble).to.equal(null);
    expect(etcd.keys.get(RM_1)?.value).to.equal('h1:7200');
    expect(world.said.slice(2)).to.have.members([
      'info: can look up replicas in etcd now',
      'info: can register rm-1 in etcd now',
    ]);
    etcd.put('c/replicas/rm-3', 'h3:7200');
    await world.passMs(10);
    expect(discovery.addresses()).to.have.members(['h2:7200', 'h3:7200']);
  });

  it('registers again with an etcd that lost all its data', async () => {
    const one = register('rm-1', 'h1:7200');
    const two = register('rm-2', 'h2:7200');
    await world.passMs(10);
    etcd.stop();
    etcd.wipe();
    await world.passMs(SECOND_MS);
    etcd.mood = { kind: 'works' };
    await world.passMs(10 * SECOND_MS);
    expect([...etcd.keys.keys()]).to.have.members([RM_1, 'c/replicas/rm-2']);
    expect(one.addresses()).to.deep.equal(['h2:7200']);
    expect(two.addresses()).to.deep.equal(['h1:7200']);
  });

  it('does not forget everybody because nobody is registered any more', async () => {
    etcd.put('c/replicas/rm-2', 'h2:7200');
    const discovery = open();
    await world.passMs(10);
    etcd.remove('c/replicas/rm-2');
    await world.passMs(60 * SECOND_MS);
    expect(discovery.addresses()).to.deep.equal(['h2:7200']);
  });

  it('puts its key back when somebody removed it', async () => {
    register('rm-1', 'h1:7200');
    await world.passMs(10);
    etcd.remove(RM_1);
    await world.passMs(5 * SECOND_MS);
    expect(etcd.keys.get(RM_1)?.value).to.equal('h1:7200');
  });

  it('takes over what an earlier start of it left', async () => {
    etcd.put(RM_1, 'h1:7200', '4711');
    register('rm-1', 'h1:7200');
    await world.passMs(10);
    expect(etcd.keys.get(RM_1)?.lease).not.to.equal('4711');
    expect(world.said).to.deep.equal([]);
  });

  it('leaves a name to the process that has it, says so, and takes it when that one goes', async () => {
    const first = register('rm-1', 'h1:7200');
    await world.passMs(10);
    register('rm-1', 'h5:7200');
    await world.passMs(30 * SECOND_MS);
    expect(etcd.keys.get(RM_1)?.value).to.equal('h1:7200');
    expect(warnings()).to.have.length(1);
    expect(warnings()[0]).to.contain('another process has registered that name, at h1:7200');
    await first.close();
    await world.passMs(5 * SECOND_MS);
    expect(etcd.keys.get(RM_1)?.value).to.equal('h5:7200');
  });

  it('does not fight over a key with a process of the same name and address', async () => {
    register('rm-1', 'h1:7200');
    await world.passMs(10);
    register('rm-1', 'h1:7200');
    await world.passMs(10);
    const lease = etcd.keys.get(RM_1)?.lease;
    await world.passMs(60 * SECOND_MS);
    expect(etcd.keys.get(RM_1)?.lease).to.equal(lease);
    expect(warnings()).to.have.length(1);
  });

  it('waits for an etcd that is not there yet', async () => {
    etcd.mood = { kind: 'away' };
    const discovery = register('rm-1', 'h1:7200');
    await world.passMs(60 * SECOND_MS);
    expect(discovery.addresses()).to.deep.equal([]);
    etcd.mood = { kind: 'works' };
    etcd.put('c/replicas/rm-2', 'h2:7200');
    await world.passMs(5 * SECOND_MS);
    expect(discovery.addresses()).to.deep.equal(['h2:7200']);
    expect(etcd.keys.get(RM_1)?.value).to.equal('h1:7200');
  });

  it('goes to another host when one does not answer', async () => {
    const hosts: string[] = [];
    etcd.put(RM_1, 'h1:7200');
    const discovery = open('replica', ['e1:2379', 'e2:2379'], (url, ...call) => {
      const { host } = new URL(url);
      hosts.push(host);
      etcd.mood = { kind: host === 'e1:2379' ? 'silent' : 'works' };
      return etcd.post(url, ...call);
    });
    await world.passMs(10 * SECOND_MS);
    expect(hosts.slice(0, 2)).to.deep.equal(['e1:2379', 'e2:2379']);
    expect(discovery.addresses()).to.deep.equal(['h1:7200']);
    expect(warnings()[0]).to.contain('e1:2379 did not answer within 3000 ms');
  });

  it('looks again by itself where a watch is dead without a word', async () => {
    const discovery = open();
    await world.passMs(10);
    etcd.keys.set(RM_1, { value: 'h1:7200', lease: '0', modRevision: 9 });
    await world.passMs(10);
    expect(discovery.addresses()).to.deep.equal([]);
    await world.passMs(40 * SECOND_MS);
    expect(discovery.addresses()).to.deep.equal(['h1:7200']);
  });

  it('reads everything again when the server ends a watch, without a storm of calls', async () => {
    const discovery = open();
    await world.passMs(10);
    etcd.keys.set(RM_1, { value: 'h1:7200', lease: '0', modRevision: 9 });
    etcd.send({ result: { canceled: true, compact_revision: '8' } });
    await world.passMs(SECOND_MS);
    expect(discovery.addresses()).to.deep.equal(['h1:7200']);
    const before = etcd.asked.length;
    for (let i = 0; i < 100; i++) {
      etcd.send({ result: { canceled: true } });
      await world.passMs(100);
    }
    expect(etcd.asked.length - before).to.be.below(150);
  });

  it('looks at once, but not in a storm, when told that nobody can be reached', async () => {
    etcd.mood = { kind: 'away' };
    const discovery = open();
    await world.passMs(60 * SECOND_MS);
    const before = etcd.asked.length;
    for (let i = 0; i < 100; i++) {
      discovery.refresh();
      await world.passMs(10);
    }
    expect(etcd.asked.length - before).to.be.within(3, 6);
  });

  it('says what in etcd is not its own, and uses the rest', async () => {
    etcd.put(RM_1, 'hello');
    etcd.put('c/replicas/rm-2', 'h2:7200');
    const discovery = open();
    await world.passMs(10);
    expect(discovery.addresses()).to.deep.equal(['h2:7200']);
    expect(warnings()).to.deep.equal([
      'warn: cannot use all that is in etcd: c/replicas/rm-1 holds "hello", which is no HOST:PORT; the other keys are used',
    ]);
  });

  const NONSENSE = [
    { status: 200, text: '', says: 'no JSON came but ""' },
    { status: 200, text: '<html>hello</html>', says: 'no JSON came but "<html>hello</html>"' },
    { status: 200, text: '[]', says: "none of etcd's: []" },
    { status: 200, text: 'null', says: "none of etcd's: null" },
    { status: 200, text: '{"header":{"revision":"x"}}', says: "none of etcd's" },
    { status: 200, text: '{"header":{"revision":"1"},"kvs":7}', says: "none of etcd's" },
    { status: 200, text: '{"header":{"revision":"1"},"kvs":[{"key":7}]}', says: "none of etcd's" },
    { status: 200, text: 'x'.repeat(5 * 1024 * 1024), says: 'the answer is longer than' },
    { status: 404, text: 'Not Found', says: 'not etcd 3.4 or later' },
    { status: 503, text: '{"error":"etcdserver: no leader"}', says: '503: etcdserver: no leader' },
    {
      status: 400,
      text: 'Client sent an HTTP request to an HTTPS server.',
      says: '400: Client sent',
    },
    { status: 500, text: '{"error":{"message":"?"}}', says: '500: {"error":{"message":"?"}}' },
  ];
  for (const { status, text, says } of NONSENSE) {
    it(`survives ${status} ${text.slice(0, 40)}`, async () => {
      const discovery = register('rm-1', 'h1:7200');
      await world.passMs(10);
      etcd.stop();
      etcd.mood = { kind: 'says', status, text };
      await world.passMs(30 * SECOND_MS);
      expect(discovery.trouble).to.contain(says);
      etcd.mood = { kind: 'works' };
      etcd.put('c/replicas/rm-2', 'h2:7200');
      await world.passMs(10 * SECOND_MS);
      expect(discovery.addresses()).to.deep.equal(['h2:7200']);
      expect(etcd.keys.get(RM_1)?.value).to.equal('h1:7200');
    });
  }

  for (const message of [{}, { result: 7 }, { error: 'x' }, { result: { events: [7] } }]) {
    it(`survives ${JSON.stringify(message)} in a watch`, async () => {
      const discovery = open();
      await world.passMs(10);
      etcd.send(message);
      await world.passMs(5 * SECOND_MS);
      etcd.put('c/replicas/rm-2', 'h2:7200');
      await world.passMs(10);
      expect(discovery.addresses()).to.deep.equal(['h2:7200']);
    });
  }

  it('closes within a second while etcd is silent', async () => {
    const discovery = register('rm-1', 'h1:7200');
    await world.passMs(10);
    etcd.mood = { kind: 'silent' };
    let isClosed = false;
    void discovery.close().then(() => (isClosed = true));
    await world.passMs(SECOND_MS);
    expect(isClosed).to.equal(true);
  });
});
