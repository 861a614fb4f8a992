/**
 * The kinds of faults there are. Each strikes once when it is asked to, lasts for a while, and cures
 * itself; what others did to the same host meanwhile it leaves alone.
 */

import { clockFaults } from './faults/clocks.js';
import { diskFaults } from './faults/disks.js';
import type { FaultKind } from './faults/fault.js';
import { identityFaults } from './faults/identities.js';
import { memberFaults } from './faults/members.js';
import { networkFaults } from './faults/network.js';
import { processFaults } from './faults/processes.js';
import { viewFaults } from './faults/views.js';

export type { FaultKind } from './faults/fault.js';

export const FAULT_KINDS: readonly FaultKind[] = [
  ...processFaults,
  ...viewFaults,
  ...networkFaults,
  ...diskFaults,
  ...clockFaults,
  ...memberFaults,
  ...identityFaults,
];
