import { expect } from 'chai';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import type { Counterpart } from '../../src/replica/events.js';
import { mayStore } from '../../src/replica/membership/freeze.js';
import { step } from '../../src/replica/step.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { MembershipCluster } from './membership-cluster.js';

type ReplicaCounterpart = Extract<Counterpart, { role: 'replica' }>;

function three(): MembershipCluster {
  const cluster = new MembershipCluster();
  cluster.found('rm-1');
  cluster.join('rm-2');
  cluster.settleAt('rm-1', 'rm-2');
  cluster.join('rm-3');
  cluster.settleAt('rm-1', 'rm-2', 'rm-3');
  return cluster;
}

/** How `rm-1` says hello now; with other words in places. */
function helloOf(
  cluster: MembershipCluster,
  other: Partial<ReplicaCounterpart> = {},
): ReplicaCounterpart {
  const { self, durable, forced, change } = cluster.core('rm-1');
  const { name, memberId, origin, address, boot, versions } = self;
  return {
    ...{ role: 'replica', name, memberId, origin, address, boot, versions, joins: null },
    epoch: change.label,
    promises: forced.durable.promises,
    replicaTimestamp: durable.value(),
    ...other,
  };
}

/** What `rm-2` does on a connection that begins with such a hello. */
function greet(cluster: MembershipCluster, counterpart: ReplicaCounterpart): ReplicaEffect[] {
  const event = { kind: 'link-up', link: 100_000, counterpart } as const;
  return step(cluster.core('rm-2'), { ...event, nowMs: cluster.time.nowMs });
}

const reasonIn = (effects: readonly ReplicaEffect[]): string | null => {
  for (const effect of effects) {
    if (effect.kind === 'send' && effect.message.kind === 'claim-refused')
      return effect.message.reason;
  }
  return null;
};

/** `rm-1` has crashed, and `rm-2` has noticed. */
function withoutFirst(): MembershipCluster {
  const cluster = three();
  for (let n = 1; n <= 5; n++) cluster.ask('rm-1', { operation: 'set', n });
  cluster.run(3000);
  return cluster;
}

/** The next start on the directory of `rm-1`. */
const restarted = { boot: { number: 2, nonce: 'other' }, origin: 'rm-1.d1~s99' as never };

describe('whose start is granted', () => {
  it('the same process, on another connection', () => {
    const cluster = withoutFirst();
    expect(reasonIn(greet(cluster, helloOf(cluster)))).to.equal(null);
  });

  it('the same process, though its records were faster by way of another replica than its hello', () => {
    const cluster = withoutFirst();
    const { origin } = cluster.core('rm-1').self;
    expect(cluster.core('rm-2').received.get(origin)).to.equal(5);
    const replicaTimestamp = VectorTimestamp.of([[origin, 2]]);
    expect(reasonIn(greet(cluster, helloOf(cluster, { replicaTimestamp })))).to.equal(null);
  });

  it('not another one while the first is heard, and that one later', () => {
    const cluster = withoutFirst();
    const hello = helloOf(cluster, restarted);
    expect(reasonIn(greet(cluster, hello))).to.equal('duplicate');
    cluster.crash('rm-1');
    cluster.run(100);
    expect(reasonIn(greet(cluster, hello))).to.equal(null);
  });

  it('not one whose disk has forgotten records, promises or its start', () => {
    const cluster = withoutFirst();
    const { origin } = cluster.core('rm-1').self;
    const hello = helloOf(cluster, restarted);
    const fewer = VectorTimestamp.of([[origin, 4]]);
    cluster.crash('rm-1');
    cluster.run(100);
    const { promises, boot } = hello;
    expect(reasonIn(greet(cluster, { ...hello, replicaTimestamp: fewer }))).to.equal('rolled-back');
    expect(reasonIn(greet(cluster, { ...hello, promises: promises - 1 }))).to.equal('rolled-back');
    const again = { ...boot, number: 1 };
    expect(reasonIn(greet(cluster, { ...hello, boot: again }))).not.to.equal(null);
  });

  it('who is claimed already takes it for slowness that another process of it is still heard', () => {
    const cluster = three();
    const refusal = { kind: 'claim-refused', reason: 'duplicate', detail: '' } as const;
    const event = {
      kind: 'message',
      link: 2,
      message: refusal,
      nowMs: cluster.time.nowMs,
    } as const;
    const kinds = step(cluster.core('rm-1'), event).map(({ kind }) => kind);
    expect(kinds).not.to.include('halt');
    expect(kinds).not.to.include('end');
  });
});

describe('records of a member that leaves', () => {
  it('are taken from who has frozen it too, and from nobody else, until it is settled', () => {
    const cluster = three();
    // Of four, three must report: the one that is cut off is waited for.
    cluster.join('rm-4');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3', 'rm-4');
    const place = cluster.primary?.place ?? '';
    const [gone = '', silent = ''] = ['rm-1', 'rm-2', 'rm-3', 'rm-4'].filter(
      (each) => each !== place,
    );
    const { origin } = cluster.core(gone).self;
    cluster.ask(gone, { operation: 'set' });
    cluster.run(500);
    cluster.crash(gone);
    cluster.crash(silent);
    cluster.run(100);
    cluster.start(silent);
    cluster.retire(gone);
    const core = cluster.core(place);
    cluster.until('it is frozen', () => core.membership.isFrozen(origin));
    const peer = [...core.peers.values()].find(({ name }) => name !== gone && name !== silent);
    expect(peer).not.to.equal(undefined);
    if (peer === undefined) return;
    const { epoch } = core.membership.configuration;
    const taken = (label: number): boolean => mayStore(core, { ...peer, epoch: label }, origin, 2);
    expect([taken(0), taken(epoch - 1), taken(epoch)]).to.deep.equal([false, false, true]);
    cluster.until('it is settled', () => core.membership.isActivated);
    const final = core.membership.finalOf(origin);
    expect(final).to.equal(1);
    expect(
      mayStore(core, { ...peer, epoch: 0 }, origin, 1),
      'what counts is taken from all',
    ).to.equal(true);
    expect(mayStore(core, { ...peer, epoch }, origin, 2), 'what is void from nobody').to.equal(
      false,
    );
  });
});
