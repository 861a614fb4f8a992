/**
 * One process of a small world: a production core with what its driver would do, and the checks that can
 * be made within it. Same events, same behaviour: a process is known by the events it has seen.
 */

import type { MemberId, Name, Origin } from '../base/ids.js';
import type { Counterpart, LinkId } from '../replica/events.js';
import { type Ballot, ZERO_BALLOT } from '../timestamp/ballot.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { MembershipChange } from '../log/membership.js';
import type { Message } from '../wire/messages.js';

/** The first message each way on a connection, as far as the cores are told of it. */
export interface Greeting {
  readonly kind: 'greeting';
  readonly counterpart: Counterpart;
}

/** What travels on a connection. */
export type Travelling = Message | Greeting;

/** What can happen to a process. */
export type LocalEvent = {
  /** Virtual time of this process, ms: only differences mean anything. */
  readonly nowMs: number;
} /** The process starts again; `life` counts its starts from 1. */ & (
  | { readonly kind: 'start'; readonly life: number }
  /** It ends at once; of what was written and not synced the first items are kept. */
  | { readonly kind: 'crash'; readonly kept: number }
  /** It has dialled: a client is connected, anybody else says who it is. */
  | { readonly kind: 'dial'; readonly link: LinkId }
  /** `dialled`: the connection was made by this side. */
  | {
      readonly kind: 'receive';
      readonly link: LinkId;
      readonly message: Travelling;
      readonly dialled: boolean;
    }
  | { readonly kind: 'down'; readonly link: LinkId }
  /** The next `count` items that were written are on disk. */
  | { readonly kind: 'durable'; readonly count: number }
  | { readonly kind: 'tick' }
  /**
   * It hears of nobody, and its time goes on: until it has not heard of a primary lately (`lapse`), or
   * until it does something about it.
   */
  | { readonly kind: 'silence'; readonly until: 'lapse' | 'action' }
  /** It looked whether a peer's process is there, and it is not. */
  | { readonly kind: 'refused'; readonly peer: Name }
  /**
   * A primary is to change the members, or to wait no longer in the middle of that: time goes on until it
   * has ordered something. `retire`: whom an operator wants gone; null where another one may join.
   */
  | { readonly kind: 'change'; readonly retire: Name | null }
  /** The program that uses the client makes its next call. */
  | { readonly kind: 'call' }
);

/** What the world's own checks are told. */
export type Note =
  | { readonly kind: 'violation'; readonly text: string }
  /** Somebody told what came of a forced update, and its place in the order. */
  | {
      readonly kind: 'told';
      readonly update: string;
      readonly seq: number;
      readonly result: string;
    }
  /** A front end told a client that an update is durable at so many members, w or more of that epoch. */
  | {
      readonly kind: 'updated';
      readonly update: string;
      readonly copies: number;
      readonly isWhole: boolean;
      readonly epoch: number;
    }
  /** A query that may be answered `fresh` arrived at a front end. */
  | { readonly kind: 'asked'; readonly link: LinkId }
  /** It was answered `fresh` from a state that had executed these updates. */
  | { readonly kind: 'answered'; readonly link: LinkId; readonly applied: readonly string[] };

/** What a process did with an event. */
export interface Reaction {
  readonly sends: { readonly link: LinkId; readonly message: Travelling }[];
  /** Connections that it ended itself. */
  readonly closes: LinkId[];
  readonly notes: Note[];
  /** The time at its end, where it took some; else null. */
  endsAtMs: number | null;
}

/** What a replica knows of the members and of its own part. */
export interface StandingView {
  readonly epoch: number;
  readonly label: number;
  readonly isActivated: boolean;
  readonly isMember: boolean;
  readonly isClaimed: boolean;
}

/** A forced log as checks compare it. */
export interface ForcedView {
  readonly lnv: Ballot;
  readonly commit: number;
  /** Each entry as text, the view that ordered it, and the update in it, `session:n`; null for a no-op. */
  readonly entries: readonly string[];
  readonly births: readonly string[];
  readonly updates: readonly (string | null)[];
  /** What each entry changes of the members; null for others. */
  readonly changes: readonly (MembershipChange | null)[];
}

/** What a replica shows to checks that compare several of them. */
export interface ReplicaView {
  readonly value: VectorTimestamp;
  readonly durable: VectorTimestamp;
  /** What each record of the log is, by its name. */
  readonly records: ReadonlyMap<string, string>;
  readonly applied: ReadonlySet<string>;
  /** The service's state as text. */
  readonly service: string;
  readonly forced: ForcedView;
  readonly standing: StandingView;
  /** The state that forced updates make, after each of them, by its place in the order. */
  readonly forcedStates: ReadonlyMap<number, string>;
}

/** What the world must know of a process to see what may happen next. */
export interface ProcessView {
  readonly isUp: boolean;
  /** Its identity is over: no process of it starts again. */
  readonly isOver: boolean;
  /** When it wants a tick; infinite for never. */
  readonly wakeAtMs: number;
  /** What it can come to when a replica hears nobody. */
  readonly mayLapse: boolean;
  readonly maySuspect: boolean;
  /** It leads, and is to do something about the members that it does not do without being told. */
  readonly mayChange: boolean;
  /** Peers that it looks for, to see whether their processes are there. */
  readonly probed: ReadonlySet<Name>;
  /** Items that a replica has written and that are not on its disk yet. */
  readonly unsynced: number;
  /**
   * Updates (`session:n`) that are on disk, with the causal records of each; and the forced log as it is
   * there.
   */
  readonly durableUpdates: ReadonlyMap<string, readonly VectorTimestamp[]>;
  readonly disk: ForcedView;
  /** A client that has a call to make and none under way. */
  readonly mayCall: boolean;
  /** A client that has nothing more to do. */
  readonly isFinished: boolean;
  /** The front end a client would connect to now; -1 while it has a connection. */
  readonly nextFrontend: number;
  /** Null for others, and while it is down. */
  readonly replica: ReplicaView | null;
}

export interface LiveProcess {
  handle(event: LocalEvent): Reaction;
  /** All that decides how it goes on, as text. */
  fingerprint(): string;
  view(): ProcessView;
}

/** What a view says of whom it does not concern. */
export const PLAIN_VIEW: ProcessView = {
  isUp: true,
  isOver: false,
  wakeAtMs: Number.POSITIVE_INFINITY,
  mayLapse: false,
  maySuspect: false,
  mayChange: false,
  probed: new Set(),
  unsynced: 0,
  durableUpdates: new Map(),
  disk: { lnv: ZERO_BALLOT, commit: 0, entries: [], births: [], updates: [], changes: [] },
  mayCall: false,
  isFinished: true,
  nextFrontend: -1,
  replica: null,
};

export const emptyReaction = (): Reaction => ({
  sends: [],
  closes: [],
  notes: [],
  endsAtMs: null,
});

export const memberOfName = (name: Name): MemberId => `${name}.d0` as MemberId;

/** Each start has an origin of its own (PROTOCOL A1). */
export const originOfLife = (name: Name, life: number): Origin =>
  `${memberOfName(name)}~${life}` as Origin;
