/**
 * Workloads of forced operations on the kv service. Cells show one order: what a `cas` found must be
 * what the one before it left. Stocks that run out show what is done twice, lost, or sold by two
 * primaries at once. Chains through both parts show that each waits for what it depends on in the other.
 */

import type { Random } from '../../base/random.js';
import { type Player, queryOptions, type Step, updateOptions, type Workload } from './workload.js';

const NEWEST = 4;

const fresh = { consistency: 'fresh' } as const;

const pickNewest = <Item>(random: Random, items: readonly Item[]): Item | undefined =>
  items.length === 0 ? undefined : random.pick(items.slice(-NEWEST));

/** Puts and compare-and-swaps of a few keys by everybody. */
export const forcedCells: Workload = {
  name: 'forced cells',
  service: 'kv',
  isForced: true,
  begin(random) {
    const keys = Array.from({ length: 1 + random.below(3) }, (_, index) => `cell/${index}`);
    const put: Step = async (player) => {
      const args = { key: player.random.pick(keys), value: player.newValue() };
      await player.caller.update('put', args, updateOptions(player));
    };
    const swap: Step = async (player) => {
      const key = player.random.pick(keys);
      const seen = await player.caller.query('forced', { key }, queryOptions(player));
      if (seen.kind !== 'answered') return;
      const args = { key, expected: seen.value, value: player.newValue() };
      await player.caller.update('cas', args, updateOptions(player));
    };
    const read: Step = async (player) => {
      const key = player.random.pick(keys);
      await player.caller.query('forced', { key }, queryOptions(player));
    };
    const readAll: Step = async ({ caller, timeoutMs }) => {
      for (const key of keys) await caller.query('forced', { key }, { ...fresh, timeoutMs });
    };
    return { steps: [put, swap, swap, read], readAll };
  },
};

/** Stocks are set once, and taken from until they are sold out. */
export const stocks: Workload = {
  name: 'stocks',
  service: 'kv',
  isForced: true,
  begin() {
    const keys: string[] = [];
    const supply: Step = async (player) => {
      const key = `stock/${player.newValue()}`;
      const amount = 3 + player.random.below(30);
      const { kind } = await player.caller.update('stock', { key, amount }, updateOptions(player));
      if (kind === 'updated') keys.push(key);
    };
    const take: Step = async (player) => {
      const key = pickNewest(player.random, keys);
      if (key === undefined) return supply(player);
      const amount = 1 + player.random.below(4);
      await player.caller.update('take', { key, amount }, updateOptions(player));
    };
    const look: Step = async (player) => {
      const key = pickNewest(player.random, keys);
      if (key === undefined) return supply(player);
      await player.caller.query('left', { key }, queryOptions(player));
    };
    const readAll: Step = async ({ caller, timeoutMs }) => {
      for (const key of keys) await caller.query('left', { key }, { ...fresh, timeoutMs });
    };
    const takes = Array.from({ length: 9 }, () => take);
    return { steps: [supply, ...takes, look, look], readAll };
  },
};

/** A causal write after a forced one, and a forced one after a causal one: nobody sees the second alone. */
export const mixedChains: Workload = {
  name: 'chains through both orders',
  service: 'kv',
  isForced: true,
  begin() {
    const names: string[] = [];
    const forcedFirst: Step = async (player) => {
      const name = `mixed/${player.newValue()}`;
      const first = await put(player, `${name}/x`);
      if (first.kind !== 'updated') return;
      names.push(name);
      await set(player, `${name}/y`);
    };
    const causalFirst: Step = async (player) => {
      const name = `mixed/${player.newValue()}`;
      const first = await set(player, `${name}/y`);
      if (first.kind !== 'updated') return;
      names.push(name);
      await put(player, `${name}/x`);
    };
    const readBoth: Step = async (player) => {
      const name = pickNewest(player.random, names);
      if (name === undefined) return forcedFirst(player);
      const queries = [
        ['get', { key: `${name}/y` }],
        ['forced', { key: `${name}/x` }],
      ] as const;
      const order = player.random.chance(1, 2) ? queries : queries.toReversed();
      for (const [operation, args] of order) {
        await player.caller.query(operation, args, queryOptions(player));
      }
    };
    const readAll: Step = async ({ caller, timeoutMs }) => {
      for (const name of names) {
        await caller.query('forced', { key: `${name}/x` }, { ...fresh, timeoutMs });
      }
      await caller.query('scan', { prefix: 'mixed/', limit: 1000 }, { ...fresh, timeoutMs });
    };
    return { steps: [forcedFirst, causalFirst, readBoth, readBoth], readAll };
  },
};

const put = (player: Player, key: string) =>
  player.caller.update('put', { key, value: player.newValue() }, updateOptions(player));

const set = (player: Player, key: string) =>
  player.caller.update('set', { key, value: player.newValue() }, updateOptions(player));
