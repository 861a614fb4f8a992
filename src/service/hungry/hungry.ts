/**
 * The service hungry, "Just Hungry": ordering food (DESIGN section 5). The user is any name. What
 * customers say of themselves is causal; the menu's stock and the orders are forced.
 */

import { defineService } from '../define.js';
import * as causal from './causal-updates.js';
import * as forced from './forced-updates.js';
import { USER } from './forms.js';
import * as queries from './queries.js';
import { CAUSAL_SCHEMA, FORCED_SCHEMA, VISIBLE_STATE } from './schema.js';
import { seedHungry } from './seed.js';

export const hungry = defineService({
  name: 'hungry',
  version: 1,
  schema: { causal: CAUSAL_SCHEMA, forced: FORCED_SCHEMA },
  visibleState: VISIBLE_STATE,
  user: USER,
  settings: {
    postcodesIo: {
      default: 'https://api.postcodes.io',
      about: 'address of postcodes.io, which is asked where a postcode is',
    },
    getthedata: {
      default: 'http://api.getthedata.com',
      about: 'address of getthedata.com, which is asked when postcodes.io gives no answer',
    },
  },
  seed: seedHungry,
  queries: {
    motd: queries.motd,
    menu: queries.menu,
    deliveries: queries.deliveries,
    cost: queries.cost,
    orders: queries.orders,
    active: queries.active,
    details: queries.details,
  },
  updates: {
    register: causal.register,
    order: forced.order,
    cancel: forced.cancel,
    setMotd: causal.setMotd,
    setItem: forced.setItem,
  },
});
