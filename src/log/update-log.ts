/**
 * The update log (Ladin et al., section 2.4): the records this replica has, in the order in which it
 * stored them. That order is causal (PROTOCOL A3: a record is stored only after all its `prev` names),
 * it is the order on disk, and gossip goes in it; so a prefix of it is always causally closed, and
 * "durable" is a prefix. So is what was collected because nobody needs it any more (A13): a position
 * names the same record for ever, and the first that is still here stands at `base`.
 *
 * Invariant: a body is here as long as a record of its update is, and whoever reads the journal from
 * `base` on finds it there, or in `keptAt(base).bodies`.
 */

import { assert } from '../base/assert.js';
import type { Origin, SessionId } from '../base/ids.js';
import {
  type MissingRange,
  type TimestampView,
  VectorTimestamp,
} from '../timestamp/vector-timestamp.js';
import type { LogRecord, UpdateBody, UpdateId } from './record.js';

/** What is left of a log where it was collected. */
export interface KeptLog {
  /** Positions below are collected. */
  readonly base: number;
  /** How many records of each origin those are. */
  readonly collected: VectorTimestamp;
  /** Bodies of executed updates with collected records, where later records share them. */
  readonly bodies: readonly UpdateBody[];
}

export const NOTHING_COLLECTED: KeptLog = {
  base: 0,
  collected: VectorTimestamp.zero,
  bodies: [],
};

/** One update as the log knows it: its body, and the places of its one or two records. */
export interface HeldUpdate {
  readonly body: UpdateBody;
  /** Positions in the log, ascending, of records that are not collected. */
  readonly positions: number[];
  /** One of its records was executed, so no other one executes it again. */
  executed: boolean;
  /** Greatest number of bytes that the body takes when it travels. */
  readonly weight: number;
  /** The record that has the body on disk: those after it are aliases there. -1: a snapshot has it. */
  bodyAt: number;
}

/** The records of one origin. */
interface OriginRecords {
  /** Records 1 to this one are collected. */
  collected: number;
  /** Where the others stand: record s at index s - collected - 1. */
  readonly positions: number[];
  /** Nobody is to get them any more (PROTOCOL D9). */
  isForgotten: boolean;
}

export class UpdateLog {
  #base: number;
  /** A snapshot may begin here, without the bodies below that no later record shared: a next one brings its own. */
  #givenOut = Number.NEGATIVE_INFINITY;
  /** Both from `#base` on: the record at each position, and its update. */
  readonly #records: LogRecord[] = [];
  readonly #held: HeldUpdate[] = [];
  readonly #origins = new Map<Origin, OriginRecords>();
  /** By session and n: nearly always one update, two when a client lied (PROTOCOL A6). */
  readonly #updates = new Map<string, HeldUpdate[]>();
  /** Updates whose records were all collected when this log began; null once no other record can come. */
  #begunWith: { readonly collected: VectorTimestamp; readonly updates: HeldUpdate[] } | null;

