/**
 * What operators ask of the members (`hearsay retire`): the primary takes it, and answers once it is in
 * force. A member that is alive is waited for, so that nothing of it is lost; one that is gone is settled.
 */

import { type Configuration, collectionIn } from '../../log/membership.js';
import type { ErrorCode } from '../../base/errors.js';
import { compareNames } from '../../base/ids.js';
import type { ChangeMembers } from '../../wire/membership-messages.js';
import type { LinkId } from '../events.js';
import { send, type Turn, wakeBy } from '../turn.js';
import { silentIn, without } from './propose.js';
import type { Operator } from './state.js';

/** Clients wait for a minute: they are told what was waited for before they give up. */
const OPERATOR_MS = 55_000;

export function onChangeMembers(turn: Turn, link: LinkId, message: ChangeMembers): void {
  const { state, nowMs } = turn;
  const { membership, forced, change, self } = state;
  const { requestId, name, force } = message;
  const decline = (code: ErrorCode, words: string): void =>
    send(turn, link, { kind: 'declined', requestId, code, message: words });
  if (membership.isFixed) {
    return decline(
      'INVALID',
      'this cluster was started with --members, which fixes its members; start one with --init and --join',
    );
  }
  if (forced.role !== 'primary') {
    return decline(
      'UNAVAILABLE',
      `${self.name} is not the primary, which orders changes of the members`,
    );
  }
  const { members } = membership.configuration;
  const found = members.find((each) => each.name === name);
  // One that has left is waited for, and answered, as it was for whoever asked first.
  const id = found?.id ?? membership.retiredAs(name);
  if (id === null) {
    const names = namesOf(membership.configuration);
    return decline('INVALID', `there is no member ${name}; there are ${names}`);
  }
  if (found !== undefined && members.length === 1) {
    return decline('INVALID', `${name} is the last member: a cluster without members cannot be`);
  }
  // An activation that waits for somebody who is gone blocks every later change: force ends that.
  if (force) change.isForced = true;
  change.isDue = true;
  const deadlineMs = nowMs + OPERATOR_MS;
  change.operators.push({ link, requestId, name, id, force, deadlineMs });
  wakeBy(turn, deadlineMs);
}

const namesOf = ({ members }: Configuration): string =>
  members
    .map(({ name }) => name)
    .toSorted(compareNames)
    .join(', ');

/** Answers those whose change is in force; drops what this replica cannot do any more. */
export function answerOperators(turn: Turn): void {
  const { state } = turn;
  const { change, membership, forced, self } = state;
  for (const operator of change.operators.splice(0)) {
    const { link, requestId, name, id } = operator;
    const { configuration, isActivated } = membership;
    const isGone = !configuration.members.some((each) => each.id === id);
    if (isGone && isActivated) {
      const { epoch } = configuration;
      const message = `${name} is a member no more; there are ${namesOf(configuration)}`;
      send(turn, link, { kind: 'members-changed', requestId, epoch, message });
    } else if (forced.role !== 'primary') {
      const message = `${self.name} is the primary no more; ask again`;
      send(turn, link, { kind: 'declined', requestId, code: 'UNAVAILABLE', message });
    } else if (turn.nowMs >= operator.deadlineMs) {
      const message = tooLate(turn, operator);
      send(turn, link, { kind: 'declined', requestId, code: 'TIMEOUT', message });
    } else change.operators.push(operator);
  }
}

/** What was not in force in time, in words: given up, unless it is ordered already. */
function tooLate(turn: Turn, { name, id }: Operator): string {
  const { state } = turn;
  const { membership, change } = state;
  const { pending } = change;
  const newest = pending?.configuration ?? membership.configuration;
  const waited = pending === null ? waitsFor(turn) : `epoch ${newest.epoch} to be committed`;
  if (!newest.members.some((each) => each.id === id)) {
    const what = waited ?? 'nobody';
    return `${name} leaves, which is not in force yet; it waits for ${what}. This goes on: ask again, or with --force`;
  }
  const silent = silentIn(turn, without(state, id)).join(', ');
  const what = waited ?? `a majority of those that are left to answer: not ${silent || 'in time'}`;
  return `${name} was not retired in time, which waited for ${what}. It is given up: nothing is done later`;
}

export function dropOperatorsOf({ state }: Turn, link: LinkId): void {
  const { operators } = state.change;
  for (let at = operators.length - 1; at >= 0; at--) {
    if (operators[at]?.link === link) operators.splice(at, 1);
  }
}

/** What a change that is under way waits for, in words; null when none is, or it waits for nobody. */
export function waitsFor({ state }: Pick<Turn, 'state'>): string | null {
  const { membership, change, self } = state;
  const { halted } = state.forced.log;
  if (halted !== '') {
    return `the recovery ${halted}, unless it is ended with: hearsay recover --abort ${halted}`;
  }
  if (!change.isClaimed) return 'a majority of the members to grant its start';
  const { previous, configuration } = membership;
  if (previous === null) return null;
  const missing = previous.members.filter(({ id }) => id !== null && !change.reports.has(id));
  if (state.forced.role !== 'primary') return `epoch ${configuration.epoch} to be in force`;
  const names = missing.map(({ name }) => name).filter((name) => name !== self.name);
  names.sort(compareNames);
  const needed = collectionIn(previous);
  return (
    `epoch ${configuration.epoch} to be in force: ${needed} of ${previous.members.length} members ` +
    `must report, and ${names.join(', ') || 'nobody'} ${names.length > 1 ? 'have' : 'has'} not`
  );
}
