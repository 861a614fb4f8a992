/**
 * Replays what is known of one object (a key) in the order of places. Every result and answer tells
 * exactly what the object was just before and just after; where the state that one left is not the state
 * that the next one found, updates of unknown outcome must have stood between them, each of which counts
 * at most once, at a free place, behind what was told before it was sent.
 *
 * Decided exactly for one object: of every way to fill the gaps so far, the updates it used up are kept
 * (a way that uses less of the same is better, so the others are dropped). Not held against each other:
 * free places that updates of several objects would share. Where there are too many ways only what all
 * of them used up counts as used, and the replay says so: what is found is true all the same.
 */

import type { FreePlaces } from './forced-places.js';

/** What an object is at one place: a text, a number, or nothing. */
export type State = string | number | null;

/** An update or an answer whose place and effect are known. */
export interface KnownStep {
  readonly operation: number;
  readonly place: number;
  /** An answer stands behind the update that has its place. */
  readonly isAnswer: boolean;
  /** What it was just before; undefined = anything. */
  readonly before: State | undefined;
  readonly after: State;
}

/** An update of unknown outcome: at one place after `after`, or nowhere. */
export interface LooseUpdate {
  readonly operation: number;
  readonly after: number;
}

/** Loose updates that do the same. */
export interface LooseGroup<Effect> {
  readonly effect: Effect;
  /** By `after`: of those that do the same the first one is never worse. */
  readonly updates: readonly LooseUpdate[];
}

/** Loose updates, by the index of their group, that lead from one state to another. */
export interface Way {
  /** These come first, in this order. */
  readonly inOrder: readonly number[];
  /** Then these, in any order. */
  readonly inAnyOrder: readonly number[];
}

/**
 * Finds all ways from a state to another that leave out nothing, with `left` updates of each group at
 * most. `spend` is to be called once a step of the search and says when to stop.
 */
export type FindWays<Effect> = (
  from: State,
  to: State,
  groups: readonly LooseGroup<Effect>[],
  left: (group: number) => number,
  spend: () => boolean,
) => Iterable<Way>;

/** A state that no updates lead to: `found` by one operation, although `leftBy` another it was otherwise. */
export interface BrokenStep {
  readonly found: KnownStep;
  /** Null: it was so at first. */
  readonly leftBy: KnownStep | null;
  readonly state: State;
}

export interface Replayed {
  readonly broken: readonly BrokenStep[];
  /** There were too many ways to tell them all. */
  readonly wasTooMuch: boolean;
}

/** Steps of the search for one gap. */
const SEARCH_MAX = 20_000;

/** Ways to have filled all gaps so far, told apart by what they used up. */
const WAYS_MAX = 256;

/** @param steps in any order; those of one place are one update at most, and answers. */
export function replay<Effect>(
  steps: readonly KnownStep[],
  groups: readonly LooseGroup<Effect>[],
  initial: State,
  free: FreePlaces,
  findWays: FindWays<Effect>,
): Replayed {
  const gaps = new Gaps(groups, free, findWays);
  const broken: BrokenStep[] = [];
  let state = initial;
  let leftBy: KnownStep | null = null;
  for (const step of steps.toSorted(byPlace)) {
    if (step.before !== undefined && step.before !== state) {
      const end = step.isAnswer ? step.place + 1 : step.place;
      if (!gaps.fill(state, step.before, leftBy?.place ?? 0, end)) {
        broken.push({ found: step, leftBy, state });
        // What only an answer says is not believed against what is known.
        if (step.isAnswer) continue;
      }
    }
    state = step.after;
    leftBy = step;
  }
  return { broken, wasTooMuch: gaps.wasTooMuch };
}

const byPlace = (one: KnownStep, other: KnownStep): number =>
  one.place - other.place ||
  Number(one.isAnswer) - Number(other.isAnswer) ||
  one.operation - other.operation;

/** How many of each group are used up. */
type Used = readonly number[];

class Gaps<Effect> {
  readonly #groups: readonly LooseGroup<Effect>[];
  readonly #free: FreePlaces;
  readonly #findWays: FindWays<Effect>;
  #worlds: readonly Used[];
  wasTooMuch = false;

  constructor(groups: readonly LooseGroup<Effect>[], free: FreePlaces, findWays: FindWays<Effect>) {
    this.#groups = groups;
    this.#free = free;
    this.#findWays = findWays;
    this.#worlds = [groups.map(() => 0)];
  }

  /** Whether loose updates between two places can lead from one state to another; it then uses them. */
  fill(from: State, to: State, after: number, end: number): boolean {
    let steps = 0;
    const spend = (): boolean => ++steps <= SEARCH_MAX;
    const worlds = new Map<string, Used>();
    for (const used of this.#worlds) {
      const left = (group: number): number =>
        (this.#groups[group]?.updates.length ?? 0) - (used[group] ?? 0);
      for (const way of this.#findWays(from, to, this.#groups, left, spend)) {
        if (!this.#fits(way, used, after, end)) continue;
        const more = withWay(used, way);
        worlds.set(more.join(), more);
      }
    }
    if (steps > SEARCH_MAX) {
      this.wasTooMuch = true;
      this.#worlds = [common(this.#worlds)];
      return true;
    }
    if (worlds.size === 0) return false;
    this.wasTooMuch ||= worlds.size > WAYS_MAX;
    const all = [...worlds.values()];
    this.#worlds = worlds.size > WAYS_MAX ? [common(all)] : least(all);
    return true;
  }

  /** Whether there are free places for all of them: each takes the first that it can. */
  #fits({ inOrder, inAnyOrder }: Way, used: Used, after: number, end: number): boolean {
    const taken = [...used];
    const take = (group: number): number => {
      const index = taken[group] ?? 0;
      taken[group] = index + 1;
      return this.#groups[group]?.updates[index]?.after ?? Number.POSITIVE_INFINITY;
    };
    const bounds = inOrder.map(take);
    bounds.push(...inAnyOrder.map(take).sort((one, other) => one - other));
    let place = after;
    for (const bound of bounds) place = this.#free.after(Math.max(place, bound));
    return place < end;
  }
}

function withWay(used: Used, { inOrder, inAnyOrder }: Way): Used {
  const more = [...used];
  for (const group of [...inOrder, ...inAnyOrder]) more[group] = (more[group] ?? 0) + 1;
  return more;
}

/** What every one of them uses up. */
const common = (worlds: readonly Used[]): Used =>
  (worlds[0] ?? []).map((_, group) => Math.min(...worlds.map((used) => used[group] ?? 0)));

/** Drops those that use up all that another one uses, and more. */
function least(worlds: readonly Used[]): readonly Used[] {
  const usesNoMore = (one: Used, other: Used): boolean =>
    one.every((count, group) => count <= (other[group] ?? 0));
  return worlds.filter(
    (world) => !worlds.some((other) => other !== world && usesNoMore(other, world)),
  );
}
