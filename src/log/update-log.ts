/**
 * The update log (Ladin et al., section 2.4): every record this replica has, in the order in which it
 * stored them. That order is causal (PROTOCOL A3: a record is stored only after all its `prev` names),
 * it is the order on disk, and gossip goes in it; so a prefix of it is always causally closed, and
 * "durable" is a prefix.
 */

import { assert } from '../base/assert.js';
import type { Origin, SessionId } from '../base/ids.js';
import type {
  MissingRange,
  TimestampView,
  VectorTimestamp,
} from '../timestamp/vector-timestamp.js';
import type { LogRecord, UpdateBody, UpdateId } from './record.js';

/** One update as the log knows it: its body, and the places of its one or two records. */
export interface HeldUpdate {
  readonly body: UpdateBody;
  /** Positions in the log, ascending. */
  readonly positions: number[];
  /** One of its records was executed, so no other one executes it again. */
  executed: boolean;
  /** Greatest number of bytes that the body takes when it travels. */
  readonly weight: number;
}

export class UpdateLog {
  readonly #records: LogRecord[] = [];
  /** The update of the record at each position. */
  readonly #held: HeldUpdate[] = [];
  /** Per origin the position of each record; seq s stands at index s - 1. */
  readonly #positions = new Map<Origin, number[]>();
  /** By session and n: nearly always one update, two when a client lied (PROTOCOL A6). */
  readonly #updates = new Map<string, HeldUpdate[]>();

  get length(): number {
    return this.#records.length;
  }

  /** The record at a position, 0 to `length` - 1. */
  at(position: number): LogRecord {
    const record = this.#records[position];
    assert(record !== undefined, `no record at position ${position}`);
    return record;
  }

  /** The update that the record at a position belongs to. */
  heldAt(position: number): HeldUpdate {
    const held = this.#held[position];
    assert(held !== undefined, `no record at position ${position}`);
    return held;
  }

  contains(origin: Origin, seq: number): boolean {
    return seq >= 1 && seq <= (this.#positions.get(origin)?.length ?? 0);
  }

  /** The update that the record with this name belongs to; it must be in the log. */
  heldBy(origin: Origin, seq: number): HeldUpdate {
    const position = this.#positions.get(origin)?.[seq - 1];
    assert(position !== undefined, `no record ${origin}:${seq}`);
    return this.heldAt(position);
  }

  /** Appends the next record of its origin and answers the update it belongs to. */
  append(record: LogRecord): HeldUpdate {
    let positions = this.#positions.get(record.origin);
    if (positions === undefined) this.#positions.set(record.origin, (positions = []));
    assert(
      record.seq === positions.length + 1,
      `${record.origin}:${record.seq} does not follow ${positions.length}`,
    );
    const position = this.#records.length;
    positions.push(position);
    const held = this.find(record.body) ?? this.#hold(record.body);
    held.positions.push(position);
    this.#held.push(held);
    // A second record shares the body of the first: it is kept once.
    this.#records.push(held.body === record.body ? record : { ...record, body: held.body });
    return held;
  }

  /** The update with this id and body, if the log holds a record of it. */
  find(id: UpdateId): HeldUpdate | undefined {
    return this.withNumber(id.session, id.n).find((held) => held.body.digest === id.digest);
  }

  /** All updates under one number of a session; more than one only when a client lied. */
  withNumber(session: SessionId, n: number): readonly HeldUpdate[] {
    return this.#updates.get(`${session}:${n}`) ?? [];
  }

  /** The first position that `known` does not cover; `length` when it covers the whole log. */
  firstUncovered(known: TimestampView): number {
    let first = this.length;
    for (const [origin, positions] of this.#positions) {
      const position = positions[known.get(origin)];
      if (position !== undefined && position < first) first = position;
    }
    return first;
  }

  /** The records in these ranges that stand before position `end`, in log order, at most `most`. */
  inRanges(ranges: readonly MissingRange[], end: number, most: number): LogRecord[] {
    const found: number[] = [];
    const seen = new Set<Origin>();
    for (const { origin, from, to } of ranges) {
      // One range an origin: whoever sends more, overlapping ones perhaps, gets the first.
      if (seen.has(origin)) continue;
      seen.add(origin);
      const positions = this.#positions.get(origin) ?? [];
      const last = Math.min(to, positions.length, from + most - 1);
      for (let seq = from; seq <= last; seq++) {
        const position = positions[seq - 1] as number;
        if (position < end) found.push(position);
      }
    }
    found.sort((a, b) => a - b);
    return found.slice(0, most).map((position) => this.at(position));
  }

  #hold(body: UpdateBody): HeldUpdate {
    const held: HeldUpdate = { body, positions: [], executed: false, weight: weightOf(body) };
    const number = `${body.session}:${body.n}`;
    const others = this.#updates.get(number);
    if (others === undefined) this.#updates.set(number, [held]);
    else others.push(held);
    return held;
  }
}

/** Greatest number of bytes that a timestamp takes in a frame for each of its entries, names apart. */
const ENTRY_BYTES = 8;

/** An upper bound on the encoded size of what an update depends on. */
export const weightOfPast = (prev: VectorTimestamp): number => ENTRY_BYTES * prev.size;

/** An upper bound on the encoded size: a UTF-16 unit takes three bytes at most. */
export function weightOf(body: UpdateBody): number {
  let units = body.operation.length + body.user.length + body.session.length;
  for (const value of Object.values(body.args)) {
    units += 32 + (typeof value === 'string' ? value.length : (JSON.stringify(value) ?? '').length);
  }
  return 64 + 3 * units;
}
