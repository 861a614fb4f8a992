/** `hearsay query` and `hearsay update`: one operation, one line of answer. */

import { HearsayError } from '../base/errors.js';
import { answerWords } from '../client/line-mode.js';
import type { Client } from '../client/api.js';
import { alternatives, show } from '../service/messages.js';
import type { OperationCommand } from './command.js';
import { printAnswer } from './one-answer.js';
import type { Surroundings } from './surroundings.js';

/** Values go to stdout, errors to stderr; with `--json` both are objects on stdout. */
export const runOperation = (
  command: OperationCommand,
  surroundings: Surroundings,
): Promise<number> => {
  const { json, options, user, frontends } = command;
  return printAnswer({ frontends, options: { ...options, user }, json }, surroundings, (client) =>
    answer(client, command),
  );
};

async function answer(client: Client, command: OperationCommand): Promise<string> {
  const { kind, operation, words, json } = command;
  expectKind(client, kind, operation);
  const line = await answerWords(client, [operation, ...words], json);
  if (line === 'quit') throw new HearsayError('INVALID', 'quit is no operation');
  if (line.error !== null) throw line.error;
  return line.text;
}

/** `query` must not write, and a line's other words (`help`) are no operations. */
function expectKind(client: Client, kind: OperationCommand['kind'], name: string): void {
  const found = client.operations.find((operation) => operation.name === name);
  if (found?.kind === kind) return;
  if (found !== undefined) {
    const message = `${name} is one of the ${found.kind === 'query' ? 'queries' : 'updates'}: hearsay ${found.kind} ${name} …`;
    throw new HearsayError('INVALID', message);
  }
  const names = client.operations.map((operation) => operation.name);
  throw new HearsayError(
    'INVALID',
    `${client.service} has no ${kind} ${show(name)}; ${alternatives(name, names)}`,
  );
}
