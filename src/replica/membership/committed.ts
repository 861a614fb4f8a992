/** A change of the members was committed: what it means here (PROTOCOL C and D). */

import { compareNames } from '../../base/ids.js';
import type { Final, MembershipChange } from '../../log/membership.js';
import { readyAll, unpark } from '../forced/ready.js';
import type { ReplicaState } from '../state.js';
import { trace, type Turn } from '../turn.js';
import { dropFrozen, dropVoid } from './freeze.js';
import { ownOrigins } from './label.js';
import { knowMembers } from './peers.js';
import { tellRetired } from './retired.js';

export function onChange(turn: Turn, seq: number, change: MembershipChange): void {
  const { state } = turn;
  state.membership.apply(change);
  trace(turn, () => ({ event: 'members changed', detail: wordsOf(change) }));
  switch (change.kind) {
    case 'configure':
      state.change.configuredSeq = seq;
      state.change.reports.clear();
      // Who asked for this very change accepts what it may lose; of any other change nobody has said so.
      state.change.isForced = state.change.operators.some(
        ({ force, id }) => force && change.configuration.leaving.includes(id),
      );
      state.change.reportedAtMs = Number.NEGATIVE_INFINITY;
      state.change.committedAtMs = turn.nowMs;
      knowMembers(state);
      dropFrozen(state);
      break;
    case 'activate':
      dropVoid(state);
      endWhereVoid(turn);
      break;
    case 'recover':
      state.change.configuredSeq = seq;
      state.change.pending = null;
      knowMembers(state);
      dropVoid(state);
      tellRetired(turn);
      break;
    case 'drop':
      for (const origin of change.origins) {
        const final = state.membership.finalOf(origin) ?? 0;
        for (const entries of [state.received, state.durable, state.value]) {
          entries.close(origin, final);
        }
        state.log.forget(origin);
        state.fetches.delete(origin);
      }
      break;
  }
  state.change.isDue = true;
  turn.effects.push({ kind: 'configured' });
  lookAgain(turn);
}

/** What requests depend on may mean something else now: all that wait are looked at with this entry. */
function lookAgain(turn: Turn): void {
  const { state } = turn;
  for (const tickets of state.waitingById.values()) {
    for (const ticket of tickets) state.forced.awaitingTip.add(ticket);
  }
  for (const pending of state.forced.pending.values()) unpark(turn, pending);
  readyAll(turn);
}

/**
 * Whoever holds a record that is void has shown what nobody else will ever have: this identity is over
 * (PROTOCOL D6). It takes what was lost by force, or a learner that took it from a disk since lost.
 */
export function endWhereVoid(turn: Turn): void {
  const { state } = turn;
  const { membership, received } = state;
  for (const [origin, count] of received.value()) {
    const final = membership.finalOf(origin);
    if (final === null || count <= final) continue;
    const message = `${state.self.name} holds records of ${origin} above ${final}, which are void since epoch ${membership.configuration.epoch}`;
    turn.effects.push({ kind: 'end', reason: 'void', message, finals: ownFinals(state) });
    return;
  }
}

/** How far this process's own origins count for others, as far as that is known. */
export const ownFinals = (state: ReplicaState): Final[] =>
  ownOrigins(state).map((origin) => ({ origin, final: state.membership.finalOf(origin) ?? 0 }));

function wordsOf(change: MembershipChange): string {
  switch (change.kind) {
    case 'configure': {
      const { epoch, members } = change.configuration;
      return `epoch ${epoch}: ${members
        .map(({ id, name }) => id ?? name)
        .toSorted(compareNames)
        .join(' ')}`;
    }
    case 'activate':
      return `epoch ${change.epoch} is in force; settled: ${change.finals.map(({ origin, final }) => `${origin}:${final}`).join(' ') || 'nothing'}`;
    case 'drop':
      return `timestamps lose ${change.origins.join(' ')}`;
    case 'recover':
      return `generation ${change.generation}: ${change.configuration.members.map(({ name }) => name).join(' ')} goes on alone`;
  }
}
