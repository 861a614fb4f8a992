/** Time, as the drivers see it: the real clock and timers, or virtual ones in a simulation. */

export interface TimerHandle {
  cancel(): void;
}

export interface Scheduler {
  /** Milliseconds that never go back; only differences mean anything. */
  monotonicMs(): number;
  /** The wall clock, milliseconds since 1970; may be wrong or step. */
  wallMs(): number;
  after(delayMs: number, run: () => void): TimerHandle;
  /** Runs once all input that has already arrived has been taken in: one flush for many messages. */
  soon(run: () => void): void;
}
