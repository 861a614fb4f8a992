/**
 * All that a front end knows: who the members are, which replicas can be reached, and the requests under
 * way. It keeps nothing of a client between requests: what a session has seen travels with each request
 * as `prev`, so a client may move to another front end at any time.
 */

import type { MemberId, Name, SessionId } from '../base/ids.js';
import {
  collectionIn,
  type Configuration,
  copiesIn,
  founded,
  majorityIn,
} from '../log/membership.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { ForcedStanding, Tip } from '../wire/forced-messages.js';
import type {
  Acknowledged,
  Answer,
  ClientQuery,
  ClientUpdate,
  Consistency,
  Declined,
  ReplicaStatus,
} from '../wire/messages.js';

/** One connection, as the driver numbers them; never used twice in a process. */
export type LinkId = number;

export interface FrontendIdentity {
  readonly name: Name;
  /** Names of all members, where they are given once for all; null: replicas tell who they are. */
  readonly members: readonly Name[] | null;
  /** Request ids count up from here: another start counts from elsewhere. */
  readonly firstRequestId: number;
}

export interface FrontendTuning {
  /** Emit `trace` effects. */
  readonly trace: boolean;
}

/** The newest configuration that a replica told. */
export interface KnownConfiguration {
  readonly configuration: Configuration;
  /** What every fresh answer reflects besides; null until the configuration is activated (PROTOCOL C). */
  cut: VectorTimestamp | null;
}

/** A member, or another replica that is connected. */
export interface Replica {
  readonly name: Name;
  link: LinkId | null;
  memberId: MemberId | null;
  status: ReplicaStatus;
  lastHeardMs: number;
  /** The primary that it hears, itself perhaps, and of which view. */
  primary: ForcedStanding['primary'];
}

/** Over which link a replica was asked, and when. */
export interface Asked {
  readonly link: LinkId;
  readonly atMs: number;
}

export interface PendingBase {
  /** Ids under which replicas know it; the last one is that of the present round. */
  readonly requestIds: number[];
  readonly client: LinkId;
  readonly clientRequestId: number;
  /** What it counts for among the requests of its connection. */
  readonly weight: number;
  readonly deadlineMs: number;
  /** When one more replica is asked. */
  hedgeAtMs: number;
  /** When those that declined for the time being may be asked again. */
  askAgainAtMs: number;
  /** Replicas asked in this round that have neither answered nor declined. */
  readonly outstanding: Map<Name, Asked>;
  /** Replicas not to be asked again in this round. */
  readonly tried: Set<Name>;
  /** What replicas said that did not take the request. */
  readonly declined: Map<Name, Declined>;
}

interface PendingUpdateBase extends PendingBase {
  readonly request: ClientUpdate;
  /** It was sent to a replica, whatever came of that. */
  wasSent: boolean;
  /** It was sent to a replica whose connection broke: a refusal of the others is not definite. */
  unknown: boolean;
  /** A replica could not tell whether it was executed long ago: no refusal is definite any more. */
  doubtful: boolean;
}

/** A causal update: it is durable where it is acknowledged. */
export interface PendingUpdate extends PendingUpdateBase {
  readonly kind: 'update';
  /** Who holds it durably, and by which record; a copy each where its label is the present epoch's. */
  readonly acknowledged: Map<Name, Acknowledged>;
  /** Those whose word does not count are asked again at this time. */
  recountAtMs: number;
  /** Until then their next word is waited for. */
  recountUntilMs: number;
}

/** A forced update: a primary orders it, whoever has executed it answers. */
export interface PendingForced extends PendingUpdateBase {
  readonly kind: 'forced';
}

/** What a fresh answer must reflect. */
export interface Target {
  readonly timestamp: VectorTimestamp;
  readonly tip: Tip;
}

export interface PendingQuery extends PendingBase {
  readonly kind: 'query';
  readonly startedAtMs: number;
  readonly session: SessionId;
  readonly level: Consistency;
  readonly query: Pick<ClientQuery, 'prev' | 'alternative' | 'operation' | 'args' | 'user'>;
  /** The update whose precondition this is; it is sent when the precondition holds. */
  readonly update: ClientUpdate | null;
  readonly ordering: 'causal' | 'forced';
  readonly answers: Map<Name, Answer>;
  /** What the members collected so far hold, R of them at most. */
  readonly collected: Map<MemberId, Target>;
  /** The merge of R of them: what a fresh answer must reflect. */
  target: Target | null;
  round: 1 | 2;
  roundStartedAtMs: number;
}

