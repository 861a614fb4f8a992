/**
 * Reads what a person types in line mode: words with quotes as in a shell, then a command. Whatever is
 * wrong is HearsayError INVALID with a message that says how to write it instead.
 */

import { HearsayError } from '../base/errors.js';
import { alternatives, show } from '../service/messages.js';
import type { OperationDescription } from '../wire/messages.js';

/** One `key=value` word, cut at its first `=`. */
export type Pair = readonly [key: string, text: string];

export type Command =
  | {
      readonly kind: 'operation';
      readonly operation: OperationDescription;
      readonly pairs: readonly Pair[];
    }
  /** Help on everything, or on one operation. */
  | { readonly kind: 'help'; readonly operation: OperationDescription | null }
  | { readonly kind: 'status' }
  | { readonly kind: 'quit' };

/** Words that no operation may be named (DESIGN section 5). */
const RESERVED = ['help', 'status', 'log', 'quit'];

/** What a backslash takes the meaning from inside double quotes; before others it stays itself. */
const ESCAPED_IN_QUOTES = '"\\$`';

/**
 * Cuts a line into words at blanks. 'Single quotes' take everything as it is, "double quotes" all but
 * backslashes before `"`, `\`, `$` and a backquote; elsewhere a backslash takes the next character as it
 * is. Nothing is expanded. Throws HearsayError INVALID when a quote is not closed or nothing follows a
 * backslash.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  /** The word under way; undefined between words, so that '' is a word too. */
  let word: string | undefined;
  let quote: { readonly mark: string; readonly column: number } | undefined;
  for (let index = 0; index < line.length; index++) {
    const character = line.charAt(index);
    const next = line.charAt(index + 1);
    if (character === quote?.mark) {
      quote = undefined;
    } else if (quote?.mark === "'") {
      word += character;
    } else if (character === '\\' && (quote === undefined || isIn(ESCAPED_IN_QUOTES, next))) {
      if (next === '') throw new HearsayError('INVALID', 'nothing follows the \\ at the end');
      word = (word ?? '') + next;
      index++;
    } else if (quote !== undefined) {
      word += character;
    } else if (character === '"' || character === "'") {
      quote = { mark: character, column: index + 1 };
      word ??= '';
    } else if (!isIn(' \t\r\n', character)) {
      word = (word ?? '') + character;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (quote !== undefined) {
    const where = `the ${quote.mark} at column ${quote.column} is not closed`;
    throw new HearsayError('INVALID', `${where}; write \\${quote.mark} for the character itself`);
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Writes a word so that `splitWords` and a shell read it as it is. */
export function quoteWord(word: string): string {
  if (/^[\w.,:/@%+=-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

const isIn = (set: string, character: string): boolean =>
  character !== '' && set.includes(character);

/**
 * Says what the words ask for. There must be at least one. Throws HearsayError INVALID for an unknown
 * operation (naming near ones), a word that is not `key=value`, and `log`, which has no one-line answer.
 */
export function parseCommand(
  words: readonly string[],
  operations: readonly OperationDescription[],
): Command {
  const [name = '', ...rest] = words;
  switch (name) {
    case 'quit':
    case 'status':
      if (rest.length > 0) throw new HearsayError('INVALID', `${name} takes no arguments here`);
      return { kind: name };
    case 'log':
      throw new HearsayError('INVALID', 'log is no one-line answer: run `hearsay log` instead');
    case 'help':
      if (rest.length > 1) throw new HearsayError('INVALID', 'help takes one name, or none');
      return {
        kind: 'help',
        operation: rest[0] === undefined ? null : findOperation(rest[0], operations),
      };
    default: {
      const operation = findOperation(name, operations);
      return { kind: 'operation', operation, pairs: rest.map((word) => readPair(word, operation)) };
    }
  }
}

/** An operation and its arguments, those that may be left out in brackets: `top [limit=] [minCount=]`. */
export function usageOf(operation: OperationDescription): string {
  const words = operation.arguments.map(({ name, required }) =>
    required ? `${name}=` : `[${name}=]`,
  );
  return [operation.name, ...words].join(' ');
}

function findOperation(
  name: string,
  operations: readonly OperationDescription[],
): OperationDescription {
  const found = operations.find((operation) => operation.name === name);
  if (found !== undefined) return found;
  const names = [...operations.map((operation) => operation.name), ...RESERVED];
  throw new HearsayError(
    'INVALID',
    `there is no operation ${show(name)}; ${alternatives(name, names)}`,
  );
}

function readPair(word: string, operation: OperationDescription): Pair {
  const equals = word.indexOf('=');
  if (equals >= 0) return [word.slice(0, equals), word.slice(equals + 1)];
  const wanted =
    operation.arguments.length === 0
      ? `${operation.name} takes no arguments`
      : `write key=value: ${usageOf(operation)}`;
  throw new HearsayError('INVALID', `${show(word)} has no =; ${wanted}`);
}
