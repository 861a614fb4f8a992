/** How bytes fare in one direction of a link, and what several faults on it come to together. */

export interface Conditions {
  /**
   * `held`: bytes wait, and the sender with them, as when a network loses all packets for a while.
   * `swallowed`: bytes vanish; their connections are reset once that is over, since nothing after a
   * gap could be read.
   */
  readonly passage: 'open' | 'held' | 'swallowed';
  /** What was read together is passed on so much later; nothing else is read meanwhile. */
  readonly delayMs: number;
  /** Null: as fast as it goes. */
  readonly bytesPerSecond: number | null;
}

export const OPEN: Conditions = { passage: 'open', delayMs: 0, bytesPerSecond: null };

/** The worst of all that is in force. */
export function combine(inForce: Iterable<Partial<Conditions>>): Conditions {
  let { passage, delayMs, bytesPerSecond } = OPEN;
  for (const each of inForce) {
    if (each.passage === 'held' || passage === 'open') passage = each.passage ?? passage;
    delayMs = Math.max(delayMs, each.delayMs ?? 0);
    const rate = each.bytesPerSecond ?? null;
    if (rate !== null) bytesPerSecond = Math.min(rate, bytesPerSecond ?? rate);
  }
  return { passage, delayMs, bytesPerSecond };
}
