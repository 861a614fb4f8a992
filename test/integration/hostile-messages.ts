/** Requests that would be answered as they are; tests of hostile input change one thing in them. */

import type { SessionId } from '../../src/base/ids.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { ClientQuery, ClientUpdate, Query, Update } from '../../src/wire/messages.js';

export const SESSION = 'hostile-session' as SessionId;

export const QUERY: ClientQuery = {
  kind: 'client-query',
  requestId: 1,
  session: SESSION,
  prev: VectorTimestamp.zero,
  consistency: 'auto',
  operation: 'get',
  args: { key: 'hostile' },
  user: '1',
  timeoutMs: 30_000,
};

let nextN = 1;

/** An update of the hostile session that was never sent before. */
export function newUpdate(change: Partial<ClientUpdate> = {}): ClientUpdate {
  return {
    kind: 'client-update',
    requestId: 1,
    session: SESSION,
    n: nextN++,
    answered: 0,
    attempt: 1,
    stamp: { physicalMs: Date.now(), logical: 0 },
    prev: VectorTimestamp.zero,
    operation: 'set',
    args: { key: 'hostile', value: 1 },
    user: '1',
    minCopies: 1,
    timeoutMs: 30_000,
    ...change,
  };
}

export const replicaQuery = (requestId: number): Query => ({
  kind: 'query',
  requestId,
  prev: VectorTimestamp.zero,
  collect: false,
  precondition: null,
  operation: 'get',
  args: { key: 'hostile' },
  user: '',
  timeoutMs: 10_000,
});

export const replicaUpdate = (requestId: number, change: Partial<Update> = {}): Update => {
  const { session, n, answered, stamp, prev, operation, args, user, timeoutMs } = newUpdate();
  const body = { session, n, answered, stamp, prev, operation, args, user, timeoutMs };
  return { kind: 'update', requestId, ...body, holders: [], ...change };
};
