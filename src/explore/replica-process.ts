/**
 * A replica in a small world: its core, its disk, its service. It does with effects what the driver does
 * (src/node/replica-driver.ts), and checks after each step what can be checked within one replica.
 */

import { InvariantError, unreachable } from '../base/assert.js';
import type { Name } from '../base/ids.js';
import type { UpdateBody } from '../log/record.js';
import { NO_FORCED } from '../log/forced-log.js';
import type { ReplicaEffect } from '../replica/effects.js';
import type { Counterpart, LinkId, ReplicaEvent } from '../replica/events.js';
import { EMPTY_SNAPSHOT, type ReplicaState, type SnapshotState } from '../replica/state.js';
import type { Forward } from '../wire/forced-messages.js';
import type { Update } from '../wire/messages.js';
import { isForCore, updateEvent } from '../node/replica-messages.js';
import { Disk } from './disk.js';
import { fingerprint } from './fingerprint.js';
import { faultsOfForced, forcedViewOf, tellsDisk, toldBy } from './forced-checks.js';
import {
  beginningOf,
  closeNothing,
  greetingOf,
  hasChangeToMake,
  holdChanges,
  identityOf,
  mayChange,
  OPERATOR,
  type ReplicaInit,
  retirementOf,
  wishOf,
} from './founding.js';
import { faultsOfFinals, LabelWatch } from './label-watch.js';
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
} from './process.js';
import { faultOfMessage, faultsOfState, hears, viewOf } from './replica-checks.js';
import { bodyOf, orderingOf, ServiceModel } from './service-model.js';
import { STILL } from './still-random.js';

/** Every clock shows this: no safety rule reads one (PROTOCOL A8). */
export const WALL_MS = 1_700_000_000_000;

/** Whoever hears nobody for so long does something about it: a few rounds of votes at most. */
const SILENCE_MS = 10_000;

/** A change of the members is ordered by then, or something is missing for it. */
const CHANGE_MS = 1500;

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;

export class ReplicaProcess implements LiveProcess {
  readonly #init: ReplicaInit;
  readonly #disk: Disk;
  readonly #beginning: SnapshotState;
  /** Null where the members are given. */
  readonly #labels: LabelWatch | null;
  #state: ReplicaState | null = null;
  #service = new ServiceModel();
  /** The state that forced updates made, after each of them. */
  #forcedStates = new Map<number, string>();
  /** Forced updates that front ends asked for, by connection and request id. */
  readonly #asked = new Map<string, string>();
  readonly #probed = new Set<Name>();
  /** It does nothing about its members before the world asks for it. */
  #isHeld: boolean;
  #isOver = false;
  #nowMs = 0;
  #reaction: Reaction = emptyReaction();

