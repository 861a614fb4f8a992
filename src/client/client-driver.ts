/**
 * The client library's driver: carries the session core's messages over a connection to one of several
 * front ends, and moves to the next one when its own goes away. Real and simulated clients differ only
 * in their components.
 */

import { unreachable } from '../base/assert.js';
import { HearsayError } from '../base/errors.js';
import type { Name, SessionId } from '../base/ids.js';
import { isName } from '../base/ids.js';
import { LIMITS } from '../base/limits.js';
import type { Random } from '../base/random.js';
import type { Discovery } from '../ports/discovery.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { Transport } from '../ports/transport.js';
import { checkArguments } from '../wire/arguments.js';
import type { OperationDescription, SetStatus, TraceEvent } from '../wire/messages.js';
import type {
  Client,
  ClientOptions,
  ClusterStatus,
  MembersChange,
  PlainTimestamp,
  QueryResult,
  UpdateResult,
} from './api.js';
import { FrontendConnection, type FrontendMessage } from './frontend-connection.js';
import { stepSession } from './session.js';
import type { SessionCall, SessionEffect, SessionEvent } from './session-events.js';
import { newSession, type SessionState } from './session-state.js';
import { SideRequests } from './side-requests.js';

export interface ClientComponents {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly transport: Transport;
  /** Names front ends, beside those that are given. It is closed with the client. */
  readonly discovery?: Discovery;
}

interface Settlement {
  readonly resolve: (value: never) => void;
  readonly reject: (error: HearsayError) => void;
}

/** A primary that is asked to retire a replica answers within this, ms: a little sooner, unless it is gone. */
const RETIRE_MS = 60_000;
/** While nobody can be asked it is tried again: longer than any view change takes, ms. */
const RETIRE_PATIENCE_MS = 30_000;
const RETIRE_AGAIN_MS = 300;

export class SessionClient implements Client {
  readonly user: string;
  readonly #components: ClientComponents;
  readonly #defaults: Required<ClientOptions>;
  readonly #state: SessionState;
  readonly #connection: FrontendConnection;
  readonly #calls = new Map<number, Settlement>();
  readonly #sideRequests: SideRequests;
  readonly #watchers = new Set<(event: TraceEvent) => void>();
  readonly #frontendListeners = new Set<(frontend: string | null) => void>();
  #nextCall = 1;
  #wakeTimer: { readonly atMs: number; readonly handle: TimerHandle } | null = null;
  #isClosed = false;

