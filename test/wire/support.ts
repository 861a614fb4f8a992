/** Frames by hand: what a well-behaved writer never sends. */

import { HearsayError } from '../../src/base/errors.js';
import { decodeFrame, encodeFrames } from '../../src/wire/codec.js';
import type { Message } from '../../src/wire/messages.js';
import { pack } from '../../src/wire/msgpack.js';

/** The error's code, or the messages when the frame was read. What was read can be written again. */
export function outcomeOf(bytes: Uint8Array): string | Message[] {
  try {
    const messages = decodeFrame(bytes);
    encodeFrames(messages);
    return messages;
  } catch (error) {
    if (!(error instanceof HearsayError)) throw error;
    if (error.code !== 'INVALID' && error.code !== 'TOO_LARGE') throw error;
    return error.code;
  }
}

/** The fields of an update in which everything is right but what `args` says. */
export const updateFields = (args: unknown): unknown[] => [
  1,
  'session-1',
  1,
  0,
  [1_800_000_000_000, 0],
  0,
  null,
  'set',
  args,
  '42',
  10_000,
  ['rm-1'],
];

export const UPDATE = 30;

/** A frame of one message with one origin and one timestamp, `{rm-1.x7~1: 5}`. */
export const frameOf = (number: unknown, fields: unknown): Uint8Array =>
  pack([['rm-1.x7~1'], [[0, 5]], [[number, fields]]]);

/** The marker that `argumentBytes` puts its own bytes in place of. */
const MARKER = 'HERE-COMES-SOMETHING-ELSE';

/** The frame of an update whose argument `a` is these bytes. */
export function frameWithArgument(bytes: readonly number[]): Uint8Array {
  const frame = Buffer.from(frameOf(UPDATE, updateFields({ a: MARKER })));
  const at = frame.indexOf(MARKER) - 1;
  return Buffer.concat([
    frame.subarray(0, at),
    Uint8Array.from(bytes),
    frame.subarray(at + 1 + MARKER.length),
  ]);
}
