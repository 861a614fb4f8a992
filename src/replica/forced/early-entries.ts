/** Entries of the view that came before this log could take them. */

import type { Turn } from '../turn.js';
import { change, commitTo } from './change.js';
import { holdsPast } from './past.js';

/**
 * Appends entries of the present view that came, each when this log holds its `prev` durably or in the
 * same group: a durable entry never depends on what its holder lacks (F1).
 */
export function appendEarly(turn: Turn): void {
  const { early, log } = turn.state.forced;
  if (early.size === 0) return;
  for (;;) {
    const entry = early.get(log.op + 1);
    if (entry === undefined || !holdsPast(turn, entry)) break;
    early.delete(entry.seq);
    change(turn, { entries: [entry] });
    // Whoever has the entry has the primary's word that so much was committed when it was ordered.
    commitTo(turn, entry.committed);
  }
  for (const seq of early.keys()) if (seq <= log.op) early.delete(seq);
}
