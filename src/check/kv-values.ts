/** The forced keys of kv that have values: `put`, `cas`, query `forced`. */

import type { HistoryOperation } from './history.js';
import type { Change, Impossible, KeyKind } from './key-replays.js';
import { identityOf } from './meaning.js';
import type { FindWays, LooseGroup, Way } from './replay.js';

/** Gives a key a value: any key, or one that has the value `expected`. */
interface ValueEffect {
  readonly expected: string | null;
  readonly value: string;
}

export const kvValues: KeyKind<ValueEffect> = {
  name: 'the value of',
  promise: 'results agree with the order',
  initial: identityOf(null),
  updates: new Set(['put', 'cas']),
  query: 'forced',
  effectOf: ({ operation, args }) => ({
    expected: operation === 'cas' ? identityOf(args['expected']) : null,
    value: identityOf(args['value']),
  }),
  changeOf: (update, result) =>
    update.operation === 'cas'
      ? swap(update, result)
      : { before: undefined, after: identityOf(update.args['value']) },
  stateOf: (value) => ({ before: identityOf(value), after: identityOf(value) }),
  findWays,
};

function swap({ args }: HistoryOperation, result: unknown): Change | Impossible {
  const expected = identityOf(args['expected']);
  const { swapped, value } = { ...(result as { swapped?: unknown; value?: unknown } | null) };
  const after = identityOf(value);
  if (swapped === true && after === identityOf(args['value'])) return { before: expected, after };
  if (swapped === false && after !== expected) return { before: after, after };
  return {
    promise: kvValues.promise,
    why: 'a cas swaps if and only if it finds what it expects, and its value is then the new one',
  };
}

/** Goes back from the last change to the first; a value that comes twice on a way is a detour. */
function findWays(...[from, to, groups, left, spend]: Parameters<FindWays<ValueEffect>>): Way[] {
  const ways: Way[] = [];
  const findTo = (value: string, later: readonly number[]): void => {
    for (const [group, { effect }] of groups.entries()) {
      if (effect.value !== value || left(group) === 0 || !spend()) continue;
      const inOrder = [group, ...later];
      if (effect.expected === null || effect.expected === from) {
        ways.push({ inOrder, inAnyOrder: [] });
      } else if (!isOnWay(effect.expected, inOrder, groups)) findTo(effect.expected, inOrder);
    }
  };
  if (typeof to === 'string') findTo(to, []);
  return ways;
}

const isOnWay = (
  value: string,
  way: readonly number[],
  groups: readonly LooseGroup<ValueEffect>[],
): boolean => way.some((group) => groups[group]?.effect.value === value);
