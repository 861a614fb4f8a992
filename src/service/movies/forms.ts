/** The forms of users and arguments that several operations of movies share. */

import { z } from 'zod';

export const USER_FORM = 'a whole number from 1 to 999999999';

/** Digits without leading zeros, so that one user has one name. */
const USER_TEXT = /^[1-9][0-9]{0,8}$/;

export const isUser = (text: string): boolean => USER_TEXT.test(text);

export const USER = z.string().regex(USER_TEXT).describe(USER_FORM);

export const USER_ID = z
  .int()
  .min(1)
  .max(999_999_999)
  .meta({ description: USER_FORM, title: 'whose; your own when left out' });

export const MOVIE_ID = z.int().min(1).meta({
  description: 'a whole number from 1',
  title: 'the movie',
});

/** zod's `multipleOf` forgives rounding errors; a sum of half stars does not. */
export const RATING = z
  .number()
  .min(0.5)
  .max(5)
  .multipleOf(0.5)
  .refine((rating) => Number.isInteger(rating * 2))
  .meta({ description: '0.5 to 5 in steps of 0.5', title: 'stars' });

const TAG_LENGTH = 255;
/** Control characters, and halves of characters that UTF-8 cannot write. */
const UNPRINTABLE = /[\p{Control}\p{Surrogate}]/u;

export const isTag = (text: string): boolean =>
  text !== '' && text.length <= TAG_LENGTH && text.trim() === text && !UNPRINTABLE.test(text);

export const TAG = z
  .string()
  .trim()
  .refine(isTag)
  .meta({
    description: `1 to ${TAG_LENGTH} printable characters`,
    title: 'capitals and small letters differ',
  });

export const isPrintable = (text: string): boolean => text !== '' && !UNPRINTABLE.test(text);

export const limit = (preset: number) =>
  z
    .int()
    .min(1)
    .max(1000)
    .default(preset)
    .meta({ description: 'a whole number from 1 to 1000', title: 'how many at most' });
