/** `hearsay retire`: takes a replica out of the cluster, and says what came of it. */

import { retireReplica } from '../client/retire-replica.js';
import { runChange } from './change-members.js';
import type { RetireCommand } from './command.js';
import type { Surroundings } from './surroundings.js';

export function runRetire(command: RetireCommand, surroundings: Surroundings): Promise<number> {
  const { name, force } = command;
  const pause = secondsPause(surroundings);
  return runChange(command, surroundings, (client) =>
    retireReplica({ client, name, force, pause }),
  );
}

/** A second, as {@link retireReplica} wants it. */
export const secondsPause =
  ({ scheduler }: Pick<Surroundings, 'scheduler'>) =>
  (): Promise<void> =>
    new Promise((resolve) => scheduler.after(1000, resolve));
