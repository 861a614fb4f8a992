/**
 * A replica in a small world: its core, its disk, its service. It does with effects what the driver does
 * (src/node/replica-driver.ts), and checks after each step what can be checked within one replica.
 */

import { InvariantError, unreachable } from '../base/assert.js';
import type { Name } from '../base/ids.js';
import type { UpdateBody } from '../log/record.js';
import type { ReplicaEffect } from '../replica/effects.js';
import type { LinkId, ReplicaEvent } from '../replica/events.js';
import { RECENT_MS } from '../replica/forced/timing.js';
import { EMPTY_SNAPSHOT, type ReplicaState, type ReplicaTuning } from '../replica/state.js';
import { bodyDigest } from '../wire/digest.js';
import type { Forward } from '../wire/forced-messages.js';
import type { Update } from '../wire/messages.js';
import { isForCore, updateEvent } from '../node/replica-messages.js';
import type { Cores } from './cores.js';
import { Disk } from './disk.js';
import { fingerprint } from './fingerprint.js';
import { faultsOfForced, forcedViewOf, tellsDisk, toldBy } from './forced-checks.js';
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
import { orderingOf, ServiceModel } from './service-model.js';
import { STILL } from './still-random.js';

/** Every clock shows this: no safety rule reads one (PROTOCOL A8). */
export const WALL_MS = 1_700_000_000_000;

/** Whoever hears nobody for so long does something about it: a few rounds of votes at most. */
const SILENCE_MS = 10_000;

/** The members of a small world are given once for all: no start has to be claimed. */
const FIXED_START = {
  address: '',
  boot: { number: 1, nonce: '' },
  versions: [1, 1],
  joins: null,
} as const;

export interface ReplicaInit {
  readonly name: Name;
  readonly members: readonly Name[];
  readonly tuning: ReplicaTuning;
  /** What it writes is on its disk only some time later; else at the end of the same step. */
  readonly hasSlowDisk: boolean;
  readonly cores: Cores;
}

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;

export class ReplicaProcess implements LiveProcess {
  readonly #init: ReplicaInit;
  readonly #disk: Disk;
  #state: ReplicaState | null = null;
  #service = new ServiceModel();
  /** The state that forced updates made, after each of them. */
  #forcedStates = new Map<number, string>();
  /** Forced updates that front ends asked for, by connection and request id. */
  readonly #asked = new Map<string, string>();
  readonly #probed = new Set<Name>();
  #nowMs = 0;
  #reaction: Reaction = emptyReaction();

  constructor(init: ReplicaInit) {
    this.#init = init;
    this.#disk = new Disk(init.name);
    this.handle({ kind: 'start', life: 1, nowMs: 0 });
  }

