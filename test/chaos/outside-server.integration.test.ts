/** Real front ends find outside what simulated ones do. */

import { expect } from 'chai';
import { OutsideServer } from '../../chaos/outside-server.js';
import { httpOutside } from '../../src/node/outside.js';
import { locate } from '../../src/service/hungry/postcode-lookup.js';
import { hungryOutside } from '../../src/sim/workloads/hungry.js';

describe('the world outside, for chaos', () => {
  let server: OutsideServer;

  beforeEach(async () => {
    server = await OutsideServer.listen(hungryOutside);
  });

  afterEach(() => server.close());

  it('is found through the flags of a front end, also where only the second service answers', async () => {
    const [first, postcodesIo = '', second, getthedata = '', ...more] = server.words;
    expect([first, second, more]).to.deep.equal(['--postcodes-io', '--getthedata', []]);
    const outside = httpOutside({ postcodesIo, getthedata });
    for (const postcode of ['SW1A 1AA', 'CF10 1EP']) {
      expect(await locate(postcode, outside)).to.deep.equal({ latitude: 51.5, longitude: -0.14 });
    }
    const failing = await outside.get(`${postcodesIo}/postcodes/CF10%201EP`, 10_000);
    expect(failing).to.deep.equal({ status: 500, body: 'out of order' });
  });

  it('has nothing else', async () => {
    const { origin } = new URL(server.words[1] ?? '');
    for (const path of ['/', '/toString/postcodes/SW1A%201AA']) {
      expect((await fetch(origin + path)).status).to.equal(404);
    }
  });
});
