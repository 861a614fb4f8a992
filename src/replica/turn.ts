/** One step under way: the state, the time, and the effects gathered so far. */

import { nameOf, type Origin } from '../base/ids.js';
import type { MissingRange } from '../timestamp/vector-timestamp.js';
import type { ReplicaToFrontend, ReplicaToReplica, Trace } from '../wire/messages.js';
import type { ReplicaEffect } from './effects.js';
import type { LinkId } from './events.js';
import type { ReplicaState } from './state.js';

export interface Turn {
  readonly state: ReplicaState;
  readonly nowMs: number;
  readonly effects: ReplicaEffect[];
}

export function send(
  turn: Turn,
  link: LinkId,
  message: ReplicaToFrontend | ReplicaToReplica,
): void {
  turn.effects.push({ kind: 'send', link, message });
}

/** Asks for a tick at `atMs` at the latest. */
export function wakeBy(turn: Turn, atMs: number): void {
  if (atMs >= turn.state.wakeAtMs) return;
  turn.state.wakeAtMs = atMs;
  turn.effects.push({ kind: 'wake', atMs });
}

/** Names a message of this start, or of a peer's, in the gossip log. */
export const messageId = (origin: Origin | null, serial: number): string =>
  `${origin ?? '?'}:${serial}`;

/** Notes an event for the gossip log; `make` runs only where somebody reads it. */
export function trace(turn: Turn, make: () => Trace): void {
  if (turn.state.tuning.trace) turn.effects.push({ kind: 'trace', trace: make() });
}

/** `1 record`, `2 records`. */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

/** More ranges than this are counted, not named: a message has a bound. */
const RANGES_NAMED = 8;

/** `rm-1:3..7, rm-2:4 and 5 more` for people. */
export function describeRanges(ranges: readonly MissingRange[]): string {
  const more = ranges.length - RANGES_NAMED;
  const named = ranges
    .slice(0, RANGES_NAMED)
    .map(({ origin, from, to }) => `${nameOf(origin)}:${from === to ? to : `${from}..${to}`}`)
    .join(', ');
  return more > 0 ? `${named} and ${more} more` : named;
}
