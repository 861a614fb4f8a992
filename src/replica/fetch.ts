/**
 * On-demand fetch (PROTOCOL A12), driven by the receiver: it asks for exactly the records it lacks,
 * from a replica that has them; another one after a timeout; one fetch serves all who wait.
 */

import type { Name } from '../base/ids.js';
import { isReservedOrigin, memberOf, type Origin } from '../base/ids.js';
import { LIMITS } from '../base/limits.js';
import { withoutVoid } from './membership/freeze.js';
import type { MissingRange, VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { OutstandingFetch, Peer } from './state.js';
import { describeRanges, messageId, send, type Turn, trace, wakeBy } from './turn.js';

/** An answer that has not come after this long is asked for elsewhere. */
const FETCH_TIMEOUT_MS = 100;

/** Origins with a fetch under way: more than a timestamp has entries cannot be waited for at once. */
const FETCHES_MAX = 4 * LIMITS.timestampEntries;

/** Those that no peer ever named, forged ones perhaps, must leave room for others. */
const UNHEARD_FETCHES_MAX = FETCHES_MAX / 2;

/** Asks for what `ranges` names, as far as it is not asked for already, until `giveUpAtMs`. */
export function fetchMissing(
  turn: Turn,
  ranges: readonly MissingRange[],
  giveUpAtMs: number,
): void {
  const { fetches } = turn.state;
  const wanted: OutstandingFetch[] = [];
  for (const { origin, to } of withoutVoid(turn.state, ranges)) {
    const known = fetches.get(origin);
    if (known !== undefined) {
      known.giveUpAtMs = Math.max(known.giveUpAtMs, giveUpAtMs);
      // One request an origin at a time: its answer is followed by one for the rest.
      known.to = Math.max(known.to, to);
    } else if (fetches.size < (isHeardOf(turn, origin) ? FETCHES_MAX : UNHEARD_FETCHES_MAX)) {
      const fetch: OutstandingFetch = {
        origin,
        to,
        peer: null,
        tried: [],
        askedAtMs: turn.nowMs,
        giveUpAtMs,
      };
      fetches.set(origin, fetch);
      wanted.push(fetch);
    }
  }
  ask(turn, wanted);
}

function isHeardOf(turn: Turn, origin: Origin): boolean {
  for (const peer of turn.state.peers.values()) if (peer.timestamp.get(origin) > 0) return true;
  return false;
}

/** Sends one request to each peer that is best placed for some of these fetches. */
function ask(turn: Turn, fetches: readonly OutstandingFetch[]): void {
  const { state } = turn;
  const rangesByPeer = new Map<Peer, MissingRange[]>();
  for (const fetch of fetches) {
    const peer = choosePeer(turn, fetch);
    fetch.askedAtMs = turn.nowMs;
    fetch.peer = peer?.name ?? null;
    if (peer === null) continue;
    fetch.tried.push(peer.name);
    const from = heldOf(turn, fetch.origin) + 1;
    const ranges = rangesByPeer.get(peer) ?? [];
    ranges.push({ origin: fetch.origin, from, to: fetch.to });
    rangesByPeer.set(peer, ranges);
  }
  for (const [peer, ranges] of rangesByPeer) {
    if (peer.link === null) continue;
    const serial = state.nextFetchSerial++;
    trace(turn, () => ({
      event: 'fetch sent',
      id: messageId(state.self.origin, serial),
      to: peer.name,
      before: state.durable.value(),
      detail: `asks for ${describeRanges(ranges)}`,
    }));
    send(turn, peer.link, { kind: 'fetch', serial, ranges });
  }
  if (fetches.length > 0) wakeBy(turn, turn.nowMs + FETCH_TIMEOUT_MS);
}

/**
 * Of those not yet asked the one known to have most of it; else the member that made it; else anybody.
 * `to` may be forged: nobody has as much, and whoever has a part still has what others wait for.
 */
function choosePeer(turn: Turn, fetch: OutstandingFetch): Peer | null {
  const reachable = [...turn.state.peers.values()].filter((peer) => peer.link !== null);
  let untried = reachable.filter((peer) => !fetch.tried.includes(peer.name));
  if (untried.length === 0) {
    fetch.tried = [];
    untried = reachable;
  }
  const { origin, to } = fetch;
  const held = (peer: Peer): number => Math.min(peer.timestamp.get(origin), to);
  const made = untried.find((peer) => peer.memberId === memberOf(origin)) ?? untried[0];
  return untried.reduce<Peer | null>(
    (best, peer) => (best === null || held(peer) > held(best) ? peer : best),
    made ?? null,
  );
}

/** A peer has answered: what it has more of is asked of it again; `before` is what was here before. */
export function goOnFetching(turn: Turn, peer: Peer, before: VectorTimestamp): void {
  const { state } = turn;
  const open: OutstandingFetch[] = [];
  for (const fetch of state.fetches.values()) {
    if (fetch.peer !== peer.name || settled(turn, fetch)) continue;
    // Nothing new, or too early to be stored: the next tick asks somebody else.
    if (state.received.get(fetch.origin) === before.get(fetch.origin)) continue;
    // The answer was cut short by its size: the same peer has the rest.
    fetch.tried = [];
    open.push(fetch);
  }
  ask(turn, open);
}

/** Drops fetches that are done or given up, and asks elsewhere for those that take too long. */
export function retryFetches(turn: Turn): void {
  const late: OutstandingFetch[] = [];
  for (const fetch of turn.state.fetches.values()) {
    if (settled(turn, fetch)) continue;
    if (turn.nowMs - fetch.askedAtMs >= FETCH_TIMEOUT_MS) late.push(fetch);
    else wakeBy(turn, fetch.askedAtMs + FETCH_TIMEOUT_MS);
  }
  ask(turn, late);
}

/** A connection is gone: what was asked of this peer is asked of another one now. */
export function refetchFrom(turn: Turn, gone: Name): void {
  ask(
    turn,
    // A cut may have made less of it than was asked for, or all of it came by another way.
    [...turn.state.fetches.values()].filter(
      (fetch) => fetch.peer === gone && !settled(turn, fetch),
    ),
  );
}

/** How much of an origin is here; of the forced log with its no-ops, which timestamps do not count. */
function heldOf({ state }: Turn, origin: Origin): number {
  return isReservedOrigin(origin) ? state.forced.log.commit : state.received.get(origin);
}

function settled(turn: Turn, fetch: OutstandingFetch): boolean {
  const done = heldOf(turn, fetch.origin) >= fetch.to;
  if (!done && turn.nowMs < fetch.giveUpAtMs) return false;
  turn.state.fetches.delete(fetch.origin);
  return true;
}
