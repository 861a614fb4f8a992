/** Looks at a replica's load now and then, and says when its status changes. */

import type { Random } from '../base/random.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { ReplicaStatus, SetStatus } from '../wire/messages.js';
import { type Load, ProcessStatus } from './process-status.js';

/** How often the load is looked at. */
const LOAD_PERIOD_MS = 300;

interface StatusKeeperInit {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly load: () => Load;
  readonly onChange: (status: ReplicaStatus) => void;
}

export class StatusKeeper {
  readonly #init: StatusKeeperInit;
  readonly #status: ProcessStatus;
  #timer: TimerHandle | null = null;

  constructor(init: StatusKeeperInit) {
    this.#init = init;
    this.#status = new ProcessStatus(init.random);
  }

  get current(): ReplicaStatus {
    return this.#status.current;
  }

  start(): void {
    const { scheduler, load, onChange } = this.#init;
    if (this.#status.look(load(), scheduler.monotonicMs())) onChange(this.#status.current);
    this.#timer = scheduler.after(LOAD_PERIOD_MS, () => this.start());
  }

  /** Somebody decides; or measurement does, again (`auto`). */
  set(value: SetStatus['value']): void {
    this.#status.set(value, this.#init.scheduler.monotonicMs());
    this.#init.onChange(this.#status.current);
  }

  /** The process is about to end: OFFLINE from now on. */
  leave(): void {
    this.#status.leave();
    this.#init.onChange(this.#status.current);
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