  constructor({ base, collected, bodies }: KeptLog = NOTHING_COLLECTED) {
    this.#base = base;
    for (const [origin, count] of collected) {
      this.#origins.set(origin, { collected: count, positions: [], isForgotten: false });
    }
    const updates = bodies.map((body) => this.#hold(body, { executed: true, position: -1 }));
    this.#begunWith = updates.length === 0 ? null : { collected, updates };
  }

  /** Positions below are collected. */
  get base(): number {
    return this.#base;
  }

  /** The position of the next record. */
  get length(): number {
    return this.#base + this.#records.length;
  }

  /** Records that are here. */
  get size(): number {
    return this.#records.length;
  }

  /** The record at a position, `base` to `length` - 1. */
  at(position: number): LogRecord {
    const record = this.#records[position - this.#base];
    assert(record !== undefined, `no record at position ${position}`);
    return record;
  }

  /** The update that the record at a position belongs to. */
  heldAt(position: number): HeldUpdate {
    const held = this.#held[position - this.#base];
    assert(held !== undefined, `no record at position ${position}`);
    return held;
  }

  /** The origins of all records, collected ones too, as far as timestamps name them. */
  origins(): Origin[] {
    return [...this.#origins].flatMap(([origin, { isForgotten }]) => (isForgotten ? [] : [origin]));
  }

  /** Whether the record is here: not one that was collected. */
  contains(origin: Origin, seq: number): boolean {
    return this.#positionOf(origin, seq) !== undefined;
  }

  /** The update that the record with this name belongs to; it must be in the log. */
  heldBy(origin: Origin, seq: number): HeldUpdate {
    const position = this.#positionOf(origin, seq);
    assert(position !== undefined, `no record ${origin}:${seq}`);
    return this.heldAt(position);
  }

  /** Appends the next record of its origin and answers the update it belongs to. */
  append(record: LogRecord): HeldUpdate {
    let records = this.#origins.get(record.origin);
    if (records === undefined) {
      records = { collected: 0, positions: [], isForgotten: false };
      this.#origins.set(record.origin, records);
    }
    const last = records.collected + records.positions.length;
    assert(record.seq === last + 1, `${record.origin}:${record.seq} does not follow ${last}`);
    const position = this.length;
    records.positions.push(position);
    const held = this.find(record.body) ?? this.#hold(record.body, { executed: false, position });
    if (held.bodyAt < this.#givenOut) held.bodyAt = position;
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

  /** Whether whoever holds `known` can be given the rest: nothing of it is collected, or will be at a restart. */
  reaches(known: TimestampView): boolean {
    if (this.firstUncovered(known) < this.#givenOut) return false;
    for (const [origin, { collected, isForgotten }] of this.#origins) {
      if (!isForgotten && known.get(origin) < collected) return false;
    }
    return true;
  }

  /** The first position that `known` does not cover; `length` when it covers all that is here. */
  firstUncovered(known: TimestampView): number {
    let first = this.length;
    for (const [origin, { collected, positions, isForgotten }] of this.#origins) {
      if (isForgotten) continue;
      const position = positions[Math.max(known.get(origin) - collected, 0)];
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
      const records = this.#origins.get(origin);
      // With a gap before them the rest could not be stored.
      if (records === undefined || records.isForgotten || from <= records.collected) continue;
      const { collected, positions } = records;
      const last = Math.min(to, collected + positions.length, from + most - 1);
      for (let seq = from; seq <= last; seq++) {
        const position = positions[seq - collected - 1] as number;
        if (position < end) found.push(position);
      }
    }
    found.sort((a, b) => a - b);
    return found.slice(0, most).map((position) => this.at(position));
  }

  /** Lets go of the records below a position, all of which were executed, and of what only they need. */
  collect(upTo: number): void {
    const count = upTo - this.#base;
    if (count <= 0) return;
    assert(count <= this.#records.length, `there is no record at position ${upTo - 1}`);
    const ends = new Map<Origin, number>();
    for (const { origin, seq } of this.#records.splice(0, count)) ends.set(origin, seq);
    for (const [origin, seq] of ends) {
      const records = this.#origins.get(origin);
      assert(records !== undefined, `no records of ${origin}`);
      records.positions.splice(0, seq - records.collected);
      records.collected = seq;
      if (records.isForgotten && records.positions.length === 0) this.#origins.delete(origin);
    }
    this.#base = upTo;
    for (const held of this.#held.splice(0, count)) {
      while ((held.positions[0] ?? upTo) < upTo) held.positions.shift();
      if (held.positions.length === 0) this.#drop(held);
    }
  }

  /** An origin leaves the timestamps: its records stand where they are until they are collected. */
  forget(origin: Origin): void {
    const records = this.#origins.get(origin);
    if (records === undefined) return;
    if (records.positions.length === 0) this.#origins.delete(origin);
    else records.isForgotten = true;
  }

  /**
   * Everybody else has, or once had, all that `known` covers: of the updates that came with a snapshot,
   * and are covered, no other record will come, and what has no record here is let go.
   */
  settle(known: TimestampView): void {
    const begunWith = this.#begunWith;
    if (begunWith === null || !begunWith.collected.leq(known)) return;
    this.#begunWith = null;
    for (const held of begunWith.updates) if (held.positions.length === 0) this.#drop(held);
  }

  /** What a log that begins at a position, `base` or above, has to know of what was before. */
  keptAt(base: number): KeptLog {
    assert(base >= this.#base && base <= this.length, `the log has no position ${base}`);
    this.#givenOut = Math.max(this.#givenOut, base);
    const collected: [Origin, number][] = [];
    for (const [origin, records] of this.#origins) {
      // None of its records at or above: whoever begins there needs to know nothing of it.
      const last = records.positions.at(-1) ?? -1;
      if (records.isForgotten && last < base) continue;
      collected.push([origin, records.collected + countBelow(records.positions, base)]);
    }
    const bodies: UpdateBody[] = [];
    for (const updates of this.#updates.values()) {
      for (const { body, positions, bodyAt } of updates) {
        const isShared = (positions.at(-1) ?? base) >= base;
        if (bodyAt < base && isShared) bodies.push(body);
      }
    }
    return { base, collected: VectorTimestamp.of(collected), bodies };
  }

  /** The bodies of all updates that were executed. */
  executedBodies(): UpdateBody[] {
    const bodies: UpdateBody[] = [];
    for (const updates of this.#updates.values()) {
      for (const { body, executed } of updates) if (executed) bodies.push(body);
    }
    return bodies;
  }

  #positionOf(origin: Origin, seq: number): number | undefined {
    const records = this.#origins.get(origin);
    return records?.positions[seq - records.collected - 1];
  }

  #hold(
    body: UpdateBody,
    { executed, position }: { executed: boolean; position: number },
  ): HeldUpdate {
    const held: HeldUpdate = {
      body,
      positions: [],
      executed,
      weight: weightOf(body),
      bodyAt: position,
    };
    const number = `${body.session}:${body.n}`;
    const others = this.#updates.get(number);
    if (others === undefined) this.#updates.set(number, [held]);
    else others.push(held);
    return held;
  }

  #drop(held: HeldUpdate): void {
    const number = `${held.body.session}:${held.body.n}`;
    const others = (this.#updates.get(number) ?? []).filter((other) => other !== held);
    if (others.length === 0) this.#updates.delete(number);
    else this.#updates.set(number, others);
  }
}

/** How many of these ascending numbers are below a bound. */
function countBelow(ascending: readonly number[], bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
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
