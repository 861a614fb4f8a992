/**
 * `hearsay recover --force`: a majority of the members is gone for good, and the survivors go on without
 * it (PROTOCOL F). What the lost ones alone held is lost: whoever types their names swears that they are.
 */

import { nanoid } from 'nanoid';
import { runChange } from './change-members.js';
import type { RecoverCommand } from './command.js';
import type { Surroundings } from './surroundings.js';

export function runRecover(command: RecoverCommand, surroundings: Surroundings): Promise<number> {
  const { abort, survivors, lost } = command;
  const plan = abort ?? nanoid();
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
