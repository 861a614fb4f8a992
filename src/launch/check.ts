/** `hearsay check`: looks for broken promises in a history that was recorded before. */

import { readFile } from 'node:fs/promises';
import { HearsayError } from '../base/errors.js';
import { checkHistory } from '../check/check-history.js';
import { parseHistory } from '../check/history-file.js';
import type { CheckCommand } from './command.js';
import type { Surroundings } from './surroundings.js';

/** The exit status: 0 when all promises held, 1 when one was broken. */
export async function runCheck(
  { file, json }: CheckCommand,
  { stdout }: Surroundings,
): Promise<number> {
  const report = checkHistory(parseHistory(await readText(file)));
  const { violations, notes, figures } = report;
  if (json) stdout.write(`${JSON.stringify(report)}\n`);
  else {
    for (const { promise, words } of violations) stdout.write(`${promise}: ${words}\n`);
    for (const note of notes) stdout.write(`note: ${note}\n`);
    const { operations, sessions, movedSessions, reads, freshReads, finalReads } = figures;
    stdout.write(
      `${operations} requests of ${sessions} sessions, ${movedSessions} of them at several front ` +
        `ends; ${reads} reads checked, ${freshReads} of them fresh and ${finalReads} at the end\n`,
    );
    stdout.write(violations.length === 0 ? 'all promises held\n' : 'a promise was broken\n');
  }
  return violations.length === 0 ? 0 : 1;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new HearsayError('INVALID', `cannot read the history in ${file}`, { cause });
  }
}
