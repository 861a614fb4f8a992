/** Says that something went wrong when it begins and that it is over when it ends, not in between. */

import type { EventSink } from '../ports/event-sink.js';

export type Say = EventSink['say'];

export class Trouble {
  readonly #say: Say;
  /** What cannot be done, as in "cannot …". */
  readonly #what: string;
  #words: string | null = null;

  constructor(what: string, say: Say) {
    this.#what = what;
    this.#say = say;
  }

  /** What is wrong at present, the latest reason; null when nothing is. */
  get words(): string | null {
    return this.#words;
  }

  /** It failed; `consequence` says how things go on. */
  began(error: unknown, consequence: string): void {
    const isNew = this.#words === null;
    const why = error instanceof Error ? error.message : String(error);
    this.#words = `cannot ${this.#what}: ${why}`;
    if (isNew) this.#say('warn', `${this.#words}; ${consequence}`);
  }

  /** It works. */
  ended(): void {
    if (this.#words === null) return;
    this.#words = null;
    this.#say('info', `can ${this.#what} now`);
  }
}
