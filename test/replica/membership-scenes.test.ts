import { expect } from 'chai';
import { isReservedOrigin, type MemberId, type Origin } from '../../src/base/ids.js';
import { dropWhenHeld } from '../../src/replica/membership/activate.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { MembershipClient, readFresh } from './membership-client.js';
import { clusterOf, type MembershipCluster } from './membership-cluster.js';
import { unrest } from './membership-rest.js';

function atRest(cluster: MembershipCluster): void {
  let why: string | null = '';
  const isAtRest = (): boolean => (why = unrest(cluster)) === null;
  try {
    cluster.until('rest', isAtRest, 40_000);
  } catch (error) {
    throw new Error(`no rest: ${why}`, { cause: error });
  }
}

const clientsOf = (cluster: MembershipCluster): MembershipClient[] =>
  [1, 2, 3].map((i) => new MembershipClient(cluster, `session-${i}`));

const stop = (clients: readonly MembershipClient[]): void => {
  for (const client of clients) client.isStopped = true;
};

/** An update that two replicas have acknowledged; its timestamp. */
function setAt(
  cluster: MembershipCluster,
  n: number,
  ...places: readonly string[]
): VectorTimestamp {
  const asked = places.map((place) => cluster.ask(place, { operation: 'set', n }));
  const [first] = asked.map((each) => cluster.answer(each, 'acknowledged'));
  return first?.timestamp ?? VectorTimestamp.zero;
}

