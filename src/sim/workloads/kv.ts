/**
 * Workloads on the kv service. Hot keys show conflicts; litmus chains and single writes on fresh keys
 * show what hot keys hide: missing dependencies and lost writes; counters show what is done twice.
 */

import type { Random } from '../../base/random.js';
import { type Player, queryOptions, type Step, updateOptions, type Workload } from './workload.js';

/** The greatest limit that `scan` takes. */
const SCAN_MOST = 1000;

/** Powers of 4 that a whole number of 53 bits has room for: each add has a digit of its own. */
const DIGITS = 26;

/** A reader takes one of the newest, where others still write. */
const NEWEST = 6;

const set = (player: Player, key: string) =>
  player.caller.update('set', { key, value: player.newValue() }, updateOptions(player));

const get = (player: Player, key: string) =>
  player.caller.query('get', { key }, queryOptions(player));

const scanAll =
  (prefix: string): Step =>
  async ({ caller, timeoutMs }) => {
    const args = { prefix, limit: SCAN_MOST };
    await caller.query('scan', args, { consistency: 'fresh', timeoutMs });
  };

function oneOfNewest<Item>(random: Random, items: readonly Item[]): Item | undefined {
  return items.length === 0 ? undefined : random.pick(items.slice(-NEWEST));
}

/** Reads and writes of a few keys by everybody. */
export const hotKeys: Workload = {
  name: 'hot keys',
  service: 'kv',
  isForced: false,
  begin(random) {
    const keys = Array.from({ length: 1 + random.below(5) }, (_, index) => `hot/${index}`);
    const write: Step = async (player) => {
      await set(player, player.random.pick(keys));
    };
    const read: Step = async (player) => {
      await get(player, player.random.pick(keys));
    };
    const scan: Step = async (player) => {
      await player.caller.query('scan', { prefix: 'hot/' }, queryOptions(player));
    };
    return { steps: [write, read, read, scan], readAll: scanAll('hot/') };
  },
};

interface Chain {
  readonly x: string;
  readonly y: string;
  /** Somebody writes y, or has. */
  isTaken: boolean;
}

/** Write x, then y, by one session or by one that has read x: nobody sees y without x. */
export const litmusChains: Workload = {
  name: 'litmus chains',
  service: 'kv',
  isForced: false,
  begin() {
    const chains: Chain[] = [];
    const newChain = (player: Player): Chain => {
      const name = `litmus/${player.newValue()}`;
      return { x: `${name}/x`, y: `${name}/y`, isTaken: false };
    };
    const writeBoth: Step = async (player) => {
      const chain = { ...newChain(player), isTaken: true };
      const { kind } = await set(player, chain.x);
      if (kind !== 'updated') return;
      chains.push(chain);
      await set(player, chain.y);
    };
    const writeFirst: Step = async (player) => {
      const chain = newChain(player);
      const { kind } = await set(player, chain.x);
      if (kind === 'updated') chains.push(chain);
    };
    const readThenWrite: Step = async (player) => {
      const open = chains.filter(({ isTaken }) => !isTaken);
      const chain = oneOfNewest(player.random, open);
      if (chain === undefined) return writeFirst(player);
      const read = await get(player, chain.x);
      if (read.kind !== 'answered' || read.value === null || chain.isTaken) return;
      chain.isTaken = true;
      await set(player, chain.y);
    };
    const readBack: Step = async (player) => {
      const chain = oneOfNewest(player.random, chains);
      if (chain === undefined) return writeBoth(player);
      await get(player, chain.y);
      await get(player, chain.x);
    };
    const steps = [writeBoth, readThenWrite, readBack, readBack];
    return { steps, readAll: scanAll('litmus/') };
  },
};

/** Keys that are written once: a lost write is not covered up by a later one. */
export const freshKeys: Workload = {
  name: 'fresh keys',
  service: 'kv',
  isForced: false,
  begin() {
    const keys: string[] = [];
    const write: Step = async (player) => {
      const key = `once/${player.newValue()}`;
      const { kind } = await set(player, key);
      if (kind === 'updated') keys.push(key);
    };
    const read: Step = async (player) => {
      const key = oneOfNewest(player.random, keys);
      if (key !== undefined) await get(player, key);
    };
    return { steps: [write, read], readAll: scanAll('once/') };
  },
};

/** Adds that can be told apart in the sum: the i-th to a counter adds 4^i, so its digit is 1. */
export const counters: Workload = {
  name: 'counters',
  service: 'kv',
  isForced: false,
  begin() {
    let adds = 0;
    const keyOf = (add: number): string => `counter/${Math.floor(add / DIGITS)}`;
    const add: Step = async (player) => {
      const number = adds++;
      const args = { key: keyOf(number), amount: 4 ** (number % DIGITS) };
      await player.caller.update('add', args, updateOptions(player));
    };
    const count: Step = async (player) => {
      const key = keyOf(player.random.below(adds + 1));
      await player.caller.query('count', { key }, queryOptions(player));
    };
    const readAll: Step = async ({ caller, timeoutMs }) => {
      for (let first = 0; first < adds; first += DIGITS) {
        const args = { key: keyOf(first) };
        await caller.query('count', args, { consistency: 'fresh', timeoutMs });
      }
    };
    return { steps: [add, add, count], readAll };
  },
};
