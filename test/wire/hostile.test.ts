import { expect } from 'chai';
import fc from 'fast-check';
import { LIMITS } from '../../src/base/limits.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { decodeFrame, encodeFrames } from '../../src/wire/codec.js';
import type { Message, Update } from '../../src/wire/messages.js';
import { pack } from '../../src/wire/msgpack.js';
import { aMessage } from './arbitraries.js';
import { json } from './field-arbitraries.js';
import { frameOf, frameWithArgument, outcomeOf, UPDATE, updateFields } from './support.js';

const VOTE = 53;
const STATE = 59;

/** Each value msgpack can say that is no JSON, as bytes. */
const NO_JSON: Record<string, readonly number[]> = {
  NaN: [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
  'NaN of 32 bits': [0xca, 0x7f, 0xc0, 0, 0],
  Infinity: [0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0],
  '-Infinity': [0xcb, 0xff, 0xf0, 0, 0, 0, 0, 0, 0],
  'a 64-bit number': [0xcf, 255, 255, 255, 255, 255, 255, 255, 255],
  '2^53 as a 64-bit number': [0xcf, 0, 0x20, 0, 0, 0, 0, 0, 0],
  bytes: [0xc4, 2, 1, 2],
  'undefined (extension 0)': [0xd4, 0, 0],
  'a date (extension -1)': [0xd6, 0xff, 0, 0, 0, 1],
  'a record definition (extension 0x72)': [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 1],
  'a set (extension 0x73)': [0xd4, 0x73, 0, 0x91, 1],
  'a cycle (extensions 0x69 and 0x70)': [
    ...[0xd6, 0x69, 0, 0, 0, 1, 0x91],
    ...[0xd6, 0x70, 0, 0, 0, 1],
  ],
  'an error (extension 0x65)': [0xd4, 0x65, 0, 0x92, 0xa1, 0x45, 0xa1, 0x78],
  'a regular expression (extension 0x78)': [0xd4, 0x78, 0, 0x92, 0xa1, 0x61, 0xa0],
  'bundled strings (extension 0x62)': [0xd6, 0x62, 0, 0, 0, 9, 0xa1, 0x61, 0xa1, 0x62, 1],
  'the unused type': [0xc1],
  'a map with a number as key': [0x81, 1, 1],
  'a map with the key __proto__': [0x81, 0xa9, ...Buffer.from('__proto__'), 0x80],
  'a list that promises 2^32 - 1 values': [0xdd, 255, 255, 255, 255],
  'a map that promises 2^32 - 1 entries': [0xdf, 255, 255, 255, 255],
  'a text that promises 2^32 - 1 bytes': [0xdb, 255, 255, 255, 255],
};

const timestampOf = (entries: number): unknown[] =>
  Array.from({ length: entries }, (_, i) => [i, 1]).flat();

const origins = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `rm-1.x7~${i}`);

