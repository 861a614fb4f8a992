/** Going on without a majority (PROTOCOL F): what a survivor takes over, under which names, and when. */

import { expect } from 'chai';
import type { Name, Origin } from '../../src/base/ids.js';
import type { ForcedEntry, ForcedTransition } from '../../src/log/forced-log.js';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { counterpartOf } from './identities.js';
import { body, effectsOf, memberOf, origin, record, sends, TestReplica, ts } from './support.js';

const FRONTEND = 1;
const VIEW = { n: 1, owner: memberOf('rm-2') };

/** Three entries of the view of `rm-2`, of which two are known to be committed. */
const ORDERED: ForcedTransition = {
  view: VIEW,
  lnv: VIEW,
  keep: 0,
  entries: [entry(1), entry(2), entry(3)],
  commit: 2,
  mayVote: true,
};

function entry(seq: number): ForcedEntry {
  const place = { seq, born: VIEW, committed: 0, prev: VectorTimestamp.zero };
  return seq === 1
    ? { kind: 'no-op', ...place }
    : { kind: 'update', ...place, body: body(seq), answered: 0 };
}

/** `rm-1` of so many members with these entries on its disk. */
function survivor(members: number): TestReplica {
  const replica = new TestReplica({
    members,
    founded: true,
    tuning: { forced: 'on' },
    recovered: { transitions: [ORDERED] },
  });
  replica.step({ kind: 'executed', result: { kind: 'value', value: null } });
  replica.frontend(FRONTEND);
  return replica;
}

function recover(replica: TestReplica, survivors: readonly string[]): ReplicaEffect[] {
  const members = [...replica.state.membership.configuration.members].map(({ name }) => name);
  return replica.message(FRONTEND, {
    ...{ kind: 'recover', requestId: 1, plan: 'plan', abort: false },
    survivors: survivors as Name[],
    lost: members.filter((name) => !survivors.includes(name)),
  });
}

/** All is written, and what is to be executed is. */
function settle(replica: TestReplica): ReplicaEffect[] {
  const effects: ReplicaEffect[] = [];
  for (let round = 0; round < 20; round++) {
    const now = replica.durable();
    const executed = effectsOf(now, 'execute').flatMap(() =>
      replica.step({ kind: 'executed', result: { kind: 'value', value: null } }),
    );
    effects.push(...now, ...executed);
  }
  return effects;
}

describe('a recovery', () => {
  it('keeps what was ordered and may have been answered', () => {
    const replica = survivor(3);
    const effects = [...recover(replica, ['rm-1']), ...settle(replica)];
    const executed = effectsOf(effects, 'execute').map((effect) => effect.body.n);
    expect(executed).to.deep.equal([3]);
    expect(sends(effects, 'members-changed')).to.have.length(1);
  });

  it('gives the order a name of its own: what the lost may have ordered is not meant by it', () => {
    const replica = survivor(3);
    recover(replica, ['rm-1']);
    settle(replica);
    const { membership, value } = replica.state;
    const lost = VectorTimestamp.of([['!0' as Origin, 9]]);
    const { timestamp, isVoided } = membership.normalise(lost);
    expect(isVoided, 'of the earlier order two entries are left').to.equal(true);
    expect(timestamp.get('!0' as Origin)).to.equal(2);
    expect(timestamp.leq(value)).to.equal(true);
    expect(value.get('!1' as Origin)).to.be.above(2);
    const own = VectorTimestamp.of([[membership.order, value.get(membership.order)]]);
    expect(membership.normalise(own).isVoided, 'all of the new one counts').to.equal(false);
  });

  it('begins once all survivors stand still and what they hold is here', () => {
    const replica = survivor(5);
    replica.peer(2);
    const effects = [...recover(replica, ['rm-1', 'rm-2']), ...settle(replica)];
    expect(sends(effects, 'recover-halt')).to.have.length(1);
    effects.push(...replica.wait(5000), ...settle(replica));
    expect(replica.state.membership.generation, 'rm-2 has not said what it holds').to.equal(0);
    expect(replica.state.forced.log.halted).to.equal('plan');
    const told = { lnv: VIEW, op: 3, commit: 3, replicaTimestamp: VectorTimestamp.zero };
    replica.message(12, { kind: 'recover-halted', plan: 'plan', ...told });
    settle(replica);
    replica.wait(500);
    settle(replica);
    expect(replica.state.membership.generation).to.equal(1);
    expect(replica.state.forced.log.halted).to.equal('');
  });

  it('asked for again when it is done is answered as if it had just been done', () => {
    const replica = survivor(3);
    const [first] = sends([...recover(replica, ['rm-1']), ...settle(replica)], 'members-changed');
    const [again] = sends([...recover(replica, ['rm-1']), ...settle(replica)], 'members-changed');
    expect(first?.message).to.match(/^rm-1 goes on alone as generation 1/);
    expect(again).to.deep.equal(first);
    const abort = { kind: 'recover', requestId: 2, plan: 'plan', abort: true } as const;
    const told = replica.message(FRONTEND, { ...abort, survivors: [], lost: [] });
    expect(sends(told, 'declined').map(({ code }) => code)).to.deep.equal(['INVALID']);
  });

  it('makes no record of an update that waited when it began, once what is here was told', () => {
    const replica = survivor(5);
    replica.peer(2);
    replica.update(body(9), { prev: ts({ 'rm-2': 1 }) }, FRONTEND);
    const halted = replica.message(12, { kind: 'recover-halt', plan: 'plan' });
    expect(sends(halted, 'declined').map(({ code }) => code)).to.deep.equal(['UNAVAILABLE']);
    expect(sends(settle(replica), 'recover-halted')).to.have.length(1);
    replica.gossip(2, [record('rm-2', 1)]);
    expect(sends(settle(replica), 'acknowledged')).to.deep.equal([]);
    expect(replica.records.map((each) => each.origin)).to.deep.equal([origin('rm-2')]);
  });

  /** `rm-1` of two, whose disks are in one hand; `rm-2` stands there with an empty one. */
  function pair(transitions: readonly ForcedTransition[]): TestReplica {
    const tuning = { forced: 'on', recoversPair: true } as const;
    const replica = new TestReplica({
      ...{ members: 2, founded: true, tuning },
      recovered: { transitions },
    });
    const name = 'rm-2' as Name;
    const who = {
      ...{ name, memberId: memberOf(name, 'd2'), origin: origin(name, 's1', 'd2') },
    };
    const counterpart = { ...counterpartOf(who, VectorTimestamp.zero), joins: 'replace' } as const;
    replica.step({ kind: 'link-up', link: 12, counterpart });
    replica.wait(3000);
    settle(replica);
    return replica;
  }

  it('of two happens without hands, but not while a third may be a member and know more', () => {
    expect(pair([]).state.membership.generation).to.equal(1);
    const place = { seq: 1, born: VIEW, committed: 0, prev: VectorTimestamp.zero };
    const members = ['rm-1', 'rm-2', 'rm-3'].map((name) => ({
      ...{ name: name as Name, id: memberOf(name), address: '' },
    }));
    const configuration = { epoch: 2, members, leaving: [], closing: [], version: 1 };
    const proposed: ForcedEntry = {
      ...{ kind: 'change', ...place },
      change: { kind: 'configure', configuration },
    };
    const adding = {
      view: VIEW,
      lnv: VIEW,
      keep: 0,
      entries: [proposed],
      commit: 0,
      mayVote: true,
    };
    const { state } = pair([adding]);
    expect(state.change.pending?.configuration.epoch).to.equal(2);
    expect(state.membership.generation).to.equal(0);
    expect(state.forced.log.halted).to.equal('');
  });
});
