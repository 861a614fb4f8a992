import { expect } from 'chai';
import fc from 'fast-check';
import { HearsayError } from '../../src/base/errors.js';
import { LIMITS } from '../../src/base/limits.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { decodeFrame, encodeFrames } from '../../src/wire/codec.js';
import type { Message, StatusReport } from '../../src/wire/messages.js';
import { unpack } from '../../src/wire/msgpack.js';
import { decodeRecords, encodeRecords } from '../../src/wire/records.js';
import { aTimestamp, ORIGINS } from '../timestamp/arbitraries.js';
import { aMessage, aRecord, KINDS, MESSAGES } from './arbitraries.js';

/** Timestamps as plain objects, all else as it is: what two messages must agree in. */
function plain(value: unknown): unknown {
  if (value instanceof VectorTimestamp) return { entries: value.toJSON() };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

const roundTrip = (messages: readonly Message[]): Message[] =>
  encodeFrames(messages).flatMap((frame) => decodeFrame(frame));

const report = (requestId: number, bytes: number): StatusReport => ({
  kind: 'status-report',
  requestId,
  report: 'x'.repeat(bytes),
});

describe('messages on the wire', () => {
  for (const kind of KINDS) {
    it(`come back as they were: ${kind}`, () => {
      fc.assert(
        fc.property(MESSAGES[kind] as fc.Arbitrary<Message>, (message) => {
          expect(plain(roundTrip([message]))).to.deep.equal(plain([message]));
        }),
      );
    });
  }

  it('come back in order, many in one frame', () => {
    fc.assert(
      fc.property(fc.array(aMessage, { maxLength: 30 }), (messages) => {
        expect(encodeFrames(messages)).to.have.length(messages.length === 0 ? 0 : 1);
        expect(plain(roundTrip(messages))).to.deep.equal(plain(messages));
      }),
    );
  });

  it('share a timestamp: written once, and one object when read', () => {
    fc.assert(
      fc.property(aTimestamp, fc.integer({ min: 2, max: 20 }), (timestamp, count) => {
        const messages = Array.from({ length: count }, (_, requestId): Message => {
          return { kind: 'collected', requestId, replicaTimestamp: timestamp, counted: true };
        });
        const [frame = new Uint8Array()] = encodeFrames(messages);
        expect((unpack(frame) as unknown[][])[1]).to.have.length(1);
        const read = decodeFrame(frame) as { replicaTimestamp: VectorTimestamp }[];
        expect(new Set(read.map((each) => each.replicaTimestamp)).size).to.equal(1);
        expect(read[0]?.replicaTimestamp.equals(timestamp)).to.equal(true);
      }),
    );
  });

  it('name an origin once in a frame, whatever names it', () => {
    const messages = ORIGINS.map((_, index): Message => {
      const entries = ORIGINS.slice(index).map((origin) => [origin, index + 1] as const);
      const replicaTimestamp = VectorTimestamp.of(entries);
      return { kind: 'gossip-acknowledged', serial: index, replicaTimestamp };
    });
    const [frame = new Uint8Array()] = encodeFrames(messages);
    expect((unpack(frame) as unknown[][])[0]).to.deep.equal(ORIGINS);
  });
});

describe('frames', () => {
  const watch: Message = { kind: 'watch', on: true };
  const watches = (count: number): Message[] => Array.from({ length: count }, () => watch);

  it('hold as many messages as are allowed, and no more', () => {
    const most = LIMITS.frameMessages;
    expect(encodeFrames(watches(most))).to.have.length(1);
    const frames = encodeFrames(watches(most + 1));
    expect(frames).to.have.length(2);
    expect(frames.flatMap((frame) => decodeFrame(frame))).to.have.length(most + 1);
  });

  it('are split where they would be too large, and the messages stay in order', () => {
    const messages = Array.from({ length: 10 }, (_, i) => report(i, LIMITS.messageBytes / 4));
    const frames = encodeFrames(messages);
    expect(frames.length).to.be.within(3, 8);
    for (const frame of frames) expect(frame.length).to.be.at.most(LIMITS.messageBytes);
    const read = frames.flatMap((frame) => decodeFrame(frame)) as StatusReport[];
    expect(read.map(({ requestId }) => requestId)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('take a message of the greatest size, and none above it', () => {
    const [small = new Uint8Array()] = encodeFrames([report(1, 70_000)]);
    const room = 70_000 + LIMITS.messageBytes - small.length;
    const [frame = new Uint8Array()] = encodeFrames([report(1, room)]);
    expect(frame.length).to.equal(LIMITS.messageBytes);
    for (const messages of [[report(1, room + 1)], [watch, report(1, room + 1), watch]]) {
      expect(() => encodeFrames(messages))
        .to.throw(HearsayError)
        .with.property('code', 'TOO_LARGE');
    }
  });
});

describe('groups of the journal', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(aRecord, { maxLength: 20 }), (records) => {
        expect(plain(decodeRecords(encodeRecords(records)))).to.deep.equal(plain(records));
      }),
    );
  });

  it('are refused when they are cut short or are something else', () => {
    fc.assert(
      fc.property(fc.array(aRecord, { minLength: 1, maxLength: 5 }), fc.nat(), (records, at) => {
        const bytes = encodeRecords(records);
        expect(() => decodeRecords(bytes.subarray(0, at % bytes.length))).to.throw(HearsayError);
      }),
    );
    expect(() => decodeRecords(new Uint8Array([0x90]))).to.throw(HearsayError);
    expect(() => decodeRecords(new Uint8Array([0x01]))).to.throw(HearsayError);
  });
});
