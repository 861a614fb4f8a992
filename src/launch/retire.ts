/** `hearsay retire`: takes a replica out of the cluster, and says what came of it. */

import { runChange } from './change-members.js';
import type { RetireCommand } from './command.js';
import type { Surroundings } from './surroundings.js';

export function runRetire(command: RetireCommand, surroundings: Surroundings): Promise<number> {
  const { name, force } = command;
  return runChange(command, surroundings, (client) => client.retire(name, { force }));
}
