/** Each thing that a proxy does to a link, on sockets of our own. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { OPEN } from '../../chaos/conditions.js';
import { Proxy } from '../../chaos/proxy.js';
import { until } from '../integration/support/until.js';

/** Longer than it takes bytes to pass an open proxy; used only where nothing may come. */
const QUIET_MS = 150;

const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, QUIET_MS));

/** One end of a connection, and all that came there. */
class End {
  readonly socket: Socket;
  text = '';
  hasEnded = false;
  error: string | null = null;
  isClosed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.text += bytes.toString();
    });
    socket.on('end', () => {
      this.hasEnded = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? error.message;
    });
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  async gets(text: string): Promise<void> {
    await until(`"${text}" to come`, async () => this.text === text);
  }

  /** Node sends an end before a reset: which of them is seen first is chance. */
  async isBroken(): Promise<void> {
    await until('the connection to break', async () => this.isClosed || this.hasEnded);
  }
}

describe('a proxy', function () {
  this.timeout(120_000);
  let server: Server;
  let proxy: Proxy;
  const accepted: End[] = [];
  const dialled: End[] = [];

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true }, (socket) => accepted.push(new End(socket)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    proxy = await Proxy.listen({ host: '127.0.0.1', port });
  });

  afterEach(async () => {
    for (const { socket } of [...accepted.splice(0), ...dialled.splice(0)]) socket.destroy();
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });

  function dial(): End {
    const [host = '', port] = proxy.address.split(':');
    const end = new End(connect({ host, port: Number(port), allowHalfOpen: true }));
    dialled.push(end);
    return end;
  }

  /** Both ends of a new connection. */
  async function dialThrough(): Promise<readonly [near: End, far: End]> {
    const before = accepted.length;
    const near = dial();
    await until('a connection', async () => accepted.length > before);
    return [near, accepted[before] as End];
  }

  it('passes bytes and ends both ways', async () => {
    const [near, far] = await dialThrough();
    near.socket.write('ping');
    await far.gets('ping');
    near.socket.end();
    await until('the end to come', async () => far.hasEnded);
    far.socket.end('pong');
    await near.gets('pong');
    await until('both to be closed', async () => near.isClosed && far.isClosed);
    expect([near.error, far.error]).to.deep.equal([null, null]);
  });

  it('passes on what does not fit into any buffer', async () => {
    const [near, far] = await dialThrough();
    const text = 'x'.repeat(3_000_000);
    near.socket.write(text);
    await until('all of it', async () => far.text.length === text.length);
  });

  it('resets who dials a target that is not there', async () => {
    await new Promise((resolve) => server.close(resolve));
    await dial().isBroken();
  });

  it('holds bytes in one direction, and passes them on later', async () => {
    const [near, far] = await dialThrough();
    proxy.set('there', { ...OPEN, passage: 'held' });
    near.socket.write('late');
    far.socket.write('now');
    await near.gets('now');
    await quiet();
    expect(far.text).to.equal('');
    proxy.set('there', OPEN);
    await far.gets('late');
  });

  it('holds the news that one side is gone', async () => {
    const [near, far] = await dialThrough();
    proxy.set('there', { ...OPEN, passage: 'held' });
    near.socket.resetAndDestroy();
    await quiet();
    expect([far.isClosed, far.hasEnded]).to.deep.equal([false, false]);
    proxy.set('there', OPEN);
    await far.isBroken();
  });

  it('holds back connections that begin during a cut', async () => {
    proxy.set('back', { ...OPEN, passage: 'held' });
    const [near, far] = await dialThrough();
    near.socket.write('hello');
    await far.gets('hello');
    far.socket.write('welcome');
    await quiet();
    expect(near.text).to.equal('');
    proxy.set('back', OPEN);
    await near.gets('welcome');
  });

  it('swallows bytes, and resets their connection afterwards, but no other one', async () => {
    const [near, far] = await dialThrough();
    const [idle, idleFar] = await dialThrough();
    proxy.set('there', { ...OPEN, passage: 'swallowed' });
    near.socket.write('lost');
    far.socket.write('kept');
    await near.gets('kept');
    await quiet();
    proxy.set('there', OPEN);
    await near.isBroken();
    await far.isBroken();
    expect(far.text).to.equal('');
    idle.socket.write('ping');
    await idleFar.gets('ping');
  });

  it('delays', async () => {
    const [near, far] = await dialThrough();
    proxy.set('back', { ...OPEN, delayMs: 300 });
    const sinceMs = performance.now();
    near.socket.write('ping');
    await far.gets('ping');
    far.socket.write('pong');
    await near.gets('pong');
    // Timers may fire a millisecond early.
    expect(performance.now() - sinceMs).to.be.at.least(299);
  });

  it('lets no more through than so many bytes a second', async () => {
    const [near, far] = await dialThrough();
    proxy.set('there', { ...OPEN, bytesPerSecond: 1000 });
    const sinceMs = performance.now();
    near.socket.write('x'.repeat(500));
    await far.gets('x'.repeat(500));
    expect(performance.now() - sinceMs).to.be.at.least(400);
  });

  it('resets a connection in the middle of what it passes on', async () => {
    const [near, far] = await dialThrough();
    proxy.tearNext('there', 0.5);
    far.socket.write('whole');
    await near.gets('whole');
    expect(proxy.torn).to.equal(0);
    near.socket.write('frames');
    await near.isBroken();
    await far.isBroken();
    expect(far.text).to.equal('fra');
    expect(proxy.torn).to.equal(1);
    const [again, farAgain] = await dialThrough();
    again.socket.write('frames');
    await farAgain.gets('frames');
  });

  it('always keeps something of what it tears, and can be told not to', async () => {
    const [near, far] = await dialThrough();
    proxy.tearNext('there', 1);
    proxy.tearNext('there', null);
    near.socket.write('ab');
    await far.gets('ab');
    proxy.tearNext('there', 1);
    near.socket.write('cd');
    await far.isBroken();
    expect(far.text).to.equal('abc');
  });

  it('resets all connections when it is told to', async () => {
    const ends = [...(await dialThrough()), ...(await dialThrough())];
    expect(proxy.reset()).to.equal(2);
    for (const end of ends) await end.isBroken();
    expect(proxy.reset()).to.equal(0);
  });
});
