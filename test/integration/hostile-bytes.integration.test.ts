/** Bytes that are none of ours, at the port of a front end and of a replica (scenario 24). */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import { pack } from '../../src/wire/msgpack.js';
import { clientFrame, frameHeader, OPCODE, RawPeer, upgradeRequest } from '../transport/support.js';
import { HostileCluster, type Part, Witness } from './hostile-cluster.js';
import { CLIENT_HELLO, Peer } from './hostile-peer.js';

/** A list within a list within a list … */
const nested = (depth: number): Uint8Array =>
  Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.from([0xc0])]);

const text = (value: string): Buffer => Buffer.from(value, 'utf8');

const frame = (...messages: readonly unknown[]): Uint8Array => pack([[], [], messages]);

/** What is sent as the first frame, and what the sender is told. */
const FRAMES: readonly (readonly [what: string, bytes: Uint8Array, words: RegExp])[] = [
  ['an empty frame', Buffer.alloc(0), /malformed frame: it ends too early/],
  ['a frame that is no msgpack', Buffer.from([0xc1, 1, 2]), /malformed frame: .*0xc1/],
  ['JSON', text('{"kind":"hello"}'), /malformed frame/],
  ['truncated msgpack', pack([[], [], [[0, { role: 'client' }]]]).subarray(0, 12), /too early/],
  ['msgpack with something behind it', Buffer.concat([frame(), text('x')]), /bytes after its end/],
  ['a list that claims four billion items', Buffer.from([0xdd, 255, 255, 255, 255]), /too early/],
  ['a text that claims four gigabytes', Buffer.from([0xdb, 255, 255, 255, 255]), /too early/],
  ['lists in lists without end', nested(100_000), /128 lists and maps within each other/],
  [
    'a map with a key __proto__',
    Buffer.concat([Buffer.from([0x81, 0xa9]), text('__proto__'), Buffer.from([0x80])]),
    /__proto__/,
  ],
  ['a number', pack(7), /a frame must be a list/],
  ['a list of two', pack([[], []]), /list of origins, timestamps and messages/],
  ['a message that is none', frame(7), /a message must be a list/],
  ['an unknown type of message', frame([99, []]), /unknown message type 99/],
  ['a type of message that is a text', frame(['gossip', []]), /unknown message type/],
  ['a type of message below zero', frame([-1, []]), /unknown message type -1/],
  [
    '5,000 messages',
    frame(...Array.from({ length: 5000 }, () => [99, []])),
    /more than 4096 messages/,
  ],
  ['a hello without fields', frame([0, {}]), /role/],
  ['a hello of an unknown role', frame([0, { role: 'king', protocol: [1, 1] }]), /role/],
  ['a hello without version', frame([0, { role: 'client', service: 'kv' }]), /protocol/],
  [
    'a hello of version NaN',
    frame([0, { ...CLIENT_HELLO, protocol: [Number.NaN, 1] }]),
    /protocol/,
  ],
  ['a request before hello', frame([20, [1, false]]), /status-request before hello/],
  [
    'a timestamp that goes below zero',
    pack([['rm-1.x7~3f'], [[0, -1]], []]),
    /whole number >= 0, not -1/,
  ],
  [
    'a timestamp of NaN',
    pack([['rm-1.x7~3f'], [[0, Number.NaN]], []]),
    /whole number >= 0, not NaN/,
  ],
  [
    'a timestamp of half an update',
    pack([['rm-1.x7~3f'], [[0, 0.5]], []]),
    /whole number >= 0, not 0\.5/,
  ],
  [
    'a timestamp of 2^53',
    pack([['rm-1.x7~3f'], [[0, 2 ** 53]], []]),
    /whole number >= 0, not 9007199254740992/,
  ],
  [
    'a timestamp of a text',
    pack([['rm-1.x7~3f'], [[0, 'many']], []]),
    /whole number >= 0, not .?many/,
  ],
  ['a timestamp of an origin that is missing', pack([[], [[0, 1]], []]), /there is no origin 0/],
  ['an origin that is none', pack([['../etc'], [], []]), /\.\.\/etc.? is no origin/],
  ['an origin called __proto__', pack([['__proto__'], [], []]), /__proto__.? is no origin/],
];

