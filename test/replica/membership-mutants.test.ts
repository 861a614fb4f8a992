/** What rules of PROTOCOL C to F are there for: scenes that go wrong without one of them (part J). */

import { expect } from 'chai';
import { donationOf } from '../../src/replica/snapshots.js';
import { activateWhenReported } from '../../src/replica/membership/activate.js';
import type { Turn } from '../../src/replica/turn.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { clusterOf, type MembershipCluster } from './membership-cluster.js';
import { unrest } from './membership-rest.js';

/** The primary, and the other members. */
function roles(cluster: MembershipCluster): { readonly first: string; readonly others: string[] } {
  cluster.until('a primary', () => cluster.primary !== null);
  const first = cluster.primary?.place ?? '';
  return { first, others: cluster.members.filter((name) => name !== first) };
}

function atRest(cluster: MembershipCluster): void {
  let why: string | null = '';
  try {
    cluster.until('rest', () => (why = unrest(cluster)) === null, 40_000);
  } catch (error) {
    throw new Error(`no rest: ${why}`, { cause: error });
  }
}

describe('labels and configurations', () => {
  it('what a member has said under an epoch it remembers after a crash', () => {
    for (const name of ['rm-1', 'rm-2', 'rm-3']) {
      const cluster = clusterOf(3, { diskMs: () => 4 });
      const before = cluster.epoch;
      let told = before;
      cluster.onSend = ({ place }, message) => {
        if (place !== name || message.kind !== 'heartbeat' || message.epoch <= told) return;
        told = message.epoch;
        cluster.time.after(0, () => cluster.crash(name));
      };
      cluster.join('rm-4');
      cluster.until('it speaks under the next epoch', () => told > before);
      cluster.run(1);
      cluster.isolate(name);
      cluster.start(name);
      expect(cluster.core(name).change.label).to.equal(told);
    }
  }).timeout(60_000);

  it('is not counted for fresh queries while its log has a configuration that may be in force', () => {
    const cluster = clusterOf(3);
    const asked: number[] = [];
    cluster.onDone = ({ place, state }) => {
      if (state === null || state.change.pending === null || asked.length >= 20) return;
      cluster.time.after(0, () => {
        if (cluster.core(place).change.pending === null) return;
        asked.push(cluster.query(place, { collect: true }));
      });
    };
    cluster.join('rm-4');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3', 'rm-4');
    expect(asked).not.to.deep.equal([]);
    for (const each of asked) {
      expect(cluster.answer(each, 'answer')).to.deep.include({ counted: false });
    }
  });

  it('a configuration is not committed by a majority of its members alone', () => {
    const cluster = clusterOf(2);
    const before = cluster.epoch;
    const { others } = roles(cluster);
    const [old = ''] = others;
    // The other member of the two is cut off as soon as it is proposed that there be three.
    let isProposed = false;
    cluster.onDone = ({ state }) => {
      if (isProposed || state === null || state.change.pending === null) return;
      isProposed = true;
      cluster.isolate(old);
    };
    cluster.join('rm-3');
    cluster.until('it is proposed', () => isProposed);
    cluster.run(8000);
    expect(cluster.epoch).to.equal(before);
    cluster.heal();
    cluster.settleAt('rm-1', 'rm-2', 'rm-3');
  });

  it('a second change waits until the one before is in force', () => {
    const cluster = clusterOf(5);
    const { others } = roles(cluster);
    const [one = '', other = '', third = ''] = others;
    cluster.crash(one);
    cluster.crash(other);
    cluster.run(500);
    const { epoch } = cluster;
    cluster.retire(one);
    cluster.run(3000);
    // Of five, four have to report; three are there.
    expect(cluster.core(third).membership.isActivated).to.equal(false);
    cluster.retire(other);
    cluster.run(3000);
    expect(cluster.epoch).to.equal(epoch + 1);
  }).timeout(60_000);

  it('reports of a majority do not settle what a member made that left', () => {
    const cluster = clusterOf(5);
    const { others } = roles(cluster);
    const [gone = '', away = ''] = others;
    // Two hold it, which is enough to be acknowledged; then one is gone, and the other one away.
    cluster.isolate(gone, away);
    cluster.until('they reach each other', () => cluster.network.areConnected(gone, away));
    const asked = [gone, away].map((place) => cluster.ask(place, { operation: 'set' }));
    for (const each of asked) cluster.answer(each, 'acknowledged');
    cluster.crash(gone);
    cluster.until('a primary', () => cluster.primary !== null);
    cluster.retire(gone);
    cluster.run(8000);
    cluster.heal();
    cluster.until('it is settled', () => cluster.core(away).membership.isActivated);
    atRest(cluster);
    expect([...cluster.oracle.durable.keys()]).to.deep.equal(['session-1:1']);
    expect([...cluster.node(others[2] ?? '').service.applied]).to.deep.equal(['session-1:1']);
  }).timeout(60_000);
});

