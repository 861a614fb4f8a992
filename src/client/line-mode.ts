/**
 * The client without a terminal (DESIGN section 4): for each line that is not blank exactly one line of
 * answer, in the order of the questions. A program can read them: values as JSON, or `error CODE: …`.
 * Nothing that was answered can break the line or control a terminal.
 */

import { HearsayError } from '../base/errors.js';
import { readArguments } from '../service/arguments.js';
import type { OperationDescription } from '../wire/messages.js';
import type { Client } from './api.js';
import { printable, printableJson } from './printable.js';
import { type Command, parseCommand, splitWords, usageOf } from './words.js';

/** What one line came to. */
export interface Answer {
  /** One line, without its end. */
  readonly text: string;
  /** Why there is no value; null when there is one. */
  readonly error: HearsayError | null;
}

export interface LineModeInit {
  readonly lines: AsyncIterable<string>;
  /** Takes whole lines, ended by a newline. */
  readonly write: (text: string) => void;
  /** Answers with the objects of `--json` instead of values. */
  readonly json: boolean;
}

/**
 * Answers lines until `quit` or their end, one after the other, so that each sees what the ones before
 * it wrote. Gives the exit status: 0 when every line had a definite answer (an error may be one), else 3.
 */
export async function runLines(client: Client, init: LineModeInit): Promise<number> {
  let allDefinite = true;
  for await (const line of init.lines) {
    if (isBlank(line)) continue;
    const answer = await answerLine(client, () => splitWords(line), init.json);
    if (answer === 'quit') break;
    init.write(`${answer.text}\n`);
    if (answer.error?.definite === false) allDefinite = false;
  }
  return allDefinite ? 0 : 3;
}

/** The answer to one command in words, as `hearsay query NAME key=value` has them; 'quit' is none. */
export function answerWords(
  client: Client,
  words: readonly string[],
  json: boolean,
): Promise<Answer | 'quit'> {
  return answerLine(client, () => words, json);
}

const isBlank = (line: string): boolean => /^[ \t\r\n]*$/.test(line);

/** Errors of every step, from the quotes on, become the line's answer; anything else is a defect. */
async function answerLine(
  client: Client,
  readWords: () => readonly string[],
  json: boolean,
): Promise<Answer | 'quit'> {
  try {
    const command = parseCommand(readWords(), client.operations);
    if (command.kind === 'quit') return 'quit';
    return { text: await carryOut(client, command, json), error: null };
  } catch (error) {
    if (!(error instanceof HearsayError)) throw error;
    return { text: errorLine(error, json), error };
  }
}

async function carryOut(
  client: Client,
  command: Exclude<Command, { kind: 'quit' }>,
  json: boolean,
): Promise<string> {
  switch (command.kind) {
    case 'status':
      return printableJson(await client.status());
    case 'help': {
      const operations = command.operation === null ? client.operations : [command.operation];
      if (json) return printableJson({ operations });
      return printable(
        command.operation === null ? helpLine(operations) : helpOn(command.operation),
      );
    }
    case 'operation': {
      const { operation, pairs } = command;
      const args = readArguments(operation, pairs);
      if (operation.kind === 'query') {
        const { value, guarantee, timestamp } = await client.query(operation.name, args);
        return printableJson(json ? { value: value ?? null, guarantee, timestamp } : value);
      }
      const { result, ...rest } = await client.update(operation.name, args);
      return printableJson(json ? { result: result ?? null, ...rest } : result);
    }
  }
}

function errorLine({ code, message, definite }: HearsayError, json: boolean): string {
  return json
    ? printableJson({ error: { code, message, definite } })
    : `error ${code}: ${printable(message)}`;
}

/** All operations with their arguments, and the other words, on one line. */
function helpLine(operations: readonly OperationDescription[]): string {
  const usages = (kind: OperationDescription['kind']): string =>
    operations
      .filter((operation) => operation.kind === kind)
      .map(usageOf)
      .join(', ');
  return `queries: ${usages('query')}; updates: ${usages('update')}; also: help NAME, status, quit`;
}

function helpOn(operation: OperationDescription): string {
  const details = operation.arguments.map(
    ({ name, type, about }) => `${name}: ${type}${about === '' ? '' : ` (${about})`}`,
  );
  return [`${usageOf(operation)} (${operation.kind}): ${operation.about}`, ...details].join('; ');
}
