/**
 * `hearsay recover --force`: a majority of the members is gone for good, and the survivors go on without
 * it (PROTOCOL F). What the lost ones alone held is lost: whoever types their names swears that they are.
 */

import { runChange } from './change-members.js';
import type { RecoverCommand } from './command.js';
import type { Surroundings } from './surroundings.js';

/** Characters of a plan's id: 36^20, so that no two are ever the same by chance. */
const PLAN_ID = 20;

export function runRecover(command: RecoverCommand, surroundings: Surroundings): Promise<number> {
  const { abort, survivors, lost } = command;
  const plan = abort ?? surroundings.random.nonce(PLAN_ID);
  if (abort === null) {
    surroundings.stderr.write(
      `recovery ${plan}: ${survivors.join(', ')} go on without ${lost.join(', ')}; ` +
        `what only those held is lost (to end it while it is under way: --abort ${plan})\n`,
    );
  }
  return runChange(command, surroundings, (client) =>
    client.recover({ plan, survivors, lost, abort: abort !== null }),
  );
}
