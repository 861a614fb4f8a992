/** What happened to a cluster and when, as lines of a file: a run that fails is read from there. */

import { appendFileSync } from 'node:fs';

export class Story {
  readonly #path: string;
  readonly #sinceMs = performance.now();

  constructor(path: string) {
    this.#path = path;
  }

  note(what: string): void {
    const seconds = ((performance.now() - this.#sinceMs) / 1000).toFixed(3);
    appendFileSync(this.#path, `${new Date().toISOString()} ${seconds.padStart(9)} s  ${what}\n`);
  }
}
