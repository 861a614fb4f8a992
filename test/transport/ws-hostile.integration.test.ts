/** The WebSocket transport among peers that mean ill: each is told off, everybody else is served. */

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { LIMITS } from '../../src/base/limits.js';
import type { Connection, HttpAnswer, Listener } from '../../src/ports/transport.js';
import type { TransportLimits } from '../../src/transport/transport-limits.js';
import { WebSocketTransport } from '../../src/transport/ws-transport.js';
import {
  bytes,
  clientFrame,
  eventually,
  frameHeader,
  OPCODE,
  RawPeer,
  upgradeRequest,
} from './support.js';

describe('WebSocketTransport under attack', () => {
  let listener: Listener;
  let transport: WebSocketTransport;
  let acceptsAll: boolean;
  let ends: (string | null)[];
  let nuisances: string[];
  let answer: (path: string) => Promise<HttpAnswer | null>;
  /** Dialled at the start of each test; must work at its end. */
  let witness: Connection;
  let witnessed: string[];

  beforeEach(() => start());

  afterEach(async () => {
    witnessed = [];
    witness.send(bytes('still served'));
    await eventually(() => witnessed.length > 0, 'the old connection is still served');
    const newcomer = await transport.dial(listener.address);
    newcomer.close({ kind: 'normal', message: '' });
    await listener.close();
  });

  async function start(limits: Partial<TransportLimits> = {}): Promise<void> {
    [ends, nuisances, witnessed, acceptsAll] = [[], [], [], true];
    answer = async (path) =>
      path === '/livez' ? { status: 200, contentType: 'text/plain', body: 'alive' } : null;
    transport = new WebSocketTransport(limits);
    listener = await transport.listen({
      address: '127.0.0.1:0',
      onConnection: (connection) => {
        if (acceptsAll) connection.accepted();
        connection.onFrame = (frame) => connection.send(frame);
        connection.onClose = (error) => ends.push(error);
      },
      onHttp: (path) => answer(path),
      onNuisance: (what) => nuisances.push(what),
    });
    witness = await transport.dial(listener.address);
    witness.onFrame = (frame) => witnessed.push(Buffer.from(frame).toString());
  }

  async function restart(limits: Partial<TransportLimits>): Promise<void> {
    await listener.close();
    await start(limits);
  }

  /** Sends these bytes on an accepted WebSocket and gives the close frame that comes back. */
  async function closeFrameAfter(data: Uint8Array): Promise<RawPeer['closeFrame']> {
    const peer = await RawPeer.upgrade(listener.address);
    peer.socket.write(data);
    await eventually(() => peer.closeFrame !== null, 'a close frame comes');
    const { closeFrame } = peer;
    peer.socket.end();
    await peer.closed();
    await eventually(() => ends.length > 0, 'the owner is told');
    return closeFrame;
  }

  /** Sends these bytes on a fresh TCP connection and gives what was answered before the end. */
  async function answerTo(data: string | Uint8Array): Promise<string> {
    const peer = await RawPeer.connect(listener.address);
    peer.socket.write(data);
    await peer.closed();
    return peer.text;
  }

  describe('on a WebSocket', () => {
    it('closes after a text frame, with a code and words', async () => {
      expect(await closeFrameAfter(clientFrame(OPCODE.text, bytes('{"hello":1}')))).to.deep.equal({
        code: 1003,
        message: 'text frames are not read here: send binary ones',
      });
      expect(ends).to.deep.equal([
        'the peer sent a text frame: text frames are not read here: send binary ones',
      ]);
      expect(nuisances).to.have.length(1);
      expect(nuisances[0]).to.match(
        /^127\.0\.0\.1:\d+ sent a text frame; only binary ones are read$/,
      );
    });

    it('refuses a 100 MB frame by its header alone', async () => {
      expect(await closeFrameAfter(frameHeader(OPCODE.binary, 100_000_000))).to.deep.equal({
        code: 1009,
        message: 'the message is larger than what is read here',
      });
      expect(ends).to.deep.equal([`the peer sent a frame larger than ${LIMITS.frameBytes} bytes`]);
      expect(nuisances[0]).to.contain(`sent a frame larger than ${LIMITS.frameBytes} bytes`);
    });

    it('does not keep the body of a 100 MB frame', async () => {
      const peer = await RawPeer.upgrade(listener.address);
      const before = process.memoryUsage().rss;
      let most = before;
      peer.socket.write(frameHeader(OPCODE.binary, 100_000_000));
      const piece = Buffer.alloc(1_000_000);
      for (let i = 0; i < 100 && !peer.isClosed; i++) {
        if (!peer.socket.write(piece)) {
          await Promise.race([once(peer.socket, 'drain'), once(peer.socket, 'close')]);
        }
        most = Math.max(most, process.memoryUsage().rss);
      }
      peer.socket.end();
      await peer.closed();
      expect(most - before).to.be.lessThan(60_000_000);
    });

    it('takes a frame of the limit in pieces and refuses a byte more', async () => {
      const half = Buffer.alloc(LIMITS.frameBytes / 2);
      const first = clientFrame(OPCODE.binary, half);
      first[0] = OPCODE.binary; // not final
      const last = clientFrame(0, half);
      const peer = await RawPeer.upgrade(listener.address);
      peer.socket.write(Buffer.concat([first, last]));
      await eventually(() => peer.received.length > LIMITS.frameBytes, 'the echo comes');
      peer.socket.destroy();
      ends.length = 0;
      const longer = clientFrame(0, Buffer.alloc(half.length + 1));
      expect(await closeFrameAfter(Buffer.concat([first, longer]))).to.have.property('code', 1009);
    });

    it('refuses a message in very many pieces', async () => {
      const piece = clientFrame(0, bytes('x'));
      piece[0] = 0; // a continuation, not final
      const first = clientFrame(OPCODE.binary, bytes('x'));
      first[0] = OPCODE.binary;
      const pieces = Array.from({ length: LIMITS.frameFragments }, () => piece);
      expect(await closeFrameAfter(Buffer.concat([first, ...pieces]))).to.deep.equal({
        code: 1008,
        message: 'a message in too many pieces',
      });
    });

    for (const [what, data] of [
      ['an unmasked frame', frameHeader(OPCODE.binary, 5, false)],
      ['a reserved opcode', clientFrame(5, bytes('x'))],
      ['a reserved bit', Buffer.from([0xc2, 0x80, 1, 2, 3, 4])],
      ['a continuation of nothing', clientFrame(0, bytes('x'))],
      ['a ping that is too long', frameHeader(OPCODE.ping, 1000)],
      ['a close code that does not exist', clientFrame(OPCODE.close, new Uint8Array([0, 7]))],
    ] as const) {
      it(`closes after ${what}, with a code and words`, async () => {
        expect(await closeFrameAfter(data)).to.deep.equal({
          code: 1002,
          message: 'broken WebSocket frame (RFC 6455)',
        });
        expect(ends[0]).to.match(/^the peer broke the WebSocket protocol: /);
        expect(nuisances[0]).to.contain('broke the WebSocket protocol');
      });
    }

    it('survives any bytes', async () => {
      const data = fc.uint8Array({ minLength: 1, maxLength: 300 });
      await fc.assert(
        fc.asyncProperty(data, async (random) => {
          const peer = await RawPeer.upgrade(listener.address);
          peer.socket.end(random);
          await peer.closed();
        }),
        { numRuns: 150 },
      );
      await eventually(() => ends.length === 150, 'every owner is told once');
    });

    it('bounds what may be sent before a hello is accepted', async () => {
      acceptsAll = false;
      const peer = await RawPeer.upgrade(listener.address);
      const unfinished = frameHeader(OPCODE.binary, LIMITS.frameBytes);
      peer.socket.write(Buffer.concat([unfinished, Buffer.alloc(LIMITS.helloBytes)]));
      await peer.closed();
      await eventually(() => ends.length > 0, 'the owner is told');
      expect(ends).to.deep.equal([
        `more than ${LIMITS.helloBytes} bytes came before an accepted hello`,
      ]);
      expect(nuisances[0]).to.contain(`sent more than ${LIMITS.helloBytes} bytes before its hello`);
      acceptsAll = true;
    });

    it('lets an accepted connection send as much as it likes', async () => {
      const peer = await RawPeer.upgrade(listener.address);
      const frame = clientFrame(OPCODE.binary, Buffer.alloc(100_000));
      for (let i = 0; i < 10; i++) peer.socket.write(frame);
      await eventually(() => peer.received.length > 1_000_000, 'all is echoed');
      peer.socket.destroy();
    });
  });

  describe('on HTTP', () => {
    it('answers GET by path, and 404 for what is not there', async () => {
      const found = await fetch(`http://${listener.address}/livez?verbose=1`);
      expect([found.status, found.headers.get('content-type'), await found.text()]).to.deep.equal([
        200,
        'text/plain',
        'alive',
      ]);
      expect((await fetch(`http://${listener.address}/nothing`)).status).to.equal(404);
    });

    it('answers 405 to other methods, whatever their body', async () => {
      const posted = await fetch(`http://${listener.address}/livez`, { method: 'POST', body: 'x' });
      expect(posted.status).to.equal(405);
    });

    it('answers 500 and tells of it when the answer cannot be made', async () => {
      answer = () => Promise.reject(new Error('no metrics today'));
      expect((await fetch(`http://${listener.address}/metrics`)).status).to.equal(500);
      expect(nuisances).to.deep.equal(['cannot answer GET /metrics: no metrics today']);
    });

    it('answers one request a connection', async () => {
      const request = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';
      let answered = 0;
      answer = async () => {
        answered += 1;
        return null;
      };
      await answerTo(request.repeat(50));
      expect(answered).to.equal(1);
    });

    it('says that raw bytes are no HTTP', async () => {
      const text = await answerTo(Buffer.from([0x83, 0xa1, 0x61, 0x01, 0xff, 0x00]));
      expect(text).to.match(/^HTTP\/1\.1 400 [^]*\r\n\r\nthis is neither HTTP nor WebSocket\n$/);
      expect(nuisances).to.have.length(1);
      expect(nuisances[0]).to.match(/^127\.0\.0\.1:\d+: this is neither HTTP nor WebSocket \(HPE_/);
    });

    it('refuses a header without end', async () => {
      const text = await answerTo(`GET / HTTP/1.1\r\nX: ${'x'.repeat(LIMITS.httpHeaderBytes)}`);
      expect(text).to.match(/^HTTP\/1\.1 431 [^]*longer than 8192 bytes\n$/);
    });

    it('refuses a WebSocket request that is none, with words', async () => {
      const text = await answerTo(upgradeRequest().replace('Version: 13', 'Version: 99'));
      expect(text).to.match(/^HTTP\/1\.1 400 [^]*Sec-WebSocket-Version header\n$/);
      expect(nuisances[0]).to.contain('Sec-WebSocket-Version');
    });

    it('refuses an upgrade to something else', async () => {
      const text = await answerTo(upgradeRequest().replace('Upgrade: websocket', 'Upgrade: h2c'));
      expect(text).to.match(/^HTTP\/1\.1 400 /);
    });

    it('survives any bytes', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (random) => {
          const peer = await RawPeer.connect(listener.address);
          peer.socket.end(random);
          await peer.closed();
        }),
        { numRuns: 150 },
      );
    });
  });

  describe('by silence', () => {
    it('closes who says nothing, half a request, a byte now and then, or no hello', async () => {
      await restart({ helloMs: 400 });
      acceptsAll = false;
      const silent = await RawPeer.connect(listener.address);
      const half = await RawPeer.connect(listener.address);
      half.socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n');
      const dripping = await RawPeer.connect(listener.address);
      dripping.socket.write('GET /livez HTTP/1.1\r\nX: ');
      const drip = setInterval(() => dripping.socket.write('x'), 20);
      const noHello = await RawPeer.upgrade(listener.address);
      await Promise.all([silent, half, dripping, noHello].map((peer) => peer.closed()));
      clearInterval(drip);
      expect(noHello.closeFrame).to.deep.equal({ code: 1013, message: 'no hello within 400 ms' });
      await eventually(() => ends.length > 0, 'the owner is told');
      expect(ends).to.deep.equal(['no hello within 400 ms']);
      expect(nuisances[0]).to.match(/^127\.0\.0\.1:\d+ made no request within 400 ms: closed$/);
      acceptsAll = true;
    });

    it('closes who does not read an answer', async () => {
      await restart({ helloMs: 400 });
      const body = 'x'.repeat(50_000_000);
      answer = async () => ({ status: 200, contentType: 'text/plain', body });
      const peer = await RawPeer.connect(listener.address);
      peer.socket.pause();
      peer.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
      await eventually(() => nuisances.length > 0, 'it is noticed');
      peer.socket.resume();
      await peer.closed();
      expect(peer.received.length).to.be.lessThan(body.length);
    });

    it('lets the oldest silent one go first when all places are taken', async () => {
      await restart({ connections: 5, newcomers: 2, helloMs: 60_000 });
      acceptsAll = false;
      // With the witness, four peers fill the five places.
      const first = await RawPeer.connect(listener.address);
      const second = await RawPeer.upgrade(listener.address);
      const third = await RawPeer.connect(listener.address);
      third.socket.write('GET /livez HTTP/1.1\r\n');
      const fourth = await RawPeer.upgrade(listener.address);
      await sleep(50);
      expect([first, second, third, fourth].map((peer) => peer.isClosed)).to.deep.equal(
        Array(4).fill(false),
      );
      const fifth = await RawPeer.connect(listener.address);
      await first.closed();
      const sixth = await RawPeer.connect(listener.address);
      await second.closed();
      expect(second.closeFrame).to.deep.equal({
        code: 1013,
        message: 'too many connections, and this one was the oldest without hello',
      });
      const seventh = await RawPeer.connect(listener.address);
      await third.closed();
      expect([fourth, fifth, sixth, seventh].map((peer) => peer.isClosed)).to.deep.equal(
        Array(4).fill(false),
      );
      expect(nuisances[0]).to.match(/^5 connections: .*, the oldest without hello, had to go$/);
      for (const peer of [fourth, fifth, sixth, seventh]) peer.socket.destroy();
      acceptsAll = true;
    });
  });
});
