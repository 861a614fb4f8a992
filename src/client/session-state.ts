/**
 * What a session knows: its past in its two forms (docs/protocol.md, A7), the stamps and numbers it gave,
 * and the requests that are under way or wait for their turn.
 */

import type { Origin, SessionId } from '../base/ids.js';
import { type Stamp, ZERO_STAMP } from '../timestamp/stamp.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { Arguments } from '../wire/messages.js';
import type { SessionCall, SessionError } from './session-events.js';

/** A call of the program with the time it has. */
export interface TimedCall {
  readonly call: SessionCall;
  readonly deadlineMs: number;
  /** The wall clock when the program called: the least that an update's stamp may be. */
  readonly wallMs: number;
}

/** A request to a front end: a query, an update, or the lookup that comes before an update. */
export interface OpenRequest extends TimedCall {
  readonly requestId: number;
  readonly args: Arguments;
  /** An update's number and stamp: the same in every attempt. Without them it can have no effect. */
  readonly identity: { readonly n: number; readonly stamp: Stamp } | null;
  readonly prev: VectorTimestamp;
  readonly alternative: VectorTimestamp;
  /** Sendings whose outcome is unknown. */
  unknownAttempts: number;
  /** When it was last sent on the present connection, or null when it is not under way. */
  sentAtMs: number | null;
  retryAtMs: number;
  pauseMs: number;
  /** Why the last attempt failed, for the message at the deadline. */
  lastError: SessionError | null;
}

export interface SessionInit {
  readonly session: SessionId;
  readonly user: string;
  /** Updates are sent without waiting for earlier ones. */
  readonly pipeline: boolean;
  /** There is another front end to go to. */
  readonly hasOthers: boolean;
}

export interface SessionState extends SessionInit {
  hasOthers: boolean;
  prev: VectorTimestamp;
  /** The same past by the other records of the session's updates: either form will do (A7). */
  alternative: VectorTimestamp;
  /** The greatest stamp that was shown to it, or given to an update that may have taken effect. */
  stamp: Stamp;
  /** The stamp given last; `stamp` again once nothing is under way: what was refused used up none. */
  given: Stamp;
  n: number;
  /** Updates answered above `answered`, which is where they are answered without a gap. */
  readonly answeredAbove: Set<number>;
  answered: number;
  connected: boolean;
  nextRequestId: number;
  readonly open: Map<number, OpenRequest>;
  /** Updates that wait for the one before them. */
  readonly queue: TimedCall[];
  /** Calls of updates that have begun, their lookups included. */
  updatesUnderWay: number;
  lastHeardMs: number;
  wakeAtMs: number;
}

export function newSession(init: SessionInit): SessionState {
  return {
    ...init,
    prev: VectorTimestamp.zero,
    alternative: VectorTimestamp.zero,
    stamp: ZERO_STAMP,
    given: ZERO_STAMP,
    n: 0,
    answeredAbove: new Set(),
    answered: 0,
    connected: false,
    nextRequestId: 1,
    open: new Map(),
    queue: [],
    updatesUnderWay: 0,
    lastHeardMs: 0,
    wakeAtMs: Number.POSITIVE_INFINITY,
  };
}

/** Takes what was told into both forms of the past; `other` is the same by its other record. */
export function learn(
  state: SessionState,
  timestamp: VectorTimestamp,
  other?: VectorTimestamp,
): void {
  const isOneForm = other === undefined && state.alternative === state.prev;
  state.prev = state.prev.merge(timestamp);
  state.alternative = isOneForm ? state.prev : state.alternative.merge(other ?? timestamp);
  if (state.alternative.equals(state.prev)) state.alternative = state.prev;
}

/**
 * Origins leave the timestamps once every replica holds all that counts of them (PROTOCOL D). An answer
 * covers one of the two forms of its request's past, in which such origins count no more: so whatever
 * both forms name, and the answer does not, has left. What only one of them names may be missing because
 * the answer covers the other: it stays.
 */
export function forgetClosed(
  state: SessionState,
  { prev, alternative }: Pick<OpenRequest, 'prev' | 'alternative'>,
  answered: VectorTimestamp,
): void {
  const hasLeft = (origin: Origin): boolean =>
    answered.get(origin) === 0 && prev.get(origin) > 0 && alternative.get(origin) > 0;
  const isOneForm = state.alternative === state.prev;
  state.prev = without(state.prev, prev, hasLeft);
  state.alternative = isOneForm ? state.prev : without(state.alternative, alternative, hasLeft);
  if (state.alternative.equals(state.prev)) state.alternative = state.prev;
}

/** What a later answer has told of an origin is left alone: the next request asks for it. */
function without(
  past: VectorTimestamp,
  asked: VectorTimestamp,
  hasLeft: (origin: Origin) => boolean,
): VectorTimestamp {
  const kept = [...past.entries()].filter(
    ([origin, count]) => count !== asked.get(origin) || !hasLeft(origin),
  );
  return kept.length === past.size ? past : VectorTimestamp.of(kept);
}
