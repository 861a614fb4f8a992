import { expect } from 'chai';
import fc from 'fast-check';
import { HearsayError } from '../../src/base/errors.js';
import { LIMITS } from '../../src/base/limits.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { decodeFrame, encodeFrames } from '../../src/wire/codec.js';
import type { Message, StatusReport } from '../../src/wire/messages.js';
import { decodeGroup, encodeGroup } from '../../src/wire/journal-group.js';
import { pack, unpack } from '../../src/wire/msgpack.js';
import { decodeResults, encodeResults } from '../../src/wire/results.js';
import { aTimestamp, ORIGINS } from '../timestamp/arbitraries.js';
import { aMessage, KINDS, MESSAGES } from './arbitraries.js';
import { aRecord, aTransition, keptResults } from './field-arbitraries.js';

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
        const messages = Array.from({ length: count }, (_, serial): Message => {
          return { kind: 'gossip-acknowledged', serial, replicaTimestamp: timestamp };
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

const aGroup = fc.record(
  {
    records: fc.array(aRecord, { maxLength: 10 }),
    transitions: fc.array(aTransition, { maxLength: 10 }),
    place: fc.record({ records: fc.nat(), transitions: fc.nat() }),
  },
  { requiredKeys: ['records', 'transitions'] },
);

/** A group that the first release wrote: `rm-1.x7~1` has set `k` to 4.5, after `rm-2.x7~1:3`. */
const OLD_GROUP =
  '9392a9726d2d312e78377e31a9726d2d322e78377e31919201039199000700b056315374475852385f5a' +
  '356a644869360292cb4278bcfe5680000000a373657482a36b6579a16ba576616c7565cb4012000000000000a23432';

describe('groups of the journal', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(aGroup, (group) => {
        expect(plain(decodeGroup(encodeGroup(group)))).to.deep.equal(plain(group));
      }),
    );
  });

  it('of the first release are read: they have no transitions', () => {
    const { records, transitions } = decodeGroup(Buffer.from(OLD_GROUP, 'hex'));
    expect(transitions).to.deep.equal([]);
    expect(plain(records)).to.deep.equal([
      {
        origin: 'rm-1.x7~1',
        seq: 7,
        prev: { entries: { 'rm-2.x7~1': 3 } },
        body: {
          session: 'V1StGXR8_Z5jdHi6',
          n: 2,
          stamp: { physicalMs: 1_700_000_000_000, logical: 0 },
          operation: 'set',
          args: { key: 'k', value: 4.5 },
          user: '42',
          digest: '14417edd0aeea0bac33124abf703ab31',
        },
      },
    ]);
    expect(Buffer.from(encodeGroup({ records, transitions })).toString('hex')).to.equal(OLD_GROUP);
  });

  it('of the second release are read: their transitions have six fields, and no group says its place', () => {
    fc.assert(
      fc.property(aGroup, ({ records, transitions }) => {
        const known = transitions.map((transition) => {
          const rest: Partial<Record<keyof typeof transition, unknown>> = { ...transition };
          for (const later of ['note', 'floorMs', 'halted'] as const) delete rest[later];
          return rest as typeof transition;
        });
        const parts = unpack(encodeGroup({ records, transitions: known })) as unknown[];
        const [origins, timestamps, encoded, changes = []] = parts;
        const cut = (changes as unknown[][]).map((fields) => fields.slice(0, 6));
        const old = decodeGroup(pack([origins, timestamps, encoded, cut]));
        expect(plain(old)).to.deep.equal(plain({ records, transitions: known }));
      }),
    );
  });

  it('are refused when they are cut short or are something else', () => {
    fc.assert(
      fc.property(aGroup, fc.nat(), (group, at) => {
        const bytes = encodeGroup(group);
        expect(() => decodeGroup(bytes.subarray(0, at % bytes.length))).to.throw(HearsayError);
      }),
    );
    // A sixth part would be a newer version's: nothing of a journal may be passed over in silence.
    for (const other of [
      [],
      [[], []],
      [[], [], [], [], []],
      [[], [], [], [], [0, 0], []],
      [[], [], [], null],
      1,
      {},
    ]) {
      expect(() => decodeGroup(pack(other)), JSON.stringify(other)).to.throw(HearsayError);
    }
  });
});

describe('the results in a snapshot', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(keptResults, (kept) => {
        const raw = unpack(pack(encodeResults(kept)));
        expect(plain(decodeResults(raw))).to.deep.equal(plain(kept));
      }),
    );
  });

  it('are refused when they are something else, or a part of them is', () => {
    const session = ['session-1', [1, 0], [[1, 2]], [[1, 'f'.repeat(32), ['repeated', null], 0]]];
    const raw = (sessions: unknown): unknown => [[], [[]], [0, 0], sessions];
    expect(decodeResults(raw([session])).sessions).to.have.length(1);
    const wrongSessions = session.map((_, at) => session.with(at, 'wrong!'));
    for (const wrong of [...wrongSessions, session.slice(1), [...session, 1], null, {}]) {
      expect(() => decodeResults(raw([wrong])), JSON.stringify(wrong)).to.throw(HearsayError);
    }
    for (const wrong of [
      null,
      [],
      [[], [[]], [0, 0]],
      [[], [[]], [0, 0], [], []],
      [[], [[]], 0, []],
    ]) {
      expect(() => decodeResults(wrong), JSON.stringify(wrong)).to.throw(HearsayError);
    }
  });
});
