/** `hearsay retire`: takes a replica out of the cluster, and says what came of it. */

import { HearsayError } from '../base/errors.js';
import { printable, printableJson } from '../client/printable.js';
import type { RetireCommand } from './command.js';
import { errorText, exitStatusOf } from './errors.js';
import type { Surroundings } from './surroundings.js';

/**
 * The longest that it waits, ms: the replica hands over what it holds, and every other one that may hold
 * something of it has to answer.
 */
export const RETIRE_TIMEOUT_MS = 60_000;

/** The exit status; what came of it goes to stdout, errors to stderr or, as objects, to stdout. */
export async function runRetire(
  { name, force, frontends, json }: RetireCommand,
  { connect, stdout, stderr }: Surroundings,
): Promise<number> {
  try {
    const client = await connect(frontends, { timeoutMs: RETIRE_TIMEOUT_MS });
    try {
      const { epoch, message } = await client.retire(name, { force });
      const text = json ? printableJson({ retired: name, epoch, message }) : printable(message);
      stdout.write(`${text}\n`);
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
