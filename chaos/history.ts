/** A recorded history made fit for people and for files. */

import { writeFileSync } from 'node:fs';
import { encodeHistory } from '../src/check/history-file.js';
import type { History } from '../src/check/history.js';

/** Clients know front ends by the addresses of their proxies; for people they have names. */
export function namedFrontends(history: History, names: ReadonlyMap<string, string>): History {
  const nameOf = (url: string | null): string | null =>
    url === null ? null : (names.get(url) ?? url);
  const operations = history.operations.map((operation) => ({
    ...operation,
    sentTo: nameOf(operation.sentTo),
    answeredBy: nameOf(operation.answeredBy),
  }));
  return { ...history, operations };
}

/** Writes a history for `hearsay check`. */
export function writeHistory(path: string, history: History): void {
  writeFileSync(path, [...encodeHistory(history)].map((line) => `${line}\n`).join(''));
}
