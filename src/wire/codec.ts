/**
 * Messages to frames and back. Whatever came is checked here, once: past this file there are only
 * well-formed messages. A frame that is not is refused as a whole, with words that say what was wrong.
 */

import { assert } from '../base/assert.js';
import { HearsayError } from '../base/errors.js';
import { LIMITS } from '../base/limits.js';
import { CODECS } from './codecs.js';
import type { Field } from './fields.js';
import { FrameReader, FrameWriter, listOf, shown } from './frame.js';
import type { Message, MessageKind } from './messages.js';
import { pack } from './msgpack.js';
import { malformed, tooLarge, unpackStrictly } from './unpack.js';

/** Versions of the protocol that this code speaks. */
export const PROTOCOL_VERSIONS = [3, 3] as const;

/** Values in a frame: our own are of LIMITS.messageBytes at most, and each value is a byte at least. */
const FRAME_VALUES = LIMITS.messageBytes;

/** A codec with its message type forgotten: the tables below only put kind and codec together. */
interface AnyCodec {
  readonly number: number;
  readonly body: Field<unknown>;
}

const BY_KIND = CODECS as unknown as Readonly<Record<MessageKind, AnyCodec>>;

const KINDS = Object.keys(CODECS) as MessageKind[];

const BY_NUMBER: readonly (readonly [MessageKind, AnyCodec] | undefined)[] = KINDS.reduce(
  (table, kind) => {
    const codec = BY_KIND[kind];
    assert(table[codec.number] === undefined, `message number ${codec.number} is used twice`);
    table[codec.number] = [kind, codec];
    return table;
  },
  [] as [MessageKind, AnyCodec][],
);

/** A frame ends where its timestamps have so many entries: their names alone may be 64 bytes each. */
const FRAME_ENTRIES = 8 * LIMITS.timestampEntries;

/**
 * Encodes messages, in order, as one frame or, past the limits, several. A single message above
 * LIMITS.messageBytes throws HearsayError TOO_LARGE.
 */
export function encodeFrames(messages: readonly Message[]): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let from = 0; from < messages.length; ) {
    const { frame, count } = encodeFrame(messages, from);
    const taken = messages.slice(from, from + count);
    if (frame.length <= LIMITS.messageBytes) frames.push(frame);
    else frames.push(...encodeHalves(taken, frame.length));
    from += count;
  }
  return frames;
}

/** Messages that are too large for one frame, in two or more. */
function encodeHalves(messages: readonly Message[], bytes: number): Uint8Array[] {
  if (messages.length === 1) {
    const kilobytes = Math.ceil(bytes / 1024);
    const limit = LIMITS.messageBytes / 1024;
    throw new HearsayError(
      'TOO_LARGE',
      `a message of ${kilobytes} KiB is above the limit of ${limit} KiB; ask for less at a time`,
    );
  }
  const half = messages.length >> 1;
  return [...encodeFrames(messages.slice(0, half)), ...encodeFrames(messages.slice(half))];
}

/** One frame of as many messages as go into it, from `from` on. */
function encodeFrame(
  messages: readonly Message[],
  from: number,
): { readonly frame: Uint8Array; readonly count: number } {
  const writer = new FrameWriter();
  const encoded: unknown[] = [];
  for (let at = from; at < messages.length; at++) {
    const message = messages[at] as Message;
    const codec = BY_KIND[message.kind];
    encoded.push([codec.number, codec.body.write(message, writer)]);
    if (encoded.length === LIMITS.frameMessages || writer.entries >= FRAME_ENTRIES) break;
  }
  return { frame: pack([writer.origins, writer.timestamps, encoded]), count: encoded.length };
}

/** Decodes a frame; throws HearsayError INVALID, or TOO_LARGE past a limit, that says what was wrong. */
export function decodeFrame(bytes: Uint8Array): Message[] {
  const parts = listOf(unpackStrictly(bytes, FRAME_VALUES), 'a frame');
  if (parts.length !== 3) throw malformed('a frame is a list of origins, timestamps and messages');
  const reader = new FrameReader(parts[0], parts[1]);
  const messages = listOf(parts[2], 'messages');
  if (messages.length > LIMITS.frameMessages) {
    throw tooLarge(`more than ${LIMITS.frameMessages} messages`);
  }
  return messages.map((message) => decodeMessage(message, reader));
}

function decodeMessage(value: unknown, reader: FrameReader): Message {
  const [number, fields] = listOf(value, 'a message');
  const known = typeof number === 'number' ? BY_NUMBER[number] : undefined;
  if (known === undefined) throw malformed(`unknown message type ${shown(number)}`);
  const [kind, codec] = known;
  // A copy with `kind` in it would take as long as reading the fields does.
  const message = codec.body.read(fields, reader) as { kind: MessageKind };
  message.kind = kind;
  return message as Message;
}
