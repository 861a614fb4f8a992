/**
 * Which change the primary orders next (PROTOCOL C): one at a time, each once the one before is in
 * force. What operators ask for comes first, then what keeps the log from growing, then who waits to join.
 */

import {
  compareNames,
  type MemberId,
  memberOf as memberOfOrigin,
  type Name,
  type Origin,
} from '../../base/ids.js';
import { type Configuration, copiesIn, majorityIn, type Member } from '../../log/membership.js';
import { laggards } from '../collect.js';
import { handOver } from '../forced/handover.js';
import { RECENT_MS } from '../forced/timing.js';
import type { Peer, ReplicaState } from '../state.js';
import { type Turn, wakeBy } from '../turn.js';
import { isHeldByAnyone } from './activate.js';
import { mayOrderChange, orderChange } from './append.js';

/** Origins are closed at most this often, ms: a change that nobody waits for. */
const CLOSE_EVERY_MS = 10_000;

/** A learner this near to the end of the forced log has caught up with it. */
const NEAR_ENTRIES = 100;

export function propose(turn: Turn): void {
  const { state } = turn;
  if (!state.change.isDue || !state.membership.isActivated || !mayOrderChange(turn)) return;
  state.change.isDue = false;
  const next =
    retirement(turn) ??
    ifAnswered(turn, joining(turn)) ??
    ifAnswered(turn, withoutLaggard(state)) ??
    ifAnswered(turn, withNewAddresses(state)) ??
    ifAnswered(turn, upgraded(state)) ??
    closing(turn);
  if (next !== null) orderChange(turn, { kind: 'configure', configuration: next });
}

/** Only where a majority of the next members answers: what cannot be committed blocks everything. */
function ifAnswered({ state, nowMs }: Turn, next: Configuration | null): Configuration | null {
  if (next === null) return null;
  const silent = silentIn({ state, nowMs }, next);
  return next.members.length - silent.length >= majorityIn(next) ? next : null;
}

/** Members of a configuration that do not answer this replica. */
export const silentIn = (
  { state, nowMs }: Pick<Turn, 'state' | 'nowMs'>,
  { members }: Configuration,
): Name[] => {
  const { self, peers, forced } = state;
  const silent = members.filter(({ name, id }) => {
    if (id === self.memberId) return false;
    const peer = peers.get(name);
    const heardAtMs = forced.peers.get(name)?.heardAtMs ?? Number.NEGATIVE_INFINITY;
    return peer?.memberId !== id || peer.link === null || nowMs - heardAtMs >= RECENT_MS;
  });
  return silent.map(({ name }) => name).toSorted(compareNames);
};

type Wanted = Partial<Pick<Configuration, 'members' | 'leaving' | 'closing' | 'version'>>;

function successor({ membership }: ReplicaState, wanted: Wanted): Configuration {
  const { epoch, members, version } = membership.configuration;
  return { epoch: epoch + 1, members, leaving: [], closing: [], version, ...wanted };
}

/** A configuration without this member, whose origins it settles. */
export function without(state: ReplicaState, gone: MemberId): Configuration {
  const { members } = state.membership.configuration;
  return successor(state, { members: members.filter(({ id }) => id !== gone), leaving: [gone] });
}

/** The first that an operator wants and that can be done: one that cannot be holds up no other. */
function retirement(turn: Turn): Configuration | null {
  const { state } = turn;
  const { members } = state.membership.configuration;
  for (const { id } of state.change.operators) {
    if (!members.some((each) => each.id === id)) continue;
    const next = ifAnswered(turn, without(state, id));
    if (next === null) continue;
    // Whoever is to leave leads no longer than it must; the operator asks the next primary.
    if (id === state.self.memberId && handOver(turn, 'it is to leave')) return null;
    return next;
  }
  return null;
}

/** A learner that has caught up becomes a member, beside the others or in place of a dead one. */
function joining(turn: Turn): Configuration | null {
  const { state } = turn;
  const { members } = state.membership.configuration;
  for (const peer of state.peers.values()) {
    const { memberId, name, address, joins } = peer;
    if (joins === null || memberId === null || members.some(({ id }) => id === memberId)) continue;
    if (state.membership.isRetired(memberId) || !hasCaughtUp(turn, peer)) continue;
    const member: Member = { name, id: memberId, address };
    const dead = members.find((each) => each.name === name);
    if (dead === undefined) return successor(state, { members: [...members, member] });
    // It was let in as a learner: its name was free then, or it may replace (whatever has come about since).
    if (dead.id === null) continue;
    return successor(state, {
      members: members.map((each) => (each === dead ? member : each)),
      leaving: [dead.id],
    });
  }
  return null;
}

