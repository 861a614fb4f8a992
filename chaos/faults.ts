/** The kinds of faults there are. */

import { clientFaults } from './faults/clients.js';
import { diskFaults } from './faults/disks.js';
import type { FaultKind } from './faults/fault.js';
import { networkFaults } from './faults/network.js';
import { primaryFaults } from './faults/primary.js';
import { processFaults } from './faults/processes.js';

export const FAULT_KINDS: readonly FaultKind[] = [
  ...processFaults,
  ...primaryFaults,
  ...diskFaults,
  ...networkFaults,
  ...clientFaults,
];
