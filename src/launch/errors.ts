/** What an error comes to on the command line: words for people, and the exit status (DESIGN section 4). */

import { ERROR_CODES, FatalError, HearsayError } from '../base/errors.js';
import { printable } from '../client/printable.js';
import { StartError } from './supervisor.js';

export function exitStatusOf(error: unknown): number {
  if (error instanceof HearsayError) return ERROR_CODES[error.code].exitStatus;
  return error instanceof StartError ? error.exitStatus : 4;
}

/** `error CODE: message`; what nobody foresaw comes with its stack. */
export function errorText(error: unknown): string {
  if (error instanceof HearsayError) return `error ${error.code}: ${printable(error.message)}`;
  if (error instanceof FatalError || error instanceof StartError)
    return `error: ${printable(error.message)}`;
  return `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
