/**
 * Starts of a process on one data directory, counted durably before the first word to anyone: a copy of
 * the directory that is put back, or started twice, is known by it (PROTOCOL E).
 */

import type { Random } from '../base/random.js';
import type { Journal } from '../ports/journal.js';
import { FatalError } from '../base/errors.js';
import { pack, unpack } from '../wire/msgpack.js';
import type { Boot } from '../wire/membership-messages.js';

const BOOT = 'boot';

/** Characters that tell two starts with the same number apart, and that make its origin (PROTOCOL A1). */
const START_NONCE = 6;

/** Counts this start; durable once it resolves. Rejects with FatalError where the count is no number. */
export async function nextBoot(journal: Journal, random: Random): Promise<Boot> {
  const bytes = await journal.readMeta(BOOT);
  const last = bytes === null ? 0 : unpack(bytes);
  if (typeof last !== 'number' || !Number.isSafeInteger(last)) {
    throw new FatalError('the data directory has lost count of its starts; move it away');
  }
  const number = last + 1;
  await journal.writeMeta(BOOT, pack(number));
  return { number, nonce: random.nonce(START_NONCE) };
}
