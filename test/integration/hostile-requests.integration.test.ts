/**
 * Requests that are well-formed and mean harm: forged timestamps and stamps, arguments of every wrong
 * kind, numbers used twice. From a client at the front end, and from a "front end" at a replica.
 */

import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import { ZERO_BALLOT } from '../../src/timestamp/ballot.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { encodeFrames } from '../../src/wire/codec.js';
import { pack } from '../../src/wire/msgpack.js';
import type { ClientQuery, ClientUpdate, Message, ReplicaHello } from '../../src/wire/messages.js';
import { clientFrame, OPCODE, RawPeer } from '../transport/support.js';
import { HostileCluster, Witness } from './hostile-cluster.js';
import { newUpdate, QUERY, replicaQuery, replicaUpdate } from './hostile-messages.js';
import { until } from './support/until.js';
import {
  CLIENT_HELLO,
  forgedTimestamp,
  frontendHello,
  Peer,
  replicaHelloAt,
} from './hostile-peer.js';

/** The message as it would travel, although no client of ours would send it. */
function framed(message: Message): Uint8Array {
  const [frame] = encodeFrames([message]);
  if (frame === undefined) throw new Error('no frame');
  return frame;
}

describe('hostile requests', function () {
  this.timeout(120_000);
  let cluster: HostileCluster;
  let witness: Witness;
  let replica: ReplicaHello;

  before(async () => {
    cluster = await HostileCluster.start();
    witness = new Witness(await cluster.connect(), 'witness');
    replica = await replicaHelloAt(cluster.part('rm-2').address);
  });

  afterEach(async () => {
    await witness.isServed();
    await cluster.isUnharmed();
  });

  after(async () => {
    await witness?.stop();
    await cluster?.close();
  });

  const asClient = (): Promise<Peer> => Peer.greet(cluster.part('fe-1').address, CLIENT_HELLO);
  const asFrontend = (): Promise<Peer> =>
    Peer.greet(cluster.part('rm-2').address, frontendHello(replica));

  /** The one answer to one request of a client: `failed`, `updated` or `answered`. */
  async function answerTo(request: ClientQuery | ClientUpdate): Promise<Message> {
    const peer = await asClient();
    peer.send(request);
    const isAnswer = ({ kind }: Message) => ['failed', 'updated', 'answered'].includes(kind);
    await until('an answer', async () => {
      if (!peer.isOpen) throw new Error(JSON.stringify(await peer.ended()));
      return peer.received.some(isAnswer);
    });
    peer.close();
    const found = peer.received.find(isAnswer);
    if (found === undefined) throw new Error('no answer');
    return found;
  }

  async function expectFailure(
    request: ClientQuery | ClientUpdate,
    code: string,
    words: RegExp,
  ): Promise<void> {
    const answer = await answerTo(request);
    expect(answer).to.include({ kind: 'failed', code });
    if (answer.kind === 'failed') expect(answer.message).to.match(words);
  }

  describe('with a forged timestamp', () => {
    // A replica has a tenth of it for its answer to arrive: enough on a busy machine.
    const TIMEOUT_MS = 6000;
    const WORDS = /still lacks rm-1:.* which the request depends on/;
    /** What the replicas hold still fits into a timestamp beside it. */
    const FORGED_ENTRIES = LIMITS.timestampEntries - 24;

    it('end as TIMEOUT in their time and leave nothing behind', async () => {
      const prev = forgedTimestamp(FORGED_ENTRIES);
      const startedMs = performance.now();
      const query = { ...QUERY, prev, timeoutMs: TIMEOUT_MS };
      await Promise.all([
        expectFailure(newUpdate({ prev, timeoutMs: TIMEOUT_MS }), 'TIMEOUT', WORDS),
        expectFailure(query, 'TIMEOUT', WORDS),
        expectFailure({ ...query, consistency: 'causal' }, 'TIMEOUT', WORDS),
        expectFailure({ ...query, consistency: 'fresh' }, 'TIMEOUT', WORDS),
      ]);
      // Not at once, and not much later than asked for, however busy this machine is.
      expect(performance.now() - startedMs).to.be.within(TIMEOUT_MS * 0.8, TIMEOUT_MS + 30_000);
      const { members } = await (await cluster.connect()).status();
      for (const { replicaTS, valueTS } of members) {
        expect(JSON.stringify([replicaTS, valueTS])).not.to.contain('forged');
      }
    });

    it('as many entries as fit, for a fresh query: TOO_LARGE, with words', async () => {
      const prev = forgedTimestamp(LIMITS.timestampEntries);
      const query = { ...QUERY, prev, consistency: 'fresh', timeoutMs: TIMEOUT_MS } as const;
      await expectFailure(query, 'TOO_LARGE', /more than 1024 entries together/);
    });

    it('by the hundred, each with other origins: bounded, and others go on meanwhile', async () => {
      const peer = await asClient();
      for (let requestId = 1; requestId <= 200; requestId++) {
        const prev = forgedTimestamp(FORGED_ENTRIES, `n${requestId}`);
        peer.send({ ...QUERY, requestId, prev, timeoutMs: LIMITS.timeoutMs });
      }
      const refused = await peer.first('failed');
      expect(refused).to.include({ code: 'OVERLOADED', definite: true });
      expect(refused.message).to.match(/too many requests of this connection/);
      await witness.isServed();
      expect(
        peer.received.some((each) => each.kind === 'failed' && each.code === 'TIMEOUT'),
      ).to.equal(false);
      await cluster.isUnharmed();
      peer.close();
      await until('the front end to drop them', async () => {
        return (await cluster.part('fe-1').metric('hearsay_pending_requests')) < 10;
      });
    });

    it('of a replica itself, ahead of what it has written', async () => {
      const prev = VectorTimestamp.of([[replica.origin, 1_000_000_000]]);
      await expectFailure({ ...QUERY, prev, timeoutMs: 500 }, 'TIMEOUT', /still lacks rm-2:/);
    });

    it('with 1,025 entries: refused at the door', async () => {
      const origins = Array.from({ length: 1025 }, (_, index) => `rm-1.x7~${index}`);
      const timestamp = origins.flatMap((_origin, index) => [index, 1]);
      for (const peer of [await asClient(), await asFrontend()]) {
        peer.sendParts(origins, [timestamp], []);
        expect(await peer.ended()).to.include({ code: 'TOO_LARGE' });
      }
    });

    it('waits at a replica for the connection that asked, and no longer', async () => {
      const part = cluster.part('rm-2');
      const peer = await asFrontend();
      const prev = forgedTimestamp(10, 'gone');
      for (let requestId = 1; requestId <= 100; requestId++) {
        peer.send({ ...replicaQuery(requestId), prev, timeoutMs: LIMITS.timeoutMs });
      }
      await until('they wait', async () => (await part.metric('hearsay_waiting_requests')) >= 100);
      peer.close();
      await until('they are gone', async () => {
        return (await part.metric('hearsay_waiting_requests')) < 100;
      });
    });
  });

  describe('with wrong contents', () => {
    it('a stamp of next year is INVALID, and the stamps of others stay as they are', async () => {
      const physicalMs = Date.now() + 365 * 24 * 3600 * 1000;
      const update = newUpdate({ stamp: { physicalMs, logical: 0 } });
      await expectFailure(update, 'INVALID', /stamp is \d+ s ahead of rm-\d's clock/);
      const answer = await answerTo(newUpdate());
      expect(answer.kind).to.equal('updated');
      if (answer.kind === 'updated') expect(answer.latest.physicalMs).to.be.lessThan(physicalMs);
    });

    for (const [what, change, words] of [
      ['an unknown operation', { operation: 'drop' }, /kv has no \w+ "drop"/],
      ['an operation called __proto__', { operation: '__proto__' }, /kv has no \w+ "__proto__"/],
      ['an operation called constructor', { operation: 'constructor' }, /kv has no \w+ "const/],
      ['no arguments', { args: {} }, /needs key/],
      ['a key that is a number', { args: { key: 7, value: 1 } }, /key must be .*, not 7/],
      ['a key of 513 bytes', { args: { key: 'k'.repeat(513), value: 1 } }, /key must be 1 to 512/],
      ['a value of 70 KB', { args: { key: 'k', value: 'v'.repeat(70_000) } }, /64 KiB|65536/],
      ['an argument too many', { args: { key: 'k', value: 1, toString: 1 } }, /takes no argument/],
    ] as const) {
      it(`${what} is INVALID`, async () => {
        await expectFailure(newUpdate(change), 'INVALID', words);
        const isUpdate = change.args !== undefined && 'value' in change.args;
        if (!isUpdate) await expectFailure({ ...QUERY, ...change }, 'INVALID', words);
      });
    }

    it('the same number with other contents is INVALID, the same again is not done again', async () => {
      const update = newUpdate({ operation: 'add', args: { key: 'sum', amount: 5 } });
      expect((await answerTo(update)).kind).to.equal('updated');
      expect((await answerTo({ ...update, attempt: 2 })).kind).to.equal('updated');
      const other = { ...update, args: { key: 'sum', amount: 7 } };
      await expectFailure(other, 'INVALID', /was sent before with other contents/);
      const count = { ...QUERY, operation: 'count', args: { key: 'sum' } };
      expect(await answerTo(count)).to.include({ kind: 'answered', value: 5 });
    });

    it('frames with arguments that are no JSON, too deep or too large end the connection', async () => {
      const update = (args: unknown) => framed(newUpdate({ args: args as ClientUpdate['args'] }));
      let deep: unknown = 1;
      for (let i = 0; i < 100; i++) deep = [deep];
      const proto = Buffer.from(update({ key: 'k', value: { nothing__: 1 } }));
      proto.write('__proto__', proto.indexOf('nothing__'));
      for (const [what, bytes, words] of [
        ['NaN', update({ key: 'k', value: Number.NaN }), /NaN/],
        ['a list', update([1, 2]), /map/],
        ['null', update(null), /map/],
        ['depth', update({ key: 'k', value: deep }), /levels/],
        ['__proto__', proto, /__proto__/],
        ['1 MB', update({ key: 'k', value: 'v'.repeat(1_000_000) }), /larger than/],
      ] as const) {
        const peer = await asClient();
        peer.sendBytes(bytes);
        const end = await peer.ended();
        expect(end, what).to.be.an('object');
        if (typeof end === 'object') expect(end.message, what).to.match(words);
      }
    });

    it('a 5 MB text ends the connection', async () => {
      const peer = await RawPeer.upgrade(cluster.part('fe-1').address);
      peer.socket.write(clientFrame(OPCODE.binary, framed(CLIENT_HELLO)));
      await until('a hello', async () => peer.received.length > 0);
      peer.socket.write(clientFrame(OPCODE.binary, pack([[], [], ['x'.repeat(5_000_000)]])));
      peer.socket.end();
      await peer.closed();
      await cluster.part('fe-1').says(/sent a frame larger than 4194304 bytes/);
    });
  });

  describe('with numbers used twice, huge or unknown', () => {
    it('are each answered under the number they had', async () => {
      const peer = await asClient();
      const most = Number.MAX_SAFE_INTEGER;
      peer.send(...[7, 7, 7, most, most, 0].map((requestId) => ({ ...QUERY, requestId })));
      await until('six answers', async () => {
        return peer.received.filter(({ kind }) => kind === 'answered').length === 6;
      });
      const ids = peer.received.flatMap((each) =>
        each.kind === 'answered' ? [each.requestId] : [],
      );
      expect(ids.sort((a, b) => a - b)).to.deep.equal([0, 7, 7, 7, most, most]);
      peer.close();
    });

    it('do no harm at a replica: the same number, cancels of what is not there', async () => {
      const peer = await asFrontend();
      const prev = forgedTimestamp(3, 'twice');
      const waits = { ...replicaQuery(7), prev, timeoutMs: 1500 };
      peer.send(waits, waits, { ...replicaUpdate(7, { prev, timeoutMs: 1500 }) });
      peer.send({ kind: 'cancel', requestIds: [7, 7, 8, Number.MAX_SAFE_INTEGER] });
      peer.send({ kind: 'cancel', requestIds: Array.from({ length: 20_000 }, (_, i) => i) });
      peer.send({ ...replicaQuery(9) });
      expect(await peer.first('answer')).to.include({ requestId: 9 });
      await until('nobody waits', async () => {
        return (await cluster.part('rm-2').metric('hearsay_waiting_requests')) < 3;
      });
      peer.close();
    });

    it('too many at once are OVERLOADED, and only that client is', async () => {
      const peer = await asClient();
      const many = 2 * LIMITS.connectionRequests;
      const prev = forgedTimestamp(1, 'many');
      for (let sent = 0; sent < many; sent += 1000) {
        const requests = Array.from({ length: 1000 }, (_, i) => ({
          ...QUERY,
          requestId: sent + i,
          prev,
          timeoutMs: 3000,
        }));
        peer.send(...requests);
      }
      const failed = await peer.first('failed');
      expect(failed).to.include({ code: 'OVERLOADED', definite: true });
      expect(failed.message).to.match(
        /too many requests of this connection are under way \(4096 of/,
      );
      await witness.isServed();
      peer.close();
    });
  });

  describe('that only others may make', () => {
    for (const [what, message] of [
      ['an update for a replica', replicaUpdate(1)],
      [
        'an acknowledgement',
        {
          kind: 'acknowledged',
          requestId: 1,
          timestamp: VectorTimestamp.zero,
          latest: { physicalMs: 1, logical: 0 },
          epoch: 1,
        },
      ],
      [
        'gossip',
        {
          kind: 'gossip',
          serial: 1,
          replicaTimestamp: VectorTimestamp.zero,
          epoch: 1,
          records: [],
        },
      ],
    ] as const satisfies readonly (readonly [string, Message])[]) {
      it(`${what} from a client ends the connection`, async () => {
        const peer = await asClient();
        peer.send(message);
        const end = await peer.ended();
        expect(end).to.include({ code: 'INVALID' });
        if (typeof end === 'object') expect(end.message).to.match(/not for a front end|client/);
      });
    }

    for (const [what, message] of [
      ["a client's update", newUpdate()],
      [
        'gossip',
        {
          kind: 'gossip',
          serial: 1,
          replicaTimestamp: VectorTimestamp.zero,
          epoch: 1,
          records: [],
        },
      ],
      ['a fetch', { kind: 'fetch', serial: 1, ranges: [] }],
      [
        'a fetched answer',
        {
          kind: 'fetched',
          serial: 1,
          replicaTimestamp: VectorTimestamp.zero,
          epoch: 1,
          records: [],
          entries: [],
        },
      ],
      [
        'an answer',
        {
          kind: 'collected',
          requestId: 1,
          replicaTimestamp: VectorTimestamp.zero,
          counted: true,
          epoch: 1,
          tip: { view: ZERO_BALLOT, seq: 0 },
        },
      ],
    ] as const satisfies readonly (readonly [string, Message])[]) {
      it(`${what} from a front end to a replica ends the connection`, async () => {
        const from = cluster.part('rm-2').said.length;
        const peer = await asFrontend();
        peer.send(message);
        const end = await peer.ended();
        expect(end).to.include({ code: 'INVALID' });
        await cluster.part('rm-2').says(new RegExp(message.kind), from);
      });
    }
  });

  it('state hashes asked for in one breath are computed once', async () => {
    const client = await cluster.connect();
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        client.update('set', { key: `large-${index}`, value: 'v'.repeat(50_000) }),
      ),
    );
    const peer = await asClient();
    const asks = Array.from({ length: 1000 }, (_, requestId) => ({
      kind: 'status-request' as const,
      requestId,
      hash: true,
    }));
    peer.send(...asks);
    await witness.isServed();
    await until('all to be answered', async () => {
      return peer.received.filter(({ kind }) => kind === 'status-report').length === asks.length;
    });
    peer.close();
  });
});
