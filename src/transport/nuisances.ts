/**
 * Tells of what came that was wrong, without letting an attacker write the log: of each kind, the
 * first in a period is told in full, the others are counted and told as one line at the period's end.
 */

/** The kinds, and how many of them are called when they are counted. */
const NUISANCES = {
  silent: 'connections that said no hello in time',
  evicted: 'connections without hello that had to make room',
  full: 'connections refused for want of room',
  'not-http': 'connections that sent neither HTTP nor WebSocket',
  'bad-upgrade': 'WebSocket requests that were none',
  text: 'text frames',
  'bad-frame': 'broken or too large frames',
  'long-hello': 'connections that sent much before a hello',
  'slow-reader': 'connections closed because they do not read',
  'accept-failed': 'connections that could not be taken',
} as const;

export type Nuisance = keyof typeof NUISANCES;

export class NuisanceReporter {
  readonly #tell: (what: string) => void;
  readonly #counts = new Map<Nuisance, number>();

  constructor(tell: (what: string) => void) {
    this.#tell = tell;
  }

  /** Something wrong came; `what` says it in words and names the peer. */
  report(kind: Nuisance, what: string): void {
    const before = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, before + 1);
    if (before === 0) this.#tell(what);
  }

  /** Ends a period: tells how many more of each kind there were. */
  endPeriod(): void {
    for (const [kind, count] of this.#counts) {
      if (count > 1) this.#tell(`${count - 1} more ${NUISANCES[kind]}`);
    }
    this.#counts.clear();
  }
}