/** It holds and knows what this primary did a moment ago, and answers. */
function hasCaughtUp({ state, nowMs }: Turn, peer: Peer): boolean {
  const { name, link, timestamp, versions } = peer;
  const known = state.forced.peers.get(name);
  if (link === null || known === undefined || nowMs - known.heardAtMs > RECENT_MS) return false;
  const { version } = state.membership.configuration;
  if (versions[0] > version || versions[1] < version) return false;
  const { log, forced, change, collection } = state;
  const op = known.standing?.op ?? 0;
  if (op + NEAR_ENTRIES < forced.log.op) return false;
  // What was collected before it was connected it gets from nobody; nor what is after the next start.
  if (op < forced.log.base || op < collection.givenForced || !log.reaches(timestamp)) return false;
  // Nor what a name stands for that left the timestamps meanwhile: no log takes that without it.
  const ahead = forced.log.slice(op + 1, forced.log.op);
  if (ahead.some((entry) => entry.kind === 'change' && entry.change.kind === 'drop')) return false;
  const before = change.lookedBefore;
  if (before === null || !before.held.leq(timestamp)) return false;
  // Whoever does not know yet what is void may still take it, and one that has taken it will end.
  if ((known.standing?.commit ?? 0) < before.commit) return false;
  if (state.membership.normalise(timestamp).isVoided) return false;
  return isHeldByMembers(state, peer);
}

/**
 * Of what its snapshot reflects it has no records: others must have them, or nobody could ever be given
 * what only the donor had.
 */
function isHeldByMembers(state: ReplicaState, { firstHeard }: Peer): boolean {
  if (firstHeard === null) return false;
  const { membership, durable, self, peers } = state;
  const begun = membership.normalise(firstHeard).timestamp;
  const { configuration } = membership;
  const holders = configuration.members.filter(({ name, id }) => {
    if (id === self.memberId) return begun.leq(durable);
    const peer = peers.get(name);
    return peer?.memberId === id && begun.leq(peer.timestamp);
  });
  return begun.leq(durable) && holders.length >= copiesIn(configuration);
}

/**
 * Whoever keeps the log from being collected at its limit, and cannot be reached (PROTOCOL A13). All others
 * have to be there: they must report, and until they have, no other member can be replaced.
 */
function withoutLaggard(state: ReplicaState): Configuration | null {
  const { members } = state.membership.configuration;
  const gone = laggards(state).find(({ link }) => link === null)?.name;
  const id = members.find(({ name }) => name === gone)?.id ?? null;
  const isAway = (member: Member): boolean =>
    member.id !== state.self.memberId && (state.peers.get(member.name)?.link ?? null) === null;
  const othersAreThere = members.every((member) => member.id === id || !isAway(member));
  return id === null || !othersAreThere ? null : without(state, id);
}

/** Members say in their hello where they are now. */
function withNewAddresses(state: ReplicaState): Configuration | null {
  const { members } = state.membership.configuration;
  const moved = members.map((member) => {
    const address = addressOf(state, member);
    return address === '' || address === member.address ? member : { ...member, address };
  });
  if (moved.every((member, index) => member === members[index])) return null;
  return successor(state, { members: moved });
}

function addressOf({ self, peers }: ReplicaState, { name, id }: Member): string {
  if (id === self.memberId) return self.address;
  const peer = peers.get(name);
  return peer !== undefined && peer.link !== null && peer.memberId === id ? peer.address : '';
}

/** The cluster version rises once all members can run the next one (PROTOCOL I). */
function upgraded(state: ReplicaState): Configuration | null {
  const { members, version } = state.membership.configuration;
  let highest = state.self.versions[1];
  for (const { name, id } of members) {
    if (id === state.self.memberId) continue;
    const peer = state.peers.get(name);
    if (peer === undefined || peer.link === null || peer.memberId !== id) return null;
    highest = Math.min(highest, peer.versions[1]);
  }
  return highest > version ? successor(state, { version: highest }) : null;
}

/** Origins of earlier starts, once all members are there: each restart leaves one. */
function closing(turn: Turn): Configuration | null {
  const { state, nowMs } = turn;
  const { change } = state;
  if (nowMs < change.nextClosingAtMs) {
    wakeBy(turn, change.nextClosingAtMs);
    return null;
  }
  const running = runningOrigins(state);
  if (running === null) return null;
  const { members } = state.membership.configuration;
  const named = new Set(state.durable.value().entries());
  const ended = [...named].flatMap(([origin]): Origin[] => {
    const member = memberOfOrigin(origin);
    if (member === null || running.has(origin)) return [];
    if (state.membership.finalOf(origin) !== null) return [];
    return members.some(({ id }) => id === member) || state.membership.isRetired(member)
      ? [origin]
      : [];
  });
  const lost = [...state.membership.settled].some(([origin, { final }]) => {
    return state.durable.get(origin) < final && !isHeldByAnyone(state, origin, final);
  });
  if (ended.length === 0 && !lost) return null;
  change.nextClosingAtMs = nowMs + CLOSE_EVERY_MS;
  return successor(state, { closing: ended });
}

/** The origins that members write now; null while one of them cannot be reached. */
function runningOrigins({ self, peers, membership }: ReplicaState): Set<Origin> | null {
  const running = new Set<Origin>([self.origin]);
  for (const { name, id } of membership.configuration.members) {
    if (id === self.memberId) continue;
    const peer = peers.get(name);
    if (peer?.origin == null || peer.link === null || peer.memberId !== id) return null;
    running.add(peer.origin);
  }
  return running;
}
