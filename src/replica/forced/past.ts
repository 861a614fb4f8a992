/** What an entry depends on: no log has it without that (F1, PROTOCOL B, normal case 4). */

import { isReservedOrigin } from '../../base/ids.js';
import type { ForcedEntry } from '../../log/forced-log.js';
import type { MissingRange } from '../../timestamp/vector-timestamp.js';
import { fetchMissing } from '../fetch.js';
import type { Turn } from '../turn.js';

/** How long what an entry depends on is looked for; the primary's next word begins anew. */
const FETCH_FOR_MS = 2000;

/** Whether this log may take an entry; if not, what it depends on is asked for. */
export function holdsPast(turn: Turn, entry: ForcedEntry): boolean {
  const missing = missingBefore(turn, entry);
  if (missing.length > 0) fetchMissing(turn, missing, turn.nowMs + FETCH_FOR_MS);
  return missing.length === 0;
}

/** What an entry names of the forced log stands before it in any log that has it. */
const missingBefore = ({ state }: Turn, { prev }: ForcedEntry): MissingRange[] =>
  prev.missingFrom(state.received).filter(({ origin }) => !isReservedOrigin(origin));
