/** Finding free ports, on the real network of this machine. */

import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { FatalError } from '../../src/base/errors.js';
import { findFreePorts } from '../../src/launch/ports.js';

const HOST = '127.0.0.1';

describe('finding free ports', () => {
  const servers: Server[] = [];

  /** Takes a port, any free one when it is 0. */
  function take(port: number): Promise<number> {
    const server = createServer();
    servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port));
    });
  }

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('skips busy ones and gives none twice', async () => {
    const busy = await take(0);
    const [first = [], second = []] = await findFreePorts(HOST, [
      { from: busy, count: 2 },
      { from: busy, count: 2 },
    ]);
    const all = [...first, ...second];
    expect(new Set([...all, busy])).to.have.property('size', 5);
    expect(Math.min(...all)).to.be.above(busy);
  });

  it('leaves the ports it found free', async () => {
    const [[port = 0] = []] = await findFreePorts(HOST, [{ from: 21_000, count: 1 }]);
    expect(await take(port)).to.equal(port);
  });

  it('says when there are no more', async () => {
    const error: unknown = await findFreePorts(HOST, [{ from: 65_535, count: 2 }]).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(FatalError);
    expect(error).to.have.property('message', 'no 2 free ports from 65535 upward');
  });
});