describe('cuts', () => {
  it('contain the cut before, though nobody who reports holds all of it', () => {
    const cluster = clusterOf(3);
    cluster.answer(cluster.ask('rm-1', { operation: 'set' }), 'acknowledged');
    cluster.run(500);
    cluster.join('rm-4');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3', 'rm-4');
    const state = cluster.core(roles(cluster).first);
    const { membership, change } = state;
    const { configuration, cut } = membership;
    expect(cut.equals(VectorTimestamp.zero)).to.equal(false);
    const epoch = configuration.epoch + 1;
    const next = { ...configuration, epoch, leaving: [], closing: [] };
    membership.apply({ kind: 'configure', configuration: next });
    for (const { id } of configuration.members) {
      if (id !== null) change.reports.set(id, VectorTimestamp.zero);
    }
    const turn: Turn = { state, nowMs: cluster.time.nowMs + 60_000, effects: [] };
    activateWhenReported(turn);
    const cuts = turn.effects.flatMap((effect) =>
      effect.kind === 'persist'
        ? (effect.transition.entries ?? []).flatMap((entry) =>
            entry.kind === 'change' && entry.change.kind === 'activate' ? [entry.change.cut] : [],
          )
        : [],
    );
    expect(cuts).to.have.length(1);
    expect(cut.leq(cuts[0] ?? VectorTimestamp.zero)).to.equal(true);
  });

  it('are in the past of an update whose client has seen what is void', () => {
    const cluster = clusterOf(3);
    const kept = cluster.answer(cluster.ask('rm-1', { operation: 'set', n: 1 }), 'acknowledged');
    const other = { operation: 'set', session: 'session-2' } as const;
    cluster.answer(cluster.ask('rm-2', other), 'acknowledged');
    cluster.run(500);
    cluster.isolate('rm-3');
    const lost = cluster.ask('rm-3', { operation: 'set', n: 2 });
    const seen = kept.timestamp.merge(cluster.answer(lost, 'acknowledged').timestamp);
    cluster.crash('rm-3');
    cluster.loseDisk('rm-3');
    cluster.heal();
    cluster.join('rm-3', 'replace');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3');
    const { membership } = cluster.core('rm-1');
    const cut = membership.normalise(membership.cut).timestamp;
    expect(membership.normalise(seen).isVoided).to.equal(true);
    const next = cluster.ask('rm-1', { operation: 'set', n: 3, prev: seen });
    const { timestamp } = cluster.answer(next, 'acknowledged');
    expect(cut.leq(timestamp), 'another replica would execute it before the cut').to.equal(true);
  });
});

describe('what a joiner begins with', () => {
  it('knows what was executed: a retry is not executed again, though its body is collected', () => {
    const cluster = clusterOf(2);
    const request = { operation: 'set', stampMs: 1_700_000_000_000 } as const;
    cluster.answer(cluster.ask('rm-1', request), 'acknowledged');
    cluster.until('it is collected', () => {
      for (const place of ['rm-1', 'rm-2']) cluster.save(place);
      return ['rm-1', 'rm-2'].every((place) => cluster.core(place).log.base > 0);
    });
    cluster.join('rm-3');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3');
    cluster.answer(cluster.ask('rm-3', request), 'acknowledged');
    atRest(cluster);
    expect(cluster.core('rm-3').log.size).to.equal(0);
  });

  it('lacks nothing that its donor had not executed', () => {
    const cluster = clusterOf(1, { diskMs: () => 40, donationMs: () => 1 });
    for (let n = 1; n <= 3; n++) cluster.ask('rm-1', { operation: 'set', n });
    const { valueTimestamp, log } = donationOf(cluster.core('rm-1'));
    expect(log.collected.leq(valueTimestamp)).to.equal(true);
    expect(cluster.core('rm-1').received.value().leq(valueTimestamp)).to.equal(false);
  });

  it('is no member while it lacks what is collected', () => {
    const cluster = clusterOf(1, { donationMs: () => 3000 });
    cluster.join('rm-2');
    cluster.run(200);
    for (let n = 1; n <= 5; n++) {
      cluster.answer(cluster.ask('rm-1', { operation: 'set', n }), 'acknowledged');
      cluster.save('rm-1');
      cluster.run(100);
    }
    expect(cluster.core('rm-1').log.base).to.be.above(0);
    cluster.settleAt('rm-1', 'rm-2');
    expect(cluster.ends.map(({ reason }) => reason)).to.deep.equal(['behind']);
    atRest(cluster);
  });

  it('binds it to nothing that its donor has promised', () => {
    const cluster = clusterOf(3);
    const { first } = roles(cluster);
    cluster.isolate(first);
    cluster.ask(first, { operation: 'put' });
    const state = cluster.core(first);
    const { op, commit, promises } = state.forced.log;
    expect(op, 'it has an entry that is not committed').to.equal(commit + 1);
    expect(promises).to.be.above(0);
    const { forced } = donationOf(state);
    expect(forced).to.deep.include({ commit, promises: 0, notes: [], halted: '' });
    expect((forced?.base ?? 0) + (forced?.entries.length ?? 0)).to.equal(commit);
  });
});
