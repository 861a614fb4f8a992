/** Readers for the values of words and flags; each refuses in words what it cannot take. */

import { HearsayError } from '../base/errors.js';
import { isName, NAME_FORM } from '../base/ids.js';
import { readPlace } from '../discovery/place.js';
import type { Address } from '../node/options.js';
import { show } from '../service/messages.js';
import { ADDRESS_FORM, formatAddress, parseAddress } from '../transport/address.js';

const WHOLE_NUMBER = /^[0-9]{1,9}$/;
const INTEGER = /^(?:0|-?[1-9][0-9]{0,14})$/;

/** A whole number from `least` to `most`; `what` names it in the message. */
export function wholeNumber(what: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (WHOLE_NUMBER.test(text) && value >= least && value <= most) return value;
  throw wrong(what, `a whole number from ${least} to ${most}`, text);
}

/** A whole number from `-most` to `most`. */
export function integer(what: string, text: string, most: number): number {
  const value = Number(text);
  if (INTEGER.test(text) && Math.abs(value) <= most) return value;
  throw wrong(what, `a whole number from -${most} to ${most}`, text);
}

export function oneOf<Choice extends string>(
  what: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw wrong(what, either(choices), text);
}

/** "one, two or three"; of at least two. */
export const either = (choices: readonly string[]): string =>
  `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;

export function name(what: string, text: string): string {
  if (isName(text)) return text;
  throw wrong(what, NAME_FORM, text);
}

/** `HOST:PORT`, also where it was given as `ws://HOST:PORT`. */
export function address(what: string, text: string): string {
  const parsed = parseAddress(text);
  if (parsed === null) throw wrong(what, ADDRESS_FORM, text);
  return formatAddress(parsed);
}

/** Addresses with commas between them, none twice. */
export function addresses(what: string, text: string): string[] {
  return distinct(
    what,
    text.split(',').map((part) => address(what, part)),
  );
}

/** Addresses as URLs: `ws://HOST:PORT`. */
export function urls(what: string, text: string): string[] {
  return addresses(what, text).map((each) => `ws://${each}`);
}

/** A place where replicas are found, as it was given. */
export function discovery(what: string, text: string): string {
  readPlace(what, text);
  return text;
}

/** Where clients find front ends: their URLs, or the one place that knows them. */
export function discovered(what: string, text: string): string[] {
  const place = readPlace(what, text);
  return place.kind === 'seeds' ? place.addresses.map((address) => `ws://${address}`) : [text];
}

/** `NAME=HOST:PORT` with commas between them; no name and no address twice. */
export function members(what: string, text: string): Address[] {
  const all = text.split(',').map((part): Address => {
    const equals = part.indexOf('=');
    if (equals < 0) throw wrong(what, 'NAME=HOST:PORT,…', part);
    return {
      name: name(what, part.slice(0, equals)),
      address: address(what, part.slice(equals + 1)),
    };
  });
  for (const key of ['name', 'address'] as const) {
    distinct(
      what,
      all.map((member) => member[key]),
    );
  }
  return all;
}

function distinct(what: string, items: string[]): string[] {
  const twice = items.find((item, index) => items.indexOf(item) !== index);
  if (twice === undefined) return items;
  throw new HearsayError('INVALID', `${what} names ${twice} twice`);
}

function wrong(what: string, allowed: string, text: string): HearsayError {
  return new HearsayError('INVALID', `${what} must be ${allowed}, not ${show(text)}`);
}
