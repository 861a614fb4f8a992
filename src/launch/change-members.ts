/** What the commands that change the members have in common: a client asks, and says what came of it. */

import type { Client, MembersChange } from '../client/api.js';
import { printable, printableJson } from '../client/printable.js';
import { printAnswer } from './one-answer.js';
import type { Surroundings } from './surroundings.js';

/**
 * The longest that it waits, ms: a replica hands over what it holds, and every other one that may hold
 * something of it has to answer.
 */
export const CHANGE_TIMEOUT_MS = 60_000;

interface Wanted {
  readonly frontends: readonly string[];
  readonly json: boolean;
}

/** Prints what came of it; answers the exit status. */
export const runChange = (
  { frontends, json }: Wanted,
  surroundings: Surroundings,
  change: (client: Client) => Promise<MembersChange>,
): Promise<number> =>
  printAnswer(
    { frontends, options: { timeoutMs: CHANGE_TIMEOUT_MS }, json },
    surroundings,
    async (client) => {
      const changed = await change(client);
      return json ? printableJson(changed) : printable(changed.message);
    },
  );
