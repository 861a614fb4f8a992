/**
 * What must hold for every forced log on every disk, at each of its states (docs/protocol.md):
 * - I12: the promised view, the last normal view and the commit number never go back, over restarts too.
 * - I11: one entry is committed at each place, anywhere, for ever.
 * - I21: (seq, born) names one entry, for ever.
 * - I15: an entry in a log depends on nothing that is not on the same disk.
 */

import { InvariantError } from '../base/assert.js';
import { isReservedOrigin } from '../base/ids.js';
import { type ForcedEntry, ForcedLog, type ForcedTransition } from '../log/forced-log.js';
import { keyOf } from '../log/record.js';
import { isLater } from '../timestamp/ballot.js';
import type { TimestampView } from '../timestamp/vector-timestamp.js';

interface Seen {
  /** How many groups there were, and the last of them: another one stands there after damage. */
  readonly count: number;
  readonly last: Uint8Array | undefined;
  readonly log: ForcedLog;
}

export class ForcedAudit {
  readonly #entries = new Map<string, string>();
  readonly #committed = new Map<number, string>();
  /** How each disk was found last. One that was damaged since may have forgotten. */
  readonly #seen = new WeakMap<readonly Uint8Array[], Seen>();

  /** Begins to look at one disk, from its first group on. */
  open(host: string, groups: readonly Uint8Array[]): OpenedForcedAudit {
    return new OpenedForcedAudit(host, {
      name: (entry) => this.#nameTrouble(entry),
      commit: (entry) => this.#commitTrouble(entry),
      close: (log) => this.#regress(groups, log),
    });
  }

  #nameTrouble(entry: ForcedEntry): string | null {
    const place = placeOf(entry);
    const meaning = meaningOf(entry);
    const known = this.#entries.get(place) ?? meaning;
    this.#entries.set(place, known);
    return known === meaning ? null : `I21: entry ${place} is ${known}, and ${meaning}`;
  }

  #commitTrouble(entry: ForcedEntry): string | null {
    const meaning = `${placeOf(entry)} ${meaningOf(entry)}`;
    const known = this.#committed.get(entry.seq) ?? meaning;
    this.#committed.set(entry.seq, known);
    return known === meaning
      ? null
      : `I11: committed at place ${entry.seq} are ${known}, and ${meaning}`;
  }

  #regress(groups: readonly Uint8Array[], log: ForcedLog): string | null {
    const before = this.#seen.get(groups);
    this.#seen.set(groups, { count: groups.length, last: groups.at(-1), log });
    if (before === undefined || groups[before.count - 1] !== before.last) return null;
    if (isLater(before.log.view, log.view)) return 'I12: the promised view went back';
    if (isLater(before.log.lnv, log.lnv)) return 'I12: the last normal view went back';
    return before.log.commit > log.commit ? 'I12: the commit number went back' : null;
  }
}

interface Findings {
  readonly name: (entry: ForcedEntry) => string | null;
  readonly commit: (entry: ForcedEntry) => string | null;
  readonly close: (log: ForcedLog) => string | null;
}

/** One disk, read from the beginning. */
export class OpenedForcedAudit {
  readonly #host: string;
  readonly #findings: Findings;
  readonly #log = new ForcedLog();

  constructor(host: string, findings: Findings) {
    this.#host = host;
    this.#findings = findings;
  }

  /** The commit number once these have been taken. */
  commitAfter(transitions: readonly ForcedTransition[]): number {
    return Math.max(this.#log.commit, ...transitions.map(({ commit = 0 }) => commit));
  }

  /** Takes the transitions of a group; answers what is wrong with them, in words, or null. */
  take(transitions: readonly ForcedTransition[], held: TimestampView): string | null {
    for (const transition of transitions) {
      const before = this.#log.commit;
      try {
        this.#log.apply(transition);
      } catch (error) {
        if (!(error instanceof InvariantError)) throw error;
        return this.#said(`I12: ${error.message}`);
      }
      for (const entry of transition.entries ?? []) {
        const trouble = this.#findings.name(entry) ?? pastTrouble(entry, held);
        if (trouble !== null) return this.#said(trouble);
      }
      for (const entry of this.#log.slice(before + 1, this.#log.commit)) {
        const trouble = this.#findings.commit(entry);
        if (trouble !== null) return this.#said(trouble);
      }
    }
    return null;
  }

  close(): string | null {
    const trouble = this.#findings.close(this.#log);
    return trouble === null ? null : this.#said(trouble);
  }

  #said(trouble: string): string {
    return `${trouble} (at ${this.#host})`;
  }
}

function pastTrouble(entry: ForcedEntry, held: TimestampView): string | null {
  const missing = entry.prev.missingFrom(held).filter(({ origin }) => !isReservedOrigin(origin));
  return missing.length === 0
    ? null
    : `I15: entry ${placeOf(entry)} is in a log without what it depends on`;
}

const placeOf = ({ seq, born }: ForcedEntry): string => `${seq} of view ${born.n}.${born.owner}`;

function meaningOf(entry: ForcedEntry): string {
  if (entry.kind === 'no-op') return 'a no-op';
  if (entry.kind === 'change') return JSON.stringify(entry.change);
  const past = [...entry.prev.entries()].map((part) => part.join(':')).toSorted();
  return `${keyOf(entry.body)} after ${past.join(' ')}`;
}
