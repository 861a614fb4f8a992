/** Histories for the tests of the log: records whose `prev` names records that really were made. */

import fc from 'fast-check';
import type { Origin, SessionId } from '../../src/base/ids.js';
import type { LogRecord, UpdateBody } from '../../src/log/record.js';
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