  constructor(init: ReplicaInit) {
    const { name, founders } = init;
    this.#init = init;
    this.#beginning = founders === null ? EMPTY_SNAPSHOT : beginningOf(founders);
    this.#disk = new Disk(name, this.#beginning.forced ?? NO_FORCED);
    const first = this.#beginning.membership?.configuration;
    this.#labels = first === undefined ? null : new LabelWatch(name, memberOfName(name), first);
    this.#isHeld = founders !== null;
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
        ...faultsOfFinals(this.#state),
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
    const part = `${this.#labels?.text()} ${this.#isHeld} ${this.#isOver}`;
    return `${own} ${fingerprint(asked)} ${part}`;
  }

  view(): ProcessView {
    const state = this.#state;
    const disk = this.#disk;
    return {
      ...PLAIN_VIEW,
      isUp: state !== null,
      isOver: this.#isOver,
      wakeAtMs: state?.wakeAtMs ?? PLAIN_VIEW.wakeAtMs,
      mayLapse: state !== null && hears(state, this.#nowMs),
      maySuspect: state !== null && state.forced.log.mayVote && state.forced.role !== 'starting',
      mayChange: state !== null && hasChangeToMake(state, this.#isHeld),
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
        this.#end();
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
      case 'change':
        return this.#change(event.retire);
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
    const { tuning, cores } = this.#init;
    const identity = identityOf(this.#init, life);
    this.#labels?.begin();
    const { records, transitions } = this.#disk;
    const recovered = {
      snapshot: this.#beginning,
      records: [...records],
      mustRecover: null,
      transitions: [...transitions],
      hasForgotten: false,
    };
    const nowMs = this.#nowMs;
    const { state, effects } = cores.startReplica(identity, tuning, recovered, nowMs, STILL);
    this.#state = state;
    closeNothing(state);
    this.#perform(effects);
  }

  /** The process is gone, with all that is not on its disk. */
  #end(): void {
    this.#state = null;
    this.#service = new ServiceModel();
    this.#forcedStates = new Map();
    this.#asked.clear();
    this.#probed.clear();
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

  /** Timers go off, one after the other, until it lapses, or begins another round of votes or steps down. */
  #endure(until: 'lapse' | 'action'): void {
    const { forced } = this.#running();
    const { role, round } = forced;
    const isOver = (): boolean =>
      forced.role !== role ||
      forced.round !== round ||
      (until === 'lapse' && !hears(this.#running(), this.#nowMs));
    this.#wait(SILENCE_MS, isOver);
  }

  /** Timers go off, one after the other, for so long, ms, or until something has come about. */
  #wait(forMs: number, isOver: () => boolean): void {
    const untilMs = this.#nowMs + forMs;
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

  #change(retire: Name | null): void {
    const { forced, change } = this.#running();
    const { op } = forced.log;
    if (this.#isHeld) {
      this.#isHeld = false;
      mayChange(change);
      if (retire !== null) this.#step(wishOf(retire));
    }
    this.#wait(CHANGE_MS, () => forced.log.op > op);
  }

  #greet(link: LinkId): void {
    this.#send(link, greetingOf(this.#running()));
  }

  #onReceive({ link, message, dialled }: Extract<LocalEvent, { kind: 'receive' }>): void {
    switch (message.kind) {
      case 'greeting':
        // The side that dialled has said its own already.
        if (!dialled) this.#greet(link);
        return this.#meet(link, message.counterpart);
      case 'claim-granted':
        this.#labels?.granted(this.#running().peerByLink.get(link)?.name ?? null);
        return this.#step({ kind: 'message', link, message });
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

  #meet(link: LinkId, counterpart: Counterpart): void {
    if (counterpart.role === 'replica') {
      this.#probed.delete(counterpart.name);
      const retired = retirementOf(this.#running(), counterpart.name);
      if (retired !== null) return this.#send(link, retired);
    }
    this.#step({ kind: 'link-up', link, counterpart });
  }

  #take(link: LinkId, request: Update | Forward): void {
    const came = { link, request, wallMs: WALL_MS, nowMs: this.#nowMs };
    this.#step(updateEvent({ bodyOf, orderingOf }, came));
  }

  #step(event: WithoutTime<ReplicaEvent>): void {
    // Its identity may have ended in the step before.
    if (this.#isOver) return;
    const { stepReplica } = this.#init.cores;
    if (this.#isHeld) holdChanges(this.#running().change);
    this.#perform(stepReplica(this.#running(), { ...event, nowMs: this.#nowMs }));
  }

  /** Carries out a step's effects, then executes what it asked for, and the steps that follow of it. */
  #perform(effects: readonly ReplicaEffect[]): void {
    let body = this.#carryOut(effects);
    while (body !== null && !this.#isOver) {
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
          this.#leave(effect.message);
          return null;
        case 'unsettled':
        case 'hang-up':
          this.#note([`${this.#init.name} asks for ${effect.kind}, which nothing here calls for`]);
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

  /** Its identity is over: in these worlds only that of whoever is retired may be. */
  #leave(message: string): void {
    const { membership, self } = this.#running();
    if (!membership.isRetired(self.memberId)) this.#note([`${self.name} ends: ${message}`]);
    this.#isOver = true;
    this.#end();
  }

  /** Nothing that is not on disk may be told (PROTOCOL A2). */
  #send(link: LinkId, message: Travelling): void {
    if (link === OPERATOR) return;
    this.#reaction.sends.push({ link, message });
    this.#note(this.#labels?.faultsOf(this.#disk.forced, message) ?? []);
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
