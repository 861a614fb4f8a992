/**
 * A session core under test: one call an event, the effects of each call. It is woken only when it
 * asked for it, as by its driver.
 */

import { expect } from 'chai';
import type { ErrorCode } from '../../src/base/errors.js';
import type { SessionId } from '../../src/base/ids.js';
import { stepSession } from '../../src/client/session.js';
import type { SessionCall, SessionEffect, SessionEvent } from '../../src/client/session-events.js';
import { newSession, type SessionInit, type SessionState } from '../../src/client/session-state.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type {
  Answered,
  Arguments,
  ClientLookup,
  ClientQuery,
  ClientUpdate,
  Failed,
  Updated,
} from '../../src/wire/messages.js';

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;
type UpdateCall = Extract<SessionCall, { kind: 'update' }>;
type QueryCall = Extract<SessionCall, { kind: 'query' }>;
type Failure = Extract<SessionEffect, { kind: 'failed' }>;

export const kindsOf = (effects: readonly SessionEffect[]): string[] =>
  effects.map(({ kind }) => kind);

export const failures = (effects: readonly SessionEffect[]): Failure[] =>
  effects.filter((effect): effect is Failure => effect.kind === 'failed');

const messages = (
  effects: readonly SessionEffect[],
): (ClientUpdate | ClientQuery | ClientLookup)[] =>
  effects.flatMap((effect) => (effect.kind === 'send' ? [effect.message] : []));

export const sentUpdates = (effects: readonly SessionEffect[]): ClientUpdate[] =>
  messages(effects).filter((message) => message.kind === 'client-update');

/** The only update among effects. */
export function sentUpdate(effects: readonly SessionEffect[]): ClientUpdate {
  const updates = sentUpdates(effects);
  expect(updates, 'updates sent').to.have.length(1);
  return updates[0] as ClientUpdate;
}

/** The only lookup among effects. */
export function sentLookup(effects: readonly SessionEffect[]): ClientLookup {
  const lookups = messages(effects).filter((message) => message.kind === 'client-lookup');
  expect(lookups, 'lookups sent').to.have.length(1);
  return lookups[0] as ClientLookup;
}

/** The only query among effects. */
export function sentQuery(effects: readonly SessionEffect[]): ClientQuery {
  const queries = messages(effects).filter((message) => message.kind === 'client-query');
  expect(queries, 'queries sent').to.have.length(1);
  return queries[0] as ClientQuery;
}

/** Request ids count up from 1, in the order in which requests begin. */
export class TestSession {
  readonly state: SessionState;
  nowMs = 1000;
  wallMs = 1_000_000;
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(init: Partial<SessionInit> = {}, isConnected = true) {
    const session = 'session-1' as SessionId;
    this.state = newSession({ session, user: 'ann', pipeline: false, hasOthers: false, ...init });
    if (isConnected) this.connected();
  }

  step(event: WithoutTime<SessionEvent>): SessionEffect[] {
    const effects = stepSession(this.state, { ...event, nowMs: this.nowMs });
    for (const effect of effects) {
      if (effect.kind === 'wake') this.#wakeAtMs = Math.min(this.#wakeAtMs, effect.atMs);
    }
    return effects;
  }

  update(call: number, fields: Partial<UpdateCall> = {}): SessionEffect[] {
    return this.#call({
      kind: 'update',
      call,
      operation: 'set',
      args: { key: 'k', value: 1 },
      timeoutMs: 5000,
      minCopies: 1,
      hasLookup: false,
      isForced: false,
      ...fields,
    });
  }

  query(call: number, fields: Partial<QueryCall> = {}): SessionEffect[] {
    return this.#call({
      kind: 'query',
      call,
      operation: 'get',
      args: { key: 'k' },
      timeoutMs: 5000,
      consistency: 'auto',
      ...fields,
    });
  }

  connected(): SessionEffect[] {
    return this.step({ kind: 'connected' });
  }

  disconnected(): SessionEffect[] {
    return this.step({ kind: 'disconnected' });
  }

  closed(): SessionEffect[] {
    return this.step({ kind: 'closed' });
  }

  updated(requestId: number, fields: Partial<Updated> = {}): SessionEffect[] {
    const message = {
      kind: 'updated',
      requestId,
      copies: 2,
      timestamp: VectorTimestamp.zero,
      latest: { physicalMs: 0, logical: 0 },
      result: null,
      ...fields,
    } as const;
    return this.step({ kind: 'message', message });
  }

  answered(requestId: number, fields: Partial<Answered> = {}): SessionEffect[] {
    const message = {
      kind: 'answered',
      requestId,
      guarantee: 'causal',
      timestamp: VectorTimestamp.zero,
      latest: { physicalMs: 0, logical: 0 },
      value: null,
      ...fields,
    } as const;
    return this.step({ kind: 'message', message });
  }

  failed(
    requestId: number,
    code: ErrorCode,
    definite: boolean,
    message: string = code,
    fields: Pick<Failed, 'timestamp'> = {},
  ): SessionEffect[] {
    const failed = { kind: 'failed', requestId, code, message, definite, ...fields } as const;
    return this.step({ kind: 'message', message: failed });
  }

  lookedUp(requestId: number, args: Arguments): SessionEffect[] {
    return this.step({ kind: 'message', message: { kind: 'looked-up', requestId, args } });
  }

  /** Time goes by in steps of 10 ms. */
  wait(ms: number): SessionEffect[] {
    const effects: SessionEffect[] = [];
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(this.nowMs + 10, endMs);
      if (this.nowMs < this.#wakeAtMs) continue;
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      effects.push(...this.step({ kind: 'tick' }));
    }
    return effects;
  }

  #call(call: SessionCall): SessionEffect[] {
    return this.step({ kind: 'call', call, wallMs: this.wallMs });
  }
}
