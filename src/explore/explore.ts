/**
 * Walks through every state that a small world can come to, the nearest first, so that a broken promise
 * is shown by a shortest path. Each state is kept by its key, and looked at once.
 */

import { faultsAtTheEnd } from './quiet.js';
import type { Choice } from './choices.js';
import { type Cores, PRODUCTION_CORES } from './cores.js';
import { at } from './lists.js';
import { reduced } from './reduction.js';
import { World } from './world.js';
import { StateTable, type WorldState } from './world-state.js';
import type { WorldDescription } from './world-description.js';

export interface ExploreOptions {
  readonly cores?: Cores;
  /** Try every choice in every state, also where one stands for all. */
  readonly withoutReduction?: boolean;
  /** Give up beyond so many states. */
  readonly maxStates?: number;
  /** Called now and then with the number of states met so far. */
  readonly onProgress?: (states: number) => void;
}

/** A broken promise and the choices that lead there from the beginning. */
export interface Violation {
  readonly faults: readonly string[];
  readonly path: readonly Choice[];
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** Length of the longest of the shortest paths to a state. */
  readonly depth: number;
  /** States in which nothing goes on by itself; each was brought to its end. */
  readonly ends: number;
  /** States of single processes. */
  readonly localStates: number;
  /** False where `maxStates` was reached. */
  readonly isComplete: boolean;
  readonly violation: Violation | null;
}

const PROGRESS_EVERY = 50_000;

export function explore(description: WorldDescription, options: ExploreOptions = {}): Exploration {
  return new Walk(description, options).run();
}

class Walk {
  readonly #world: World;
  readonly #options: ExploreOptions;
  readonly #maxStates: number;
  readonly #states = new StateTable();
  /** For each state the one it was first reached from, and its distance. */
  readonly #parents: number[] = [];
  readonly #depths: number[] = [];
  #transitions = 0;
  #ends = 0;

  constructor(description: WorldDescription, options: ExploreOptions) {
    this.#world = new World(description, options.cores ?? PRODUCTION_CORES);
    this.#options = options;
    this.#maxStates = options.maxStates ?? Number.POSITIVE_INFINITY;
  }

  run(): Exploration {
    this.#enter(this.#world.begin(), -1);
    for (let number = 0; number < this.#states.size; number++) {
      if (this.#states.size > this.#maxStates) return this.#report(null, false);
      const violation = this.#expand(number);
      if (violation !== null) return this.#report(violation, false);
      if (number % PROGRESS_EVERY === 0) this.#options.onProgress?.(this.#states.size);
    }
    return this.#report(null, true);
  }

  #expand(number: number): Violation | null {
    const world = this.#world;
    const state = this.#states.get(number);
    const going = world.progress(state);
    if (going.length === 0) {
      this.#ends++;
      const faults = faultsAtTheEnd(world, state);
      if (faults.length > 0) return { faults, path: this.#pathTo(number) };
    }
    for (const choice of this.#choices(state, going)) {
      this.#transitions++;
      const { state: next, faults } = world.apply(state, choice);
      if (faults.length > 0) return { faults, path: [...this.#pathTo(number), choice] };
      this.#enter(next, number);
    }
    return null;
  }

  #choices(state: WorldState, going: readonly Choice[]): readonly Choice[] {
    const choices = [...going, ...this.#world.trouble(state)];
    return this.#options.withoutReduction === true ? choices : reduced(this.#world, state, choices);
  }

  #enter(state: WorldState, parent: number): void {
    if (!this.#states.enter(state).isNew) return;
    this.#parents.push(parent);
    this.#depths.push(parent < 0 ? 0 : at(this.#depths, parent) + 1);
  }

  /** Choices are not kept: the way from a state to the next is found by trying. */
  #pathTo(number: number): Choice[] {
    const path: Choice[] = [];
    for (let to = number; at(this.#parents, to) >= 0; to = at(this.#parents, to)) {
      const state = this.#states.get(at(this.#parents, to));
      const choice = this.#choices(state, this.#world.progress(state)).find(
        (candidate) => this.#states.enter(this.#world.apply(state, candidate).state).number === to,
      );
      if (choice !== undefined) path.push(choice);
    }
    return path.reverse();
  }

  #report(violation: Violation | null, isComplete: boolean): Exploration {
    return {
      states: this.#states.size,
      transitions: this.#transitions,
      depth: this.#depths.at(-1) ?? 0,
      ends: this.#ends,
      localStates: this.#world.localStates,
      isComplete,
      violation,
    };
  }
}
