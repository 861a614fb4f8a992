/**
 * What forced operations of the service kv mean: keys with values and keys with stock, two key spaces.
 * Each result and answer tells what its key was before and after, so each key is replayed on its own
 * (replay.ts says what that decides). That what is left and what was taken add up to what there was
 * follows from it, step by step.
 */

import type { ForcedService } from './forced-service.js';
import { KeyReplays } from './key-replays.js';
import { kvStock } from './kv-stock.js';
import { kvValues } from './kv-values.js';

export const kvForced: ForcedService = {
  updates: new Set([...kvValues.updates, ...kvStock.updates]),
  queries: new Set([kvValues.query, kvStock.query]),
  check({ operations }, order) {
    const values = new KeyReplays(operations, order, kvValues).check();
    const stocks = new KeyReplays(operations, order, kvStock).check();
    return {
      findings: [...values.findings, ...stocks.findings],
      notes: [...values.notes, ...stocks.notes],
    };
  },
};
