/** The WebSocket transport among peers that mean well, and some that are merely dead or slow. */

import { createServer, type RequestListener } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { FatalError } from '../../src/base/errors.js';
import type { Connection, Listener, ListenInit, Transport } from '../../src/ports/transport.js';
import type { TransportLimits } from '../../src/transport/transport-limits.js';
import { WebSocketTransport } from '../../src/transport/ws-transport.js';
import { transportContract } from '../contract/transport-contract.js';
import { bytes, clientFrame, eventually, OPCODE, RawPeer } from './support.js';

/** Remembers all listeners, so that none outlives its test. */
class Tracked implements Transport {
  readonly listeners: Listener[] = [];
  readonly #inner: Transport;

  constructor(limits: Partial<TransportLimits>) {
    this.#inner = new WebSocketTransport(limits);
  }

  async listen(init: ListenInit): Promise<Listener> {
    const listener = await this.#inner.listen(init);
    this.listeners.push(listener);
    return listener;
  }

  dial(address: string): Promise<Connection> {
    return this.#inner.dial(address);
  }

  async close(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.close()));
  }
}

transportContract('WebSocketTransport', async (limits) => {
  const server = new Tracked(limits);
  return {
    server,
    client: new WebSocketTransport(limits),
    anyAddress: '127.0.0.1:0',
    until: eventually,
    settle: () => sleep(20),
    close: () => server.close(),
  };
});

