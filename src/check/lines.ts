/**
 * The writes of a register, and the adds of a sum, chain by chain: what a clock knows of them is found
 * without walking all. Within a chain each knows those before it, so of a register the last one known
 * speaks for all.
 */

import type { Chains, Clock } from './chains.js';
import type { HistoryOperation } from './history.js';
import type { Sum, SumRead } from './meaning.js';

/** Updates of one chain, with their places in it. */
interface Line {
  readonly chain: number;
  readonly places: number[];
  readonly updates: number[];
}

function lineOf(lines: Line[], chain: number): Line {
  const known = lines.find((line) => line.chain === chain);
  if (known !== undefined) return known;
  const line = { chain, places: [], updates: [] };
  lines.push(line);
  return line;
}

/** How many updates of a line a clock knows. */
const countKnown = ({ chain, places }: Line, clock: Clock): number =>
  countBelow(places, clock[chain] ?? 0);

/** How many of some ascending numbers are below a bound. */
function countBelow(numbers: readonly number[], bound: number): number {
  let low = 0;
  let high = numbers.length;
  // Mostly all are, or none.
  if ((numbers[high - 1] ?? bound) < bound) return high;
  if ((numbers[0] ?? bound) >= bound) return 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class RegisterLines {
  readonly #chains: Chains;
  readonly #lines: Line[][];
  readonly #latest: number[] = [];

  constructor(chains: Chains, registers: number) {
    this.#chains = chains;
    this.#lines = Array.from({ length: registers }, () => []);
  }

  /** Adds an update that has just got its place. */
  add(register: number, update: number): void {
    const lines = this.#lines[register];
    if (lines === undefined) return;
    const line = lineOf(lines, this.#chains.chainOf(update));
    line.places.push(this.#chains.placeOf(update));
    line.updates.push(update);
  }

  /** The last write of each chain that a clock knows: a list that the next call fills anew. */
  latestKnown(register: number, clock: Clock): readonly number[] {
    const latest = this.#latest;
    latest.length = 0;
    for (const line of this.#lines[register] ?? []) {
      const update = line.updates[countKnown(line, clock) - 1];
      if (update !== undefined) latest.push(update);
    }
    return latest;
  }
}

interface SumLine extends Line {
  /** The amounts of the updates up to each. */
  readonly totals: number[];
}

interface OpenSum {
  readonly sum: Sum;
  readonly lines: SumLine[];
  /** The places at which adds that may count were sent, and their amounts up to each. */
  readonly called: readonly number[];
  readonly totals: readonly number[];
}

/** A sum that is not between what it must contain and what it may contain. */
export interface BrokenSum {
  readonly sum: Sum;
  readonly read: SumRead;
  readonly least: number;
  readonly most: number;
}

export class SumLines {
  readonly #chains: Chains;
  readonly #operations: readonly HistoryOperation[];
  readonly #addOf = new Map<number, { readonly open: OpenSum; readonly amount: number }>();
  readonly #readOf = new Map<number, { readonly open: OpenSum; readonly read: SumRead }>();

  constructor(chains: Chains, operations: readonly HistoryOperation[], sums: readonly Sum[]) {
    this.#chains = chains;
    this.#operations = operations;
    for (const sum of sums) {
      const open = openSum(sum, operations);
      for (const { operation, amount } of sum.adds) this.#addOf.set(operation, { open, amount });
      for (const read of sum.reads) this.#readOf.set(read.operation, { open, read });
    }
  }

  /** Adds an update that has just got its place, if it adds to a sum. */
  add(update: number): void {
    const add = this.#addOf.get(update);
    if (add === undefined) return;
    const { lines } = add.open;
    const chain = this.#chains.chainOf(update);
    let line = lines.find((candidate) => candidate.chain === chain);
    if (line === undefined) lines.push((line = { chain, places: [], updates: [], totals: [] }));
    line.places.push(this.#chains.placeOf(update));
    line.updates.push(update);
    line.totals.push((line.totals.at(-1) ?? 0) + add.amount);
  }

  /** Set when a query's answer breaks the bounds that follow from what it knows. */
  broken(query: number, clock: Clock): BrokenSum | undefined {
    const found = this.#readOf.get(query);
    if (found === undefined) return undefined;
    const { read, open } = found;
    let least = 0;
    for (const line of open.lines) least += line.totals[countKnown(line, clock) - 1] ?? 0;
    const returned = this.#operations[query]?.returned ?? 0;
    const most = open.totals[countBelow(open.called, returned) - 1] ?? 0;
    return read.total < least || read.total > most
      ? { sum: open.sum, read, least, most }
      : undefined;
  }
}

function openSum(sum: Sum, operations: readonly HistoryOperation[]): OpenSum {
  const called: number[] = [];
  const totals: number[] = [];
  for (const { operation, amount } of sum.adds) {
    const add = operations[operation];
    if (add === undefined || add.outcome.kind === 'failed') continue;
    called.push(add.called);
    totals.push((totals.at(-1) ?? 0) + amount);
  }
  return { sum, lines: [], called, totals };
}
