/**
 * A client in a small world: a session, and a program that makes one call after another. The program
 * remembers what it was shown, and checks each answer against that.
 */

import { unreachable } from '../base/assert.js';
import type { SessionId } from '../base/ids.js';
import type { SessionCall, SessionEffect, SessionEvent } from '../client/session-events.js';
import { newSession, type SessionState } from '../client/session-state.js';
import { FORCED_ORIGIN } from '../log/forced-log.js';
import type { LinkId } from '../replica/events.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { Consistency } from '../wire/messages.js';
import type { Cores } from './cores.js';
import { fingerprint } from './fingerprint.js';
import {
  type LiveProcess,
  type LocalEvent,
  PLAIN_VIEW,
  type ProcessView,
  type Reaction,
  emptyReaction,
} from './process.js';
import { WALL_MS } from './replica-process.js';
import type { ModelAnswer } from './service-model.js';

/** One call of a client's program. */
export type ScriptCall =
  | { readonly kind: 'put' | 'create'; readonly key: string; readonly value: string }
  | { readonly kind: 'add' | 'take' }
  | { readonly kind: 'set'; readonly value: string }
  | { readonly kind: 'get'; readonly key: string; readonly consistency: Consistency }
  | { readonly kind: 'count'; readonly consistency: Consistency };

export interface ClientInit {
  readonly session: SessionId;
  readonly script: readonly ScriptCall[];
  readonly frontends: number;
  /** The front end that it goes to first. */
  readonly home: number;
  readonly cores: Cores;
}

/** Long enough that no call ends for it while anything else may happen. */
const TIMEOUT_MS = 60_000;

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;

export class ClientProcess implements LiveProcess {
  readonly #init: ClientInit;
  readonly #session: SessionState;
  /** Calls made so far. */
  #made = 0;
  /** A call is under way. */
  #isOpen = false;
  #link: LinkId | null = null;
  /** The front end it connects to; it goes on to the next when that one is gone. */
  #frontend: number;
  /** Updates (`session:n`) that were acknowledged to it or shown by an answer. */
  readonly #seen = new Set<string>();
  #nowMs = 0;
  #reaction: Reaction = emptyReaction();