describe('hostile bytes', () => {
  afterEach(() => {
    expect(Reflect.ownKeys({})).to.deep.equal([]);
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
  });

  it('are refused when they are random', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        outcomeOf(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  it('are refused when a frame is cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(aMessage, { minLength: 1, maxLength: 3 }), (messages) => {
        const [frame = new Uint8Array()] = encodeFrames(messages);
        for (let length = 0; length < frame.length; length++) {
          expect(outcomeOf(frame.slice(0, length))).to.equal('INVALID');
        }
        expect(outcomeOf(Uint8Array.from([...frame, 0]))).to.equal('INVALID');
      }),
      { numRuns: 30 },
    );
  });

  it('give messages or a refusal when any bit is flipped', () => {
    fc.assert(
      fc.property(fc.array(aMessage, { minLength: 1, maxLength: 2 }), (messages) => {
        const [frame = new Uint8Array()] = encodeFrames(messages);
        for (let bit = 0; bit < 8 * Math.min(frame.length, 400); bit++) {
          const flipped = frame.slice();
          flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          outcomeOf(flipped);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('give messages or a refusal when they are msgpack of anything', () => {
    const number = fc.oneof(fc.nat({ max: 60 }), json);
    fc.assert(
      fc.property(number, fc.array(json, { maxLength: 13 }), json, (kind, fields, any) => {
        outcomeOf(frameOf(kind, fields));
        outcomeOf(frameOf(kind, any));
        outcomeOf(pack(any));
        outcomeOf(pack([any, [], []]));
        outcomeOf(pack([[], any, []]));
        outcomeOf(pack([[], [], any]));
        outcomeOf(pack([['rm-1.x7~1'], [[0, any]], []]));
        outcomeOf(pack([['rm-1.x7~1'], [[any, 1]], []]));
      }),
      { numRuns: 1000 },
    );
  });

  it('make no message of wrong shapes of a frame', () => {
    const frames = [null, 1, 'frame', {}, [], [[], []], [[], [], [], []], [[], [], {}], [1, 2, 3]];
    const messages = [[[]], [1], [[999, []]], [[1.5, []]], [['30', []]], [[-1, []]], [[UPDATE]]];
    const indexes = [-1, 0.5, 1, 2 ** 53, null, '0', [0], { toString: 1 }];
    for (const frame of frames)
      expect(outcomeOf(pack(frame)), JSON.stringify(frame)).to.equal('INVALID');
    for (const each of messages) expect(outcomeOf(pack([[], [], each]))).to.equal('INVALID');
    for (const index of indexes) {
      const fields = updateFields({});
      fields[5] = index;
      expect(outcomeOf(frameOf(UPDATE, fields)), JSON.stringify(index)).to.equal('INVALID');
    }
    expect(outcomeOf(frameOf({ toString: 1, valueOf: 2 }, []))).to.equal('INVALID');
  });

  it('poison no timestamp (PROTOCOL A15)', () => {
    const counts = [
      -1,
      0.5,
      Number.NaN,
      2 ** 53,
      Number.POSITIVE_INFINITY,
      '1',
      null,
      [1],
      { a: 1 },
    ];
    for (const count of counts) {
      expect(outcomeOf(pack([['rm-1.x7~1'], [[0, count]], []])), JSON.stringify(count)).to.equal(
        'INVALID',
      );
    }
    for (const flat of [[0], [1, 1], [-1, 1], ['rm-1.x7~1', 1], 5, {}]) {
      expect(outcomeOf(pack([['rm-1.x7~1'], [flat], []]))).to.equal('INVALID');
    }
    const names = [
      '__proto__',
      'constructor',
      '',
      'rm-1',
      '!',
      '!01',
      'x'.repeat(1000),
      1,
      null,
      ['!0'],
    ];
    for (const name of names) expect(outcomeOf(pack([[name], [], []]))).to.equal('INVALID');
  });

  it('make timestamps of 1,024 entries, and none of more', () => {
    const most = LIMITS.timestampEntries;
    const acknowledged = (entries: number): Uint8Array =>
      pack([origins(entries), [timestampOf(entries)], [[31, [1, 0, [1, 0], 1]]]]);
    const [message] = decodeFrame(acknowledged(most)) as { timestamp: VectorTimestamp }[];
    expect(message?.timestamp.size).to.equal(most);
    expect(outcomeOf(acknowledged(most + 1))).to.equal('TOO_LARGE');
  });

  it('make 4,096 messages a frame, and none of more', () => {
    const watches = (count: number): Uint8Array =>
      pack([[], [], Array.from({ length: count }, () => [23, [true]])]);
    expect(decodeFrame(watches(LIMITS.frameMessages))).to.have.length(LIMITS.frameMessages);
    expect(outcomeOf(watches(LIMITS.frameMessages + 1))).to.equal('TOO_LARGE');
  });

  it('make 2,000 entries of the forced log a message, and none of more', () => {
    const noOp = [1, [0, null], 0, 0];
    const states = (count: number): Uint8Array => {
      const entries = Array.from({ length: count }, () => noOp);
      return frameOf(STATE, [0, false, false, [0, null], count, 0, entries]);
    };
    expect(outcomeOf(states(LIMITS.gossipRecords))).to.be.an('array');
    expect(outcomeOf(states(LIMITS.gossipRecords + 1))).to.equal('INVALID');
  });

  it('make no ballot that no member can have', () => {
    const vote = (view: unknown): Uint8Array => frameOf(VOTE, [1, view, [0, null], 0, false]);
    expect(outcomeOf(vote([1, 'rm-1.x7']))).to.be.an('array');
    const owners = [null, '', 'rm-1', 'rm-1.x7~1', '!0', '__proto__', 1, ['rm-1.x7']];
    const numbers = [0, -1, 0.5, 2 ** 53, '1', null];
    const ballots = [...owners.map((owner) => [1, owner]), ...numbers.map((n) => [n, 'rm-1.x7'])];
    for (const ballot of [...ballots, [1], [1, 'rm-1.x7', 1], [], null, 1, {}]) {
      expect(outcomeOf(vote(ballot)), JSON.stringify(ballot)).to.equal('INVALID');
    }
  });

  describe('in arguments', () => {
    for (const [what, bytes] of Object.entries(NO_JSON)) {
      it(`are refused: ${what}`, () => {
        expect(outcomeOf(frameWithArgument(bytes))).to.equal('INVALID');
        expect(outcomeOf(frameWithArgument([0x91, ...bytes]))).to.equal('INVALID');
        expect(outcomeOf(frameWithArgument([0x81, 0xa1, 0x61, ...bytes]))).to.equal('INVALID');
      });
    }

    it('arrive as what they are: keys that JavaScript knows otherwise', () => {
      const args: unknown = JSON.parse(
        '{"constructor":null,"toJSON":1,"__proto_":2,"valueOf":3,"hasOwnProperty":{"length":-1}}',
      );
      const frame = frameOf(UPDATE, updateFields(args));
      const [update] = decodeFrame(frame) as Update[];
      expect(JSON.stringify(update?.args)).to.equal(JSON.stringify(args));
      const message: Message = {
        kind: 'gossip',
        serial: 1,
        replicaTimestamp: VectorTimestamp.zero,
        epoch: 1,
        records: [],
      };
      const [again] = encodeFrames([message, ...decodeFrame(frame)])
        .flatMap(decodeFrame)
        .slice(1);
      expect((again as Update).args).to.deep.equal(args);
    });

    it('are refused when nested too deep, at every depth up to 100,000', () => {
      const nested = (depth: number): number[] => [...new Array<number>(depth).fill(0x91), 1];
      expect(outcomeOf(frameWithArgument(nested(LIMITS.nesting - 1)))).to.be.an('array');
      for (const depth of [LIMITS.nesting, 100, 120, 130, 1000, 5000, 10_000, 100_000]) {
        expect(outcomeOf(frameWithArgument(nested(depth))), String(depth)).to.equal('TOO_LARGE');
      }
    });

    it('are refused when they are too large, in bytes or in values', () => {
      const text = (length: number): Uint8Array =>
        frameOf(UPDATE, updateFields({ a: 'x'.repeat(length) }));
      expect(outcomeOf(text(LIMITS.argumentBytes - 100))).to.be.an('array');
      expect(outcomeOf(text(LIMITS.argumentBytes))).to.equal('TOO_LARGE');
      const maps = (count: number): number[] => [
        0xdd,
        ...[24, 16, 8, 0].map((shift) => (count >>> shift) & 0xff),
        ...new Array<number>(count).fill(0x80),
      ];
      expect(outcomeOf(frameWithArgument(maps(100_000)))).to.equal('TOO_LARGE');
      expect(outcomeOf(frameWithArgument(maps(LIMITS.messageBytes)))).to.equal('TOO_LARGE');
    });
  });

  it('fit into what they may cost: arguments at the limit go on as gossip', () => {
    // 128 Ki units of three bytes each: whoever took the update can pass it on.
    const args = { a: '世'.repeat(LIMITS.argumentBytes - 100) };
    const [update] = decodeFrame(frameOf(UPDATE, updateFields(args))) as Update[];
    if (update === undefined) throw new Error('no update');
    const { session, n, stamp, prev, operation, user } = update;
    const digest = '0'.repeat(32);
    const body = { session, n, digest, stamp, operation, args: update.args, user };
    const record = { origin: 'rm-1.x7~1' as never, seq: 1, prev, body };
    const gossip: Message = {
      kind: 'gossip',
      serial: 1,
      replicaTimestamp: prev,
      epoch: 1,
      records: [record],
    };
    expect(encodeFrames([gossip])).to.have.length(1);
  });
});
