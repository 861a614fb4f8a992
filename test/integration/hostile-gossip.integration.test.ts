/** A "replica" that lies to a replica: forged records and ranges. It has a member's name and cluster. */

import { expect } from 'chai';
import type { Origin, SessionId } from '../../src/base/ids.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { bodyDigest } from '../../src/wire/digest.js';
import type { LogRecord } from '../../src/log/record.js';
import type { Message, ReplicaHello } from '../../src/wire/messages.js';
import { HostileCluster, Witness } from './hostile-cluster.js';
import { forgedTimestamp, impostorHello, Peer, replicaHelloAt } from './hostile-peer.js';
import { until } from './support/until.js';

const SESSION = 'forged-session' as SessionId;

function record(
  origin: Origin,
  seq: number,
  change: Partial<LogRecord['body']> = {},
  prev = VectorTimestamp.zero,
): LogRecord {
  const body = {
    session: SESSION,
    n: seq,
    stamp: { physicalMs: 1_600_000_000_000, logical: seq },
    operation: 'add',
    args: { key: 'forged', amount: 1 },
    user: '',
    ...change,
  };
  const digest = bodyDigest(body.operation, body.args, body.user, body.stamp, body.session);
  return { origin, seq, prev, body: { ...body, digest } };
}

describe('a replica that lies', function () {
  this.timeout(120_000);
  let cluster: HostileCluster;
  let witness: Witness;
  let replica: ReplicaHello;
  let liar: ReplicaHello;

  before(async () => {
    cluster = await HostileCluster.start();
    witness = new Witness(await cluster.connect(), 'witness');
    replica = await replicaHelloAt(cluster.part('rm-2').address);
    liar = impostorHello(replica, 'rm-1');
  });

  afterEach(async () => {
    await witness.isServed();
    await cluster.isUnharmed();
    await agree();
  });

  after(async () => {
    await witness?.stop();
    await cluster?.close();
  });

  /** All replicas come to one state: while the witness writes, that takes a lucky moment. */
  async function agree(): Promise<void> {
    const client = await cluster.connect();
    await until('all replicas to agree', async () => {
      const { members } = await client.status({ hash: true });
      return new Set(members.map(({ stateHash }) => stateHash)).size === 1;
    });
    await client.close();
  }

  async function lie(...messages: readonly Message[]): Promise<Peer> {
    const peer = await Peer.greet(cluster.part('rm-2').address, liar);
    peer.send(...messages);
    return peer;
  }

  const gossip = (serial: number, ...records: readonly LogRecord[]): Message => ({
    kind: 'gossip',
    serial,
    replicaTimestamp: VectorTimestamp.zero,
    epoch: 1,
    records,
  });

  it('about what comes after a gap: kept apart, asked for, never executed', async () => {
    const records = Array.from({ length: 500 }, (_, index) => record(liar.origin, index + 2));
    const peer = await lie(gossip(1, ...records));
    await peer.first('fetch').catch(() => null);
    const { value } = await (await cluster.connect()).query('count', { key: 'forged' });
    expect(value).to.equal(0);
  });

  it('about what depends on what nobody has: never executed', async () => {
    const origin = `${liar.memberId}~start1` as Origin;
    await lie(gossip(1, record(origin, 1, {}, forgedTimestamp(1000, 'prev'))));
    await witness.isServed();
    const { value } = await (await cluster.connect()).query('count', { key: 'forged' });
    expect(value).to.equal(0);
  });

  it('about updates of this start of the replica itself: not taken', async () => {
    const next = 1_000_000;
    await lie(gossip(1, record(replica.origin, next), record(replica.origin, next + 1)));
    const { members } = await (await cluster.connect()).status();
    expect(JSON.stringify(members)).not.to.contain(`${next}`);
  });

  for (const [what, change, words] of [
    ['an operation that there is none of', { operation: 'explode' }, /kv has no update "explode"/],
    ['arguments that no replica would take', { args: { key: 7 } }, /key must be .*, not 7/],
  ] as const) {
    it(`about ${what}: refused before it is stored`, async () => {
      const from = cluster.part('rm-2').said.length;
      const origin = `${liar.memberId}~bad${what.length}` as Origin;
      for (const message of [
        gossip(1, record(origin, 1, change)),
        {
          kind: 'fetched',
          serial: 1,
          replicaTimestamp: VectorTimestamp.zero,
          epoch: 1,
          records: [record(origin, 1, change)],
          entries: [],
        } as const,
      ]) {
        const end = await (await lie(message)).ended();
        expect(end).to.include({ code: 'INVALID' });
        if (typeof end === 'object') expect(end.message).to.match(words);
        await cluster.part('rm-2').says(words, from);
      }
    });
  }

  it('with ranges without end, many times over', async () => {
    const { replicaTimestamp } = await replicaHelloAt(cluster.part('rm-2').address);
    const [origin] = [...replicaTimestamp.entries()].sort(([, a], [, b]) => b - a)[0] ?? [];
    if (origin === undefined) throw new Error('rm-2 holds nothing');
    const range = { origin, from: 1, to: Number.MAX_SAFE_INTEGER };
    const ranges = Array.from({ length: 4096 }, () => range);
    const peer = await lie(
      { kind: 'fetch', serial: 1, ranges },
      { kind: 'fetch', serial: 2, ranges },
    );
    const { records } = await peer.first('fetched');
    expect(records.length).to.be.within(1, 2000);
    expect(new Set(records.map(({ seq }) => seq)).size).to.equal(records.length);
  });
});
