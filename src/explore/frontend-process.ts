/**
 * A front end in a small world. It tells the world's checks what it promised: updates durable at so many
 * members, and answers that are `fresh`, counted from the moment at which the query arrived here.
 */

import { unreachable } from '../base/assert.js';
import type { Name } from '../base/ids.js';
import type { FrontendEffect, FrontendEvent } from '../frontend/events.js';
import { copiesWanted, type FrontendState, type LinkId, emptyState } from '../frontend/state.js';
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
import { type ModelAnswer, orderingOf } from './service-model.js';

export interface FrontendInit {
  readonly name: Name;
  /** Null: replicas tell who the members are. */
  readonly members: readonly Name[] | null;
  readonly cores: Cores;
}

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;

/** The only operation with a precondition (PROTOCOL A9). */
const CHECKED_OPERATION = 'create';

/** Request ids of one start; another start counts from elsewhere. */
const REQUESTS_A_LIFE = 1000;

export class FrontendProcess implements LiveProcess {
  readonly #init: FrontendInit;
  #state: FrontendState | null = null;
  /** Updates asked for, by connection and the client's request id. */
  readonly #updates = new Map<string, string>();
  #nowMs = 0;
  #reaction: Reaction = emptyReaction();

  constructor(init: FrontendInit) {
    this.#init = init;
    this.#start(1);
  }

  handle(event: LocalEvent): Reaction {
    this.#reaction = emptyReaction();
    this.#nowMs = event.nowMs;
    switch (event.kind) {
      case 'start':
        this.#start(event.life);
        break;
      case 'crash':
        this.#state = null;
        this.#updates.clear();
        break;
      case 'dial': {
        const counterpart = { role: 'frontend', name: this.#init.name, address: '' } as const;
        this.#reaction.sends.push({
          link: event.link,
          message: { kind: 'greeting', counterpart },
        });
        break;
      }
      case 'receive':
        this.#onReceive(event);
        break;
      case 'down':
        this.#onDown(event.link);
        break;
      case 'tick':
        this.#step({ kind: 'tick' });
        break;
      case 'durable':
      case 'call':
      case 'silence':
      case 'refused':
      case 'change':
        break;
      default:
        unreachable(event);
    }
    // Each event is a turn of its own: what was gathered goes out behind it.
    if (this.#state !== null) this.#step({ kind: 'flush' });
    return this.#reaction;
  }

  fingerprint(): string {
    return `${fingerprint(this.#state)} ${fingerprint(this.#updates)}`;
  }

  view(): ProcessView {
    const { wakeAtMs } = this.#state ?? PLAIN_VIEW;
    return { ...PLAIN_VIEW, isUp: this.#state !== null, wakeAtMs };
  }

  #start(life: number): void {
    const { name, members } = this.#init;
    const firstRequestId = 1 + (life - 1) * REQUESTS_A_LIFE;
    this.#state = emptyState({ name, members, firstRequestId }, { trace: false });
  }

  #onReceive({ link, message }: Extract<LocalEvent, { kind: 'receive' }>): void {
    switch (message.kind) {
      case 'greeting': {
        const { counterpart } = message;
        if (counterpart.role !== 'replica') return;
        const { name, memberId } = counterpart;
        return this.#step({ kind: 'replica-up', link, name, memberId });
      }
      case 'configuration': {
        const { configuration, cut } = message;
        return this.#step({ kind: 'configuration', configuration, cut });
      }
      case 'client-update': {
        const { session, n, requestId, operation } = message;
        this.#updates.set(`${link}/${requestId}`, `${session}:${n}`);
        return this.#step({
          kind: 'client-update',
          client: link,
          request: message,
          ordering: orderingOf(operation),
          hasPrecondition: operation === CHECKED_OPERATION,
        });
      }
      case 'client-query':
        if (message.consistency !== 'causal') this.#reaction.notes.push({ kind: 'asked', link });
        return this.#step({ kind: 'client-query', client: link, request: message });
      case 'acknowledged':
      case 'forced-answered':
      case 'answer':
      case 'collected':
      case 'declined':
      case 'heartbeat':
        return this.#step({ kind: 'replica-message', link, message });
      default:
        this.#reaction.notes.push({
          kind: 'violation',
          text: `${this.#init.name} was sent ${message.kind}`,
        });
    }
  }

  #onDown(link: LinkId): void {
    for (const key of this.#updates.keys()) {
      if (key.startsWith(`${link}/`)) this.#updates.delete(key);
    }
    // The core knows connections of replicas by what they said first; any other one is a client's.
    if (this.#state?.replicaByLink.has(link) === true) this.#step({ kind: 'replica-down', link });
    else this.#step({ kind: 'client-down', client: link });
  }

  #step(event: WithoutTime<FrontendEvent>): void {
    if (this.#state === null) throw new Error(`${this.#init.name} is down`);
    const { stepFrontend } = this.#init.cores;
    this.#perform(stepFrontend(this.#state, { ...event, nowMs: this.#nowMs }));
  }

  #perform(effects: readonly FrontendEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') this.#reaction.sends.push(effect);
      else if (effect.kind === 'reply') this.#reply(effect.client, effect.message);
    }
  }

  #reply(link: LinkId, message: Extract<FrontendEffect, { kind: 'reply' }>['message']): void {
    this.#reaction.sends.push({ link, message });
    if (message.kind === 'updated') {
      const update = this.#updates.get(`${link}/${message.requestId}`);
      const { copies } = message;
      if (update === undefined || this.#state === null) return;
      const epoch = this.#state.known?.configuration.epoch ?? 0;
      const isWhole = copies >= copiesWanted(this.#state);
      this.#reaction.notes.push({ kind: 'updated', update, copies, isWhole, epoch });
    } else if (message.kind === 'answered' && message.guarantee === 'fresh') {
      const { applied } = message.value as ModelAnswer;
      this.#reaction.notes.push({ kind: 'answered', link, applied });
    }
  }
}
