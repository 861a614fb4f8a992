/**
 * How a group of records lies in LevelDB: the key is its number, the value a checksum, the number of
 * the group before, and the bytes. The checksum covers the key as well: no value passes for another.
 */

import { crc32 } from 'node:zlib';

const CHECKSUM_BYTES = 4;
const HEADER_BYTES = CHECKSUM_BYTES + 8;
const KEY_BYTES = 9;

/** Keys of one kind begin with the same byte: `group` = the log, `later` = groups after damage. */
const PREFIXES = { group: 'g', later: 'l' } as const;
export type KeyKind = keyof typeof PREFIXES;

/** Sorts by number within its kind. */
export function groupKey(kind: KeyKind, number: number): Buffer {
  const key = Buffer.alloc(KEY_BYTES);
  key.write(PREFIXES[kind]);
  key.writeBigUInt64BE(BigInt(number), 1);
  return key;
}

/** Bounds of all keys of one kind, from `firstNumber` on. */
export function groupRange(kind: KeyKind, firstNumber = 0): { gte: Buffer; lt: Buffer } {
  const end = Buffer.from(PREFIXES[kind]);
  end[0] = (end[0] ?? 0) + 1;
  return { gte: groupKey(kind, firstNumber), lt: end };
}

/** The number in a key; 0, which no group has, when the key is damaged. */
export function groupNumber(key: Buffer): number {
  return key.length === KEY_BYTES ? Number(key.readBigUInt64BE(1)) : 0;
}

export function encodeGroup(number: number, bytes: Uint8Array): Buffer {
  const value = Buffer.allocUnsafe(HEADER_BYTES + bytes.length);
  value.writeBigUInt64BE(BigInt(number - 1), CHECKSUM_BYTES);
  value.set(bytes, HEADER_BYTES);
  value.writeUInt32BE(checksum(number, value), 0);
  return value;
}

/** The bytes of group `number`, or null when the value is not what was written for it. */
export function decodeGroup(number: number, value: Buffer): Uint8Array | null {
  if (value.length < HEADER_BYTES) return null;
  if (value.readUInt32BE(0) !== checksum(number, value)) return null;
  if (value.readBigUInt64BE(CHECKSUM_BYTES) !== BigInt(number - 1)) return null;
  return value.subarray(HEADER_BYTES);
}

function checksum(number: number, value: Buffer): number {
  return crc32(value.subarray(CHECKSUM_BYTES), crc32(groupKey('group', number)));
}