describe('WebSocketTransport', () => {
  let transport: Tracked;
  let served: Connection[];
  let ends: (string | null)[];
  let nuisances: string[];
  /** Servers that are none of ours, ended after each test. */
  let strangers: { server: Server; sockets: Set<Socket> }[];

  beforeEach(() => {
    [served, ends, nuisances, strangers] = [[], [], [], []];
  });

  afterEach(async () => {
    await transport.close();
    for (const { server, sockets } of strangers) {
      server.close();
      for (const socket of sockets) socket.destroy();
    }
  });

  function listen(
    limits: Partial<TransportLimits> = {},
    init: Partial<ListenInit> = {},
  ): Promise<Listener> {
    transport = new Tracked(limits);
    return transport.listen({
      address: '127.0.0.1:0',
      onConnection: (connection) => {
        connection.accepted();
        served.push(connection);
        connection.onFrame = (frame) => connection.send(frame);
        connection.onClose = (error) => ends.push(error);
      },
      onNuisance: (what) => nuisances.push(what),
      ...init,
    });
  }

  async function stranger(server: Server): Promise<string> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => sockets.add(socket));
    strangers.push({ server, sockets });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const httpStranger = (answer: RequestListener) => stranger(createServer(answer));

  async function failureOf(promise: Promise<unknown>): Promise<Error> {
    try {
      await promise;
    } catch (error) {
      return error as Error;
    }
    throw new Error('it did not fail');
  }

  async function echoes(address: string): Promise<void> {
    const connection = await transport.dial(address);
    const frames: string[] = [];
    connection.onFrame = (frame) => frames.push(Buffer.from(frame).toString());
    connection.send(bytes('hello'));
    await eventually(() => frames.length > 0, 'the echo comes');
    connection.close({ kind: 'normal', message: '' });
  }

  it('delivers frames that came together in few turns of the event loop', async () => {
    const turns = new Map<number, number>();
    let turnNumber = 0;
    const listener = await listen(
      {},
      {
        onConnection: (connection) => {
          connection.accepted();
          connection.onFrame = () => {
            turns.set(turnNumber, (turns.get(turnNumber) ?? 0) + 1);
            setImmediate(() => {
              turnNumber += 1;
            });
          };
        },
      },
    );
    const peer = await RawPeer.upgrade(listener.address);
    const frame = clientFrame(OPCODE.binary, bytes('x'));
    peer.socket.write(Buffer.concat(Array.from({ length: 500 }, () => frame)));
    const total = () => [...turns.values()].reduce((sum, count) => sum + count, 0);
    await eventually(() => total() === 500, 'all frames arrive');
    expect(turns.size).to.be.lessThan(50);
    peer.socket.destroy();
  });

  it('takes for dead a peer that answers no ping, and keeps an idle one that does', async () => {
    const listener = await listen({ deadPeerMs: 500 });
    const idle = await transport.dial(listener.address);
    const idleEnds: (string | null)[] = [];
    idle.onClose = (error) => idleEnds.push(error);
    const dead = await RawPeer.upgrade(listener.address);
    await dead.closed();
    expect(ends).to.deep.equal([
      'the peer gave no sign of life for too long: it is dead or cut off',
    ]);
    expect(idleEnds).to.deep.equal([]);
    await echoes(listener.address);
  });

  it('ends the connection of a peer that does not read, and says so', async () => {
    const listener = await listen({ bufferedBytes: 1024 * 1024 });
    const peer = await RawPeer.upgrade(listener.address);
    peer.socket.pause();
    const connection = served[0] as Connection;
    await eventually(() => {
      connection.send(new Uint8Array(128 * 1024));
      return ends.length > 0;
    }, 'the connection is ended');
    const words = 'reads too slowly: it has left more than 1048576 bytes unread';
    expect(ends).to.deep.equal([`the peer ${words}`]);
    expect(nuisances).to.have.length(1);
    expect(nuisances[0]).to.match(new RegExp(`^127\\.0\\.0\\.1:\\d+ ${words}$`));
    expect(connection.bufferedBytes).to.equal(0);
    peer.socket.destroy();
    await echoes(listener.address);
  });

  it('closes its listener though peers neither read, answer nor finish their requests', async () => {
    const listener = await listen({ closeMs: 300, helloMs: 60_000 });
    const upgraded = await RawPeer.upgrade(listener.address);
    upgraded.socket.pause();
    const silent = await RawPeer.connect(listener.address);
    const half = await RawPeer.connect(listener.address);
    half.socket.write('GET /livez HTTP/1.1\r\n');
    await listener.close();
    upgraded.socket.resume();
    await Promise.all([upgraded.closed(), silent.closed(), half.closed()]);
    expect(upgraded.closeFrame).to.deep.equal({
      code: 1001,
      message: 'this process is shutting down',
    });
    expect((await failureOf(transport.dial(listener.address))).message).to.equal(
      `nothing listens at ${listener.address}`,
    );
  });

  it('tells a reset from a goodbye', async () => {
    const listener = await listen();
    const resetting = await RawPeer.upgrade(listener.address);
    resetting.socket.resetAndDestroy();
    await eventually(() => ends.length === 1, 'the reset is noticed');
    const vanishing = await RawPeer.upgrade(listener.address);
    vanishing.socket.end();
    await eventually(() => ends.length === 2, 'the end is noticed');
    expect(ends).to.deep.equal([
      'the connection was reset by the peer',
      'the connection ended without goodbye: the peer died or was cut off',
    ]);
  });

  it('says in words why it cannot listen', async () => {
    transport = new Tracked({});
    const foreign = await failureOf(
      transport.listen({ address: '192.0.2.1:7100', onConnection: () => {} }),
    );
    expect(foreign).to.be.instanceOf(FatalError);
    expect(foreign.message).to.contain('192.0.2.1:7100 is no address of this machine');
    expect(foreign.cause).to.have.property('code', 'EADDRNOTAVAIL');
  });

  it('gives up a dial that is never answered', async () => {
    transport = new Tracked({ dialMs: 300 });
    const address = await stranger(createTcpServer());
    expect((await failureOf(transport.dial(address))).message).to.equal(
      `${address} did not answer within 300 ms`,
    );
  });

  it('gives up a dial that is answered one byte at a time', async () => {
    transport = new Tracked({ dialMs: 300 });
    const server = createTcpServer((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nX: ');
      const drip = setInterval(() => socket.write('x'), 20);
      socket.on('error', () => {});
      socket.on('close', () => clearInterval(drip));
    });
    const address = await stranger(server);
    expect((await failureOf(transport.dial(address))).message).to.equal(
      `${address} did not answer within 300 ms`,
    );
  });

  it('says what it found instead of a replica', async () => {
    transport = new Tracked({});
    const http = await httpStranger((_, response) => response.end('a web page'));
    expect((await failureOf(transport.dial(http))).message).to.equal(
      `${http} speaks HTTP, but not our WebSocket (status 200)`,
    );
    const dropping = await stranger(createTcpServer((socket) => socket.destroy()));
    expect((await failureOf(transport.dial(dropping))).message).to.equal(
      `${dropping} broke off while the connection was being made`,
    );
  });

  it('refuses a connection with words when accepted ones hold all places, and still answers HTTP', async () => {
    const listener = await listen(
      { connections: 4, newcomers: 2 },
      { onHttp: async () => ({ status: 200, contentType: 'text/plain', body: 'alive' }) },
    );
    const held = [await transport.dial(listener.address), await transport.dial(listener.address)];
    expect((await failureOf(transport.dial(listener.address))).message).to.equal(
      `${listener.address} has no room for another connection`,
    );
    const health = await fetch(`http://${listener.address}/livez`);
    expect([health.status, await health.text()]).to.deep.equal([200, 'alive']);
    expect(nuisances).to.have.length(1);
    expect(nuisances[0]).to.match(/^no room for 127\.0\.0\.1:\d+: all places are taken$/);
    held[0]?.close({ kind: 'normal', message: '' });
    await eventually(() => ends.length === 1, 'a place is free');
    await eventually(() => served.length === 2, 'nobody else came in');
    await echoes(listener.address);
  });

  it('closes a connection whose hello comes when the last place has just been taken', async () => {
    const waiting: Connection[] = [];
    const listener = await listen(
      { connections: 3, newcomers: 2 },
      { onConnection: (connection) => waiting.push(connection) },
    );
    await transport.dial(listener.address);
    const second = await transport.dial(listener.address);
    second.onClose = (error) => ends.push(error);
    for (const connection of waiting) connection.accepted();
    await eventually(() => ends.length === 1, 'the second one is closed');
    expect(ends[0]).to.match(/code 1013\): no room for another connection/);
  });
});