  handle(event: LocalEvent): Reaction {
    this.#reaction = emptyReaction();
    this.#nowMs = event.nowMs;
    try {
      this.#on(event);
      if (!this.#init.hasSlowDisk) this.#syncAll();
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      this.#note([`${this.#init.name} stops itself: ${error.message}`]);
      return this.#reaction;
    }
    if (this.#state !== null) {
      this.#note([
        ...faultsOfState(this.#state, this.#disk),
        ...faultsOfForced(this.#state, this.#disk),
      ]);
    }
    return this.#reaction;
  }

  fingerprint(): string {
    const { applied } = this.#service;
    const { records, forced, unsynced } = this.#disk;
    // Of a replica that runs, its state says what is on the disk and what is not, but for the order.
    const disk =
      this.#state === null
        ? fingerprint([records, forced])
        : unsynced.map(({ kind }) => kind.slice(0, 1)).join('');
    // Where clocks are the processes' own, time is a part of what they are.
    const nowMs = this.#init.tuning.forced === 'on' ? this.#nowMs : 0;
    const asked = [this.#asked, this.#probed, this.#service.forcedText(), nowMs];
    const own = `${disk} ${fingerprint(this.#state)} ${[...applied].sort().join()}`;
    return `${own} ${fingerprint(asked)}`;
  }

  view(): ProcessView {
    const state = this.#state;
    const disk = this.#disk;
    return {
      ...PLAIN_VIEW,
      isUp: state !== null,
      wakeAtMs: state?.wakeAtMs ?? PLAIN_VIEW.wakeAtMs,
      mayLapse: this.#hears(),
      maySuspect: state !== null && state.forced.log.mayVote && state.forced.role !== 'starting',
      probed: new Set(this.#probed),
      unsynced: disk.unsynced.length,
      durableUpdates: disk.updates(),
      disk: forcedViewOf(disk.forced),
      replica: state === null ? null : viewOf(state, this.#service, this.#forcedStates),
    };
  }

  #on(event: LocalEvent): void {
    switch (event.kind) {
      case 'start':
        return this.#start(event.life);
      case 'crash':
        this.#state = null;
        this.#service = new ServiceModel();
        this.#forcedStates = new Map();
        this.#asked.clear();
        this.#probed.clear();
        return this.#disk.crash(event.kept);
      case 'dial':
        return this.#greet(event.link);
      case 'receive':
        return this.#onReceive(event);
      case 'down':
        for (const key of this.#asked.keys()) {
          if (key.startsWith(`${event.link}/`)) this.#asked.delete(key);
        }
        return this.#step({ kind: 'link-down', link: event.link });
      case 'durable':
        return this.#sync(event.count);
      case 'tick':
        return this.#step({ kind: 'tick' });
      case 'silence':
        return this.#endure(event.until);
      case 'refused':
        this.#probed.delete(event.peer);
        return this.#step({ kind: 'refused', peer: event.peer });
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
      ...FIXED_START,
    };
    const { records, transitions } = this.#disk;
    const recovered = {
      snapshot: EMPTY_SNAPSHOT,
      records: [...records],
      mustRecover: null,
      transitions: [...transitions],
      hasForgotten: false,
    };
    const nowMs = this.#nowMs;
    const { state, effects } = cores.startReplica(identity, tuning, recovered, nowMs, STILL);
    this.#state = state;
    this.#perform(effects);
  }

  #sync(count: number): void {
    const transitions = this.#disk.sync(count);
    this.#step({ kind: 'durable', length: this.#disk.records.length, transitions });
  }

  #syncAll(): void {
    while (this.#state !== null && this.#disk.unsynced.length > 0) {
      this.#sync(this.#disk.unsynced.length);
    }
  }

  /** It has heard of a primary lately that it is not itself. */
  #hears(): boolean {
    if (this.#state === null || this.#state.forced.role === 'primary') return false;
    return this.#nowMs - this.#state.forced.heardAtMs < RECENT_MS;
  }

  /** Timers go off, one after the other, until it lapses, or begins another round of votes or steps down. */
  #endure(until: 'lapse' | 'action'): void {
    const { forced } = this.#running();
    const { role, round } = forced;
    const isOver = (): boolean =>
      forced.role !== role || forced.round !== round || (until === 'lapse' && !this.#hears());
    const untilMs = this.#nowMs + SILENCE_MS;
    while (!isOver() && this.#nowMs < untilMs) {
      this.#nowMs = Math.max(this.#nowMs, this.#running().wakeAtMs);
      this.#step({ kind: 'tick' });
    }
    this.#reaction.endsAtMs = this.#nowMs;
    // Words of life change the hearer's time and little else: those of a silence are left out.
    const { sends } = this.#reaction;
    const others = sends.filter(({ message }) => message.kind !== 'heartbeat');
    sends.splice(0, sends.length, ...others);
  }

  #greet(link: LinkId): void {
    const state = this.#running();
    const { name, memberId, origin } = state.self;
    const replicaTimestamp = state.durable.value();
    const who = { role: 'replica', name, memberId, origin, ...FIXED_START } as const;
    const counterpart = { ...who, epoch: 1, promises: 0, replicaTimestamp };
    this.#send(link, { kind: 'greeting', counterpart });
  }

