/** Fetching what records that came early depend on, once it has not come by itself (PROTOCOL A3, A4). */

import type { TravellingRecord } from '../log/record.js';
import type { MissingRange } from '../timestamp/vector-timestamp.js';
import { fetchMissing } from './fetch.js';
import { BODY_PATIENCE_MS, EARLY_PATIENCE_MS } from './store.js';
import { type Turn, wakeBy } from './turn.js';

/** How long such a fetch is repeated; anti-entropy repairs the rest. */
const GIVE_UP_MS = 2000;

export function fetchForEarly(turn: Turn): void {
  const { state, nowMs } = turn;
  const ranges: MissingRange[] = [];
  for (const [origin, { seq, sinceMs }] of state.missingBodies) {
    if (nowMs - sinceMs >= BODY_PATIENCE_MS) ranges.push({ origin, from: seq, to: seq });
    else wakeBy(turn, sinceMs + BODY_PATIENCE_MS);
  }
  if (state.earlySinceMs !== null) {
    const dueMs = state.earlySinceMs + EARLY_PATIENCE_MS;
    if (nowMs < dueMs) wakeBy(turn, dueMs);
    else fetchBeforeEarly(turn);
  }
  if (ranges.length > 0) fetchMissing(turn, ranges, nowMs + GIVE_UP_MS);
}

/** Fetches what early records wait for, with no patience. */
export function fetchBeforeEarly(turn: Turn): void {
  const ranges: MissingRange[] = [];
  for (const head of turn.state.early.heads()) ranges.push(...neededBefore(turn, head));
  if (ranges.length > 0) fetchMissing(turn, ranges, turn.nowMs + GIVE_UP_MS);
}

/** The records before it of its own origin, and what its `prev` names. */
function neededBefore(turn: Turn, { origin, seq, prev }: TravellingRecord): MissingRange[] {
  const { received } = turn.state;
  return prev
    .with(origin, seq)
    .missingFrom(received)
    .flatMap((range) => {
      if (range.origin !== origin) return [range];
      return range.from < seq ? [{ origin, from: range.from, to: seq - 1 }] : [];
    });
}
