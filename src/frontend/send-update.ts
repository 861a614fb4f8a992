/** Sending an update to replicas, causal or forced: the request is the same. */

import type { Name } from '../base/ids.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { PendingForced, PendingUpdate, Replica } from './state.js';
import { trace, type Turn } from './turn.js';

/** Share of the time left that a replica may use, so that its answer still reaches the client. */
const REPLICA_SHARE = 0.9;

export const replicaTimeoutMs = (deadlineMs: number, nowMs: number): number =>
  Math.max(1, Math.floor((deadlineMs - nowMs) * REPLICA_SHARE));

/** A request's past in its one or two forms. */
export const pastOf = (
  prev: VectorTimestamp,
  alternative: VectorTimestamp | undefined,
): { readonly prev: VectorTimestamp; readonly alternative?: VectorTimestamp } =>
  alternative === undefined ? { prev } : { prev, alternative };

/** Sends it to all of these; `detail` is for the story. */
export function sendUpdate(
  turn: Turn,
  pending: PendingUpdate | PendingForced,
  asked: readonly Replica[],
  detail?: string,
): void {
  if (asked.length === 0) return;
  const { request } = pending;
  const names: Name[] = asked.map(({ name }) => name);
  const message = {
    kind: 'update',
    requestId: pending.requestIds[0] as number,
    session: request.session,
    n: request.n,
    answered: request.answered,
    stamp: request.stamp,
    ...pastOf(request.prev, request.alternative),
    operation: request.operation,
    args: request.args,
    user: request.user,
    timeoutMs: replicaTimeoutMs(pending.deadlineMs, turn.nowMs),
    // Nobody sends the body of a forced update onward: the primary does.
    holders: pending.kind === 'update' ? names : [],
  } as const;
  pending.wasSent = true;
  for (const replica of asked) {
    if (replica.link === null) continue;
    pending.tried.add(replica.name);
    // Asked again after a new connection: what it said before counts no more.
    pending.declined.delete(replica.name);
    pending.outstanding.set(replica.name, { link: replica.link, atMs: turn.nowMs });
    turn.effects.push({ kind: 'send', link: replica.link, message });
  }
  trace(turn, () => ({
    event: `update ${request.operation}`,
    id: `${request.session}:${request.n}`,
    to: names.join(' '),
    before: request.prev,
    ...(detail === undefined ? {} : { detail }),
  }));
}
