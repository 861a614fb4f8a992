/**
 * A majority is gone for good (PROTOCOL F). An operator names who survives and who is lost; one survivor
 * gathers what the others have while all of them stand still, and goes on alone as the next generation.
 * The other survivors then join it anew, each taking over what only it had (D7), so nothing that any
 * survivor holds is lost. What was ordered and not known to be committed may have been acknowledged: it is
 * kept, under the name of the new generation, since the lost may have ordered something else in its place.
 */

import {
  compareNames,
  type MemberId,
  memberOf as memberOfOrigin,
  type Name,
} from '../../base/ids.js';
import type { ErrorCode } from '../../base/errors.js';
import type { ForcedEntry } from '../../log/forced-log.js';
import { type Final, majorityIn } from '../../log/membership.js';
import { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import type { Recover, RecoverHalt, RecoverHalted } from '../../wire/membership-messages.js';
import type { LinkId } from '../events.js';
import { fetchMissing } from '../fetch.js';
import { change, commitTo } from '../forced/change.js';
import { stepBack } from '../forced/follow.js';
import { isMemberIn } from '../forced/quorum.js';
import { isMember } from './label.js';
import { isCompleted, release } from './release.js';
import { askForState } from '../forced/state-transfer.js';
import type { Peer, ReplicaState } from '../state.js';
import { send, trace, type Turn, wakeBy } from '../turn.js';
import { declineWaiting } from '../waiting.js';

/** After this long a recovery that cannot be completed is given up, ms. */
const PATIENCE_MS = 30_000;

/** Epochs of generation g begin above g times this. */
const EPOCHS_A_GENERATION = 1_000_000_000;

const TOO_LATE = 'the survivors could not be brought together in time; nothing was changed';

/** What is missing is asked for again after this long, ms. */
const AGAIN_MS = 100;

export interface Recovery {
  readonly plan: string;
  readonly link: LinkId;
  readonly requestId: number;
  /** The other survivors, and what each held when it had stopped. */
  readonly survivors: readonly Name[];
  readonly halted: Map<Name, RecoverHalted>;
  readonly deadlineMs: number;
}

export function onRecover(turn: Turn, link: LinkId, message: Recover): void {
  const { state, nowMs } = turn;
  const { requestId, plan, survivors } = message;
  // Asked again: it is answered as it was the first time.
  if (isCompleted(state, plan)) {
    state.change.recovered = { link, requestId };
    return;
  }
  const objection = objectionTo(state, message);
  if (objection !== null) {
    const [code, words] = objection;
    return send(turn, link, { kind: 'declined', requestId, code, message: words });
  }
  const others = survivors.filter((name) => name !== state.self.name);
  const deadlineMs = nowMs + PATIENCE_MS;
  state.change.recovery = {
    ...{ plan, link, requestId, deadlineMs },
    survivors: others,
    halted: new Map(),
  };
  halt(turn, plan);
  for (const name of others) {
    const to = state.peers.get(name)?.link ?? null;
    if (to !== null) send(turn, to, { kind: 'recover-halt', plan });
  }
  wakeBy(turn, deadlineMs);
}

/**
 * Of two members the other one's disk is gone, and it stands here as a new identity: two of two will never
 * be again. Done without hands, where nobody else can have that disk.
 */
export function recoverPair(turn: Turn): void {
  const { state, nowMs } = turn;
  const { membership, self, tuning, change: progress, peers } = state;
  const { members } = membership.configuration;
  const other = members.find(({ id }) => id !== self.memberId);
  if (!tuning.recoversPair || members.length !== 2 || other === undefined) return;
  if (!isMember(state) || progress.recovery !== null) return;
  const peer = peers.get(other.name);
  const isReplaced = peer?.link != null && peer.memberId !== other.id && peer.joins === 'replace';
  // A third one may be a member already, and hold what is committed and not here.
  if (!isReplaced || progress.pending !== null) {
    progress.pairBrokenAtMs = null;
    return;
  }
  progress.pairBrokenAtMs ??= nowMs;
  if (nowMs - progress.pairBrokenAtMs < PAIR_PATIENCE_MS) return;
  progress.pairBrokenAtMs = null;
  const plan = `${other.id}-lost`;
  onRecover(turn, NOBODY, {
    ...{ kind: 'recover', requestId: 0, plan, abort: false },
    ...{ survivors: [self.name], lost: [other.name] },
  });
}

/** A replacement that is only short of an answer is waited for, ms. */
const PAIR_PATIENCE_MS = 1000;

/** No operator waits for what is done without hands. */
const NOBODY: LinkId = -1;

/** Why this recovery must not be, in words, or null. */
function objectionTo(
  state: ReplicaState,
  { survivors, lost, plan }: Recover,
): [ErrorCode, string] | null {
  const { membership, self, forced, change: progress } = state;
  if (membership.isFixed)
    return ['INVALID', 'this cluster was started with --members, which fixes its members'];
  const { configuration } = membership;
  const members = configuration.members.map(({ name }) => name);
  const named = [...survivors, ...lost];
  if (named.length !== members.length || members.some((name) => !named.includes(name))) {
    return [
      'INVALID',
      `each member is named once, as survivor or as lost; there are ${members.toSorted(compareNames).join(', ')}`,
    ];
  }
  if (!survivors.includes(self.name))
    return ['INVALID', `${self.name} is asked, and is not named as a survivor`];
  const answering = lost.filter((name) => isReached(state, name));
  if (answering.length > 0)
    return ['INVALID', `${answering.join(' and ')} can be reached: what is alive is not lost`];
  const away = survivors.filter((name) => name !== self.name && !isReached(state, name));
  if (away.length > 0)
    return ['UNAVAILABLE', `${away.join(' and ')} cannot be reached; all survivors are needed`];
  if (survivors.length >= majorityIn(configuration)) {
    return [
      'INVALID',
      `${survivors.length} of ${members.length} members are a majority: retire the others one by one`,
    ];
  }
  // Others may be told only now that it is over; whoever is alone needs nobody.
  if (survivors.length > 1 && progress.givenUp.includes(plan)) {
    return ['INVALID', `the recovery ${plan} was given up; begin another one`];
  }
  if (progress.recovery !== null) return ['OVERLOADED', 'another recovery is under way here'];
  if (forced.log.halted !== '' && forced.log.halted !== plan) {
    return [
      'INVALID',
      `the recovery ${forced.log.halted} was begun here; complete it, or end it with: hearsay recover --abort ${forced.log.halted}`,
    ];
  }
  return null;
}

/** A learner of the same name is another identity: the one that is lost stays lost. */
const isReached = (state: ReplicaState, name: Name): boolean =>
  state.peers.get(name)?.link != null && isMemberIn(state, state.membership.configuration, name);

/** Stands still, durably: it takes part in nothing of this generation any more. */
function halt(turn: Turn, plan: string): void {
  const { state } = turn;
  if (state.forced.log.halted === plan) return;
  stepBack(turn, 'a recovery has begun');
  change(turn, { halted: plan });
  // What waits for its past would make a record after all that is here was told.
  declineWaiting(turn, 'UNAVAILABLE', `${state.self.name} stands still for the recovery ${plan}`);
  trace(turn, () => ({ event: 'stands still', detail: `recovery ${plan}` }));
}

export function onRecoverHalt(turn: Turn, peer: Peer, { plan }: RecoverHalt): void {
  const { state } = turn;
  const { halted } = state.forced.log;
  if (halted !== '' && halted !== plan) return;
  if (state.change.givenUp.includes(plan)) {
    if (peer.link !== null) send(turn, peer.link, { kind: 'recover-release', plan });
    return;
  }
  halt(turn, plan);
  state.change.owesHalted = { to: peer.name, plan };
}

/** Tells what is here once nothing more can come of this generation. */
function tellHalted(turn: Turn): void {
  const { state } = turn;
  const { owesHalted } = state.change;
  const { durable, underWay } = state.forced;
  if (owesHalted === null || durable.halted !== owesHalted.plan || underWay.length > 0) return;
  if (state.durableLength < state.log.length) return;
  state.change.owesHalted = null;
  const link = state.peers.get(owesHalted.to)?.link ?? null;
  if (link === null) return;
  send(turn, link, {
    kind: 'recover-halted',
    plan: owesHalted.plan,
    replicaTimestamp: state.durable.value(),
    lnv: durable.lnv,
    op: durable.op,
    commit: durable.commit,
  });
}

export function onRecoverHalted({ state }: Turn, peer: Peer, message: RecoverHalted): void {
  const { recovery } = state.change;
  if (recovery?.plan === message.plan) recovery.halted.set(peer.name, message);
}

/** Gathers what the survivors have; with all of it, begins the next generation. */
export function advanceRecovery(turn: Turn): void {
  const { state, nowMs } = turn;
  tellHalted(turn);
  tellRecovered(turn);
  const { recovery } = state.change;
  if (recovery === null || state.forced.durable.halted !== recovery.plan) return;
  if (nowMs >= recovery.deadlineMs) return release(turn, recovery.plan, TOO_LATE);
  if (recovery.survivors.some((name) => !recovery.halted.has(name))) return;
  if (!hasGathered(turn, recovery)) return wakeBy(turn, nowMs + AGAIN_MS);
  begin(turn, recovery);
}

/** The operator is answered once the next generation is on the disk. */
function tellRecovered(turn: Turn): void {
  const { change: progress, forced, membership, self } = turn.state;
  const { recovered } = progress;
  if (recovered === null || forced.durable.commit < progress.configuredSeq) return;
  progress.recovered = null;
  const { epoch, members } = membership.configuration;
  const names = members.map(({ name }) => name).toSorted(compareNames);
  const message =
    names.join() === self.name
      ? `${self.name} goes on alone as generation ${membership.generation}; the other survivors join it anew`
      : `generation ${membership.generation} is there; its members are ${names.join(', ')}`;
  send(turn, recovered.link, {
    kind: 'members-changed',
    requestId: recovered.requestId,
    epoch,
    message,
  });
}

function hasGathered(turn: Turn, { halted, deadlineMs }: Recovery): boolean {
  const { state } = turn;
  const { log, underWay } = state.forced;
  let best: RecoverHalted | null = null;
  let from: Name | null = null;
  let isWhole = true;
  for (const [name, told] of halted) {
    const missing = told.replicaTimestamp.missingFrom(state.received);
    if (missing.length > 0) {
      fetchMissing(turn, missing, deadlineMs);
      isWhole = false;
    }
    if (log.compareTo(told) < 0 && (best === null || isBefore(best, told))) {
      best = told;
      from = name;
    }
  }
  const peer = from === null ? undefined : state.peers.get(from);
  if (peer !== undefined) askForState(turn, peer, true);
  if (best !== null || !isWhole) return false;
  for (const { commit } of halted.values()) commitTo(turn, commit);
  return underWay.length === 0 && state.durableLength === state.log.length;
}

const isBefore = (one: RecoverHalted, other: RecoverHalted): boolean =>
  one.lnv.n < other.lnv.n || (one.lnv.n === other.lnv.n && one.op < other.op);

/** One transition: this replica is the only member of the next generation, and has all there is. */
function begin(turn: Turn, { plan, link, requestId }: Recovery): void {
  const { state } = turn;
  const { forced, membership, self, change: progress } = state;
  const { log } = forced;
  const view = { n: Math.max(forced.greatestN, log.view.n) + 1, owner: self.memberId };
  const leaving = othersOf(state);
  const firstSeq = log.commit + 1;
  const finals = finalsOf(state, leaving);
  const generation = membership.generation + 1;
  // No epoch of one generation is one of another, whoever went on in the earlier one.
  const epoch = generation * EPOCHS_A_GENERATION + 1;
  const configuration = {
    ...{ epoch, leaving, closing: [], version: membership.configuration.version },
    members: [{ name: self.name, id: self.memberId, address: self.address }],
  };
  const place = { born: view, committed: log.commit, prev: VectorTimestamp.zero };
  const recover = { kind: 'recover', plan, generation, firstSeq, configuration, finals } as const;
  const cut = state.durable.value();
  const entries: ForcedEntry[] = [
    { kind: 'change', seq: firstSeq, ...place, change: { ...recover, cut } },
  ];
  for (const entry of log.slice(log.commit + 1, log.op)) {
    if (entry.kind !== 'update') continue;
    entries.push({ ...entry, seq: firstSeq + entries.length, born: view, committed: log.commit });
  }
  progress.recovery = null;
  progress.recovered = { link, requestId };
  change(turn, {
    ...{ view, lnv: view, keep: log.commit, entries, commit: log.commit + entries.length },
    halted: '',
  });
}

/** Everybody else who was, or was to be, a member. */
function othersOf({ membership, change: progress, self }: ReplicaState): MemberId[] {
  const { configuration, previous } = membership;
  const ids = new Set<MemberId>();
  for (const each of [configuration, previous, progress.pending?.configuration]) {
    for (const { id } of each?.members ?? []) {
      if (id !== null && id !== self.memberId) ids.add(id);
    }
  }
  return [...ids];
}

/** All that is here of others counts, and all that was committed of the order; nothing above. */
function finalsOf({ durable, membership, forced }: ReplicaState, leaving: readonly MemberId[]) {
  const finals: Final[] = [];
  for (const [origin, count] of durable.value().entries()) {
    const member = memberOfOrigin(origin);
    if (member !== null && leaving.includes(member) && membership.finalOf(origin) === null) {
      finals.push({ origin, final: count });
    }
  }
  const final = forced.log.lastUpdateUpTo(forced.log.commit);
  return [...finals, { origin: membership.order, final }];
}
