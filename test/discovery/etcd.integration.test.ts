import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { EtcdDiscovery } from '../../src/discovery/etcd.js';
import { postJson } from '../../src/discovery/network.js';
import { openDiscovery } from '../../src/discovery/open.js';
import { RealScheduler, SystemRandom } from '../../src/node/system.js';
import type { Discovery, Registration } from '../../src/ports/discovery.js';
import { until } from '../integration/support/until.js';
import { RealEtcd } from './real-etcd.js';

const OPEN = fileURLToPath(new URL('../../src/discovery/open.js', import.meta.url));
const SYSTEM = fileURLToPath(new URL('../../src/node/system.js', import.meta.url));

/** The shortest that etcd gives. */
const SHORT_LEASE_SECONDS = 2;

const components = {
  scheduler: new RealScheduler(),
  random: new SystemRandom(),
  post: postJson,
};

describe('discovery by a real etcd', () => {
  let etcd: RealEtcd;
  let said: string[];
  let opened: Discovery[];

  before(async () => {
    etcd = await RealEtcd.start();
  });

  after(() => etcd.close());

  beforeEach(() => {
    [said, opened] = [[], []];
  });

  afterEach(async () => {
    await Promise.all(opened.map((each) => each.close()));
  });

  function open(seeks: Registration['kind'], prefix: string): EtcdDiscovery {
    const discovery = new EtcdDiscovery(
      { ...components, say: (level, message) => void said.push(`${level}: ${message}`) },
      { hosts: [etcd.address], prefix, seeks, leaseSeconds: SHORT_LEASE_SECONDS },
    );
    opened.push(discovery);
    return discovery;
  }

  function register(prefix: string, name: string, address: string): EtcdDiscovery {
    const discovery = open('replica', prefix);
    discovery.register({ kind: 'replica', name, address });
    return discovery;
  }

  const knows = (discovery: Discovery, ...addresses: string[]): Promise<void> =>
    until(addresses.join(', '), async () => {
      const known = discovery.addresses();
      return known.length === addresses.length && addresses.every((each) => known.includes(each));
    });

  it('finds others that come and go', async () => {
    const one = register('come', 'rm-1', '127.0.0.1:7201');
    const two = register('come', 'rm-2', '127.0.0.1:7202');
    await knows(one, '127.0.0.1:7202');
    await knows(two, '127.0.0.1:7201');
    const three = register('come', 'rm-3', '127.0.0.1:7203');
    await knows(one, '127.0.0.1:7202', '127.0.0.1:7203');
    await three.close();
    await knows(one, '127.0.0.1:7202');
    expect(said).to.deep.equal([]);
  });

  it('keeps clusters and kinds apart', async () => {
    const frontend = open('replica', 'apart');
    frontend.register({ kind: 'frontend', name: 'fe-1', address: '127.0.0.1:7101' });
    register('apart', 'rm-1', '127.0.0.1:7201');
    register('apart2', 'rm-2', '127.0.0.1:7202');
    await knows(frontend, '127.0.0.1:7201');
    await knows(open('frontend', 'apart'), '127.0.0.1:7101');
  });

  it('goes on while etcd is away, and is there again after it came back with its data', async () => {
    const one = register('back', 'rm-1', '127.0.0.1:7201');
    register('back', 'rm-2', '127.0.0.1:7202');
    await knows(one, '127.0.0.1:7202');
    await etcd.kill();
    await until('the word that etcd is away', async () => one.trouble !== null);
    expect(one.addresses()).to.deep.equal(['127.0.0.1:7202']);
    await etcd.start();
    await until('the word that it is back', async () => one.trouble === null);
    const late = open('replica', 'back');
    await knows(late, '127.0.0.1:7201', '127.0.0.1:7202');
    register('back', 'rm-3', '127.0.0.1:7203');
    await knows(one, '127.0.0.1:7202', '127.0.0.1:7203');
    expect(said.find((line) => line.includes('look up'))).to.contain(
      `cannot look up replicas in etcd: nothing listens at ${etcd.address}`,
    );
  });

  it('registers again with an etcd that came back without any data', async () => {
    const one = register('lost', 'rm-1', '127.0.0.1:7201');
    register('lost', 'rm-2', '127.0.0.1:7202');
    await knows(one, '127.0.0.1:7202');
    await etcd.kill();
    await etcd.wipe();
    await etcd.start();
    const late = open('replica', 'lost');
    await knows(late, '127.0.0.1:7201', '127.0.0.1:7202');
    register('lost', 'rm-3', '127.0.0.1:7203');
    await knows(one, '127.0.0.1:7202', '127.0.0.1:7203');
  });

  it('waits for an etcd that is not there yet', async () => {
    await etcd.kill();
    const one = register('early', 'rm-1', '127.0.0.1:7201');
    const two = register('early', 'rm-2', '127.0.0.1:7202');
    await until('the word that there is none', async () => one.trouble !== null);
    await etcd.start();
    await knows(one, '127.0.0.1:7202');
    await knows(two, '127.0.0.1:7201');
  });

  it('lists a process that was killed until its lease has run out, and not for longer', async () => {
    const seer = register('dead', 'rm-2', '127.0.0.1:7202');
    const observer = open('replica', 'dead');
    // The lease of a process as `hearsay` starts it, 10 s.
    const place = `etcd://${etcd.address}/dead`;
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { openDiscovery } from ${JSON.stringify(OPEN)};
         import { RealScheduler, SystemRandom } from ${JSON.stringify(SYSTEM)};
         const components = { scheduler: new RealScheduler(), random: new SystemRandom(), say() {} };
         openDiscovery(${JSON.stringify(place)}, 'replica', components)
           .register({ kind: 'replica', name: 'rm-1', address: '127.0.0.1:7201' });`,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    try {
      await knows(observer, '127.0.0.1:7201', '127.0.0.1:7202');
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect(observer.addresses()).to.have.length(2);
    await knows(observer, '127.0.0.1:7202');
    // Whoever has no one else goes on with the last address that was right.
    expect(seer.addresses()).to.deep.equal(['127.0.0.1:7201']);
  });

  it('leaves a name to the live process that has it', async () => {
    const first = register('name', 'rm-1', '127.0.0.1:7201');
    const observer = open('replica', 'name');
    await knows(observer, '127.0.0.1:7201');
    register('name', 'rm-1', '127.0.0.1:7209');
    await until('a word about it', async () => said.length > 0);
    expect(said[0]).to.contain('another process has registered that name, at 127.0.0.1:7201');
    expect(observer.addresses()).to.deep.equal(['127.0.0.1:7201']);
    await first.close();
    await knows(observer, '127.0.0.1:7209');
  });

  it('takes over the name that an earlier start at the same address left', async () => {
    const body = { key: 'dGFrZS9yZXBsaWNhcy9ybS0x', value: 'MTI3LjAuMC4xOjcyMDE=' };
    await fetch(`http://${etcd.address}/v3/kv/put`, { method: 'POST', body: JSON.stringify(body) });
    const observer = open('replica', 'take');
    await knows(observer, '127.0.0.1:7201');
    const heir = register('take', 'rm-1', '127.0.0.1:7201');
    register('take', 'rm-2', '127.0.0.1:7202');
    await knows(heir, '127.0.0.1:7202');
    await until('the key to have a lease', async () => {
      const question = { key: body.key };
      const answer = await fetch(`http://${etcd.address}/v3/kv/range`, {
        method: 'POST',
        body: JSON.stringify(question),
      });
      return (await answer.text()).includes('lease');
    });
    await heir.close();
    await knows(observer, '127.0.0.1:7202');
    expect(said).to.deep.equal([]);
  });

  it('is opened by its address, and understands that something else answers there', async () => {
    const words: string[] = [];
    const say = (_level: string, message: string): void => void words.push(message);
    const { host: peer } = new URL(etcd.peer);
    const right = openDiscovery(`etcd://${etcd.address}/opened`, 'replica', { ...components, say });
    const wrong = openDiscovery(`etcd://${peer}/opened`, 'replica', { ...components, say });
    opened.push(right, wrong);
    await until('the trouble', async () => wrong.trouble !== null);
    right.register({ kind: 'replica', name: 'rm-1', address: '127.0.0.1:7201' });
    await knows(open('replica', 'opened'), '127.0.0.1:7201');
    expect(words).to.deep.equal([
      `cannot look up replicas in etcd: ${peer}: something answers there, but not etcd 3.4 or later ` +
        'at its client port; going on with what is known, trying on',
    ]);
  });
});