export type Pending = PendingUpdate | PendingForced | PendingQuery;

export interface FrontendState {
  readonly self: FrontendIdentity;
  readonly tuning: FrontendTuning;
  /** Null until a replica has told the first one: requests wait for it. */
  known: KnownConfiguration | null;
  readonly replicas: Map<Name, Replica>;
  readonly replicaByLink: Map<LinkId, Replica>;
  /** By each of its request ids. */
  readonly pending: Map<number, Pending>;
  /** Weights of the requests under way, by connection. */
  readonly pendingByClient: Map<LinkId, number>;
  nextRequestId: number;
  /** Queries answered elsewhere, still to be cancelled: the links by request id. */
  readonly toCancel: Map<number, Set<LinkId>>;
  /** Recent times from sending to acknowledgement or answer, ms; a ring. */
  readonly latenciesMs: number[];
  latencyIndex: number;
  hedgeAfterMs: number;
  wakeAtMs: number;
}

/** Nobody is asked a second time sooner than this (PROTOCOL H). */
export const HEDGE_MIN_MS = 150;

/** However slow answers have been lately, somebody else is asked after this long. */
export const HEDGE_MAX_MS = 1000;

/** w: copies that make an update durable. Before a configuration is known, nothing is enough. */
export const copiesWanted = ({ known }: FrontendState): number =>
  known === null ? Number.POSITIVE_INFINITY : copiesIn(known.configuration);

/** R: members whose `replicaTS` together cover every update acknowledged with w copies. */
export const collectionSize = ({ known }: FrontendState): number =>
  known === null ? Number.POSITIVE_INFINITY : collectionIn(known.configuration);

/** In words: how many members a forced operation needs. */
export const majorityWords = ({ known }: FrontendState): string =>
  known === null
    ? 'a majority of the replicas'
    : `${majorityIn(known.configuration)} of ${known.configuration.members.length} replicas`;

/** Its name is that of a member of the present configuration. */
export const isListed = (
  { known }: Pick<FrontendState, 'known'>,
  { name }: { readonly name: Name },
): boolean => known?.configuration.members.some((member) => member.name === name) === true;

/** A member of the present configuration, in person: another disk under its name is not. */
export function isMember(
  { known }: FrontendState,
  { name, memberId }: Pick<Replica, 'name' | 'memberId'>,
): boolean {
  const member = known?.configuration.members.find((each) => each.name === name);
  return member !== undefined && (member.id === null || member.id === memberId);
}

/** The label of an answer is the present epoch's, and its sender is a member of it (PROTOCOL C). */
export const isOfEpoch = (
  state: FrontendState,
  replica: Replica,
  { epoch }: { readonly epoch: number },
): boolean => epoch === state.known?.configuration.epoch && isMember(state, replica);

export function emptyState(self: FrontendIdentity, tuning: FrontendTuning): FrontendState {
  return {
    self,
    tuning,
    known: self.members === null ? null : givenConfiguration(self.members),
    replicas: new Map(self.members?.map((name) => [name, unknownReplica(name)])),
    replicaByLink: new Map(),
    pending: new Map(),
    pendingByClient: new Map(),
    nextRequestId: self.firstRequestId,
    toCancel: new Map(),
    latenciesMs: [],
    latencyIndex: 0,
    hedgeAfterMs: HEDGE_MIN_MS,
    wakeAtMs: Number.POSITIVE_INFINITY,
  };
}

function givenConfiguration(names: readonly Name[]): KnownConfiguration {
  const members = names.map((name) => ({ name, id: null, address: '' }));
  const { configuration, cut } = founded(members, 1);
  return { configuration, cut };
}

/** A replica of which nothing was heard yet. */
export function unknownReplica(name: Name): Replica {
  return {
    name,
    link: null,
    memberId: null,
    status: { value: 'ACTIVE', source: 'auto' },
    lastHeardMs: Number.NEGATIVE_INFINITY,
    primary: null,
  };
}
