/** Time that goes by when it is told to: what is due at the same millisecond runs in the order it was set. */

interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

export class VirtualTime {
  #due: Due[] = [];
  nowMs = 1000;

  at(atMs: number, run: () => void): void {
    const due = { atMs: Math.max(atMs, this.nowMs), run };
    // Almost everything is due soon: the place is near the end of the list, which is sorted backwards.
    let low = 0;
    let high = this.#due.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#due[middle]?.atMs ?? 0) > due.atMs) low = middle + 1;
      else high = middle;
    }
    this.#due.splice(low, 0, due);
  }

  after(ms: number, run: () => void): void {
    this.at(this.nowMs + ms, run);
  }

  /** Runs what is due by then. */
  runTo(endMs: number): void {
    for (;;) {
      const next = this.#due.at(-1);
      if (next === undefined || next.atMs > endMs) break;
      this.#due.pop();
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = endMs;
  }
}