describe('members that come and go', () => {
  it('1, 2, 3, and 2 again', () => {
    const cluster = clusterOf(3);
    expect(cluster.epoch).to.be.at.least(3);
    const asked = cluster.retire('rm-3');
    const { message } = cluster.answer(asked, 'members-changed');
    expect(message).to.include('rm-1, rm-2');
    cluster.settleAt('rm-1', 'rm-2');
    cluster.until('rm-3 ends', () => cluster.node('rm-3').ended === 'removed');
    atRest(cluster);
  });

  it('one is added, and one removed, under load', () => {
    const cluster = clusterOf(3);
    const clients = clientsOf(cluster);
    let fresh = 0;
    const reading = () => {
      readFresh(cluster, (done) => (fresh += Number(done)));
      if (clients[0]?.isStopped === false) cluster.time.after(40, reading);
    };
    reading();
    cluster.run(1000);
    cluster.join('rm-4');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3', 'rm-4');
    cluster.run(500);
    cluster.answer(cluster.retire('rm-2'), 'members-changed');
    cluster.settleAt('rm-1', 'rm-3', 'rm-4');
    stop(clients);
    atRest(cluster);
    for (const client of clients) expect(client.answered).to.be.at.least(client.n - 2);
    expect(fresh).to.be.above(20);
  });

  it('two want to join at once: one after the other', () => {
    const cluster = clusterOf(1);
    cluster.join('rm-2');
    cluster.join('rm-3');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3');
    atRest(cluster);
  });

  it('the primary itself is removed', () => {
    const cluster = clusterOf(3);
    const clients = clientsOf(cluster);
    cluster.run(500);
    const { primary } = cluster;
    const place = primary?.place ?? '';
    cluster.retire(place);
    cluster.run(2000);
    // It has handed over: the next primary takes it.
    cluster.until('a primary', () => cluster.primary !== null);
    cluster.answer(cluster.retire(place), 'members-changed');
    cluster.until('it ends', () => cluster.node(place).ended === 'removed');
    cluster.settleAt(...['rm-1', 'rm-2', 'rm-3'].filter((each) => each !== place));
    cluster.run(500);
    stop(clients);
    atRest(cluster);
  });

  // Seed 8701 of the simulator: who had left was the last that could have given them to it.
  it('one that leaves stays until who is away has its records, where another began with a snapshot', () => {
    const cluster = clusterOf(3);
    cluster.crash('rm-2');
    setAt(cluster, 1, 'rm-1', 'rm-3');
    cluster.join('rm-4');
    cluster.until('rm-4 is a member', () => cluster.members.includes('rm-4'));
    const { directory } = cluster.node('rm-3');
    cluster.answer(cluster.retire('rm-3'), 'members-changed');
    cluster.run(3000);
    expect(cluster.node('rm-3').ended).to.equal(null);
    cluster.crash('rm-1');
    cluster.loseDisk('rm-1');
    cluster.start('rm-2');
    cluster.join('rm-1', 'replace');
    cluster.settleAt('rm-1', 'rm-2', 'rm-4');
    cluster.until('rm-3 ends', () => cluster.node('rm-3').ended === 'removed');
    expect(cluster.node('rm-3').directory).to.equal(directory);
    atRest(cluster);
  });

  it('a dead member is replaced by one of its name', () => {
    const cluster = clusterOf(3);
    const clients = clientsOf(cluster);
    cluster.run(1000);
    const before = cluster.node('rm-2').directory?.member;
    cluster.crash('rm-2');
    cluster.loseDisk('rm-2');
    cluster.join('rm-2', 'replace');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3');
    expect(cluster.node('rm-2').directory?.member).not.to.equal(before);
    cluster.run(500);
    stop(clients);
    atRest(cluster);
  });

  it('a dead member is retired, comes back, and joins again as another one', () => {
    const cluster = clusterOf(3);
    cluster.isolate('rm-3');
    const [only] = [cluster.ask('rm-3', { operation: 'set', n: 1 })];
    cluster.answer(only, 'acknowledged');
    cluster.crash('rm-3');
    cluster.until('a primary', () => cluster.primary !== null);
    cluster.answer(cluster.retire('rm-3'), 'members-changed');
    cluster.settleAt('rm-1', 'rm-2');
    cluster.heal();
    cluster.start('rm-3');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3');
    expect(cluster.ends.map(({ reason }) => reason)).to.deep.equal(['retired']);
    atRest(cluster);
    expect([...cluster.node('rm-1').service.applied], 'what only it had').to.include('session-1:1');
  });

  it('origins of earlier starts are closed and dropped; who names them is served', () => {
    const cluster = clusterOf(3);
    let prev = setAt(cluster, 1, 'rm-1', 'rm-2');
    for (let round = 0; round < 3; round++) {
      for (const place of ['rm-1', 'rm-2', 'rm-3']) {
        prev = prev.merge(setAt(cluster, 10 * round + Number(place.slice(3)) + 1, place));
        cluster.run(1000);
        cluster.crash(place);
        cluster.start(place);
        cluster.run(1500);
      }
    }
    atRest(cluster);
    const origins = [...cluster.core('rm-1').value.value()].filter(
      ([each]) => !isReservedOrigin(each),
    );
    expect(origins.length).to.be.at.most(3);
    expect(prev.size).to.be.at.least(5);
    const asked = cluster.query('rm-2', { prev });
    cluster.answer(asked, 'answer', 1000);
    expect(cluster.oracle.counts.drops).to.be.at.least(5);
  });

  it('nothing is dropped because another identity under the name of a member holds it', () => {
    const cluster = clusterOf(3);
    atRest(cluster);
    const place = cluster.primary?.place ?? '';
    const state = cluster.core(place);
    const { membership, peers } = state;
    const closed = 'rm-9.gone~1' as Origin;
    const held = VectorTimestamp.of([[closed, 1]]);
    const { configuration } = membership;
    const epoch = configuration.epoch + 1;
    membership.apply({ kind: 'configure', configuration: { ...configuration, epoch } });
    const finals = [{ origin: closed, final: 1 }];
    membership.apply({ kind: 'activate', epoch, cut: held, finals });
    state.durable.mergeIn(held);
    state.value.mergeIn(held);
    for (const peer of peers.values()) peer.timestamp = peer.timestamp.merge(held);
    const ordered = (): number => {
      const turn = { state, nowMs: cluster.time.nowMs, effects: [] };
      dropWhenHeld(turn);
      return turn.effects.length;
    };
    const [peer] = peers.values();
    if (peer === undefined) throw new Error('a peer');
    const { memberId } = peer;
    peer.memberId = `${peer.name}.other` as MemberId;
    peer.joins = null;
    expect(ordered()).to.equal(0);
    peer.memberId = memberId;
    expect(ordered()).to.be.above(0);
  });

  it('a start that is not claimed is counted for nothing', () => {
    const cluster = clusterOf(3);
    for (const place of ['rm-1', 'rm-2']) cluster.crash(place);
    cluster.crash('rm-3');
    cluster.start('rm-3');
    cluster.run(2000);
    const { epoch } = cluster.answer(cluster.ask('rm-3', { operation: 'set' }), 'acknowledged');
    expect(epoch).to.equal(0);
    const answer = cluster.answer(cluster.query('rm-3'), 'answer');
    expect(answer).to.deep.include({ epoch: 0, counted: false });
    cluster.start('rm-1');
    cluster.until('a claim', () => cluster.core('rm-3').change.isClaimed);
    cluster.start('rm-2');
    atRest(cluster);
  });

  it('settling waits while too few report, until an operator forces it', () => {
    const cluster = clusterOf(5);
    const others = ['rm-1', 'rm-2', 'rm-3', 'rm-4', 'rm-5'].filter(
      (each) => each !== cluster.primary?.place,
    );
    const [one = '', other = ''] = others;
    cluster.crash(one);
    cluster.crash(other);
    cluster.run(500);
    const asked = cluster.retire(one);
    cluster.run(10_000);
    expect(cluster.answerTo(asked)).to.equal(null);
    expect(cluster.core(others[2] ?? '').membership.isActivated).to.equal(false);
    cluster.oracle.mayLose = true;
    const forced = cluster.retire(other, true);
    cluster.answer(asked, 'members-changed');
    cluster.answer(forced, 'members-changed');
    cluster.settleAt(
      ...['rm-1', 'rm-2', 'rm-3', 'rm-4', 'rm-5'].filter((each) => each !== one && each !== other),
    );
    atRest(cluster);
  });
});

