/** How much a history held and how much of it was checked: a run that proved nothing shows here. */

import { placeOf } from './forced-places.js';
import type { ForcedService } from './forced-service.js';
import type { History, HistoryOperation } from './history.js';
import type { Meaning } from './meaning.js';
import type { ReadsFrom } from './reads-from.js';
import { isFresh } from './relations.js';

export interface CheckFigures {
  readonly operations: number;
  readonly updates: {
    readonly acknowledged: number;
    readonly failed: number;
    readonly unknown: number;
  };
  readonly queries: {
    readonly causal: number;
    readonly fresh: number;
    readonly failed: number;
    readonly unknown: number;
  };
  readonly sessions: number;
  /** Sessions that used two front ends or more. */
  readonly movedSessions: number;
  /** Registers that were written. */
  readonly registers: number;
  /** Reads of registers that were checked; one answer can hold many. */
  readonly reads: number;
  /** Of these: by fresh answers, by final ones, and those with several possible writers. */
  readonly freshReads: number;
  readonly finalReads: number;
  readonly ambiguousReads: number;
  /** Forced updates with a place in the one order, and how many of these were refused there. */
  readonly ordered: number;
  readonly refused: number;
  /** Answers that show what forced updates did. */
  readonly forcedAnswers: number;
  /** Replicas whose final state was compared. */
  readonly hashes: number;
  /** How many violations of each promise were found, also those that are not reported in words. */
  readonly violations: Readonly<Record<string, number>>;
}

export function figuresOf(
  history: History,
  meaning: Meaning,
  { figures, readsOf }: ReadsFrom,
  forced: ForcedService | null,
  violations: Readonly<Record<string, number>>,
): CheckFigures {
  const { operations } = history;
  const frontEnds = new Map<string, Set<string>>();
  for (const { session, sentTo, answeredBy } of operations) {
    const used = frontEnds.get(session) ?? new Set();
    frontEnds.set(session, used);
    for (const name of [sentTo, answeredBy]) if (name !== null) used.add(name);
  }
  const readsWhere = (isCounted: (operation: HistoryOperation) => boolean): number =>
    operations.reduce(
      (sum, operation, index) => sum + (isCounted(operation) ? (readsOf[index]?.length ?? 0) : 0),
      0,
    );
  const count = (isCounted: (operation: HistoryOperation) => boolean): number =>
    operations.filter(isCounted).length;
  const ended = (kind: HistoryOperation['kind'], how: string): number =>
    count((operation) => operation.kind === kind && operation.outcome.kind === how);
  const fresh = count(isFresh);
  const isOrdered = (operation: HistoryOperation): boolean =>
    forced?.updates.has(operation.operation) === true && placeOf(operation) !== undefined;
  return {
    operations: operations.length,
    updates: {
      acknowledged: ended('update', 'updated'),
      failed: ended('update', 'failed'),
      unknown: ended('update', 'unknown'),
    },
    queries: {
      causal: ended('query', 'answered') - fresh,
      fresh,
      failed: ended('query', 'failed'),
      unknown: ended('query', 'unknown'),
    },
    sessions: frontEnds.size,
    movedSessions: [...frontEnds.values()].filter((used) => used.size > 1).length,
    registers: meaning.registers.filter(({ writes }) => writes.length > 0).length,
    reads: figures.reads,
    freshReads: readsWhere(isFresh),
    finalReads: readsWhere(({ final }) => final),
    ambiguousReads: figures.ambiguousReads,
    ordered: count(isOrdered),
    refused: count((operation) => isOrdered(operation) && operation.outcome.kind === 'failed'),
    forcedAnswers: count(
      ({ operation, outcome }) =>
        forced?.queries.has(operation) === true && outcome.kind === 'answered',
    ),
    hashes: Object.keys(history.finalHashes).length,
    violations,
  };
}
