/** What a run needs of each service, and how much of it its checkers can take. */

import type { Outside } from '../src/service/contract.js';
import { hungryOutside, hungrySource } from '../src/sim/workloads/hungry.js';
import { movieSource } from '../src/sim/workloads/movies.js';
import type { ServiceName, Step } from '../src/sim/workloads/workload.js';
import type { InitialData } from './initial-data.js';

export interface ChaosService {
  /** What it begins with; null: the shipped data. */
  readonly initial: InitialData | null;
  /** What its lookups find; null: it has none. */
  readonly outside: Outside | null;
  /** Requests a second of all clients together, where the cluster is fast enough. */
  readonly requestsPerSecond: number;
  /** Requests of a run: the checkers look through so many in half a minute. */
  readonly requestsMost: number;
  /** One query that every session can ask. */
  readonly query: Step;
  /** One forced update that every session can ask for; null: the service has none. */
  readonly forcedUpdate: Step | null;
  /** What its queries tell depends on who asks: at the end everybody does. */
  readonly isPersonal: boolean;
  /** It has keys to `scan`, more than any workload reads in the end. */
  readonly hasKeys: boolean;
}

export const CHAOS_SERVICES: Readonly<Record<ServiceName, ChaosService>> = {
  kv: {
    initial: null,
    outside: null,
    requestsPerSecond: 90,
    requestsMost: 105_000,
    query: async ({ caller, timeoutMs }) => {
      await caller.query('count', { key: 'counter/0' }, { timeoutMs });
    },
    forcedUpdate: async (player) => {
      const { caller, timeoutMs } = player;
      await caller.update('put', { key: 'cell/0', value: player.newValue() }, { timeoutMs });
    },
    isPersonal: false,
    hasKeys: true,
  },
  movies: {
    // The shipped films have ratings of everybody.
    initial: {
      source: movieSource,
      files: ['movies.csv', 'links.csv', 'ratings.csv', 'tags.csv'],
    },
    outside: null,
    // Each answer shows many tags.
    requestsPerSecond: 25,
    requestsMost: 105_000,
    query: async ({ caller, timeoutMs }) => {
      await caller.query('average', { movieId: 1 }, { timeoutMs });
    },
    forcedUpdate: null,
    isPersonal: false,
    hasKeys: false,
  },
  hungry: {
    initial: { source: hungrySource, files: ['menu.csv', 'motd.csv'] },
    outside: hungryOutside,
    requestsPerSecond: 25,
    // Each list of orders shows all that the user ever made.
    requestsMost: 15_000,
    query: async ({ caller, timeoutMs }) => {
      await caller.query('menu', {}, { timeoutMs });
    },
    // That it is sold out is an answer too: it has its place in the one order.
    forcedUpdate: async ({ caller, timeoutMs }) => {
      const args = { items: [{ item: 'bread', quantity: 1 }], delivery: 'collect' };
      await caller.update('order', args, { timeoutMs });
    },
    isPersonal: true,
    hasKeys: false,
  },
};