  #onReceive({ link, message, dialled }: Extract<LocalEvent, { kind: 'receive' }>): void {
    switch (message.kind) {
      case 'greeting':
        // The side that dialled has said its own already.
        if (!dialled) this.#greet(link);
        if (message.counterpart.role === 'replica') this.#probed.delete(message.counterpart.name);
        return this.#step({ kind: 'link-up', link, counterpart: message.counterpart });
      case 'update':
        if (orderingOf(message.operation) === 'forced') {
          this.#asked.set(`${link}/${message.requestId}`, `${message.session}:${message.n}`);
        }
        return this.#take(link, message);
      case 'forward':
        return this.#take(link, message);
      default:
        if (isForCore(message)) return this.#step({ kind: 'message', link, message });
        return this.#note([`${this.#init.name} was sent ${message.kind}`]);
    }
  }

  #take(link: LinkId, request: Update | Forward): void {
    const came = { link, request, wallMs: WALL_MS, nowMs: this.#nowMs };
    this.#step(updateEvent({ bodyOf, orderingOf }, came));
  }

  #step(event: WithoutTime<ReplicaEvent>): void {
    const { stepReplica } = this.#init.cores;
    this.#perform(stepReplica(this.#running(), { ...event, nowMs: this.#nowMs }));
  }

  /** Carries out a step's effects, then executes what it asked for, and the steps that follow of it. */
  #perform(effects: readonly ReplicaEffect[]): void {
    let body = this.#carryOut(effects);
    while (body !== null) {
      const { executing } = this.#running().forced;
      const { result, fault } = this.#service.execute(body);
      this.#forcedStates.set(executing, this.#service.forcedText());
      if (fault !== null) this.#note([`at ${this.#init.name} ${fault}`]);
      const event = { kind: 'executed', result, nowMs: this.#nowMs } as const;
      body = this.#carryOut(this.#init.cores.stepReplica(this.#running(), event));
    }
  }

  /** Answers the forced update to execute once all of these are done, or null. */
  #carryOut(effects: readonly ReplicaEffect[]): UpdateBody | null {
    let toExecute: UpdateBody | null = null;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#send(effect.link, effect.message);
          break;
        case 'append':
          this.#note(this.#disk.write({ kind: 'record', record: effect.record }));
          break;
        case 'persist':
          this.#note(this.#disk.write({ kind: 'transition', transition: effect.transition }));
          break;
        case 'execute':
          toExecute = effect.body;
          break;
        case 'probe':
          this.#probed.add(effect.peer);
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
        case 'end':
        case 'unsettled':
        case 'hang-up':
          this.#note([`${this.#init.name} asks for ${effect.kind}, though its members are fixed`]);
          break;
        case 'wake':
        case 'trace':
        case 'repaired':
        case 'configured':
        case 'forget':
          break;
        default:
          unreachable(effect);
      }
    }
    return toExecute;
  }

  /** Nothing that is not on disk may be told (PROTOCOL A2). */
  #send(link: LinkId, message: Travelling): void {
    this.#reaction.sends.push({ link, message });
    this.#note(faultOfMessage(this.#running(), this.#disk, message));
    if (!tellsDisk(this.#disk.forced, message)) {
      this.#note([`${this.#init.name} sends ${message.kind}, and its disk has another forced log`]);
    }
    const updateOf = (requestId: number): string => this.#asked.get(`${link}/${requestId}`) ?? '?';
    this.#reaction.notes.push(...toldBy(message, updateOf));
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
function bodyOf({ session, n, stamp, operation, args, user }: Update | Forward): UpdateBody {
  const digest = bodyDigest(operation, args, user, stamp, session);
  return { session, n, stamp, operation, args, user, digest };
}
