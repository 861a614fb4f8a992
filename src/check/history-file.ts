/**
 * A history as JSON Lines: a header, a line an operation, and a line of final hashes. What is read is
 * checked line by line, so that an error names the line at fault.
 */

import { z } from 'zod';
import { HearsayError } from '../base/errors.js';
import type { History, HistoryOperation } from './history.js';
import { operationChecker } from './history-form.js';

const HEADER = z.strictObject({
  history: z.literal(1),
  service: z.string(),
  leastCopies: z.int().min(0),
  takesBack: z.boolean().optional(),
});

const PLACE = z.number();

/** A place in the one order of forced updates. */
const ORDER = z.exactOptional(z.int().min(1));

const OUTCOME = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('updated'),
    copies: z.int().min(0),
    result: z.exactOptional(z.unknown()),
    order: ORDER,
  }),
  z.strictObject({
    kind: z.literal('answered'),
    value: z.unknown(),
    guarantee: z.enum(['causal', 'fresh']),
    order: z.exactOptional(z.int().min(0)),
  }),
  z.strictObject({
    kind: z.literal('failed'),
    code: z.string(),
    message: z.string(),
    order: ORDER,
  }),
  z.strictObject({ kind: z.literal('unknown'), code: z.string(), message: z.string() }),
]);

const OPERATION = z.strictObject({
  session: z.string(),
  user: z.string(),
  kind: z.enum(['update', 'query']),
  operation: z.string(),
  args: z.record(z.string(), z.unknown()),
  sentTo: z.string().nullable(),
  answeredBy: z.string().nullable(),
  called: PLACE,
  returned: PLACE.nullable(),
  calledMs: z.number(),
  returnedMs: z.number().nullable(),
  outcome: OUTCOME,
  final: z.boolean(),
});

const FOOTER = z.strictObject({ finalHashes: z.record(z.string(), z.string()) });

/** The lines of a history, without their ends. */
export function* encodeHistory(history: History): Generator<string> {
  const { service, leastCopies, takesBack = false, operations, finalHashes } = history;
  yield JSON.stringify({ history: 1, service, leastCopies, ...(takesBack && { takesBack }) });
  for (const operation of operations) yield JSON.stringify(operation);
  yield JSON.stringify({ finalHashes });
}

/**
 * Reads a history from its text. Throws INVALID, naming the line and what is wrong with it. An empty
 * line at the end may be there or not.
 */
export function parseHistory(text: string): History {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length < 2) {
    throw new HearsayError(
      'INVALID',
      `a history has a header, a line for each operation, and finalHashes; this has ${lines.length} lines`,
    );
  }
  const header = read(HEADER, lines, 0);
  const problemOf = operationChecker();
  const operations: HistoryOperation[] = [];
  for (let index = 1; index < lines.length - 1; index++) {
    const operation = read(OPERATION, lines, index);
    const problem = problemOf(operation);
    if (problem !== undefined) throw invalid(index, problem);
    operations.push(operation);
  }
  const { finalHashes } = read(FOOTER, lines, lines.length - 1);
  const { service, leastCopies, takesBack } = header;
  const rest = { service, leastCopies, operations, finalHashes };
  return takesBack === undefined ? rest : { ...rest, takesBack };
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  lines: readonly string[],
  index: number,
): z.infer<Schema> {
  const result = schema.safeParse(json(lines[index] ?? '', index));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw invalid(index, issues.join('; '));
}

function json(line: string, index: number): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (cause) {
    throw invalid(index, `is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

const invalid = (index: number, problem: string): HearsayError =>
  new HearsayError('INVALID', `line ${index + 1} of the history: ${problem}`);
