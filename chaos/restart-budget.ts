/**
 * How often processes may be started again: so many in any minute. Each start of a replica opens an
 * origin, timestamps grow with it, and nothing closes old ones yet.
 */

const WINDOW_MS = 60_000;

export class RestartBudget {
  readonly #most: number;
  readonly #nowMs: () => number;
  #takenMs: number[] = [];

  constructor(most: number, nowMs: () => number) {
    this.#most = most;
    this.#nowMs = nowMs;
  }

  /** Takes so many starts, all or none. */
  take(count: number): boolean {
    const nowMs = this.#nowMs();
    this.#takenMs = this.#takenMs.filter((takenMs) => takenMs > nowMs - WINDOW_MS);
    if (this.#takenMs.length + count > this.#most) return false;
    for (let left = count; left > 0; left--) this.#takenMs.push(nowMs);
    return true;
  }
}