  constructor(init: ClientInit) {
    this.#init = init;
    this.#frontend = init.home;
    this.#session = newSession({
      session: init.session,
      user: '',
      pipeline: false,
      hasOthers: init.frontends > 1,
    });
  }

  handle(event: LocalEvent): Reaction {
    this.#reaction = emptyReaction();
    this.#nowMs = event.nowMs;
    switch (event.kind) {
      case 'dial':
        this.#link = event.link;
        this.#step({ kind: 'connected' });
        break;
      case 'down':
        if (event.link === this.#link) this.#disconnect();
        break;
      case 'receive':
        this.#onReceive(event);
        break;
      case 'call':
        this.#isOpen = true;
        this.#step({ kind: 'call', call: this.#nextCall(), wallMs: WALL_MS });
        break;
      case 'tick':
        this.#step({ kind: 'tick' });
        break;
      case 'start':
      case 'crash':
      case 'durable':
      case 'silence':
      case 'refused':
      case 'change':
        break;
      default:
        unreachable(event);
    }
    return this.#reaction;
  }

  fingerprint(): string {
    const seen = [...this.#seen].sort().join();
    const { session } = this.#init;
    const own = `${session} ${this.#made} ${this.#isOpen} ${this.#link} ${this.#frontend}`;
    return `${own} ${seen} ${fingerprint(this.#session)}`;
  }

  view(): ProcessView {
    const hasMore = this.#made < this.#init.script.length;
    return {
      ...PLAIN_VIEW,
      wakeAtMs: this.#session.wakeAtMs,
      mayCall: hasMore && !this.#isOpen && this.#link !== null,
      isFinished: !hasMore && !this.#isOpen,
      nextFrontend: this.#link === null ? this.#frontend : -1,
    };
  }

  #nextCall(): SessionCall {
    const scripted = this.#init.script[this.#made++];
    if (scripted === undefined) throw new Error('the program has no more calls to make');
    const call = { call: this.#made, timeoutMs: TIMEOUT_MS };
    const update = {
      kind: 'update',
      ...call,
      minCopies: 0,
      hasLookup: false,
      isForced: false,
    } as const;
    const past = [...this.#seen].sort();
    switch (scripted.kind) {
      case 'put':
      case 'create': {
        const { kind: operation, key, value } = scripted;
        return { ...update, operation, args: { key, value, past } };
      }
      case 'add':
      case 'take':
        return { ...update, operation: scripted.kind, args: { past } };
      case 'set':
        return { ...update, operation: 'set', args: { value: scripted.value, past } };
      case 'get': {
        const { key, consistency } = scripted;
        return { kind: 'query', ...call, operation: 'get', args: { key }, consistency };
      }
      case 'count': {
        const { consistency } = scripted;
        return { kind: 'query', ...call, operation: 'count', args: {}, consistency };
      }
      default:
        return unreachable(scripted);
    }
  }

  #onReceive({ message }: Extract<LocalEvent, { kind: 'receive' }>): void {
    switch (message.kind) {
      case 'updated':
      case 'failed':
        return this.#step({ kind: 'message', message });
      case 'answered': {
        const open = this.#session.open.get(message.requestId);
        const covers =
          open === undefined ||
          open.prev.leq(message.timestamp) ||
          open.alternative.leq(message.timestamp);
        if (!covers) this.#violate('is given an answer that does not cover its past');
        return this.#step({ kind: 'message', message });
      }
      default:
        this.#violate(`was sent ${message.kind}`);
    }
  }

  #disconnect(): void {
    this.#link = null;
    this.#frontend = (this.#frontend + 1) % this.#init.frontends;
    this.#step({ kind: 'disconnected' });
  }

  #step(event: WithoutTime<SessionEvent>): void {
    const { stepSession } = this.#init.cores;
    this.#perform(stepSession(this.#session, { ...event, nowMs: this.#nowMs }));
  }

  #perform(effects: readonly SessionEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          if (this.#link !== null) {
            this.#reaction.sends.push({ link: this.#link, message: effect.message });
          }
          break;
        case 'updated': {
          this.#isOpen = false;
          const { timestamp, result, repeated } = effect.message;
          if (repeated === true) this.#violate('is told that an open call was answered before');
          this.#onDone(timestamp, typeof result === 'string' ? result : null);
          break;
        }
        case 'answered':
          this.#isOpen = false;
          this.#onAnswer(effect.message.value as ModelAnswer);
          break;
        case 'failed': {
          this.#isOpen = false;
          const { code, message, timestamp } = effect.error;
          if (code !== 'REFUSED') this.#violate(`is told ${code}: ${message}`);
          if (timestamp !== undefined) this.#onDone(timestamp, `refused: ${message}`);
          break;
        }
        case 'leave':
          if (this.#link === null) break;
          this.#reaction.closes.push(this.#link);
          this.#disconnect();
          break;
        case 'wake':
          break;
        default:
          unreachable(effect);
      }
    }
  }

  /** An update is done; a forced one has a place in the order, and something came of it. */
  #onDone(timestamp: VectorTimestamp, result: string | null): void {
    const update = `${this.#init.session}:${this.#session.n}`;
    this.#seen.add(update);
    if (result === null) return;
    const seq = timestamp.get(FORCED_ORIGIN);
    this.#reaction.notes.push({ kind: 'told', update, seq, result });
  }

  #onAnswer({ applied }: ModelAnswer): void {
    const missing = [...this.#seen].filter((update) => !applied.includes(update));
    if (missing.length > 0) this.#violate(`is shown a state without ${missing.join(', ')}`);
    for (const update of applied) this.#seen.add(update);
  }

  #violate(what: string): void {
    this.#reaction.notes.push({ kind: 'violation', text: `${this.#init.session} ${what}` });
  }
}
