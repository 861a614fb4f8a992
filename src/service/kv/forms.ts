/** The arguments of kv's operations: keys, values and amounts. */

import { z } from 'zod';
import type { Json } from '../contract.js';
import { fitsUtf8, isWellFormed, problemOf } from './values.js';

const KEY_BYTES = 512;

const KEY_FORM = `1 to ${KEY_BYTES} bytes of text`;

/** Keys order by their bytes in UTF-8, which is how SQLite compares text. */
const isKey = (text: string): boolean => isWellFormed(text) && fitsUtf8(text, KEY_BYTES);

export const KEY = z.string().min(1).refine(isKey).describe(KEY_FORM);
export const PREFIX = z
  .string()
  .refine(isKey)
  .meta({ description: `up to ${KEY_BYTES} bytes of text`, title: 'how the keys begin' });
/** What is added to a counter. */
export const CHANGE = z.int().meta({ description: 'a whole number', title: 'may be negative' });

/** How much there is of something, or is taken. */
export const AMOUNT = z.int().min(0).describe('a whole number from 0');

const VALUE_FORM = 'any JSON of up to 64 KiB';

/** The transform comes last: it would hide the description. */
const asJson = (value: unknown): Json => value as Json;

const CHECKED = z.unknown().superRefine((value, context) => {
  if (value === undefined) context.addIssue({ code: 'custom' });
  else {
    const message = problemOf(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }
});

export const VALUE = CHECKED.describe(VALUE_FORM).transform(asJson);

export const EXPECTED = CHECKED.meta({
  description: VALUE_FORM,
  title: 'null: the key has no value',
}).transform(asJson);
