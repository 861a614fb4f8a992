/**
 * A machine of the simulated cluster: its clock, which outlives processes, and the process that runs on
 * it now. A process can be frozen and thawed; when it dies, its timers and connections die with it.
 */

import type { Name } from '../base/ids.js';
import type { Random } from '../base/random.js';
import type { Discovery } from '../ports/discovery.js';
import type { EventSink } from '../ports/event-sink.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { KeepConnected, Transport } from '../ports/transport.js';
import type { Outside } from '../service/contract.js';
import type { Service } from '../service/define.js';
import type { MemoryNetwork } from '../transport/memory-transport.js';
import type { MemberAddress } from '../wire/messages.js';
import { HostScheduler } from './host-scheduler.js';
import type { VirtualScheduler } from './virtual-scheduler.js';

/** What a world gives its hosts. */
export interface Surroundings {
  readonly scheduler: VirtualScheduler;
  readonly network: MemoryNetwork;
  readonly random: Random;
  readonly service: Service;
  /** What the service's lookups may reach. */
  readonly outside: Outside;
  /** All members where they are given for ever; else none: they are found. */
  readonly members: readonly MemberAddress[];
  /** Where replicas are looked for. */
  readonly discovery: Discovery;
  /** Processes trace what they do. */
  readonly trace: boolean;
  readonly transportOf: (host: Name) => Transport;
  readonly keepConnected: (host: Name, transport: Transport, scheduler: Scheduler) => KeepConnected;
  readonly sinkOf: (host: Name) => EventSink;
}

export abstract class Host {
  readonly name: Name;
  protected readonly surroundings: Surroundings;
  #scheduler: HostScheduler | null = null;
  #wallOffsetMs = 0;
  #driftPpm = 0;
  #isFrozen = false;

  constructor(surroundings: Surroundings, name: Name) {
    this.surroundings = surroundings;
    this.name = name;
  }

  /** A process lives here, starting or running, frozen or not. */
  get isUp(): boolean {
    return this.#scheduler !== null;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** Stops the process in its tracks: it hears nothing and does nothing until it is thawed. */
  freeze(): void {
    if (this.#scheduler === null || this.#isFrozen) return;
    this.#isFrozen = true;
    this.surroundings.network.freeze(this.name);
    this.#scheduler.freeze();
  }

  /** It goes on with its old beliefs: what waited in the sockets comes first, then late timers. */
  thaw(): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    this.surroundings.network.thaw(this.name);
    this.#scheduler?.thaw();
  }

  /** The wall clock of this machine jumps, forward or back. */
  stepClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
    this.#scheduler?.stepWallClock(byMs);
  }

  /** The wall clock of this machine runs faster (or slower, below 0) by so many millionths. */
  setDrift(ppm: number): void {
    this.#driftPpm = ppm;
    if (this.#scheduler !== null) this.#scheduler.driftPpm = ppm;
  }

  /** How far the wall clock is off now, ms. */
  get clockErrorMs(): number {
    return this.#scheduler === null
      ? this.#wallOffsetMs
      : this.#scheduler.wallMs() - this.surroundings.scheduler.wallMs();
  }

  /** Timers of the process that lives here; of nobody when none does. */
  protected get processScheduler(): Scheduler {
    return this.#scheduler ?? this.surroundings.scheduler;
  }

  /** A new process begins: its timers. */
  protected begin(): HostScheduler {
    const scheduler = new HostScheduler(this.surroundings.scheduler);
    scheduler.stepWallClock(this.#wallOffsetMs);
    scheduler.driftPpm = this.#driftPpm;
    this.#scheduler = scheduler;
    return scheduler;
  }

  /** The process is gone, with its timers and its place in the network. */
  protected end(): void {
    this.#isFrozen = false;
    this.surroundings.network.crash(this.name);
    if (this.#scheduler === null) return;
    this.#wallOffsetMs = this.clockErrorMs;
    this.#scheduler.kill();
    this.#scheduler = null;
  }
}
