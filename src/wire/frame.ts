/**
 * What a frame carries besides messages: every origin's name and every timestamp once, however many
 * messages name it. Timestamps are immutable values, so that the same object is the same timestamp:
 * the answers to a hundred queries of one moment carry theirs once.
 *
 * A frame is the msgpack of `[origins, timestamps, messages]`: a list of texts; a list of flat lists
 * `[origin index, count, origin index, count, …]`; and the messages, which name timestamps by index.
 */

import { type Origin, isOrigin } from '../base/ids.js';
import { LIMITS } from '../base/limits.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { malformed, tooLarge } from './unpack.js';

/** Gathers the tables of a frame while its messages are written. */
export class FrameWriter {
  readonly origins: Origin[] = [];
  readonly timestamps: number[][] = [];
  readonly #originIndex = new Map<Origin, number>();
  readonly #timestampIndex = new Map<VectorTimestamp, number>();
  /** Entries of all timestamps together. */
  entries = 0;

  origin(origin: Origin): number {
    let index = this.#originIndex.get(origin);
    if (index === undefined) {
      index = this.origins.push(origin) - 1;
      this.#originIndex.set(origin, index);
    }
    return index;
  }

  timestamp(timestamp: VectorTimestamp): number {
    const known = this.#timestampIndex.get(timestamp);
    if (known !== undefined) return known;
    const flat: number[] = [];
    this.entries += timestamp.size;
    for (const [origin, count] of timestamp.entries()) flat.push(this.origin(origin), count);
    const index = this.timestamps.push(flat) - 1;
    this.#timestampIndex.set(timestamp, index);
    return index;
  }
}

/** Checks the tables of a frame that came, and hands out what its messages name. */
export class FrameReader {
  readonly #origins: readonly Origin[];
  readonly #timestamps: readonly VectorTimestamp[];

  constructor(origins: unknown, timestamps: unknown) {
    this.#origins = listOf(origins, 'origins').map((origin) => {
      if (typeof origin !== 'string' || !isOrigin(origin)) {
        throw malformed(`${shown(origin)} is no origin`);
      }
      return origin;
    });
    this.#timestamps = listOf(timestamps, 'timestamps').map((flat) => this.#read(flat));
  }

  origin(index: number): Origin {
    const origin = this.#origins[index];
    if (origin === undefined) throw malformed(`there is no origin ${index}`);
    return origin;
  }

  timestamp(index: number): VectorTimestamp {
    const timestamp = this.#timestamps[index];
    if (timestamp === undefined) throw malformed(`there is no timestamp ${index}`);
    return timestamp;
  }

  /** PROTOCOL A15: whole numbers, safe, not negative, bounded in number; NaN never gets past here. */
  #read(flat: unknown): VectorTimestamp {
    const numbers = listOf(flat, 'timestamp');
    if (numbers.length % 2 !== 0) throw malformed('a timestamp has an origin without a count');
    if (numbers.length > 2 * LIMITS.timestampEntries) {
      throw tooLarge(`a timestamp of more than ${LIMITS.timestampEntries} entries`);
    }
    const entries: [Origin, number][] = [];
    for (let i = 0; i < numbers.length; i += 2) {
      const index = numbers[i];
      const count = numbers[i + 1];
      if (typeof index !== 'number' || !Number.isSafeInteger(count) || (count as number) < 0) {
        throw malformed(`a timestamp's count must be a whole number >= 0, not ${shown(count)}`);
      }
      entries.push([this.origin(index), count as number]);
    }
    return VectorTimestamp.of(entries);
  }
}

/** A value that came, for a message: short, whatever it is. */
export function shown(raw: unknown): string {
  const isNamed = typeof raw === 'number' || raw === undefined;
  return (isNamed ? String(raw) : JSON.stringify(raw)).slice(0, 80);
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(`${what} must be a list`);
  return value;
}
