/** The relations between operations that checks and explanations share. */

import type { History, HistoryOperation, HistoryOutcome } from './history.js';

/** As many copies as a `fresh` answer must reflect (docs/protocol.md, A10). */
const FRESH_COPIES = 2;

export const isFresh = ({ outcome }: HistoryOperation): boolean =>
  outcome.kind === 'answered' && outcome.guarantee === 'fresh';

export const isCopied = (outcome: HistoryOutcome): boolean =>
  outcome.kind === 'updated' && outcome.copies >= FRESH_COPIES;

/** A causal update that even its own session may find gone later, or back again. */
export function mayBeTakenBack(
  { takesBack, leastCopies }: History,
  { kind, outcome }: HistoryOperation,
): boolean {
  if (takesBack !== true || kind !== 'update') return false;
  if (outcome.kind !== 'updated') return true;
  return outcome.order === undefined && outcome.copies < leastCopies;
}

export interface SessionNumbers {
  /** By operation, the number of its session. */
  readonly sessionOf: Int32Array;
  /** By session, its last update; -1 when it has none. */
  readonly lastUpdate: Int32Array;
}

export function sessionNumbers(operations: readonly HistoryOperation[]): SessionNumbers {
  const numbers = new Map<string, number>();
  const last: number[] = [];
  const sessionOf = Int32Array.from(operations, ({ session, kind }, index) => {
    let number = numbers.get(session);
    if (number === undefined) {
      number = last.push(-1) - 1;
      numbers.set(session, number);
    }
    if (kind === 'update') last[number] = index;
    return number;
  });
  return { sessionOf, lastUpdate: Int32Array.from(last) };
}
