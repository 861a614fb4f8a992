/** Small helpers for tests of the forced log: who is left, mixed orders, pairs. */

import type { Name } from '../../src/base/ids.js';
import type { Random } from '../../src/base/random.js';
import type { ForcedCluster } from './forced-cluster.js';

export function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [mixed[i], mixed[j]] = [mixed[j] as Item, mixed[i] as Item];
  }
  return mixed;
}

export const pairsOf = <Item>(items: readonly Item[]): [Item, Item][] =>
  items.flatMap((a, i) => items.slice(i + 1).map((b): [Item, Item] => [a, b]));

export const othersThan = (cluster: ForcedCluster, ...names: readonly string[]): Name[] =>
  cluster.nodes.map(({ name }) => name).filter((name) => !names.includes(name));

/** All run, and have executed all that is committed anywhere. */
export const allExecuted = (cluster: ForcedCluster): boolean =>
  cluster.nodes.every(
    ({ state }) => state !== null && state.forced.executed === cluster.oracle.committed,
  );
