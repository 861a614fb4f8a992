/** Updates as a front end asks for them, for tests of the forced log; a wall clock that starts somewhere. */

import type { SessionId } from '../../src/base/ids.js';
import { FORCED_ORIGIN } from '../../src/log/forced-log.js';
import type { UpdateBody } from '../../src/log/record.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { Query, Update } from '../../src/wire/messages.js';

export const WALL_MS = 1_700_000_000_000;

export interface ForcedRequestInit {
  readonly session?: string;
  readonly n?: number;
  readonly operation?: 'put' | 'take' | 'set';
  readonly amount?: number;
  readonly prev?: VectorTimestamp;
  readonly alternative?: VectorTimestamp;
  readonly answered?: number;
  readonly stampMs?: number;
  readonly digest?: string;
  readonly timeoutMs?: number;
}

interface Asked {
  readonly request: Update;
  readonly body: UpdateBody;
  readonly ordering: 'causal' | 'forced';
}

/** `set` is causal, the others are forced. */
export function requestOf(init: ForcedRequestInit, requestId: number, wallMs: number): Asked {
  const session = (init.session ?? 'session-1') as SessionId;
  const { n = 1, operation = 'put', amount = 1, timeoutMs = 5000 } = init;
  const body: UpdateBody = {
    session,
    n,
    digest: init.digest ?? `${operation}-${amount}`,
    stamp: { physicalMs: init.stampMs ?? wallMs, logical: 0 },
    operation,
    args: { amount },
    user: 'ann',
  };
  const { stamp, args, user } = body;
  const request = {
    kind: 'update',
    requestId,
    session,
    n,
    answered: init.answered ?? 0,
    stamp,
    prev: init.prev ?? VectorTimestamp.zero,
    ...(init.alternative === undefined ? {} : { alternative: init.alternative }),
    operation,
    args,
    user,
    timeoutMs,
    holders: [],
  } as const;
  const ordering = operation === 'set' ? 'causal' : 'forced';
  return { request, body, ordering };
}

/** A causal query that depends on nothing, but for `fields`. */
export const queryOf = (fields: Partial<Query>, requestId: number): Query => ({
  kind: 'query',
  requestId,
  prev: VectorTimestamp.zero,
  collect: false,
  precondition: null,
  operation: 'get',
  args: {},
  user: 'ann',
  timeoutMs: 5000,
  ...fields,
});

/** The forced entry of a timestamp. */
export const placeOf = (timestamp: VectorTimestamp): number => timestamp.get(FORCED_ORIGIN);
