/** One line that says how far a run is: rewritten in a terminal, else a new one now and then. */

const PLAIN_EVERY_MS = 10_000;
const REWRITTEN_EVERY_MS = 1000;

const ERASE_LINE = '\r\u001B[K';

export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class ProgressLine {
  readonly #output: ProgressOutput;
  readonly #nowMs: () => number;
  readonly #everyMs: number;
  #toldMs: number;
  #hasLine = false;

  constructor(output: ProgressOutput, nowMs: () => number) {
    this.#output = output;
    this.#nowMs = nowMs;
    this.#everyMs = output.isTTY === true ? REWRITTEN_EVERY_MS : PLAIN_EVERY_MS;
    this.#toldMs = nowMs();
  }

  /** Tells it when it is time to. */
  offer(text: () => string): void {
    if (this.#nowMs() - this.#toldMs < this.#everyMs) return;
    this.#toldMs = this.#nowMs();
    this.#hasLine = this.#output.isTTY === true;
    this.#output.write(this.#hasLine ? `${ERASE_LINE}${text()}` : `${text()}\n`);
  }

  /** Other lines may follow. */
  end(): void {
    if (this.#hasLine) this.#output.write('\n');
    this.#hasLine = false;
  }
}

/** Minutes and seconds: `1:05`. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
