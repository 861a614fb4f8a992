/** What the commands that change the members have in common: a client asks, and says what came of it. */

import { HearsayError } from '../base/errors.js';
import type { Client, MembersChange } from '../client/api.js';
import { printable, printableJson } from '../client/printable.js';
import { errorText, exitStatusOf } from './errors.js';
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

/** The exit status; what came of it goes to stdout, errors to stderr or, as objects, to stdout. */
export async function runChange(
  { frontends, json }: Wanted,
  { connect, stdout, stderr }: Surroundings,
  change: (client: Client) => Promise<MembersChange>,
): Promise<number> {
  try {
    const client = await connect(frontends, { timeoutMs: CHANGE_TIMEOUT_MS });
    try {
      const changed = await change(client);
      stdout.write(`${json ? printableJson(changed) : printable(changed.message)}\n`);
    } finally {
      await client.close();
    }
    return 0;
  } catch (error) {
    if (json && error instanceof HearsayError) {
      const { code, message, definite } = error;
      stdout.write(`${printableJson({ error: { code, message, definite } })}\n`);
    } else {
      stderr.write(`${errorText(error)}\n`);
    }
    return exitStatusOf(error);
  }
}
