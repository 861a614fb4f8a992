/**
 * For the tests of the logs: histories of records whose `prev` names records that really were made, and
 * entries of the forced log.
 */

import fc from 'fast-check';
import type { MemberId, Origin, SessionId } from '../../src/base/ids.js';
import type { ForcedEntry } from '../../src/log/forced-log.js';
import type { LogRecord, UpdateBody } from '../../src/log/record.js';
import type { Ballot } from '../../src/timestamp/ballot.js';
import { type TimestampView, VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';

export const ORIGINS = ['rm-1.x7~1', 'rm-2.x7~1', 'rm-3.x7~1', 'rm-4.x7~1'] as Origin[];

export const originAt = (index: number): Origin => ORIGINS[index % ORIGINS.length] as Origin;

export const session = (index: number): SessionId => `session-${index}` as SessionId;

export interface Sequenced {
  readonly origin: Origin;
  readonly seq: number;
  readonly prev: VectorTimestamp;
}

export const dotOf = ({ origin, seq }: Sequenced): string => `${origin}:${seq}`;

/** Records in an order in which they may have been made; each depends on what its maker had seen. */
export const aHistory = (maxLength: number): fc.Arbitrary<Sequenced[]> =>
  fc
    .array(fc.tuple(fc.nat({ max: ORIGINS.length - 1 }), fc.array(fc.nat(), { maxLength: 3 })), {
      maxLength,
    })
    .map((steps) => {
      const made: Sequenced[] = [];
      const counts = new Map<Origin, number>();
      for (const [maker, seen] of steps) {
        const origin = originAt(maker);
        const seq = (counts.get(origin) ?? 0) + 1;
        counts.set(origin, seq);
        let prev = VectorTimestamp.zero;
        for (const index of seen) {
          const other = made[index % Math.max(made.length, 1)];
          if (other !== undefined) prev = prev.merge(other.prev.with(other.origin, other.seq));
        }
        made.push({ origin, seq, prev });
      }
      return made;
    });

export const isReady = (record: Sequenced, done: TimestampView): boolean =>
  record.seq === done.get(record.origin) + 1 && record.prev.leq(done);

export const aBody = (index: number, n: number, digest = '0'.repeat(32)): UpdateBody => ({
  session: session(index),
  n,
  digest,
  stamp: { physicalMs: n, logical: 0 },
  operation: 'set',
  args: { key: 'k', value: n },
  user: '42',
});

export const aRecord = (origin: Origin, seq: number, body: UpdateBody): LogRecord => ({
  origin,
  seq,
  prev: VectorTimestamp.zero,
  body,
});

export const ballot = (n: number, owner = 'rm-1.x7'): Ballot => ({ n, owner: owner as MemberId });

interface EntryInit {
  readonly body?: UpdateBody;
  readonly born?: Ballot;
  readonly committed?: number;
  readonly prev?: VectorTimestamp;
  readonly answered?: number;
}

/** An entry of the forced log: update `seq` of session 0, unless `body` says otherwise. */
export const anUpdateEntry = (
  seq: number,
  init: EntryInit = {},
): Extract<ForcedEntry, { kind: 'update' }> => ({
  kind: 'update',
  seq,
  born: init.born ?? ballot(1),
  committed: init.committed ?? 0,
  prev: init.prev ?? VectorTimestamp.zero,
  body: init.body ?? aBody(0, seq),
  answered: init.answered ?? 0,
});

export const aNoOp = (seq: number, born = ballot(1)): ForcedEntry => ({
  kind: 'no-op',
  seq,
  born,
  committed: 0,
  prev: VectorTimestamp.zero,
});
