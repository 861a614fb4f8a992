/**
 * Splits a command's words into flags and the rest, by the command's table. Whoever mistypes a flag is
 * told the nearest one; a flag that lacks its value, has one too many or comes twice is refused.
 */

import { parseArgs } from 'node:util';
import { HearsayError } from '../base/errors.js';
import { alternatives } from '../service/messages.js';
import { type CommandName, FORMS } from './forms.js';

/** The words of one command line. */
export interface Words {
  readonly command: CommandName;
  /** The words that are no flags, in order. */
  readonly plain: readonly string[];
  /** By name; a switch that was given has the empty text. */
  readonly flags: ReadonlyMap<string, string>;
  readonly wantsHelp: boolean;
}

/** Throws HearsayError INVALID for flags that the command does not take, or not like that. */
export function readWords(command: CommandName, words: readonly string[]): Words {
  const options = Object.fromEntries(
    FORMS[command].flags.map(({ name, value }) => [
      name,
      { type: value === null ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...words],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    // Its own messages know nothing of nearest names, so it only cuts the words up.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const plain: string[] = [];
  const flags = new Map<string, string>();
  let wantsHelp = false;
  for (const token of tokens) {
    if (token.kind === 'positional') plain.push(token.value);
    else if (token.kind === 'option' && token.name === 'help') wantsHelp = true;
    else if (token.kind === 'option') readFlag(command, token, flags);
  }
  return { command, plain, flags, wantsHelp };
}

/** An error in a command's words; says where help is. */
export function usageError(command: CommandName, message: string): HearsayError {
  return new HearsayError('INVALID', `${message} (--help shows what ${command} takes)`);
}

interface OptionToken {
  readonly name: string;
  /** As it was typed. */
  readonly rawName: string;
  readonly value?: string | undefined;
  /** It was given as `--name=value`. */
  readonly inlineValue?: boolean | undefined;
}

function readFlag(command: CommandName, token: OptionToken, flags: Map<string, string>): void {
  const { name, rawName, value, inlineValue } = token;
  const flag = FORMS[command].flags.find((known) => known.name === name);
  if (flag === undefined || !rawName.startsWith('--')) throw unknownFlag(command, rawName);
  if (flags.has(name)) throw usageError(command, `--${name} is given twice`);
  if (flag.value === null) {
    if (value !== undefined) throw usageError(command, `--${name} takes no value, not "${value}"`);
    flags.set(name, '');
    return;
  }
  // A word with a dash is the next flag, not a value, unless somebody insists.
  if (value === undefined || value === '' || (inlineValue !== true && value.startsWith('-'))) {
    throw usageError(command, `--${name} needs a value: --${name} ${flag.value}`);
  }
  flags.set(name, value);
}

function unknownFlag(command: CommandName, typed: string): HearsayError {
  const names = FORMS[command].flags.map(({ name }) => `--${name}`);
  const known = names.length === 0 ? '' : `; ${alternatives(typed, names)}`;
  return usageError(command, `${command} has no flag ${typed}${known}`);
}
