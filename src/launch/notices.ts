/** Lines for the person at the terminal: on stderr, or in the client's log while it has the screen. */

import { printable } from '../client/printable.js';
import type { Surroundings, Terminal } from './surroundings.js';

export class Notices {
  readonly #stderr: Surroundings['stderr'];
  #terminal: Terminal | null = null;

  constructor(stderr: Surroundings['stderr']) {
    this.#stderr = stderr;
  }

  readonly say = (line: string): void => {
    if (this.#terminal !== null) this.#terminal.notice(line);
    else this.#stderr.write(`${printable(line)}\n`);
  };

  /** From now on in this terminal; null = on stderr again. */
  showIn(terminal: Terminal | null): void {
    this.#terminal = terminal;
  }
}
