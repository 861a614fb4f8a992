/** Links between parts: each pair's proxies, in both directions, under faults that overlap. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { Links } from '../../chaos/links.js';
import { until } from '../integration/support/until.js';

/** Longer than it takes bytes to pass an open link; used only where nothing may come. */
const QUIET_MS = 150;

const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, QUIET_MS));

/** A part that answers every byte with another one, and counts what came. */
class Echo {
  readonly server: Server;
  readonly sockets: Socket[] = [];
  received = 0;

  constructor() {
    this.server = createServer((socket) => {
      this.sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        this.received += bytes.length;
        socket.write(bytes);
      });
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** One part's connection to another. */
class Dialled {
  readonly socket: Socket;
  answers = 0;
  isClosed = false;

  constructor(address: string) {
    const [host = '', port] = address.split(':');
    this.socket = connect({ host, port: Number(port) });
    this.socket.on('error', () => {});
    this.socket.on('data', (bytes) => {
      this.answers += bytes.length;
    });
    this.socket.on('close', () => {
      this.isClosed = true;
    });
  }

  async isAnswered(): Promise<void> {
    const target = this.answers + 1;
    this.socket.write('x');
    await until('an answer', async () => this.answers >= target);
  }
}

describe('links between parts', function () {
  this.timeout(120_000);
  const echoes = new Map<string, Echo>();
  const dialled: Dialled[] = [];
  let links: Links;

  beforeEach(async () => {
    const ports = new Map<string, number>();
    for (const name of ['rm-1', 'rm-2', 'fe-1']) {
      const echo = new Echo();
      echoes.set(name, echo);
      ports.set(name, await echo.listen());
    }
    links = await Links.open({
      replicas: ['rm-1', 'rm-2'],
      frontends: ['fe-1'],
      clients: ['c-1'],
      targetOf: (name) => ({ host: '127.0.0.1', port: ports.get(name) ?? 0 }),
    });
  });

  afterEach(async () => {
    for (const { socket } of dialled.splice(0)) socket.destroy();
    await links.close();
    for (const echo of echoes.values()) await echo.close();
  });

  function dial(from: string, to: string): Dialled {
    const connection = new Dialled(links.addressFor(from, to));
    dialled.push(connection);
    return connection;
  }

  const receivedAt = (name: string): number => echoes.get(name)?.received ?? 0;

  it('lead where they say, each at an address of its own', async () => {
    const pairs = [
      ['rm-1', 'rm-2'],
      ['rm-2', 'rm-1'],
      ['fe-1', 'rm-1'],
      ['fe-1', 'rm-2'],
      ['c-1', 'fe-1'],
    ] as const;
    for (const [from, to] of pairs) {
      const before = receivedAt(to);
      await dial(from, to).isAnswered();
      expect(receivedAt(to)).to.equal(before + 1);
      expect(links.targets().get(links.addressFor(from, to))).to.equal(to);
    }
    expect(links.targets().size).to.equal(pairs.length);
    expect(() => links.addressFor('c-1', 'rm-1')).to.throw('c-1 does not dial rm-1');
  });

  it('are cut one way, whoever dialled', async () => {
    const [there, back] = [dial('rm-1', 'rm-2'), dial('rm-2', 'rm-1')];
    await Promise.all([there.isAnswered(), back.isAnswered()]);
    const lift = links.impose('rm-1', 'rm-2', { passage: 'held' });
    there.socket.write('x');
    back.socket.write('x');
    // What rm-2 sends arrives; what rm-1 sends, an answer included, does not.
    await until('rm-2 to get through', async () => receivedAt('rm-1') === 2);
    await quiet();
    expect([receivedAt('rm-2'), back.answers]).to.deep.equal([1, 1]);
    lift();
    await until('all of it', async () => there.answers === 2 && back.answers === 2);
  });

  it('stay cut until the last fault is lifted, and leave others alone', async () => {
    const [cut, other] = [dial('fe-1', 'rm-1'), dial('fe-1', 'rm-2')];
    await Promise.all([cut.isAnswered(), other.isAnswered()]);
    const lifts = [1, 2].map(() => links.impose('fe-1', 'rm-1', { passage: 'held' }));
    lifts[0]?.();
    lifts[0]?.();
    cut.socket.write('x');
    await other.isAnswered();
    await quiet();
    expect(cut.answers).to.equal(1);
    lifts[1]?.();
    await until('the answer', async () => cut.answers === 2);
  });

  it('break, and tell how many connections that were', async () => {
    const both = [dial('rm-1', 'rm-2'), dial('rm-2', 'rm-1')];
    await Promise.all(both.map((each) => each.isAnswered()));
    expect(links.reset('rm-1', 'rm-2')).to.equal(2);
    await until('both to close', async () => both.every(({ isClosed }) => isClosed));
    expect(links.reset('rm-1', 'rm-2')).to.equal(0);
  });

  it('tear what travels next, and tell whether anything did', async () => {
    expect(links.tearNext('c-1', 'fe-1', 0.5)()).to.equal(false);
    const client = dial('c-1', 'fe-1');
    await client.isAnswered();
    const takeBack = links.tearNext('fe-1', 'c-1', 0.5);
    client.socket.write('xx');
    await until('the connection to break', async () => client.isClosed);
    expect(takeBack()).to.equal(true);
    await dial('c-1', 'fe-1').isAnswered();
  });
});
