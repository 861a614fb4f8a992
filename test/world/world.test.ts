import { expect } from 'chai';
import { kv } from '../../src/service/kv/kv.js';
import { World } from './world.js';

describe('a cluster in memory', () => {
  it('reads its own writes, at every front end', async () => {
    const world = new World({ seed: 1, service: kv, replicas: 3, frontends: 2 });
    await world.start();
    const client = await world.client();
    const updated = await world.until(client.update('set', { key: 'a', value: 1 }));
    expect(updated.copies).to.equal(2);
    const answer = await world.until(client.query('get', { key: 'a' }));
    expect(answer.value).to.equal(1);
    expect(answer.guarantee).to.equal('fresh');
    const other = await world.client(['fe-2']);
    expect(
      (await world.until(other.query('get', { key: 'a' }, { consistency: 'fresh' }))).value,
    ).to.equal(1);
    await world.close();
  });
});
