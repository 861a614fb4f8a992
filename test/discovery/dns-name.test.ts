import { expect } from 'chai';
import { DnsName } from '../../src/discovery/dns-name.js';
import { Surroundings } from './support.js';

const SECOND_MS = 1000;

describe('discovery by a DNS name', () => {
  let world: Surroundings;
  let name: DnsName;
  let lookups: string[];
  let answer: () => Promise<readonly string[]>;

  beforeEach(() => {
    world = new Surroundings();
    lookups = [];
    answer = async () => ['10.0.0.1', '10.0.0.2', 'fd00::1', '10.0.0.1'];
    name = new DnsName(
      { host: 'replicas.example', port: 7200 },
      {
        ...world.components,
        lookup: (host) => {
          lookups.push(host);
          return answer();
        },
      },
    );
  });

  afterEach(() => name.close());

  it('knows all addresses of the name, each once, of both families', async () => {
    await world.passMs(10);
    const known = ['10.0.0.1:7200', '10.0.0.2:7200', '[fd00::1]:7200'];
    expect(name.addresses()).to.have.members(known);
    expect(lookups).to.deep.equal(['replicas.example']);
    expect(name.trouble).to.equal(null);
  });

  it('has looked once the first lookup has ended, however it did', async () => {
    await name.firstLook();
    answer = () => Promise.reject(new Error('no host of that name'));
    const other = new DnsName(
      { host: 'later.example', port: 7200 },
      { ...world.components, lookup: () => answer() },
    );
    await other.firstLook();
    expect(other.addresses()).to.deep.equal([]);
    await other.close();
  });

  it('follows changes within seconds', async () => {
    await world.passMs(10);
    answer = async () => ['10.0.0.9'];
    await world.passMs(5 * SECOND_MS);
    expect(name.addresses()).to.deep.equal(['10.0.0.9:7200']);
  });

  it('keeps the last addresses when the name cannot be resolved or is empty, and says so once', async () => {
    await world.passMs(10);
    answer = async () => [];
    await world.passMs(20 * SECOND_MS);
    answer = () => Promise.reject(new Error('no host of that name: replicas.example'));
    await world.passMs(20 * SECOND_MS);
    expect(name.addresses()).to.have.length(3);
    expect(world.said).to.deep.equal([
      'warn: cannot look up replicas.example: it has no address; going on with the 3 addresses it had, trying on',
    ]);
    expect(name.trouble).to.contain('no host of that name');
    answer = async () => ['10.0.0.9'];
    await world.passMs(5 * SECOND_MS);
    expect(name.addresses()).to.deep.equal(['10.0.0.9:7200']);
    expect(world.said.at(-1)).to.equal('info: can look up replicas.example now');
  });

  it('looks again soon, not in a storm, when nobody could be reached', async () => {
    await world.passMs(10);
    for (let i = 0; i < 50; i++) {
      name.refresh();
      await world.passMs(10);
    }
    expect(lookups.length).to.be.within(2, 4);
  });

  it('never has two lookups at once', async () => {
    answer = () => new Promise(() => {});
    await world.passMs(10 * SECOND_MS);
    for (let i = 0; i < 50; i++) {
      name.refresh();
      await world.passMs(SECOND_MS);
    }
    expect(lookups).to.have.length(2);
  });

  it('does nothing once it is closed', async () => {
    await world.passMs(10);
    await name.close();
    await world.passMs(60 * SECOND_MS);
    expect(lookups).to.have.length(1);
    expect(world.scheduler.pending).to.equal(0);
  });
});
