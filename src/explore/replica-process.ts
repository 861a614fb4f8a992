/**
 * A replica in a small world: its core, its disk, its service. The disk is the list of records written;
 * the first `synced` of them outlive any crash, of the rest a crash keeps a prefix.
 */

import { unreachable } from '../base/assert.js';
import type { Name } from '../base/ids.js';
import { type TravellingRecord, type UpdateBody, idOf } from '../log/record.js';
import type { ReplicaEffect } from '../replica/effects.js';
import type { LinkId, ReplicaEvent } from '../replica/events.js';
import { EMPTY_SNAPSHOT, type ReplicaState, type ReplicaTuning } from '../replica/state.js';
import { bodyDigest } from '../wire/digest.js';
import type { Update } from '../wire/messages.js';
import type { Cores } from './cores.js';
import { fingerprint } from './fingerprint.js';
import {
  type LiveProcess,
  type LocalEvent,
  type Note,
  PLAIN_VIEW,
  type ProcessView,
  type Reaction,
  type Travelling,
  emptyReaction,
  memberOfName,
  originOfLife,
} from './process.js';
import { faultOfMessage, faultsOfState, viewOf } from './replica-checks.js';
import { ServiceModel } from './service-model.js';

/** Every clock shows this: no safety rule reads one (PROTOCOL A8). */
export const WALL_MS = 1_700_000_000_000;

export interface ReplicaInit {
  readonly name: Name;
  readonly members: readonly Name[];
  readonly tuning: ReplicaTuning;
  readonly cores: Cores;
}

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;

export class ReplicaProcess implements LiveProcess {
  readonly #init: ReplicaInit;
  #state: ReplicaState | null = null;
  #service = new ServiceModel();
  #disk: TravellingRecord[] = [];
  #synced = 0;
  #nowMs = 0;
  #reaction: Reaction = emptyReaction();

  constructor(init: ReplicaInit) {
    this.#init = init;
    this.handle({ kind: 'start', life: 1, nowMs: 0 });
  }

  handle(event: LocalEvent): Reaction {
    this.#reaction = emptyReaction();
    this.#nowMs = event.nowMs;
    this.#on(event);
    if (this.#state !== null) {
      this.#note(faultsOfState(this.#state, this.#disk.length, this.#synced));
    }
    return this.#reaction;
  }

  fingerprint(): string {
    const { applied } = this.#service;
    const disk = this.#state === null ? fingerprint(this.#disk) : '';
    return `${disk} ${this.#synced} ${fingerprint(this.#state)} ${[...applied].sort().join()}`;
  }

  view(): ProcessView {
    const state = this.#state;
    return {
      ...PLAIN_VIEW,
      isUp: state !== null,
      wakeAtMs: state?.wakeAtMs ?? PLAIN_VIEW.wakeAtMs,
      synced: this.#synced,
      written: this.#disk.length,
      durableUpdates: new Set(
        this.#disk.slice(0, this.#synced).map((record) => {
          const { session, n } = idOf(record);
          return `${session}:${n}`;
        }),
      ),
      replica: state === null ? null : viewOf(state, this.#service),
    };
  }

  #on(event: LocalEvent): void {
    switch (event.kind) {
      case 'start':
        return this.#start(event.life);
      case 'crash':
        this.#state = null;
        this.#service = new ServiceModel();
        this.#disk.length = this.#synced + event.kept;
        this.#synced = this.#disk.length;
        return;
      case 'dial':
        return this.#greet(event.link);
      case 'receive':
        return this.#onReceive(event);
      case 'down':
        return this.#step({ kind: 'link-down', link: event.link });
      case 'durable':
        this.#synced = event.length;
        return this.#step({ kind: 'durable', length: event.length });
      case 'tick':
        return this.#step({ kind: 'tick' });
      case 'call':
        return;
      default:
        unreachable(event);
    }
  }

  #start(life: number): void {
    const { name, members, tuning, cores } = this.#init;
    const identity = {
      name,
      memberId: memberOfName(name),
      origin: originOfLife(name, life),
      members,
    };
    const recovered = { snapshot: EMPTY_SNAPSHOT, records: [...this.#disk], mustRecover: null };
    const { state, effects } = cores.startReplica(identity, tuning, recovered, this.#nowMs);
    this.#state = state;
    this.#perform(effects);
  }

  #greet(link: LinkId): void {
    const state = this.#running();
    const { name, memberId, origin } = state.self;
    const replicaTimestamp = state.durable.value();
    const counterpart = { role: 'replica', name, memberId, origin, replicaTimestamp } as const;
    this.#send(link, { kind: 'greeting', counterpart });
  }

  #onReceive({ link, message, dialled }: Extract<LocalEvent, { kind: 'receive' }>): void {
    switch (message.kind) {
      case 'greeting':
        // The side that dialled has said its own already.
        if (!dialled) this.#greet(link);
        return this.#step({ kind: 'link-up', link, counterpart: message.counterpart });
      case 'update':
        return this.#step({
          kind: 'update',
          link,
          request: message,
          body: bodyOf(message),
          wallMs: WALL_MS,
        });
      case 'query':
      case 'cancel':
      case 'heartbeat':
      case 'gossip':
      case 'gossip-acknowledged':
      case 'fetch':
      case 'fetched':
        return this.#step({ kind: 'message', link, message });
      default:
        return this.#note([`${this.#init.name} was sent ${message.kind}`]);
    }
  }

  #step(event: WithoutTime<ReplicaEvent>): void {
    const { stepReplica } = this.#init.cores;
    this.#perform(stepReplica(this.#running(), { ...event, nowMs: this.#nowMs }));
  }

  #perform(effects: readonly ReplicaEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#send(effect.link, effect.message);
          break;
        case 'append':
          this.#disk.push(effect.record);
          break;
        case 'apply': {
          const fault = this.#service.apply(effect.body);
          if (fault !== null) this.#note([`at ${this.#init.name} ${fault}`]);
          break;
        }
        case 'read': {
          const { link, query, basis } = effect;
          const outcome = this.#service.read(query);
          this.#send(link, { kind: 'answer', requestId: query.requestId, ...basis, outcome });
          break;
        }
        case 'halt':
          this.#note([`${this.#init.name} halts: ${effect.message}`]);
          break;
        case 'wake':
        case 'trace':
        case 'repaired':
          break;
        default:
          unreachable(effect);
      }
    }
  }

  /** Nothing that is not on disk may be told (PROTOCOL A2). */
  #send(link: LinkId, message: Travelling): void {
    this.#reaction.sends.push({ link, message });
    const onDisk = this.#disk.slice(0, this.#synced);
    this.#note(faultOfMessage(this.#running(), onDisk, message));
  }

  #note(faults: readonly string[]): void {
    const notes = faults.map((text): Note => ({ kind: 'violation', text }));
    this.#reaction.notes.push(...notes);
  }

  #running(): ReplicaState {
    if (this.#state === null) throw new Error(`${this.#init.name} is down`);
    return this.#state;
  }
}

/** As the driver makes it: the digest is computed here, none is trusted (PROTOCOL A6). */
function bodyOf({ session, n, stamp, operation, args, user }: Update): UpdateBody {
  const digest = bodyDigest(operation, args, user, stamp, session);
  return { session, n, stamp, operation, args, user, digest };
}
