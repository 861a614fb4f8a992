/**
 * What must hold for every log on every disk, whoever looks at it and when. Clients would notice most
 * of it in the end, where several disks are lost in the right order; here it shows at once.
 * - I2, I3: the log has no gaps and is causally closed at every length: whoever holds a record can serve
 *   its whole past.
 * - A4: an alias stands after a record with its body.
 * - I1: no entry of timestamps names two records, on any two disks.
 * The forced log: see forced-audit.ts.
 */

import { FORCED_ORIGIN } from '../log/forced-log.js';
import { idOf, isAlias, keyOf } from '../log/record.js';
import { TimestampBuilder } from '../timestamp/vector-timestamp.js';
import { decodeGroup } from '../wire/journal-group.js';
import { ForcedAudit } from './forced-audit.js';

export class LogAudit {
  /** Which update each entry of a timestamp means, and after what: one meaning for ever. */
  readonly #meanings = new Map<string, string>();
  readonly #forced = new ForcedAudit();

  /** Answers what is wrong with the log in these groups, in words, or null. */
  trouble(host: string, groups: readonly Uint8Array[]): string | null {
    const forced = this.#forced.open(host, groups);
    const received = new TimestampBuilder();
    const bodies = new Set<string>();
    for (const bytes of groups) {
      const { records, transitions } = decodeGroup(bytes);
      // What a group brings is there as a whole.
      received.advance(FORCED_ORIGIN, forced.commitAfter(transitions));
      for (const record of records) {
        const { origin, seq, prev } = record;
        const name = `${origin}:${seq}`;
        const key = keyOf(idOf(record));
        if (seq !== received.get(origin) + 1) return `I2: ${host} holds ${name} with a gap before`;
        if (!prev.leq(received)) return `I3: ${host} holds ${name} without what it depends on`;
        if (!isAlias(record)) bodies.add(key);
        else if (!bodies.has(key)) return `A4: ${host} holds the alias ${name} without its body`;
        received.advance(origin, seq);
        const past = [...prev.entries()].map((entry) => entry.join(':')).toSorted();
        const meaning = `${key} after ${past.join(' ')}`;
        const known = this.#meanings.get(name) ?? meaning;
        if (known !== meaning) return `I1: ${name} is ${known}, and at ${host} ${meaning}`;
        this.#meanings.set(name, meaning);
      }
      const trouble = forced.take(transitions, received);
      if (trouble !== null) return trouble;
    }
    return forced.close();
  }
}
