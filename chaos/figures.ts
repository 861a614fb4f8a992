/** What came of a run, in numbers and in words for people. */

import type { HistoryOperation } from '../src/check/history.js';

export interface ChaosFigures {
  /** Of the whole run, from the first request to the last, s. */
  readonly seconds: number;
  readonly updated: number;
  readonly answered: number;
  readonly fresh: number;
  readonly failed: number;
  readonly unknown: number;
  readonly forced: ForcedFigures;
  /** By error code, of failed and unknown ones. */
  readonly errors: ReadonlyMap<string, number>;
  /** What requests that were answered waited, ms. */
  readonly waits: Spread;
  /** What any request waited for its end, ms. */
  readonly longestEndMs: number;
  readonly strikes: ReadonlyMap<string, number>;
  /** The number of the last view: each primary begins one, and so does who stands for it in vain. */
  readonly lastView: number;
  readonly restarts: number;
  /** Sessions that were given up because they had seen what a lost disk took away. */
  readonly abandoned: number;
  /** From a replica's restart until it counted, ms. */
  readonly recoveries: Spread;
  /** From the last fault's end until all states were equal, ms; null: never. */
  readonly convergenceMs: number | null;
}

/** Of forced updates alone. */
export interface ForcedFigures {
  readonly done: number;
  /** Refused at a place in the one order. */
  readonly refused: number;
  /** These certainly have no place in it. */
  readonly failed: number;
  readonly unknown: number;
  /** What those that have a place waited, ms. */
  readonly waits: Spread;
}

export interface Spread {
  readonly count: number;
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

/** Sorts a copy; all are 0 of nothing. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, median: at(0.5), p99: at(0.99), longest: at(1) };
}

export function forcedFigures(
  operations: readonly HistoryOperation[],
  isForced: (operation: string) => boolean,
): ForcedFigures {
  const counts = { done: 0, refused: 0, failed: 0, unknown: 0 };
  const waits: number[] = [];
  for (const { operation, outcome, calledMs, returnedMs } of operations) {
    if (!isForced(operation)) continue;
    if (outcome.kind === 'unknown') counts.unknown++;
    else if (outcome.kind === 'failed' && outcome.order === undefined) counts.failed++;
    else {
      counts[outcome.kind === 'failed' ? 'refused' : 'done']++;
      waits.push((returnedMs ?? Number.POSITIVE_INFINITY) - calledMs);
    }
  }
  return { ...counts, waits: spreadOf(waits) };
}

export function requestFigures(operations: readonly HistoryOperation[]) {
  const counts = { updated: 0, answered: 0, failed: 0, unknown: 0, fresh: 0 };
  const errors = new Map<string, number>();
  const waits: number[] = [];
  let longestEndMs = 0;
  for (const { outcome, calledMs, returnedMs } of operations) {
    counts[outcome.kind]++;
    const waitedMs = returnedMs === null ? Number.POSITIVE_INFINITY : returnedMs - calledMs;
    longestEndMs = Math.max(longestEndMs, waitedMs);
    if (outcome.kind === 'failed' || outcome.kind === 'unknown') {
      errors.set(outcome.code, (errors.get(outcome.code) ?? 0) + 1);
      continue;
    }
    waits.push(waitedMs);
    if (outcome.kind === 'answered' && outcome.guarantee === 'fresh') counts.fresh++;
  }
  return { ...counts, errors, waits: spreadOf(waits), longestEndMs };
}

/** Lines for people. */
export function figureLines(figures: ChaosFigures): string[] {
  const { seconds, updated, answered, fresh, failed, unknown, errors, waits, recoveries } = figures;
  const { forced, lastView } = figures;
  const total = updated + answered + failed + unknown;
  const { convergenceMs, strikes, restarts } = figures;
  return [
    `requests: ${total} in ${seconds.toFixed(0)} s: ${updated} updates, ${answered} queries ` +
      `(${fresh} fresh) done; ${failed} failed, ${unknown} unknown${inBrackets(errors)}`,
    `waits: ${inWords(waits)}; longest until any end ${ms(figures.longestEndMs)}`,
    ...forcedLines(forced),
    `faults: ${sum(strikes)}${inBrackets(strikes)}; ${restarts} restarts, ` +
      `${figures.abandoned} sessions given up; the last view is number ${lastView}`,
    `recovery from a restart until a replica counts: ${recoveries.count} times, median ` +
      `${ms(recoveries.median)}, longest ${ms(recoveries.longest)}`,
    `from the end of all faults to equal states: ${convergenceMs === null ? 'never' : ms(convergenceMs)}`,
  ];
}

/** None for a service that has no forced updates. */
function forcedLines({ done, refused, failed, unknown, waits }: ForcedFigures): string[] {
  if (done + refused + failed + unknown === 0) return [];
  const ends = `${done} done, ${refused} refused, ${failed} failed, ${unknown} unknown`;
  return [`forced updates: ${ends}; waits: ${inWords(waits)}`];
}

export const inWords = ({ median, p99, longest }: Spread): string =>
  `median ${ms(median)}, p99 ${ms(p99)}, longest ${ms(longest)}`;

const ms = (value: number): string => `${Math.round(value)} ms`;

const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);

function inBrackets(counts: ReadonlyMap<string, number>): string {
  const words = [...counts].map(([name, count]) => `${name} ${count}`);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}
