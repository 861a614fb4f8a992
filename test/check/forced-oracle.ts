/**
 * Whether any order explains a history, found by trying them all: at each place nobody is known to have,
 * any update of unknown outcome that may stand there, or none. For small histories only.
 */

import type { History, HistoryOperation } from '../../src/check/history.js';
import type { ModelService } from './forced-model.js';

interface Loose {
  readonly operation: HistoryOperation;
  readonly after: number;
}

export function isExplained<State>(history: History, service: ModelService<State>): boolean {
  const { operations } = history;
  const at = new Map<number, HistoryOperation>();
  const answers = new Map<number, HistoryOperation[]>();
  const loose: Loose[] = [];
  for (const operation of operations) {
    const { outcome } = operation;
    if (outcome.kind === 'answered') {
      answers.set(orderOf(operation), [...(answers.get(orderOf(operation)) ?? []), operation]);
    } else if (outcome.kind === 'unknown') {
      const told = operations.filter((other) => (other.returned ?? Infinity) < operation.called);
      loose.push({ operation, after: Math.max(0, ...told.map(orderOf)) });
    } else at.set(orderOf(operation), operation);
  }
  const last = Math.max(0, ...at.keys(), ...answers.keys());

  const isShown = (place: number, state: State): boolean =>
    (answers.get(place) ?? []).every(
      ({ operation, args, user, outcome }) =>
        outcome.kind === 'answered' &&
        text(service.read(state, { operation, args }, user)) === text(outcome.value),
    );
  const goOn = (place: number, state: State, left: readonly Loose[]): boolean => {
    if (!isShown(place, state)) return false;
    if (place === last) return true;
    const known = at.get(place + 1);
    if (known !== undefined) {
      const next = service.apply(state, known, known.user);
      const { outcome } = known;
      const isSame =
        next.result.kind === 'value'
          ? outcome.kind === 'updated' && text(next.result.value) === text(outcome.result)
          : outcome.kind === 'failed';
      return isSame && goOn(place + 1, next.state, left);
    }
    return (
      goOn(place + 1, state, left) ||
      left.some(({ operation, after }, index) => {
        if (after > place) return false;
        const next = service.apply(state, operation, operation.user);
        return goOn(place + 1, next.state, left.toSpliced(index, 1));
      })
    );
  };
  return goOn(0, service.initial, loose);
}

const orderOf = ({ outcome }: HistoryOperation): number =>
  'order' in outcome ? (outcome.order ?? 0) : 0;

/** Keys come in the same order everywhere. */
const text = (value: unknown): string => JSON.stringify(value) ?? '';
