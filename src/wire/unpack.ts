/**
 * msgpack read strictly: bytes from outside become null, booleans, numbers, texts, bytes, lists and maps
 * with text keys, or are refused. Bytes have a place in pieces of snapshots and nowhere else: each field
 * looks at what it is given. msgpackr, which writes our frames, reads more than that (extensions that
 * make dates, errors, regular expressions, cycles and code), turns the key `__proto__` into another one,
 * and reads a text that begins with a byte order mark in two ways, by whether its native part is there.
 * Nothing here depends on the machine; time and memory are bounded by the number of bytes.
 */

import { HearsayError } from '../base/errors.js';
import { LIMITS } from '../base/limits.js';

/** Says what was wrong with bytes that came. */
export function malformed(what: string): HearsayError {
  return new HearsayError('INVALID', `malformed frame: ${what}`);
}

/** Says which limit was passed by bytes that came. */
export function tooLarge(what: string): HearsayError {
  return new HearsayError('TOO_LARGE', `frame beyond limits: ${what}`);
}

/** Part of every JavaScript engine we know, though no part of the language. */
declare const TextDecoder: new (
  encoding: 'utf-8',
  options: { readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

/** What is no UTF-8, as half a surrogate pair, becomes U+FFFD; a byte order mark stays. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Up to here reading ASCII by hand, and knowing it again, is faster than the call of a decoder. */
const SHORT_TEXT_BYTES = 64;

/**
 * Reads one value that fills `bytes` and has at most `mostValues` others within, which bounds memory: an
 * empty map is one byte here, but fifty of the heap. Throws HearsayError INVALID, or TOO_LARGE past a limit.
 */
export function unpackStrictly(bytes: Uint8Array, mostValues: number): unknown {
  return new Unpacker(bytes, mostValues).whole();
}

class Unpacker {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #depth = 0;
  #valuesLeft: number;

  constructor(bytes: Uint8Array, mostValues: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#valuesLeft = mostValues;
  }

  whole(): unknown {
    const value = this.#value();
    if (this.#at !== this.#bytes.length) throw malformed('bytes after its end');
    return value;
  }

  #value(): unknown {
    const first = this.#byte();
    if (first < 0x80) return first;
    if (first < 0x90) return this.#map(first & 0x0f);
    if (first < 0xa0) return this.#list(first & 0x0f);
    if (first < 0xc0) return this.#text(first & 0x1f);
    if (first >= 0xe0) return first - 0x100;
    switch (first) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#binary(this.#byte());
      case 0xc5:
        return this.#binary(this.#view.getUint16(this.#skip(2)));
      case 0xc6:
        return this.#binary(this.#view.getUint32(this.#skip(4)));
      case 0xca:
        return this.#view.getFloat32(this.#skip(4));
      case 0xcb:
        return this.#view.getFloat64(this.#skip(8));
      case 0xcc:
        return this.#byte();
      case 0xcd:
        return this.#view.getUint16(this.#skip(2));
      case 0xce:
        return this.#view.getUint32(this.#skip(4));
      case 0xcf:
        return safe(this.#view.getBigUint64(this.#skip(8)));
      case 0xd0:
        return this.#view.getInt8(this.#skip(1));
      case 0xd1:
        return this.#view.getInt16(this.#skip(2));
      case 0xd2:
        return this.#view.getInt32(this.#skip(4));
      case 0xd3:
        return safe(this.#view.getBigInt64(this.#skip(8)));
      case 0xd9:
        return this.#text(this.#byte());
      case 0xda:
        return this.#text(this.#view.getUint16(this.#skip(2)));
      case 0xdb:
        return this.#text(this.#view.getUint32(this.#skip(4)));
      case 0xdc:
        return this.#list(this.#view.getUint16(this.#skip(2)));
      case 0xdd:
        return this.#list(this.#view.getUint32(this.#skip(4)));
      case 0xde:
        return this.#map(this.#view.getUint16(this.#skip(2)));
      case 0xdf:
        return this.#map(this.#view.getUint32(this.#skip(4)));
      default:
        throw malformed(`msgpack of type 0x${first.toString(16)} has no place in it`);
    }
  }

  #list(length: number): unknown[] {
    this.#enter(length);
    const list: unknown[] = new Array(length);
    for (let i = 0; i < length; i++) list[i] = this.#value();
    this.#depth--;
    return list;
  }

  #map(size: number): Record<string, unknown> {
    this.#enter(2 * size);
    const map: Record<string, unknown> = {};
    for (let i = 0; i < size; i++) {
      const key = this.#value();
      if (typeof key !== 'string') throw malformed('a key of a map is no text');
      if (key === '__proto__') throw malformed('a key of a map is __proto__');
      map[key] = this.#value();
    }
    this.#depth--;
    return map;
  }

  /** A list or map with so many values begins; each of them takes a byte at least. */
  #enter(values: number): void {
    if (values > this.#bytes.length - this.#at) throw cutShort();
    if (++this.#depth > LIMITS.frameNesting) {
      throw tooLarge(`more than ${LIMITS.frameNesting} lists and maps within each other`);
    }
    this.#valuesLeft -= values;
    if (this.#valuesLeft < 0) throw tooLarge('too many values');
  }

  #text(length: number): string {
    const start = this.#skip(length);
    const end = this.#at;
    if (length > SHORT_TEXT_BYTES) return UTF8.decode(this.#bytes.subarray(start, end));
    return shortText(this.#bytes, start, end) ?? UTF8.decode(this.#bytes.subarray(start, end));
  }

  /** A copy: what came in with it can be freed. */
  #binary(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.slice(start, this.#at);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw cutShort();
    return byte;
  }

  /** Goes past the next `length` bytes and answers where they begin. */
  #skip(length: number): number {
    const start = this.#at;
    this.#at = start + length;
    if (this.#at > this.#bytes.length) throw cutShort();
    return start;
  }
}

/** Short texts that were read lately: keys, names, sessions and users come again and again. */
const lately: string[] = Array.from({ length: 1024 }, () => '');

/** ASCII as a text, or null when there is more than that. */
function shortText(bytes: Uint8Array, start: number, end: number): string | null {
  const length = end - start;
  const slot = (length + 37 * (bytes[start] ?? 0) + 171 * (bytes[end - 1] ?? 0)) & 1023;
  const known = lately[slot] as string;
  if (known.length === length && spells(known, bytes, start)) return known;
  let text = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x80) return null;
    text += String.fromCharCode(byte);
  }
  lately[slot] = text;
  return text;
}

function spells(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = text.length - 1; i >= 0; i--) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}

function cutShort(): HearsayError {
  return malformed('it ends too early');
}

/** A 64-bit number, which other languages write where ours writes a float64. */
function safe(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw malformed(`${value} is too great a number`);
}
