/**
 * The forms of users and arguments of hungry, also asked of imported data. Texts lose the blanks around
 * them, so that one name is one text.
 */

import { isValid, toNormalised } from 'postcode';
import { z } from 'zod';
import { DELIVERY_NAMES } from './deliveries.js';

/** Control characters, and halves of characters that UTF-8 cannot write. */
const UNPRINTABLE = /[\p{Control}\p{Surrogate}]/u;

const isPrintable = (text: string): boolean => !UNPRINTABLE.test(text);

const USER_LENGTH = 64;
const NAME_LENGTH = 64;
const ABOUT_LENGTH = 200;
const ADDRESS_LENGTH = 200;
const MOTD_LENGTH = 280;

/** £10,000 a dish: with 50 lines of 99 an order's total is far from what numbers hold exactly. */
const PRICE_MAX = 1_000_000;
const STOCK_MAX = 1_000_000;
/** £1,000: more is a slip of the finger. */
const TIP_MAX = 100_000;

const WHOLE_NUMBER = /^(?:0|[1-9][0-9]{0,14})$/;
const ITEM_TEXT = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** Groups of digits with single hyphens between them; no number of the world has more than 15 digits. */
const PHONE_TEXT = /^[0-9]+(?:-[0-9]+)*$/;
const PHONE_DIGITS = { least: 5, most: 15 };

const isText =
  (length: number) =>
  (text: string): boolean =>
    text !== '' && text.length <= length && text.trim() === text && isPrintable(text);

const textForm = (length: number): string => `1 to ${length} printable characters`;

export const NAME_FORM = textForm(NAME_LENGTH);
export const isName = isText(NAME_LENGTH);

export const ABOUT_FORM = `up to ${ABOUT_LENGTH} printable characters`;
export const isAbout = (text: string): boolean => text === '' || isText(ABOUT_LENGTH)(text);

export const MOTD_FORM = textForm(MOTD_LENGTH);
export const isMotd = isText(MOTD_LENGTH);

export const ITEM_FORM = 'up to 32 lower-case letters and digits, with single hyphens between them';
export const isItem = (text: string): boolean => text.length <= 32 && ITEM_TEXT.test(text);

const amountForm = (most: number): string => `a whole number from 0 to ${most}`;
const isAmountText =
  (most: number) =>
  (text: string): boolean =>
    WHOLE_NUMBER.test(text) && Number(text) <= most;

export const PRICE_FORM = `${amountForm(PRICE_MAX)}, in pence`;
export const isPriceText = isAmountText(PRICE_MAX);
export const STOCK_FORM = amountForm(STOCK_MAX);
export const isStockText = isAmountText(STOCK_MAX);

/** As the client named itself, blanks and all: the front end takes it as it is. */
export const USER = z
  .string()
  .min(1)
  .max(USER_LENGTH)
  .refine(isPrintable)
  .describe(textForm(USER_LENGTH));

const text = (length: number, title: string) =>
  z
    .string()
    .trim()
    .refine(isText(length))
    .meta({ description: textForm(length), title });

export const FIRST = text(NAME_LENGTH, 'your first name');
export const LAST = text(NAME_LENGTH, 'your last name');
export const ADDRESS = text(ADDRESS_LENGTH, 'house, street and town, in one line');
export const MOTD = text(MOTD_LENGTH, 'what everybody reads first');
export const DISH_NAME = text(NAME_LENGTH, 'what the dish is called');

const isPhone = (phone: string): boolean => {
  const digits = phone.replaceAll('-', '').length;
  return PHONE_TEXT.test(phone) && digits >= PHONE_DIGITS.least && digits <= PHONE_DIGITS.most;
};

export const PHONE = z
  .string()
  .trim()
  .refine(isPhone)
  .meta({
    description: `${PHONE_DIGITS.least} to ${PHONE_DIGITS.most} digits, with single hyphens between them at most`,
    title: 'like 0131-496-0123',
  });

/** The form only; whether there is such a postcode is looked up. */
export const POSTCODE = z
  .string()
  .trim()
  .overwrite((postcode) => toNormalised(postcode) ?? postcode)
  .refine(isValid)
  .meta({
    description: 'a postcode of the United Kingdom, like SW1A 2AA',
    title: 'blanks and capitals do not matter',
  });

/** An item as somebody orders it: whether it is on the menu says the menu, not its form. */
const ORDERED_ITEM = z
  .string()
  .min(1)
  .max(64)
  .describe('the short name of a dish, as menu gives it');

const LINES_MAX = 50;

export const ITEMS = z
  .array(
    z.strictObject({
      item: ORDERED_ITEM,
      quantity: z.int().min(1).max(99).describe('a whole number from 1 to 99'),
    }),
  )
  .min(1)
  .max(LINES_MAX)
  .meta({
    description: `a list of 1 to ${LINES_MAX} dishes, each {"item": "…", "quantity": 1}`,
    title: 'what to order',
  });

export const DELIVERY = z.enum(DELIVERY_NAMES).meta({ title: 'deliveries gives price and time' });

export const TIP = z
  .int()
  .min(0)
  .max(TIP_MAX)
  .default(0)
  .meta({ description: `${amountForm(TIP_MAX)}, in pence`, title: 'for the rider' });

export const ITEM = z
  .string()
  .refine(isItem)
  .meta({ description: ITEM_FORM, title: 'the short name, new or on the menu' });

export const PRICE = z
  .int()
  .min(0)
  .max(PRICE_MAX)
  .meta({ description: PRICE_FORM, title: 'of one' });

export const STOCK = z
  .int()
  .min(0)
  .max(STOCK_MAX)
  .meta({ description: STOCK_FORM, title: 'how many can be ordered from now on' });

export const ORDER_ID = z
  .int()
  .min(1)
  .meta({ description: 'a whole number from 1', title: 'the number of an order of yours' });
