/** What the commands that ask for one thing have in common: a client, its answer, and the exit status. */

import { HearsayError } from '../base/errors.js';
import type { Client, ClientOptions } from '../client/api.js';
import { printableJson } from '../client/printable.js';
import { errorText, exitStatusOf } from './errors.js';
import type { Surroundings } from './surroundings.js';

interface Asking {
  readonly frontends: readonly string[];
  readonly options?: ClientOptions;
  readonly json: boolean;
}

/** The answer goes to stdout, errors to stderr or, with `--json`, as objects to stdout. */
export async function printAnswer(
  { frontends, options = {}, json }: Asking,
  { connect, stdout, stderr }: Surroundings,
  ask: (client: Client) => Promise<string>,
): Promise<number> {
  try {
    const client = await connect(frontends, options);
    try {
      stdout.write(`${await ask(client)}\n`);
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
