/**
 * Causal convergence: of two concurrent writes of a register that an answer knew, the one it showed is
 * the later one, everywhere. Those conflicts and causality together must not go in a circle (CyclicCF).
 *
 * The circle is looked for by taking away updates that nothing before them holds up any more, chain by
 * chain; if some remain, each waits for another, and a shortest circle is put together from conflicts
 * among these.
 */

import type { Chains } from './chains.js';
import type { Conflict, Sweep } from './sweep.js';

/** So many conflicts are combined with those of one circle, to find a shorter one. */
const CONFLICTS_MAX = 400;

/** Conflicts that form a circle: the later write of each is known to the earlier one of the next. */
export function findCircle({ chains, conflicts }: Sweep): readonly Conflict[] | undefined {
  const removal = new Removal(chains, conflicts);
  removal.run();
  const certain = removal.circle();
  if (certain === undefined) return undefined;
  const stuck = [...conflicts.values()].flat().filter((conflict) => removal.isStuck(conflict));
  const combined = new Set([...certain, ...stuck.slice(0, CONFLICTS_MAX)]);
  return shortestCircle(chains, [...combined]);
}

/** What keeps an update from being taken away: an earlier one, by conflict or, without, by causality. */
interface Blocker {
  readonly update: number;
  readonly conflict: Conflict | undefined;
}

class Removal {
  readonly #chains: Chains;
  readonly #conflicts: Sweep['conflicts'];
  /** Per chain, how many are taken away. */
  readonly #removed: number[];
  /** By chain, the chains whose next update waits for one of it. */
  readonly #waiting: Set<number>[];

  constructor(chains: Chains, conflicts: Sweep['conflicts']) {
    this.#chains = chains;
    this.#conflicts = conflicts;
    this.#removed = Array.from({ length: chains.count }, () => 0);
    this.#waiting = Array.from({ length: chains.count }, () => new Set());
  }

  run(): void {
    const active = this.#removed.map((_, chain) => chain);
    for (let chain = active.pop(); chain !== undefined; chain = active.pop()) {
      if (!this.#advance(chain)) continue;
      for (const waiting of this.#waiting[chain] ?? []) active.push(waiting);
      this.#waiting[chain]?.clear();
    }
  }

  isStuck({ earlier, later }: Conflict): boolean {
    return !this.#isRemoved(earlier) && !this.#isRemoved(later);
  }

  /** The conflicts of a circle among what remains, which is not yet a short one. */
  circle(): readonly Conflict[] | undefined {
    let head = this.#removed.map((_, chain) => this.#head(chain)).find((update) => update !== -1);
    const path: { readonly head: number; readonly conflict: Conflict | undefined }[] = [];
    while (head !== undefined) {
      const start = path.findIndex((step) => step.head === head);
      if (start !== -1) {
        return path
          .slice(start)
          .map((step) => step.conflict)
          .filter((conflict) => conflict !== undefined);
      }
      const blocker = this.#blockerOf(head);
      if (blocker === undefined) return undefined;
      path.push({ head, conflict: blocker.conflict });
      head = this.#head(this.#chains.chainOf(blocker.update));
    }
    return undefined;
  }

  /** Takes away what can be taken from a chain; false when that is nothing. */
  #advance(chain: number): boolean {
    const before = this.#removed[chain] ?? 0;
    for (let head = this.#head(chain); head !== -1; head = this.#head(chain)) {
      const blocker = this.#blockerOf(head);
      if (blocker !== undefined) {
        this.#waiting[this.#chains.chainOf(blocker.update)]?.add(chain);
        break;
      }
      this.#removed[chain] = (this.#removed[chain] ?? 0) + 1;
    }
    return (this.#removed[chain] ?? 0) > before;
  }

  /** The first update of a chain that remains; -1 when there is none. */
  #head(chain: number): number {
    return this.#chains.operationsOf(chain)[this.#removed[chain] ?? 0] ?? -1;
  }

  #isRemoved(update: number): boolean {
    return this.#chains.placeOf(update) < (this.#removed[this.#chains.chainOf(update)] ?? 0);
  }

  #blockerOf(update: number): Blocker | undefined {
    const clock = this.#chains.clockOf(update);
    const own = this.#chains.chainOf(update);
    for (let chain = 0; chain < clock.length; chain++) {
      const known = clock[chain] ?? 0;
      if (chain === own || known <= (this.#removed[chain] ?? 0)) continue;
      return { update: this.#chains.operationsOf(chain)[known - 1] ?? -1, conflict: undefined };
    }
    for (const conflict of this.#conflicts.get(update) ?? []) {
      if (!this.#isRemoved(conflict.earlier)) return { update: conflict.earlier, conflict };
    }
    return undefined;
  }
}

/** Breadth first from each conflict: the next one begins where an update knows of the last one's end. */
function shortestCircle(
  chains: Chains,
  conflicts: readonly Conflict[],
): readonly Conflict[] | undefined {
  let shortest: readonly Conflict[] | undefined;
  for (const start of conflicts) {
    const before = new Map<Conflict, Conflict>();
    const queue = [start];
    for (let i = 0; i < queue.length; i++) {
      const last = queue[i] ?? start;
      const follows = ({ earlier }: Conflict): boolean =>
        chains.knows(chains.clockOf(earlier), last.later);
      if (follows(start)) {
        const circle = [last];
        for (let at = before.get(last); at !== undefined; at = before.get(at)) circle.unshift(at);
        if (shortest === undefined || circle.length < shortest.length) shortest = circle;
        break;
      }
      for (const conflict of conflicts) {
        if (conflict === start || before.has(conflict) || !follows(conflict)) continue;
        before.set(conflict, last);
        queue.push(conflict);
      }
    }
    if (shortest?.length === 2) break;
  }
  return shortest;
}
