/** A front end and its cluster: finding replicas, following changes of the members, telling clients. */

import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import { FrontDoor } from '../../src/node/front-door.js';
import { configurationOf } from './fake-replica.js';
import { FrontendWorld } from './frontend-world.js';

describe('a front end and its cluster', () => {
  let world: FrontendWorld;

  beforeEach(() => {
    world = new FrontendWorld();
  });

  afterEach(() => world.close());

  it('waits for a replica, in words, and serves those who came before', async () => {
    const driver = await world.frontend(['rm-1:7200', 'rm-2:7200']);
    await world.wait(5000);
    expect(driver.waitsFor).to.equal('a replica at rm-1:7200, rm-2:7200');
    const asking = await world.client();
    expect(asking.operations.map(({ name }) => name)).to.include('set');
    const update = asking.update('set', { key: 'k', value: 1 });
    const query = asking.query('get', { key: 'k' });
    await world.wait(500);
    await world.members('rm-1');
    expect((await world.passing(update)).copies).to.equal(1);
    expect((await world.passing(query)).value).to.equal('rm-1');
    expect(driver.waitsFor).to.equal(null);
  });

  it('dials the members that one replica tells, and names those it cannot reach', async () => {
    const [, second] = await world.members('rm-1', 'rm-2');
    const driver = await world.frontend(['rm-1:7200']);
    await world.wait(1000);
    expect(driver.reachableReplicas).to.equal(2);
    expect(driver.waitsFor).to.equal(null);
    await world.passing(second?.stop() ?? Promise.resolve());
    await world.wait(100);
    expect(driver.waitsFor).to.equal('rm-2');
  });

  it('follows a change: dials who is new, and leaves who is gone', async () => {
    const [first, second] = await world.members('rm-1', 'rm-2');
    const third = world.replica('rm-3');
    await third.start();
    const driver = await world.frontend(['rm-1:7200']);
    await world.wait(1000);
    const changed = configurationOf(2, ['rm-1', 'rm-3']);
    third.configuration = changed;
    first?.tell(changed);
    await world.wait(1000);
    expect([second?.connections, third.connections]).to.deep.equal([0, 1]);
    expect(driver.waitsFor).to.equal(null);
  });

  it('fails no request when the members change under it', async () => {
    const [first, second] = await world.members('rm-1', 'rm-2');
    const third = world.replica('rm-3');
    third.configuration = configurationOf(2, ['rm-1', 'rm-3']);
    await third.start();
    await world.frontend(['rm-1:7200']);
    const asking = await world.client();
    await world.wait(1000);
    if (second !== undefined) second.isSilent = true;
    const update = asking.update('set', { key: 'k', value: 1 }, { minCopies: 2 });
    await world.wait(20);
    first?.tell(configurationOf(2, ['rm-1', 'rm-3']));
    expect((await world.passing(update)).copies).to.equal(2);
  });

  it('says which two clusters do not go together, and goes on dialling', async () => {
    const [first] = await world.members('rm-1');
    const driver = await world.frontend(['rm-1:7200']);
    await world.wait(500);
    const stranger = world.replica('rm-9', { clusterId: 'cluster-2' });
    await stranger.start();
    first?.tell(configurationOf(2, ['rm-1', 'rm-9']));
    await world.wait(10_000);
    const refusals = world.warnings.filter(
      (line) => line.includes('cluster-1') && line.includes('cluster-2'),
    );
    expect(refusals).to.have.length(1);
    const hellos = stranger.received.filter(({ kind }) => kind === 'hello');
    expect(hellos.length).to.be.at.least(2);
    expect(driver.waitsFor).to.equal('rm-9');
  });

  it('goes on saying that another service is there, once a minute', async () => {
    const shop = world.replica('rm-1', { service: 'hungry' });
    await shop.start();
    const driver = await world.frontend(['rm-1:7200']);
    await world.wait(150_000);
    expect(world.warnings.filter((line) => line.includes('hungry'))).to.have.length(3);
    expect(driver.waitsFor).to.include('service hungry');
  });

  it('does not warn of a replica that does not serve yet, and says so once a minute', async () => {
    const door = await FrontDoor.open({
      transport: world.network.transport('rm-1'),
      address: 'rm-1:7200',
      onNuisance: () => {},
      reason: () => 'rm-1 does not serve yet: it waits for its data',
    });
    world.running.push(door);
    await world.frontend(['rm-1:7200']);
    await world.wait(50_000);
    expect(world.said).to.deep.equal([
      'rm-1:7200 refused us: UNAVAILABLE: rm-1 does not serve yet: it waits for its data',
    ]);
    await world.wait(50_000);
    expect(world.said).to.have.length(2);
    expect(world.warnings).to.deep.equal([]);
  });

  it('asks wherever a replica has been when all members are gone', async () => {
    const [first, second] = await world.members('rm-1', 'rm-2');
    const driver = await world.frontend(['rm-1:7200']);
    await world.wait(1000);
    first?.tell(configurationOf(2, ['rm-2']));
    await world.wait(1000);
    expect(first?.connections).to.equal(0);
    await world.passing(second?.stop() ?? Promise.resolve());
    // The member is somewhere else now, and only the one that left can tell.
    const third = world.replica('rm-3');
    third.configuration = configurationOf(3, ['rm-3']);
    await third.start();
    if (first !== undefined) first.configuration = third.configuration;
    await world.wait(10_000);
    expect(driver.waitsFor).to.equal(null);
    expect([first?.connections, third.connections]).to.deep.equal([0, 1]);
  });

  it('keeps a replica that it reaches in two ways when one of them ends', async () => {
    const only = world.replica('rm-1');
    only.configuration = configurationOf(1, ['rm-1']);
    await only.start('rm-1:7999');
    const driver = await world.frontend(['rm-1:7999']);
    await world.wait(1000);
    // Its own address is not answered yet: what was given is as good.
    expect(driver.reachableReplicas).to.equal(1);
    await only.start();
    await world.wait(5000);
    expect(only.connections).to.equal(1);
    expect(driver.waitsFor).to.equal(null);
  });

  it('tells clients of other front ends, and they go there', async () => {
    const [first] = await world.members('rm-1');
    const driver = await world.frontend(['rm-1:7200']);
    await world.frontend(['rm-1:7200'], 'fe-2');
    const asking = await world.client();
    await world.wait(500);
    first?.tellFrontends([
      { name: 'fe-1' as Name, address: 'fe-1:7100' },
      { name: 'fe-2' as Name, address: 'fe-2:7100' },
    ]);
    await world.wait(100);
    await world.passing(driver.close());
    const { value } = await world.passing(asking.query('get', { key: 'k' }));
    expect([value, asking.frontend]).to.deep.equal(['rm-1', 'fe-2:7100']);
  });

  it('tells a client that comes later of them as well, and forgets none with the last replica', async () => {
    const [first] = await world.members('rm-1');
    if (first !== undefined) first.frontends = [{ name: 'fe-2' as Name, address: 'fe-2:7100' }];
    const driver = await world.frontend(['rm-1:7200']);
    await world.wait(500);
    await world.passing(first?.stop() ?? Promise.resolve());
    await world.wait(500);
    const asking = await world.client();
    await world.wait(100);
    await world.frontend(['rm-1:7200'], 'fe-2');
    await world.passing(driver.close());
    await world.wait(3000);
    expect(asking.frontend).to.equal('fe-2:7100');
  });

  it('shows the epoch, all members and all front ends', async () => {
    const [first] = await world.members('rm-1', 'rm-2');
    if (first !== undefined) first.frontends = [{ name: 'fe-2' as Name, address: 'fe-2:7100' }];
    await world.frontend(['rm-1:7200']);
    const asking = await world.client();
    await world.wait(500);
    first?.tell(configurationOf(4, ['rm-1', 'rm-5']));
    await world.wait(100);
    const { clusterId, epoch, members: shown, frontends } = await world.passing(asking.status());
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
});
