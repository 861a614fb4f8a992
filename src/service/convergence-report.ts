/** Tells a counterexample of the convergence kit so that a person can follow it by hand. */

import type { History, Order, OrderPair } from './convergence-history.js';

/** What executing one order came to: the rows of the visible state, or an error. */
export type Execution =
  | { readonly kind: 'state'; readonly rows: readonly string[] }
  | { readonly kind: 'threw'; readonly number: number; readonly error: unknown };

/** Rows of one state that the other has not; a counterexample that was made small has few. */
const ROWS_SHOWN = 10;

/** Says in lines of text which updates, in which two orders, a service does not take. */
export function describeFailure(
  service: string,
  { history, first, second }: OrderPair,
  execute: (order: Order) => Execution,
): string {
  const updates = [...first]
    .sort((a, b) => a - b)
    .map((number) => describeUpdate(history, number, first));
  const one = execute(first);
  const other = execute(second);
  if (one.kind === 'threw') return describeThrow(service, updates, first, one);
  if (other.kind === 'threw') return describeThrow(service, updates, second, other);
  return [
    first.join() === second.join()
      ? `${service} is not deterministic: the same updates in the same order end in different states`
      : `${service} does not converge: the same updates in another order end in another state`,
    ...updates,
    `executed as ${namesOf(first)}; rows only there:`,
    ...describeRows(one.rows, other.rows),
    `executed as ${namesOf(second)}; rows only there:`,
    ...describeRows(other.rows, one.rows),
  ].join('\n');
}

function describeThrow(
  service: string,
  updates: readonly string[],
  order: Order,
  { number, error }: Extract<Execution, { kind: 'threw' }>,
): string {
  return [
    `${service}: apply of ${nameOf(number)} throws, and it must not on any state: ${String(error)}`,
    ...updates,
    `executed as ${namesOf(order)}`,
  ].join('\n');
}

/** `#3 by user 1, stamp …: rate {"movieId":1} (after #1)`, where only updates in `order` count. */
function describeUpdate(history: History, number: number, order: Order): string {
  const update = history[number];
  if (update === undefined) return nameOf(number);
  const known = order.filter((other) => update.after.has(other));
  const after = known.length === 0 ? '' : `, after ${namesOf(known)}`;
  const what = `${update.operation} ${JSON.stringify(update.args)}`;
  return `  ${nameOf(number)} ${what} by user ${JSON.stringify(update.user)}, stamp ${update.stamp}${after}`;
}

function describeRows(rows: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  const only = rows.filter((row) => !known.has(row));
  if (only.length === 0) return ['  none'];
  const shown = only.slice(0, ROWS_SHOWN).map((row) => `  ${row}`);
  return only.length > shown.length
    ? [...shown, `  and ${only.length - shown.length} more`]
    : shown;
}

const nameOf = (number: number): string => `#${number + 1}`;

const namesOf = (order: Order): string => order.map(nameOf).join(' ');
