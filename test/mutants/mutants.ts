/** All mutants. The simulator must find each of them (`npm run sim:mutants`). */

import { EXCHANGE_MUTANTS } from './exchange-mutants.js';
import { FORCED_MUTANTS } from './forced-mutants.js';
import { FORCED_REQUEST_MUTANTS } from './forced-request-mutants.js';
import { IDENTITY_MUTANTS } from './identity-mutants.js';
import { MEMBERSHIP_MUTANTS } from './membership-mutants.js';
import type { Mutant } from './mutant.js';
import { REPLICA_MUTANTS } from './replica-mutants.js';
import { REQUEST_MUTANTS } from './request-mutants.js';

export const MUTANTS: readonly Mutant[] = [
  ...REPLICA_MUTANTS,
  ...EXCHANGE_MUTANTS,
  ...REQUEST_MUTANTS,
  ...FORCED_MUTANTS,
  ...FORCED_REQUEST_MUTANTS,
  ...MEMBERSHIP_MUTANTS,
  ...IDENTITY_MUTANTS,
];
