/**
 * All that a front end knows: which replicas can be reached, and the requests under way. It keeps
 * nothing of a client between requests: what a session has seen travels with each request as `prev`,
 * so a client may move to another front end at any time.
 */

import type { MemberId, Name, SessionId } from '../base/ids.js';
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
  /** Names of the members of the configuration. */
  readonly members: readonly Name[];
  /** Request ids count up from here: another start counts from elsewhere. */
  readonly firstRequestId: number;
}

export interface FrontendTuning {
  /** Emit `trace` effects. */
  readonly trace: boolean;
}

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
  /** Who holds it durably, and by which record: a copy each. */
  readonly acknowledged: Map<Name, Acknowledged>;
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

/** w: copies that make an update durable (PROTOCOL, words). */
export const copiesWanted = (state: FrontendState): number =>
  Math.min(2, state.self.members.length);

/** R = N - w + 1: members whose `replicaTS` together cover every update acknowledged with w copies. */
export const collectionSize = (state: FrontendState): number =>
  state.self.members.length - copiesWanted(state) + 1;

export function emptyState(self: FrontendIdentity, tuning: FrontendTuning): FrontendState {
  const replicas = self.members.map((name): [Name, Replica] => [name, unknownReplica(name)]);
  return {
    self,
    tuning,
    replicas: new Map(replicas),
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

function unknownReplica(name: Name): Replica {
  return {
    name,
    link: null,
    memberId: null,
    status: { value: 'ACTIVE', source: 'auto' },
    lastHeardMs: Number.NEGATIVE_INFINITY,
    primary: null,
  };
}
