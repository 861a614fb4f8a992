/**
 * After each step: what is durable now about the members is told, and what that makes possible is done.
 * Nothing here depends on which event it was.
 */

import { isElector } from '../forced/quorum.js';
import { primaryHeard, stepBack } from '../forced/follow.js';
import { copiesIn } from '../../log/membership.js';
import { updateCounted } from '../counted.js';
import { heartbeatAll } from '../heartbeat.js';
import { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import type { ReplicaState } from '../state.js';
import { type Turn, wakeBy } from '../turn.js';
import { activateWhenReported, dropWhenHeld } from './activate.js';
import { grantClaims, notePromises, updateClaim } from './claim.js';
import { ownFinals } from './committed.js';
import { finalsKnownTo, isMember, toldEpoch, updateLabel } from './label.js';
import { answerOperators } from './operators.js';
import { propose } from './propose.js';
import { advanceRecovery, recoverPair } from './recover.js';
import { report } from './report.js';
import { tellLeftBehind } from './retired.js';
import { tellNowAndThen, tellWhenChanged } from './tell.js';
import { haltWhenOutdated } from './versions.js';

export function settleMembership(turn: Turn): void {
  const { state } = turn;
  if (state.membership.isFixed || state.tuning.forced === 'off') return;
  updateClaim(turn);
  updateLabel(state);
  updateCounted(turn);
  grantClaims(turn);
  tellWhenChanged(turn);
  tellLabel(turn);
  report(turn);
  activateWhenReported(turn);
  propose(turn);
  advanceRecovery(turn);
  answerOperators(turn);
  leave(turn);
}

/** How often it is looked at what nobody waits for, ms. */
const TEND_EVERY_MS = 300;

/** What is looked at now and then only. */
export function tendMembership(turn: Turn): void {
  const { state, nowMs } = turn;
  if (state.membership.isFixed || state.tuning.forced === 'off') return;
  if (nowMs < state.change.nextTendAtMs) return wakeBy(turn, state.change.nextTendAtMs);
  state.change.nextTendAtMs = nowMs + TEND_EVERY_MS;
  wakeBy(turn, state.change.nextTendAtMs);
  state.change.isDue = true;
  haltWhenOutdated(turn);
  tellNowAndThen(turn);
  tellLeftBehind(turn);
  notePromises(turn);
  dropWhenHeld(turn);
  const { change, durable, forced } = state;
  change.lookedBefore = change.looked;
  change.looked = { held: durable.value(), commit: forced.durable.commit };
  beginAnewWhenBehind(turn);
  recoverPair(turn);
}

/**
 * A learner that lacks what nobody has any more took its snapshot too long ago: it takes another. A member
 * lacks nothing that is collected, unless its disk is an older copy and nobody remembers what it told.
 */
function beginAnewWhenBehind(turn: Turn): void {
  const { state, nowMs } = turn;
  const { membership, self, received, forced, change } = state;
  if (membership.isRetired(self.memberId)) return;
  // Also one whose membership is not known to be committed here: without it nobody might be elected.
  const isLearner = !isElector(state);
  // While nobody leads, or somebody is away, what is missing may be there.
  const isLed = primaryHeard(turn) !== null || hearsOfPrimary(state);
  const mayLack = isLed && (isLearner || areAllConnected(state));
  const lacks = [...state.peers.values()].some(({ name, link, epoch, timestamp }) => {
    const commit = forced.peers.get(name)?.standing?.commit ?? 0;
    const isAhead = !timestamp.leq(received) || commit > forced.log.commit;
    return mayLack && link !== null && epoch > 0 && isAhead;
  });
  const progress = lacks ? `${JSON.stringify(received.value())} ${forced.log.commit}` : '';
  if (!lacks || progress !== change.progress) {
    change.progress = progress;
    change.progressAtMs = nowMs;
  }
  if (nowMs - change.progressAtMs < (isLearner ? BEHIND_MS : MEMBER_BEHIND_MS)) return;
  const what = isLearner ? 'took its snapshot too long ago' : 'runs on an older copy of its disk';
  const message = `${self.name} ${what}: what it lacks is collected; it begins anew`;
  turn.effects.push({ kind: 'end', reason: 'behind', message, finals: finalsKnownTo(state) });
}

const areAllConnected = ({ membership, peers, self }: ReplicaState): boolean =>
  membership.configuration.members.every(({ name, id }) => {
    const peer = peers.get(name);
    return (
      id === self.memberId || (peer !== undefined && peer.link !== null && peer.memberId === id)
    );
  });

/** Somebody who is connected hears one: it may be a member that is not known here. */
const hearsOfPrimary = ({ peers, forced }: ReplicaState): boolean =>
  [...peers.values()].some(
    ({ name, link }) => link !== null && forced.peers.get(name)?.standing?.primary != null,
  );

/** A learner that gets nothing of what it lacks for so long gets no more of it, ms. */
const BEHIND_MS = 5000;
const MEMBER_BEHIND_MS = 10_000;

/** Peers hear of a new label at once: they take frozen origins only from who has it. */
function tellLabel(turn: Turn): void {
  const { state } = turn;
  const epoch = toldEpoch(state);
  if (epoch === state.change.toldEpoch) return;
  state.change.toldEpoch = epoch;
  heartbeatAll(turn);
}

/**
 * A member that was removed leaves once what it acknowledged has as many copies without it; a primary
 * leads until its own removal is in force.
 */
function leave(turn: Turn): void {
  const { state } = turn;
  const { membership, self, forced } = state;
  if (isMember(state) || !membership.isRetired(self.memberId) || !membership.isActivated) return;
  if (forced.role !== 'backup') stepBack(turn, 'it is no member any more');
  if (state.change.hasLeft || !(isHeldElsewhere(state) || isForsaken(state))) return;
  state.change.hasLeft = true;
  const message = `was retired in epoch ${membership.configuration.epoch}`;
  turn.effects.push({ kind: 'end', reason: 'removed', message, finals: ownFinals(state) });
}

/** Members have told that it is settled, and none is left who would take anything from it. */
const isForsaken = ({ change, peers }: ReplicaState): boolean =>
  change.isDismissed && [...peers.values()].every(({ link }) => link === null);

/**
 * Others hold what it acknowledged, and can give it to those members who do not hold it yet: whoever began
 * with a snapshot has no records of what that reflects.
 */
function isHeldElsewhere({ membership, peers, self }: ReplicaState): boolean {
  const { configuration, cut } = membership;
  const past = membership.normalise(cut).timestamp;
  // Nothing is ever heard here of one that has this one's name.
  const others = configuration.members.filter(({ name }) => name !== self.name);
  const members = others.map(({ name, id }) => {
    const peer = peers.get(name);
    const held = peer?.memberId === id ? peer.timestamp : VectorTimestamp.zero;
    return { held, begun: membership.normalise(peer?.firstHeard ?? held).timestamp };
  });
  const holders = members.filter(({ held }) => past.leq(held));
  const lacking = members.filter(({ held }) => !past.leq(held));
  const givers = holders.filter(({ begun }) => lacking.every(({ held }) => begun.leq(held)));
  return givers.length >= copiesIn(configuration);
}
