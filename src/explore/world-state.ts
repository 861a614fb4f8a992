/** A state of the whole world as numbers, and the table of all that were met. */

import { at } from './lists.js';

/** One connection; `dialled` and `accepted`: the core at that end has been told of it. */
export interface Connection {
  /** Counts the connections of a pair, from 1. */
  readonly generation: number;
  /** It carries nothing more; ends that were told of it have to be told that it is gone. */
  readonly isDead: boolean;
  readonly dialled: boolean;
  readonly accepted: boolean;
  /** What is under way to the side that accepted, and to the one that dialled: numbers of queues. */
  readonly forth: number;
  readonly back: number;
}

export interface WorldState {
  /** For each process its time; the same for all where there is one clock. */
  readonly clocks: readonly number[];
  readonly crashes: number;
  readonly breaks: number;
  readonly duplicates: number;
  readonly ticks: number;
  readonly silences: number;
  readonly cuts: number;
  readonly changes: number;
  /** For each pair whether no connection can be made. */
  readonly isSevered: readonly boolean[];
  /** For each process the number of its state. */
  readonly processes: readonly number[];
  /** For each process how often it was started. */
  readonly lives: readonly number[];
  /** Updates acknowledged with one copy at least, with two at least: bits. */
  readonly acknowledged: number;
  readonly acknowledgedTwice: number;
  /** For each update, by its bit, the epoch in which it was acknowledged with w copies first; 0: in none. */
  readonly acknowledgedIn: readonly number[];
  /** What is committed, for ever: the number of an order. */
  readonly order: number;
  /** What came of each forced update, by its bit, as it was told first; empty while nobody has. */
  readonly told: readonly string[];
  /** For each pair what a fresh answer must hold: bits, one more than them; 0 when none is asked for. */
  readonly mustHold: readonly number[];
  /** For each pair how many connections it had, and those that there are. */
  readonly made: readonly number[];
  readonly connections: readonly (readonly Connection[])[];
}

/** What all states but a few share: many a state has the same processes, or the same connections. */
class PartTable<Part> {
  readonly #parts: Part[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(text: string, part: Part): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#parts.push(part) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }

  get(number: number): Part {
    return at(this.#parts, number);
  }
}

type Connections = WorldState['connections'];
type Rest = Omit<WorldState, 'processes' | 'connections'>;

const DIGIT = 0x10000;

/**
 * States by number. A state is kept as three numbers, of its processes, of its connections, and of the
 * rest: that is how millions of them fit into memory (collapse compression; Holzmann, SPIN).
 */
export class StateTable {
  readonly #processes = new PartTable<readonly number[]>();
  readonly #queues = new PartTable<readonly Connection[]>();
  readonly #connections = new PartTable<Connections>();
  readonly #rests = new PartTable<Rest>();
  readonly #keys: string[] = [];
  readonly #numbers = new Map<string, number>();

  get size(): number {
    return this.#keys.length;
  }

  /** Takes a state in: its number, and whether it is a new one. */
  enter(state: WorldState): { readonly number: number; readonly isNew: boolean } {
    const key = this.#keyOf(state);
    const known = this.#numbers.get(key);
    if (known !== undefined) return { number: known, isNew: false };
    const number = this.#keys.push(key) - 1;
    this.#numbers.set(key, number);
    return { number, isNew: true };
  }

  get(number: number): WorldState {
    const key = at(this.#keys, number);
    const part = (place: number): number =>
      key.charCodeAt(2 * place) * DIGIT + key.charCodeAt(2 * place + 1);
    return {
      ...this.#rests.get(part(2)),
      processes: this.#processes.get(part(0)),
      connections: this.#connections.get(part(1)),
    };
  }

  #keyOf({ processes, connections, ...rest }: WorldState): string {
    const queues = connections.map((pair) => this.#queues.numberOf(textOf(pair), pair));
    const parts = [
      this.#processes.numberOf(processes.join(), processes),
      this.#connections.numberOf(queues.join(), connections),
      this.#rests.numberOf(Object.values(rest).join(';'), rest),
    ];
    return String.fromCharCode(
      ...parts.flatMap((part) => [Math.floor(part / DIGIT), part % DIGIT]),
    );
  }
}

const textOf = (pair: readonly Connection[]): string =>
  pair
    .map(({ generation, isDead, dialled, accepted, forth, back }) =>
      [generation, isDead, dialled, accepted, forth, back].join(),
    )
    .join(';');
