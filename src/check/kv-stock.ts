/** The forced keys of kv that have stock: `stock` sets it, `take` takes all or nothing, query `left`. */

import type { Change, Impossible, KeyKind } from './key-replays.js';
import type { FindWays, Way } from './replay.js';

interface StockEffect {
  readonly kind: 'set' | 'take';
  readonly amount: number;
}

export const kvStock: KeyKind<StockEffect> = {
  name: 'what is left of',
  promise: 'stock is conserved',
  initial: null,
  updates: new Set(['stock', 'take']),
  query: 'left',
  effectOf: ({ operation, args }) => ({
    kind: operation === 'stock' ? 'set' : 'take',
    amount: Number(args['amount']),
  }),
  changeOf: (update, result) =>
    update.operation === 'take'
      ? taking(Number(update.args['amount']), result)
      : { before: undefined, after: Number(update.args['amount']) },
  stateOf: (left) => problemOf(left) ?? { before: left as number, after: left as number },
  findWays,
};

/** What is wrong with a number of things that are left, if anything. */
function problemOf(left: unknown): Impossible | undefined {
  if (left === null || (Number.isSafeInteger(left) && Number(left) >= 0)) return undefined;
  return Number(left) < 0
    ? { promise: 'stock never below zero', why: 'there are less than none' }
    : { promise: kvStock.promise, why: 'what is left is a whole number, or null' };
}

function taking(amount: number, result: unknown): Change | Impossible {
  const { taken, left } = { ...(result as { taken?: unknown; left?: unknown } | null) };
  const problem = problemOf(left);
  if (problem !== undefined) return problem;
  const after = left as number | null;
  if (taken === 0 && (after === null || after < amount || amount === 0)) {
    return { before: after, after };
  }
  if (taken === amount && after !== null) return { before: after + amount, after };
  return taken === 0
    ? { promise: 'no false refusal', why: 'it took nothing, and yet there was enough' }
    : { promise: kvStock.promise, why: 'a take takes all that it wants, or nothing' };
}

/** Either only takes, or a setting and then takes; whatever came before the setting is a detour. */
function findWays(...[from, to, groups, left, spend]: Parameters<FindWays<StockEffect>>): Way[] {
  const ways: Way[] = [];
  /** Takes of the groups from `first` on that add up to an amount. */
  const findTakes = (
    first: number,
    amount: number,
    inOrder: readonly number[],
    inAnyOrder: readonly number[],
  ): void => {
    if (amount < 0 || !spend()) return;
    if (amount === 0) {
      ways.push({ inOrder, inAnyOrder });
      return;
    }
    for (let group = first; group < groups.length; group++) {
      const effect = groups[group]?.effect;
      if (effect?.kind !== 'take' || effect.amount === 0) continue;
      const most = Math.min(left(group), Math.floor(amount / effect.amount));
      for (let count = 1; count <= most; count++) {
        const taken = Array.from({ length: count }, () => group);
        const rest = amount - count * effect.amount;
        findTakes(group + 1, rest, inOrder, [...inAnyOrder, ...taken]);
      }
    }
  };
  if (typeof to !== 'number') return ways;
  if (typeof from === 'number') findTakes(0, from - to, [], []);
  for (const [group, { effect }] of groups.entries()) {
    if (effect.kind === 'set' && left(group) > 0) findTakes(0, effect.amount - to, [group], []);
  }
  return ways;
}
