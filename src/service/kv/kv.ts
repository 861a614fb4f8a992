/**
 * The service kv: four separate key spaces (DESIGN section 5), two causal (values, counters) and two
 * forced (values, stocks). It looks at no user.
 */

import { defineService } from '../define.js';
import * as causal from './causal.js';
import * as forced from './forced.js';

export const kv = defineService({
  name: 'kv',
  version: 1,
  schema: { causal: causal.CAUSAL_SCHEMA, forced: forced.FORCED_SCHEMA },
  visibleState: [...causal.CAUSAL_STATE, ...forced.FORCED_STATE],
  forget: causal.forget,
  queries: {
    get: causal.get,
    scan: causal.scan,
    count: causal.count,
    forced: forced.forced,
    left: forced.left,
  },
  updates: {
    set: causal.set,
    delete: causal.remove,
    add: causal.add,
    put: forced.put,
    cas: forced.cas,
    stock: forced.stock,
    take: forced.take,
  },
});
