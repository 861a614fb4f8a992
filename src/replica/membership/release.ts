/**
 * The end of a recovery that was not completed (PROTOCOL F1): whoever stands still for its plan goes on. A
 * connection may be down when that is said: it is kept, and said again to each peer that connects.
 */

import type { ErrorCode } from '../../base/errors.js';
import { compareNames, type Name } from '../../base/ids.js';
import { LIMITS } from '../../base/limits.js';
import type { Recover } from '../../wire/membership-messages.js';
import type { LinkId } from '../events.js';
import { change } from '../forced/change.js';
import { isMemberIn } from '../forced/quorum.js';
import type { ReplicaState } from '../state.js';
import { send, type Turn } from '../turn.js';

/** Ends a plan here and at all peers: those that do not stand still for it take no notice. */
export function release(turn: Turn, plan: string, why: string): void {
  const { state } = turn;
  const { change: progress, forced, peerByLink } = state;
  if (!progress.givenUp.includes(plan)) progress.givenUp.push(plan);
  if (progress.givenUp.length > LIMITS.plansGivenUp) progress.givenUp.shift();
  const { recovery } = progress;
  if (recovery?.plan === plan) {
    const { link, requestId } = recovery;
    progress.recovery = null;
    send(turn, link, { kind: 'declined', requestId, code: 'UNAVAILABLE', message: why });
  }
  if (progress.owesHalted?.plan === plan) progress.owesHalted = null;
  if (forced.log.halted === plan) change(turn, { halted: '' });
  for (const link of peerByLink.keys()) send(turn, link, { kind: 'recover-release', plan });
}

/** A peer says that a plan is over; whoever was stopped by it may have stopped others. */
export function onRelease(turn: Turn, plan: string): void {
  if (turn.state.forced.log.halted !== plan) return;
  release(turn, plan, `the recovery ${plan} was ended meanwhile; nothing was changed`);
}

/** A connection begins: its peer may have been away when it was said. */
export function tellGivenUp(turn: Turn, link: LinkId): void {
  for (const plan of turn.state.change.givenUp) {
    send(turn, link, { kind: 'recover-release', plan });
  }
}

/** An operator ends a recovery: any replica that reaches who stands still for it will do. */
export function abortRecovery(turn: Turn, link: LinkId, { requestId, plan }: Recover): void {
  const { state } = turn;
  const { membership, self, change: progress, forced } = state;
  const decline = (code: ErrorCode, message: string): void =>
    send(turn, link, { kind: 'declined', requestId, code, message });
  if (isCompleted(state, plan)) {
    return decline('INVALID', `the recovery ${plan} is completed: nothing can end it any more`);
  }
  const isKnown = forced.log.halted === plan || progress.givenUp.includes(plan);
  const still = countForNothing(state);
  if (!isKnown && still.length === 0) {
    return decline('INVALID', `nobody that ${self.name} reaches stands still for ${plan}`);
  }
  release(turn, plan, `the recovery ${plan} was ended by --abort; nothing was changed`);
  const { epoch } = membership.configuration;
  const message = isKnown
    ? `${self.name} and those it reaches stand still for ${plan} no more`
    : `${self.name} does not stand still for ${plan}; ${still.join(', ')} may, and will no more`;
  send(turn, link, { kind: 'members-changed', requestId, epoch, message });
}

/** The plan by which this generation came about. */
export const isCompleted = ({ membership }: ReplicaState, plan: string): boolean =>
  membership.generation > 0 && membership.plan === plan;

/** Members that are connected and speak under no label: who stands still is among them. */
const countForNothing = (state: ReplicaState): Name[] =>
  [...state.peers.values()]
    .filter(({ link, epoch }) => link !== null && epoch === 0)
    .map(({ name }) => name)
    .filter((name) => isMemberIn(state, state.membership.configuration, name))
    .toSorted(compareNames);
