/**
 * What is in an update log. One update may have two records, made by the two replicas that took it
 * (as in Ladin et al., section 2.4); both share one body.
 */

import type { Origin, SessionId } from '../base/ids.js';
import type { Stamp } from '../timestamp/stamp.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';

/** Names an update: the session, its n-th update, and which body (PROTOCOL A6). */
export interface UpdateId {
  readonly session: SessionId;
  readonly n: number;
  readonly digest: string;
}

/** What the client sent, the same in every record and every retry of it. */
export interface UpdateBody extends UpdateId {
  readonly stamp: Stamp;
  readonly operation: string;
  /** Checked by the service's schema at the replica that took it. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly user: string;
}

export interface LogRecord {
  /** The start of the replica that made this record, and its count there: 1, 2, 3 … */
  readonly origin: Origin;
  readonly seq: number;
  /** What this update depends on: it executes where the state covers `prev`. */
  readonly prev: VectorTimestamp;
  readonly body: UpdateBody;
}

/** A second record of an update whose body the receiver is known to have (PROTOCOL A4). */
export interface AliasRecord {
  readonly origin: Origin;
  readonly seq: number;
  readonly prev: VectorTimestamp;
  readonly id: UpdateId;
}

/** A record as it travels: with its body, or as an alias. */
export type TravellingRecord = LogRecord | AliasRecord;

export const isAlias = (record: TravellingRecord): record is AliasRecord => 'id' in record;

export const idOf = (record: TravellingRecord): UpdateId =>
  isAlias(record) ? record.id : record.body;

/** The timestamp of the update by this record: `prev` with the record's own entry (PROTOCOL A2.4). */
export const timestampOf = (record: LogRecord): VectorTimestamp =>
  record.prev.with(record.origin, record.seq);

/** Two bodies under one id are two updates: the digest belongs to the key. */
export const keyOf = (id: UpdateId): string => `${id.session}:${id.n}:${id.digest}`;
