/**
 * msgpack as every other language writes it: objects as maps with string keys, the shortest form of
 * everything, no extension of msgpackr's own. Whole numbers outside 32 bits travel as float64. What comes from outside
 * is read by unpack.ts instead; `unpack` is for what this process or its predecessor wrote.
 */

import { Packr } from 'msgpackr';

const packr = new Packr({
  useRecords: false,
  variableMapSize: true,
  encodeUndefinedAsNil: true,
  // Else a map from outside with keys `constructor` and `toJSON` would have its `toJSON` called.
  useToJSON: false,
});

/** Encodes a value; the bytes are the caller's to keep. */
export function pack(value: unknown): Uint8Array {
  return packr.pack(value);
}

/** Decodes one value; throws when the bytes are no msgpack, end early or go on after it. */
export function unpack(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}
