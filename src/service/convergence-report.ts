/** Tells a counterexample of the convergence kit so that a person can follow it by hand. */

import type { History, Order, OrderPair } from './convergence-history.js';
import type { ForcedOutcome } from './define.js';

/** An update that is wrong whatever the other order comes to. */
export type Mistake =
  | { readonly kind: 'threw'; readonly number: number; readonly error: unknown }
  /** It refused after it had written. */
  | { readonly kind: 'wrote'; readonly number: number; readonly refusal: string };

/** What executing one order came to. */
export type Execution =
  | {
      readonly kind: 'done';
      /** Of the visible state. */
      readonly rows: readonly string[];
      /** One line for each forced update, in their order. */
      readonly results: readonly string[];
    }
  | Mistake;

/** Lines of one execution that the other has not; a counterexample that was made small has few. */
const LINES_SHOWN = 10;

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
  if (one.kind !== 'done') return describeMistake(service, updates, first, one);
  if (other.kind !== 'done') return describeMistake(service, updates, second, other);
  const linesOfOne = [...one.rows, ...one.results];
  const linesOfOther = [...other.rows, ...other.results];
  const same = one.rows.join('\n') === other.rows.join('\n');
  return [
    first.join() === second.join()
      ? `${service} is not deterministic: the same updates in the same order ${same ? 'give different results' : 'end in different states'}`
      : `${service} does not converge: the same updates in another order ${same ? 'give other results' : 'end in another state'}`,
    ...updates,
    `executed as ${namesOf(first)}; only there:`,
    ...linesMissing(linesOfOne, linesOfOther),
    `executed as ${namesOf(second)}; only there:`,
    ...linesMissing(linesOfOther, linesOfOne),
  ].join('\n');
}

/** `#3 gives {"taken":1}`. */
export function describeResult(number: number, outcome: ForcedOutcome): string {
  return outcome.kind === 'value'
    ? `${nameOf(number)} gives ${JSON.stringify(outcome.value)}`
    : `${nameOf(number)} refuses: ${outcome.message}`;
}

function describeMistake(
  service: string,
  updates: readonly string[],
  order: Order,
  mistake: Mistake,
): string {
  const name = nameOf(mistake.number);
  return [
    mistake.kind === 'threw'
      ? `${service}: apply of ${name} throws, and it must not on any state: ${String(mistake.error)}`
      : `${service}: apply of ${name} refuses ("${mistake.refusal}") after it has written, and it must refuse before`,
    ...updates,
    `executed as ${namesOf(order)}`,
  ].join('\n');
}

/** `#3 rate {"movieId":1} by user "1", stamp …, after #1`, where only updates in `order` count. */
function describeUpdate(history: History, number: number, order: Order): string {
  const update = history[number];
  if (update === undefined) return nameOf(number);
  const known = order.filter((other) => update.after.has(other));
  const after = known.length === 0 ? '' : `, after ${namesOf(known)}`;
  const ordering = update.ordering === 'forced' ? 'forced ' : '';
  const what = `${ordering}${update.operation} ${JSON.stringify(update.args)}`;
  return `  ${nameOf(number)} ${what} by user ${JSON.stringify(update.user)}, stamp ${update.stamp}${after}`;
}

function linesMissing(lines: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  const only = lines.filter((line) => !known.has(line));
  if (only.length === 0) return ['  none'];
  const shown = only.slice(0, LINES_SHOWN).map((line) => `  ${line}`);
  return only.length > shown.length
    ? [...shown, `  and ${only.length - shown.length} more`]
    : shown;
}

const nameOf = (number: number): string => `#${number + 1}`;

const namesOf = (order: Order): string => order.map(nameOf).join(' ');
