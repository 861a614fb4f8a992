/** Keeps the parts of a local cluster running together: all of them start, and all of them end. */

import type { Obstacle, Part } from './part.js';
import { type GivenUp, SupervisedPart, type SupervisedPartComponents } from './supervised-part.js';

/** A cluster that is not ready by then will hardly become so: a large log is read in seconds. */
const START_LIMIT_MS = 120_000;

/** What a part that was asked to end gets before it is ended. */
const GRACE_MS = 10_000;

/** The cluster did not start. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly exitStatus: number;
  /** What stood in the way, where it may be got round. */
  readonly obstacle: Obstacle | null;

  constructor(message: string, exitStatus: number, obstacle: Obstacle | null) {
    super(message);
    this.exitStatus = exitStatus;
    this.obstacle = obstacle;
  }
}

const stopped = (): StartError => new StartError('stopped while it was starting', 3, null);

/** Answered by the one start there is. */
interface Starting {
  readonly notReady: Set<string>;
  readonly resolve: () => void;
  readonly reject: (error: StartError) => void;
}

export class Supervisor {
  readonly #components: SupervisedPartComponents;
  readonly #restart: boolean;
  #parts: readonly SupervisedPart[] = [];
  #isStopped = false;
  /** Null while nothing starts. */
  #starting: Starting | null = null;
  /** Who waits for a part to have been removed, by its name. */
  readonly #awaited = new Map<string, () => void>();

  constructor(components: SupervisedPartComponents, init: { readonly restart: boolean }) {
    this.#components = components;
    this.#restart = init.restart;
  }

  /**
   * Starts these parts beside those that run, says each that is ready, and resolves once all are. Rejects
   * with StartError when one has given up before, or after two minutes; `stop` is still to be called.
   */
  async start(parts: readonly Part[]): Promise<void> {
    const { scheduler } = this.#components;
    if (this.#isStopped) throw stopped();
    const started = new Promise<void>((resolve, reject) => {
      this.#starting = { notReady: new Set(parts.map(({ name }) => name)), resolve, reject };
    });
    const added = parts.map((part) => this.#supervise(part));
    this.#parts = [...this.#parts, ...added];
    for (const part of added) part.start();
    const limit = scheduler.after(START_LIMIT_MS, () => this.#failStart(this.#tooLate()));
    try {
      await started;
    } finally {
      this.#starting = null;
      limit.cancel();
    }
  }

  /** Resolves once a part that is taken out of the cluster has ended, or after 10 s: then it is said. */
  async removed(name: string): Promise<void> {
    const { scheduler, say } = this.#components;
    if (!this.#parts.some((part) => part.name === name)) return;
    await new Promise<void>((resolve) => {
      const limit = scheduler.after(GRACE_MS, () => {
        say(`${name} is out of the cluster and has not ended within ${GRACE_MS / 1000} s`);
        resolve();
      });
      this.#awaited.set(name, () => {
        limit.cancel();
        resolve();
      });
    });
    this.#awaited.delete(name);
  }

  /** Ends all parts: asks, waits up to 10 s, then kills. Resolves when no process is left. */
  async stop(): Promise<void> {
    const { scheduler, say } = this.#components;
    this.#isStopped = true;
    const ended = Promise.all(this.#parts.map((part) => part.stop()));
    this.#failStart(stopped());
    for (const resolve of this.#awaited.values()) resolve();
    const limit = scheduler.after(GRACE_MS, () => {
      for (const part of this.#parts) {
        if (part.kill()) say(`${part.name} did not end within ${GRACE_MS / 1000} s: killed`);
      }
    });
    await ended;
    limit.cancel();
  }

  /** Ends all processes at once. */
  kill(): void {
    for (const part of this.#parts) part.kill();
  }

  #supervise(part: Part): SupervisedPart {
    const onReady = ({ name, address }: Part, pid: number): void => {
      this.#components.say(`${name} pid ${pid} ws://${address}`);
      this.#starting?.notReady.delete(name);
      if (this.#starting?.notReady.size === 0) this.#starting.resolve();
    };
    const onGivenUp = (givenUp: GivenUp): void => this.#onGivenUp(supervised, givenUp);
    const init = { part, restart: this.#restart, onReady, onGivenUp };
    const supervised = new SupervisedPart(init, this.#components);
    return supervised;
  }

  #onGivenUp(part: SupervisedPart, { what, exitStatus, obstacle, isRemoved }: GivenUp): void {
    if (isRemoved) {
      this.#components.say(`${part.name} is out of the cluster; it is not started again`);
      this.#parts = this.#parts.filter((each) => each !== part);
      this.#awaited.get(part.name)?.();
      if (this.#starting?.notReady.delete(part.name) && this.#starting.notReady.size === 0) {
        this.#starting.resolve();
      }
      return;
    }
    if (this.#starting === null) {
      this.#components.say(`${what}; it is not started again`);
      return;
    }
    const message = `the cluster did not start: ${what}`;
    this.#failStart(new StartError(message, exitStatus === 2 ? 2 : 4, obstacle));
  }

  #failStart(error: StartError): void {
    this.#starting?.reject(error);
  }

  #tooLate(): StartError {
    const waiting = this.#parts
      .filter(({ name }) => this.#starting?.notReady.has(name))
      .map(({ name, waitsFor }) => `${name} (waits for ${waitsFor})`);
    const message = `not ready after ${START_LIMIT_MS / 1000} s: ${waiting.join(', ')}`;
    return new StartError(message, 4, null);
  }
}
