/** How much of a forced log goes into one message. */

import { LIMITS } from '../../base/limits.js';
import type { ForcedEntry } from '../../log/forced-log.js';
import { weightOf, weightOfPast } from '../../log/update-log.js';

/** As many of these as fit into one message, one at least. */
export function asManyAsFit(entries: readonly ForcedEntry[]): readonly ForcedEntry[] {
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    if (index === LIMITS.gossipRecords) return entries.slice(0, index);
    if (entry.kind === 'update') bytes += weightOf(entry.body) + weightOfPast(entry.prev);
    if (index > 0 && bytes > LIMITS.gossipBytes) return entries.slice(0, index);
  }
  return entries;
}