  /** Begins to connect; `ready` tells when the first front end has answered. */
  constructor(
    components: ClientComponents,
    addresses: readonly string[],
    session: SessionId,
    options: ClientOptions,
  ) {
    this.#components = components;
    this.#defaults = withDefaults(options);
    this.user = this.#defaults.user;
    this.#state = newSession({
      session,
      user: this.user,
      pipeline: this.#defaults.pipeline,
      hasOthers: addresses.length > 1,
    });
    this.#sideRequests = new SideRequests({
      ...components,
      send: (message) => this.#connection.send(message),
    });
    this.#connection = new FrontendConnection(components, addresses, {
      onUp: (frontend) => this.#onUp(frontend),
      onDown: () => this.#onDown(),
      onMessage: (message) => this.#onMessage(message),
    });
  }

  /**
   * Resolves once a front end has answered. Rejects with HearsayError: UNAVAILABLE after `timeoutMs`,
   * VERSION or INVALID when the front end refuses this client.
   */
  ready(): Promise<void> {
    return this.#connection.ready(this.#defaults.timeoutMs);
  }

  get timestamp(): PlainTimestamp {
    return this.#state.prev.toJSON();
  }

  get service(): string {
    return this.#connection.frontend?.cluster.service ?? '';
  }

  get operations(): readonly OperationDescription[] {
    return this.#connection.frontend?.operations ?? [];
  }

  get frontend(): string | null {
    return this.#connection.address;
  }

  query(
    operation: string,
    args: Readonly<Record<string, unknown>> = {},
    options: Pick<ClientOptions, 'consistency' | 'timeoutMs'> = {},
  ): Promise<QueryResult> {
    const { consistency, timeoutMs } = withDefaults({ ...this.#defaults, ...options });
    return this.#call((call) => ({ kind: 'query', call, operation, args, timeoutMs, consistency }));
  }

  update(
    operation: string,
    args: Readonly<Record<string, unknown>> = {},
    options: Pick<ClientOptions, 'minCopies' | 'timeoutMs'> = {},
  ): Promise<UpdateResult> {
    const { minCopies, timeoutMs } = withDefaults({ ...this.#defaults, ...options });
    const known = this.operations.find(({ name }) => name === operation);
    return this.#call((call) => ({
      kind: 'update',
      call,
      operation,
      args,
      timeoutMs,
      minCopies,
      hasLookup: known?.hasLookup ?? false,
      isForced: known?.ordering === 'forced',
    }));
  }

  async status(options: { readonly hash?: boolean } = {}): Promise<ClusterStatus> {
    const hash = options.hash ?? false;
    return await this.#ask<ClusterStatus>((requestId) => ({
      kind: 'status-request',
      requestId,
      hash,
    }));
  }

  async setStatus(name: string, value: SetStatus['value']): Promise<void> {
    if (!isName(name)) throw new HearsayError('INVALID', `${name} is no replica's name`);
    const known: Name = name;
    await this.#ask((requestId) => ({ kind: 'set-status', requestId, name: known, value }));
  }

  async retire(name: string, options: { readonly force?: boolean } = {}): Promise<MembersChange> {
    if (!isName(name)) throw new HearsayError('INVALID', `${name} is no replica's name`);
    const change = { kind: 'change-members', action: 'retire', name } as const;
    const force = options.force ?? false;
    const make = (requestId: number): FrontendMessage => ({ ...change, requestId, force });
    const untilMs = this.#nowMs() + RETIRE_PATIENCE_MS;
    for (;;) {
      try {
        return await this.#ask<MembersChange>(make, RETIRE_MS);
      } catch (error) {
        // The primary may be the one that leaves, and take its answer along: the next one knows.
        const mayPass = error instanceof HearsayError && error.code === 'UNAVAILABLE';
        if (!mayPass || this.#isClosed || this.#nowMs() >= untilMs) throw error;
      }
      await this.#pause(RETIRE_AGAIN_MS);
    }
  }

  async recover(wanted: Parameters<Client['recover']>[0]): Promise<MembersChange> {
    const { plan, abort = false } = wanted;
    const names = (given: readonly string[]): Name[] =>
      given.map((name) => {
        if (!isName(name)) throw new HearsayError('INVALID', `${name} is no replica's name`);
        return name;
      });
    const lists = { survivors: names(wanted.survivors), lost: names(wanted.lost) };
    return await this.#ask<MembersChange>(
      (requestId) => ({ kind: 'recover', requestId, plan, abort, ...lists }),
      LIMITS.timeoutMs,
    );
  }

  watch(listener: (event: TraceEvent) => void): () => void {
    this.#watchers.add(listener);
    if (this.#watchers.size === 1) this.#connection.send({ kind: 'watch', on: true });
    return () => {
      if (!this.#watchers.delete(listener) || this.#watchers.size > 0) return;
      this.#connection.send({ kind: 'watch', on: false });
    };
  }

  onFrontend(listener: (frontend: string | null) => void): () => void {
    this.#frontendListeners.add(listener);
    return () => this.#frontendListeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#step({ kind: 'closed', nowMs: this.#nowMs() });
    this.#isClosed = true;
    this.#wakeTimer?.handle.cancel();
    this.#sideRequests.failAll('the client was closed');
    await Promise.all([this.#connection.close(), this.#components.discovery?.close() ?? null]);
  }

  #call<Result>(make: (call: number) => SessionCall): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#isClosed) return reject(new HearsayError('UNAVAILABLE', 'the client was closed'));
      const number = this.#nextCall++;
      const call = make(number);
      const trouble = troubleWith(call);
      if (trouble !== null) return reject(trouble);
      this.#calls.set(number, { resolve, reject });
      const { scheduler } = this.#components;
      this.#step({ kind: 'call', call, wallMs: scheduler.wallMs(), nowMs: this.#nowMs() });
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#components.scheduler.after(ms, resolve);
    });
  }

  #ask<Result>(
    make: (requestId: number) => FrontendMessage,
    timeoutMs = this.#defaults.timeoutMs,
  ): Promise<Result> {
    return this.#sideRequests.ask(make, timeoutMs);
  }

  #onUp(frontend: string): void {
    for (const listener of this.#frontendListeners) listener(frontend);
    if (this.#watchers.size > 0) this.#connection.send({ kind: 'watch', on: true });
    this.#step({ kind: 'connected', nowMs: this.#nowMs() });
  }

  #onDown(): void {
    for (const listener of this.#frontendListeners) listener(null);
    this.#sideRequests.failAll('the front end went away');
    this.#step({ kind: 'disconnected', nowMs: this.#nowMs() });
  }

  #onMessage(message: Parameters<FrontendConnection['handlers']['onMessage']>[0]): void {
    switch (message.kind) {
      case 'updated':
      case 'answered':
      case 'looked-up':
        return this.#step({ kind: 'message', message, nowMs: this.#nowMs() });
      case 'failed': {
        const { requestId, code, definite } = message;
        const error = new HearsayError(code, message.message, { definite });
        if (this.#sideRequests.fail(requestId, error)) return;
        return this.#step({ kind: 'message', message, nowMs: this.#nowMs() });
      }
      case 'status-report':
        return this.#sideRequests.answer(message.requestId, message.report);
      case 'members-changed': {
        const { epoch, message: words } = message;
        const change: MembersChange = { epoch, message: words };
        return this.#sideRequests.answer(message.requestId, change);
      }
      case 'frontends': {
        this.#connection.learn(message.frontends.map(({ address }) => address));
        const { hasOthers } = this.#connection;
        return this.#step({ kind: 'frontends', hasOthers, nowMs: this.#nowMs() });
      }
      case 'events':
        for (const event of message.events) {
          for (const listener of this.#watchers) listener(event);
        }
        return;
      default:
        unreachable(message);
    }
  }

  #step(event: SessionEvent): void {
    if (this.#isClosed) return;
    for (const effect of stepSession(this.#state, event)) this.#perform(effect);
  }

  #perform(effect: SessionEffect): void {
    switch (effect.kind) {
      case 'send':
        return this.#connection.send(effect.message);
      case 'updated': {
        const { result, copies, timestamp, repeated } = effect.message;
        return this.#settle(effect.call, {
          ...{ result, copies, timestamp: timestamp.toJSON() },
          ...(repeated === true ? { repeated } : {}),
        });
      }
      case 'answered': {
        const { value, guarantee, timestamp } = effect.message;
        return this.#settle(effect.call, { value, guarantee, timestamp: timestamp.toJSON() });
      }
      case 'failed': {
        const { code, message, definite, timestamp } = effect.error;
        const settlement = this.#calls.get(effect.call);
        this.#calls.delete(effect.call);
        const place = timestamp === undefined ? {} : { timestamp: timestamp.toJSON() };
        return settlement?.reject(new HearsayError(code, message, { definite, ...place }));
      }
      case 'leave':
        return this.#connection.leave();
      case 'wake':
        return this.#wakeAt(effect.atMs);
      default:
        unreachable(effect);
    }
  }

  #settle(call: number, result: UpdateResult | QueryResult): void {
    const settlement = this.#calls.get(call);
    this.#calls.delete(call);
    settlement?.resolve(result as never);
  }

  #wakeAt(atMs: number): void {
    if (this.#wakeTimer !== null && this.#wakeTimer.atMs <= atMs) return;
    this.#wakeTimer?.handle.cancel();
    const handle = this.#components.scheduler.after(Math.max(0, atMs - this.#nowMs()), () => {
      this.#wakeTimer = null;
      this.#step({ kind: 'tick', nowMs: this.#nowMs() });
    });
    this.#wakeTimer = { atMs, handle };
  }

  #nowMs(): number {
    return this.#components.scheduler.monotonicMs();
  }
}

function withDefaults(options: ClientOptions): Required<ClientOptions> {
  const { user = '', consistency = 'auto', timeoutMs = 10_000 } = options;
  const { minCopies = 1, pipeline = false } = options;
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > LIMITS.timeoutMs) {
    throw new HearsayError(
      'INVALID',
      `timeoutMs must be a whole number from 1 to ${LIMITS.timeoutMs}, not ${timeoutMs}`,
    );
  }
  if (minCopies !== 1 && minCopies !== 2) {
    throw new HearsayError('INVALID', `minCopies must be 1 or 2, not ${String(minCopies)}`);
  }
  if (!['auto', 'causal', 'fresh'].includes(consistency)) {
    throw new HearsayError('INVALID', `consistency must be auto, causal or fresh`);
  }
  return { user, consistency, timeoutMs, minCopies, pipeline };
}

/** What cannot travel is refused here, before it is sent: nothing may arrive as something else. */
function troubleWith({ operation, args }: SessionCall): HearsayError | null {
  if (operation.length > LIMITS.stringLength) {
    return new HearsayError('INVALID', 'the operation name is too long');
  }
  try {
    checkArguments(args);
    return null;
  } catch (error) {
    if (error instanceof HearsayError) return error;
    throw error;
  }
}
