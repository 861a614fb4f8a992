import { expect } from 'chai';
import type { ForcedEntry, ForcedTransition } from '../../src/log/forced-log.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { Vote } from '../../src/wire/forced-messages.js';
import { memberOf, sends, sent, TestReplica, ts } from './support.js';

const noOp = (seq: number, n: number, owner: string): ForcedEntry => ({
  kind: 'no-op',
  seq,
  born: { n, owner: memberOf(owner) },
  committed: seq - 1,
  prev: VectorTimestamp.zero,
});

/** A log of view 1, led by rm-2, with one committed entry. */
const VIEW_1: ForcedTransition = {
  view: { n: 1, owner: memberOf('rm-2') },
  lnv: { n: 1, owner: memberOf('rm-2') },
  entries: [noOp(1, 1, 'rm-2')],
  commit: 1,
  mayVote: true,
};

function candidate(): TestReplica {
  const replica = new TestReplica({
    members: 5,
    tuning: { forced: 'on' },
    recovered: { transitions: [VIEW_1] },
  }).peers();
  const [asked] = sends(replica.wait(2000), 'pre-vote');
  const round = asked?.round ?? 0;
  const view = VIEW_1.view as NonNullable<ForcedTransition['view']>;
  const granted = { kind: 'vote-answered', to: 'pre-vote', round, granted: true } as const;
  replica.message(13, { ...granted, isBehind: false, view });
  replica.message(14, { ...granted, isBehind: false, view });
  expect(replica.state.forced.role).to.equal('candidate');
  return replica;
}

/** Its promise is on the disk: what it sends to each of the others. */
function asksForVotes(replica: TestReplica): Vote {
  const votes = sends(replica.durable(), 'vote');
  expect(votes).to.have.length(4);
  return votes[0] as Vote;
}

describe('a candidate', () => {
  it('that takes over the log of a later view begins no view with votes for its own', () => {
    const replica = candidate();
    const { round, view } = asksForVotes(replica);
    const later = { n: 3, owner: memberOf('rm-5') };
    const answered = { kind: 'vote-answered', to: 'vote', round } as const;
    replica.message(15, { ...answered, granted: false, isBehind: true, view: later });
    replica.message(15, {
      kind: 'state',
      after: 1,
      takeOver: true,
      isPrimary: true,
      lnv: later,
      op: 2,
      commit: 1,
      entries: [noOp(2, 3, 'rm-5')],
    });
    expect(replica.state.forced.log.lnv).to.deep.equal(later);
    replica.message(13, { ...answered, granted: true, isBehind: false, view });
    replica.message(14, { ...answered, granted: true, isBehind: false, view });
    replica.durable();
    expect(['starting', 'primary']).not.to.include(replica.state.forced.role);
  });
});

describe('a committed entry that is not in the log of a view', () => {
  it('of an earlier view ends what this view could commit', () => {
    // rm-1 leads view 2 and has begun it; view 3 has committed what rm-2 ordered in view 1.
    const replica = candidate();
    const { round, view } = asksForVotes(replica);
    const answered = { kind: 'vote-answered', to: 'vote', round } as const;
    replica.message(13, { ...answered, granted: true, isBehind: false, view });
    replica.message(14, { ...answered, granted: true, isBehind: false, view });
    replica.durable();
    expect(replica.state.forced.role).to.equal('primary');
    const past = ts({ '!0': 2 });
    replica.frontend();
    const asked = sent(replica.query({ prev: past }), 'fetch');
    expect(asked.ranges).to.have.length(1);
    const body = {
      session: 'session-1' as never,
      n: 1,
      digest: 'd',
      stamp: { physicalMs: 1, logical: 0 },
      operation: 'put',
      args: {},
      user: '',
    };
    const entry: ForcedEntry = { ...noOp(2, 1, 'rm-2'), kind: 'update', body, answered: 0 };
    const effects = replica.message(14, {
      kind: 'fetched',
      serial: asked.serial,
      replicaTimestamp: past,
      epoch: 1,
      records: [],
      entries: [entry],
    });
    const told = [...effects, ...replica.durable(), ...replica.wait(400)];
    for (const { commit, op } of sends(told, 'prepare')) expect([commit, op]).to.equal('nothing');
    for (const { standing } of sends(told, 'heartbeat')) {
      if (standing.primary?.name === 'rm-1') expect(standing.commit).to.be.at.most(1);
    }
  });
});