describe('disks that are lost, put back, or copied', () => {
  it('what a client saw of a lost disk is void: it is served once that is settled', () => {
    const cluster = clusterOf(3);
    const kept = setAt(cluster, 1, 'rm-1', 'rm-2');
    cluster.run(500);
    cluster.isolate('rm-3');
    const seen = kept.merge(setAt(cluster, 2, 'rm-3'));
    cluster.crash('rm-3');
    cluster.loseDisk('rm-3');
    cluster.heal();
    const early = cluster.query('rm-1', { prev: seen, timeoutMs: 60_000 });
    cluster.run(3000);
    expect(cluster.answerTo(early), 'before the settlement it waits').to.equal(null);
    cluster.join('rm-3', 'replace');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3');
    cluster.answer(early, 'answer', 2000);
    const late = cluster.query('rm-2', { prev: seen });
    const { valueTimestamp } = cluster.answer(late, 'answer', 2000);
    expect(cluster.core('rm-2').membership.cut.leq(valueTimestamp)).to.equal(true);
    atRest(cluster);
  });

  it('a disk that was put back is noticed, and begins anew', () => {
    const cluster = clusterOf(3);
    const clients = clientsOf(cluster);
    cluster.run(500);
    const old = cluster.backUp('rm-2');
    cluster.run(3000);
    cluster.crash('rm-2');
    cluster.putBack('rm-2', old);
    cluster.start('rm-2');
    cluster.until('it is noticed', () => cluster.ends.length > 0);
    expect(cluster.ends[0]?.reason).to.equal('rolled-back');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3');
    cluster.run(500);
    stop(clients);
    atRest(cluster);
  });

  it('a copy that is started beside the original is refused; the original goes on', () => {
    const cluster = clusterOf(3);
    const clients = clientsOf(cluster);
    cluster.run(1000);
    const copy = cluster.clone('rm-2', cluster.backUp('rm-2'));
    cluster.until('it ends', () => copy.ended !== null, 20_000);
    cluster.run(500);
    expect(copy.ended).to.be.oneOf(['halt', 'duplicate name']);
    expect(cluster.node('rm-2').ended).to.equal(null);
    cluster.run(500);
    stop(clients);
    atRest(cluster);
  });

  it('two copies are started at once: one at most is claimed', () => {
    const cluster = clusterOf(3);
    cluster.run(1000);
    cluster.crash('rm-2');
    const directory = cluster.backUp('rm-2');
    const copies = [cluster.clone('rm-2', directory), cluster.clone('rm-2', directory)];
    cluster.run(15_000);
    const claimed = copies.filter(({ state }) => state?.change.isClaimed === true);
    expect(claimed.length).to.be.at.most(1);
    cluster.settleAt('rm-1', 'rm-2', 'rm-3');
  });
});