/** What is sent on a bare connection, and what is answered. */
const NO_WEB_SOCKETS: readonly (readonly [what: string, bytes: Buffer | string, words: RegExp])[] =
  [
    ['random bytes', randomBytes(10_000), /neither HTTP nor WebSocket/],
    ['the beginning of TLS', Buffer.from('16030100f8010000f40303', 'hex'), /neither HTTP/],
    ['another version of HTTP', 'GET / HTTP/9.9\r\n\r\n', /neither HTTP nor WebSocket/],
    ['a header without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}`, /longer than 8192/],
    ['a path that is not there', 'GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n', / 404 /],
    ['a POST', 'POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n', /only GET/],
    ['an upgrade to something else', upgradeRequest().replace('websocket', 'smtp'), /HTTP\/1\.1 4/],
    ['another version of WebSocket', upgradeRequest().replace(': 13', ': 99'), /HTTP\/1\.1 4/],
  ];

describe('hostile bytes at every port', function () {
  this.timeout(120_000);
  let cluster: HostileCluster;
  let witness: Witness;

  before(async () => {
    cluster = await HostileCluster.start();
    witness = new Witness(await cluster.connect(), 'witness');
  });

  afterEach(async () => {
    await witness.isServed();
    await cluster.isUnharmed();
  });

  after(async () => {
    await witness?.stop();
    await cluster?.close();
  });

  for (const name of ['fe-1', 'rm-2']) {
    describe(name, () => {
      let part: Part;
      let from: number;

      beforeEach(() => {
        part = cluster.part(name);
        from = part.said.length;
      });

      it('says what is wrong with each first frame that is no hello, and logs it', async () => {
        for (const [what, bytes, words] of FRAMES) {
          const peer = await Peer.dial(part.address);
          peer.sendBytes(bytes);
          const end = await peer.ended();
          expect(end, what).to.be.an('object');
          if (typeof end === 'object') expect(end.message, what).to.match(words);
          await part.says(words, from);
        }
      });

      it('outlives any msgpack and any bytes', async () => {
        for (let i = 0; i < 100; i++) {
          const peer = await Peer.dial(part.address);
          peer.sendBytes(i % 2 === 0 ? randomBytes(1 + i * 7) : pack(anything(i)));
          await peer.ended();
        }
        await part.says(/malformed frame/, from);
      });

      it('closes after a text frame, in words', async () => {
        const peer = await RawPeer.upgrade(part.address);
        peer.socket.end(clientFrame(OPCODE.text, text('{"hello":1}')));
        await peer.closed();
        expect(peer.closeFrame).to.deep.equal({
          code: 1003,
          message: 'text frames are not read here: send binary ones',
        });
        await part.says(/sent a text frame/, from);
      });

      it('closes at the header of a 100 MB frame, in words', async () => {
        const peer = await RawPeer.upgrade(part.address);
        peer.socket.write(frameHeader(OPCODE.binary, 100_000_000));
        const piece = Buffer.alloc(1_000_000);
        for (let sent = 0; sent < 100 && !peer.isClosed; sent++) {
          peer.socket.write(piece);
          await sleep(1);
        }
        await peer.closed();
        await part.says(/sent a frame larger than 4194304 bytes/, from);
      });

      it('reads little of who has not said hello', async () => {
        const peer = await RawPeer.upgrade(part.address);
        peer.socket.write(frameHeader(OPCODE.binary, LIMITS.frameBytes - 1));
        peer.socket.write(Buffer.alloc(LIMITS.frameBytes / 2));
        await peer.closed();
        await part.says(/without (?:a )?hello|before (?:a |its )?hello/, from);
      });

      it('answers what is no WebSocket in words', async () => {
        for (const [what, bytes, words] of NO_WEB_SOCKETS) {
          const peer = await RawPeer.connect(part.address);
          peer.socket.write(bytes);
          await peer.closed();
          expect(peer.text, what).to.match(words);
        }
      });

      it('closes who takes forever: half a request, half a frame, a byte now and then', async () => {
        const halfRequest = await RawPeer.connect(part.address);
        halfRequest.socket.write('GET /livez HTTP/1.1\r\n');
        const slow = await RawPeer.upgrade(part.address);
        slow.socket.write(frameHeader(OPCODE.binary, 1000));
        const silent = await Peer.dial(part.address);
        while (!slow.isClosed || !halfRequest.isClosed) {
          if (!slow.isClosed) slow.socket.write('x');
          if (!halfRequest.isClosed) halfRequest.socket.write('X');
          await sleep(100);
        }
        expect(await silent.ended()).to.match(/no hello within 5000 ms/);
        await part.says(/within 5000 ms: closed/, from);
      });
    });
  }
});

/** Some value, by number: every type, at every place of a frame. */
function anything(seed: number): unknown {
  const values = [null, true, -1, 1.5, 2 ** 60, 'x', '', [], {}, [[]], { a: 1 }, Number.NaN];
  const at = (index: number): unknown => values[(seed * 7 + index * 5) % values.length];
  const numbers = [0, 1, 10, 11, 20, 22, 23, 30, 32, 36, 40, 41, 43, 44];
  const fields = Array.from({ length: seed % 14 }, (_, index) => at(index));
  const number = numbers[seed % numbers.length];
  return seed % 3 === 0 ? at(seed) : [[], [], [[number, seed % 5 === 0 ? at(1) : fields]]];
}
