import { expect } from 'chai';
import { openDiscovery } from '../../src/discovery/open.js';
import { Surroundings } from './support.js';

describe('discovery by a list of addresses', () => {
  it('knows them in the order given, for ever, and needs nobody for it', async () => {
    const world = new Surroundings();
    const seeds = openDiscovery('h2:7200,ws://h1:7200', 'replica', world.components);
    seeds.register({ kind: 'replica', name: 'rm-1', address: 'h1:7200' });
    seeds.refresh();
    expect(seeds.addresses()).to.deep.equal(['h2:7200', 'h1:7200']);
    expect(seeds.trouble).to.equal(null);
    await seeds.close();
    expect(world.scheduler.pending).to.equal(0);
    expect(world.said).to.deep.equal([]);
  });
});
