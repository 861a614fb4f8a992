/**
 * What a history says about registers: a service's meaning (`kv-meaning.ts`, `movies-meaning.ts`) turns
 * its operations into writes and reads of registers, and the checkers look at nothing else. Values are
 * compared as text. An update writes at most one register; a query may read many, all at one instant.
 */

import { type PlacedUpdate, placedUpdates } from './forced-places.js';
import type { History, HistoryOperation, Violation } from './history.js';

/** An update that gives a register a value, if it takes effect. */
export interface Write {
  /** Index into the history's operations, here and below. */
  readonly operation: number;
  /** Index into the registers. */
  readonly register: number;
  readonly value: string;
}

/** What a query showed of a register. */
export interface Read {
  readonly operation: number;
  readonly register: number;
  readonly value: string;
}

export interface Register {
  /** For people: `key "x"`. */
  readonly name: string;
  /** What it is before any write; null when nothing tells. */
  readonly initial: string | null;
  /** All of them, also those that failed, in the order in which they were sent. */
  readonly writes: readonly Write[];
}

/** A counter whose sum does not tell which adds are in it; no amount is negative. */
export interface Sum {
  readonly name: string;
  readonly adds: readonly { readonly operation: number; readonly amount: number }[];
  readonly reads: readonly SumRead[];
}

export interface SumRead {
  readonly operation: number;
  readonly total: number;
}

export interface Meaning {
  readonly registers: readonly Register[];
  /** What each operation wrote, and what it read; by the index of the operation. */
  readonly writeOf: readonly (Write | undefined)[];
  readonly readsOf: readonly (readonly Read[] | undefined)[];
  readonly sums: readonly Sum[];
  /** Forced updates with their places, by place. */
  readonly placed: readonly PlacedUpdate[];
  /** What is wrong already before anything is compared. */
  readonly violations: readonly Violation[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

interface OpenRegister {
  readonly name: string;
  readonly initial: string | null;
  readonly writes: Write[];
}

/** Collects a meaning. Updates are to be added before queries, each in the order of sending. */
export class MeaningBuilder {
  readonly violations: Violation[] = [];
  readonly sums: Sum[] = [];
  readonly #registers: OpenRegister[] = [];
  readonly #byName = new Map<string, number>();
  readonly #writeOf: (Write | undefined)[];
  readonly #readsOf: (Read[] | undefined)[];
  readonly #notes = new Set<string>();

  readonly #placed: readonly PlacedUpdate[];

  /** @param forced names of the service's forced updates, if it has any. */
  constructor({ operations }: History, forced: ReadonlySet<string> = new Set()) {
    this.#placed = placedUpdates(operations, forced);
    this.#writeOf = operations.map(() => undefined);
    this.#readsOf = operations.map(() => undefined);
  }

  /** The register of that name, which is made when there is none. */
  register(name: string, initial: string | null): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    this.#byName.set(name, this.#registers.length);
    return this.#registers.push({ name, initial, writes: [] }) - 1;
  }

  write(operation: number, register: number, value: string): void {
    const write = { operation, register, value };
    this.#writeOf[operation] = write;
    this.#registers[register]?.writes.push(write);
  }

  read(operation: number, register: number, value: string): void {
    const read = { operation, register, value };
    const reads = this.#readsOf[operation];
    if (reads === undefined) this.#readsOf[operation] = [read];
    else reads.push(read);
  }

  /** The place at which the first write of a register was sent; infinite when there is none. */
  firstSent(register: number, operations: readonly HistoryOperation[]): number {
    const first = this.#registers[register]?.writes[0];
    return operations[first?.operation ?? -1]?.called ?? Number.POSITIVE_INFINITY;
  }

  note(note: string): void {
    this.#notes.add(note);
  }

  finish(): Meaning {
    return {
      registers: this.#registers,
      writeOf: this.#writeOf,
      readsOf: this.#readsOf,
      sums: this.sums,
      placed: this.#placed,
      violations: this.violations,
      notes: [...this.#notes],
    };
  }
}

/** A value as text: equal values give equal texts, whatever the order of their keys. */
export function identityOf(value: unknown): string {
  return JSON.stringify(value, sortKeys) ?? 'null';
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
