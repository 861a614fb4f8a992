/**
 * What operators ask of the members (`hearsay retire`): the primary takes it, and answers once it is in
 * force. A member that is alive is waited for, so that nothing of it is lost; one that is gone is settled.
 */

import { collectionIn } from '../../log/membership.js';
import type { ErrorCode } from '../../base/errors.js';
import type { ChangeMembers } from '../../wire/membership-messages.js';
import type { LinkId } from '../events.js';
import { send, type Turn } from '../turn.js';

export function onChangeMembers(turn: Turn, link: LinkId, message: ChangeMembers): void {
  const { state } = turn;
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
  if (found === undefined || found.id === null) {
    const names = members.map((each) => each.name).join(', ');
    return decline('INVALID', `there is no member ${name}; there are ${names}`);
  }
  if (members.length === 1) {
    return decline('INVALID', `${name} is the last member: a cluster without members cannot be`);
  }
  // An activation that waits for somebody who is gone blocks every later change: force ends that.
  if (force) change.isForced = true;
  change.isDue = true;
  change.operators.push({ link, requestId, name, id: found.id, force });
}

/** Answers those whose change is in force; drops what this replica cannot do any more. */
export function answerOperators(turn: Turn): void {
  const { state } = turn;
  const { change, membership, forced, self } = state;
  for (const operator of change.operators.splice(0)) {
    const { link, requestId, name, id } = operator;
    const { configuration, isActivated } = membership;
    const isGone = !configuration.members.some((each) => each.id === id);
    if (isGone && isActivated) {
      const { epoch, members } = configuration;
      const message = `${name} is a member no more; there are ${members.map((each) => each.name).join(', ')}`;
      send(turn, link, { kind: 'members-changed', requestId, epoch, message });
    } else if (forced.role !== 'primary') {
      const message = `${self.name} is the primary no more; ask again`;
      send(turn, link, { kind: 'declined', requestId, code: 'UNAVAILABLE', message });
    } else change.operators.push(operator);
  }
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
  if (!change.isClaimed) return 'a majority of the members to grant its start';
  const { previous, configuration } = membership;
  if (previous === null) return null;
  const missing = previous.members.filter(({ id }) => id !== null && !change.reports.has(id));
  if (state.forced.role !== 'primary') return `epoch ${configuration.epoch} to be in force`;
  const names = missing.map(({ name }) => name).filter((name) => name !== self.name);
  const needed = collectionIn(previous);
  return (
    `epoch ${configuration.epoch} to be in force: ${needed} of ${previous.members.length} members ` +
    `must report, and ${names.join(', ') || 'nobody'} has not`
  );
}
