/**
 * What all disks of a cluster together have shown: one meaning for each record and each entry, for ever.
 * - I1: no entry of timestamps names two records, on any two disks, whatever became of its maker.
 * - I11: one entry is committed at each place. I21: (seq, born) names one entry.
 * - I13: what is committed is, or was, on the disks of a majority of the members it was ordered among;
 *   of both configurations where it is a configuration itself (I24).
 * - I14: who begins a view was promised it by a majority.
 * - I22: what was acknowledged with enough copies of one configuration is in the cut of the next.
 * - I23: whoever knows that records are void shows none of them.
 * - I24: configurations count up, one at a time is not activated; finals only become lower.
 */

import { InvariantError } from '../../base/assert.js';
import type { MemberId, Origin } from '../../base/ids.js';
import type { ForcedEntry } from '../../log/forced-log.js';
import {
  type Configuration,
  copiesIn,
  type KeptMembership,
  majorityIn,
  Membership,
  type MembershipChange,
} from '../../log/membership.js';
import { idOf, isAlias, keyOf, type TravellingRecord } from '../../log/record.js';
import type { Ballot } from '../../timestamp/ballot.js';
import type { VectorTimestamp } from '../../timestamp/vector-timestamp.js';

/** Who acknowledged an update, by the configuration that each named. */
interface Acknowledgements {
  readonly byEpoch: Map<number, Set<MemberId>>;
  /** The least configuration in which enough members have; null before that. */
  epoch: number | null;
}

/** How often members changed. */
export interface MembershipCounts {
  configurations: number;
  joined: number;
  left: number;
  replaced: number;
  activations: number;
  settled: number;
  dropped: number;
}

export class ClusterBook {
  readonly counts: MembershipCounts = {
    ...{ configurations: 0, joined: 0, left: 0, replaced: 0 },
    ...{ activations: 0, settled: 0, dropped: 0 },
  };
  /** Which update each entry of a timestamp means, and after what. */
  readonly #meanings = new Map<string, string>();
  /** The records of each update, by session and number. */
  readonly #records = new Map<string, { readonly origin: Origin; readonly seq: number }[]>();
  readonly #entries = new Map<string, string>();
  /** Identities that have, or had, an entry on their disk; likewise for promises of views. */
  readonly #holders = new Map<string, Set<MemberId>>();
  readonly #promises = new Map<string, Set<MemberId>>();
  readonly #begun = new Set<string>();
  readonly #committed = new Map<number, string>();
  /** Entries 1 to this one are known to be committed, one after the other. */
  #committedUpTo = 0;
  /** Null in a cluster whose members were given at the start. */
  #membership: Membership | null = null;
  readonly #configurations = new Map<number, Configuration>();
  readonly #acknowledged = new Map<string, Acknowledgements>();
  /** How far each closed origin counts, and since which entry. */
  readonly #finals = new Map<Origin, { readonly final: number; readonly seq: number }>();
  /** An operator has said that something may be lost. */
  isForced = false;

  /** The members with whom a cluster was founded. */
  found(kept: KeptMembership): void {
    if (this.#membership !== null) return;
    this.#membership = new Membership(kept);
    this.#configurations.set(kept.configuration.epoch, kept.configuration);
  }

  get membership(): Membership | null {
    return this.#membership;
  }

  configuration(epoch: number): Configuration | undefined {
    return this.#configurations.get(epoch);
  }

  /** A record is on a disk. Answers what is wrong with that, or null. */
  record(record: TravellingRecord): string | null {
    const { origin, seq, prev } = record;
    const name = `${origin}:${seq}`;
    const meaning = `${keyOf(idOf(record))} after ${wordsOf(prev)}`;
    const known = this.#meanings.get(name);
    if (known !== undefined) {
      return known === meaning ? null : `I1: ${name} is ${known}, and ${meaning}`;
    }
    this.#meanings.set(name, meaning);
    const { session, n } = isAlias(record) ? record.id : record.body;
    const update = `${session}:${n}`;
    const records = this.#records.get(update);
    if (records === undefined) this.#records.set(update, [{ origin, seq }]);
    else records.push({ origin, seq });
    return null;
  }

  /** A timestamp as far as its origins count; those that everybody holds are left out. */
  missing(prev: VectorTimestamp, held: { get(origin: Origin): number }): Origin | null {
    for (const [origin, count] of prev.entries()) {
      if (this.#membership?.dropped.has(origin) === true) continue;
      const final = this.#membership?.finalOf(origin) ?? null;
      if ((final === null ? count : Math.min(count, final)) > held.get(origin)) return origin;
    }
    return null;
  }

  /** An entry is on the disk of an identity. */
  entry(entry: ForcedEntry, holder: MemberId): string | null {
    const place = placeOf(entry);
    const meaning = meaningOf(entry);
    const known = this.#entries.get(place) ?? meaning;
    this.#entries.set(place, known);
    if (known !== meaning) return `I21: entry ${place} is ${known}, and ${meaning}`;
    addTo(this.#holders, place, holder);
    return null;
  }

  promise(view: Ballot, holder: MemberId): void {
    addTo(this.#promises, nameOf(view), holder);
  }

  /** The owner of a view has begun it, among the members of a configuration. */
  begin(view: Ballot, configuration: Configuration | null): string | null {
    const name = nameOf(view);
    if (this.#begun.has(name)) return null;
    this.#begun.add(name);
    if (configuration === null || isFixed(configuration)) return null;
    const votes = countIn(configuration, this.#promises.get(name));
    return votes >= majorityIn(configuration)
      ? null
      : `I14: view ${name} began with ${votes} promises of the ${configuration.members.length} members of epoch ${configuration.epoch}`;
  }

  /** An entry is committed, as a disk says. */
  commit(entry: ForcedEntry): string | null {
    const meaning = `${placeOf(entry)} ${meaningOf(entry)}`;
    const known = this.#committed.get(entry.seq);
    if (known !== undefined) {
      return known === meaning
        ? null
        : `I11: committed at place ${entry.seq} are ${known}, and ${meaning}`;
    }
    this.#committed.set(entry.seq, meaning);
    if (entry.seq !== this.#committedUpTo + 1) {
      return `I13: entry ${entry.seq} is committed, and nobody has shown ${this.#committedUpTo + 1} to be`;
    }
    this.#committedUpTo = entry.seq;
    if (this.#membership === null) return null;
    return this.#quorumTrouble(entry) ?? this.#change(entry);
  }

  /** How far the commits of all disks together go. */
  get committedUpTo(): number {
    return this.#committedUpTo;
  }

  /** A member with this label tells that it holds an update durably. */
  acknowledge(update: string, member: MemberId, epoch: number): string | null {
    const known: Acknowledgements = this.#acknowledged.get(update) ?? {
      byEpoch: new Map(),
      epoch: null,
    };
    this.#acknowledged.set(update, known);
    if (known.epoch !== null) return null;
    const members = known.byEpoch.get(epoch) ?? new Set<MemberId>();
    known.byEpoch.set(epoch, members.add(member));
    const configuration = this.#configurations.get(epoch);
    if (configuration === undefined || members.size < copiesIn(configuration)) return null;
    known.epoch = epoch;
    // The cut of the next configuration may be there already: then this is in it all the same.
    const isCut = this.#membership !== null && this.#isActivated(epoch + 1);
    return isCut ? this.#cutTrouble(update, epoch) : null;
  }

  /** Whether somebody holds a record of each update that enough members have acknowledged. */
  isHeld(holds: (origin: Origin, seq: number) => boolean): boolean {
    for (const [update, { epoch }] of this.#acknowledged) {
      const records = this.#records.get(update) ?? [];
      if (epoch !== null && !records.some(({ origin, seq }) => holds(origin, seq))) return false;
    }
    return true;
  }

  #isActivated(epoch: number): boolean {
    const { configuration, isActivated } = this.#membership ?? {};
    if (configuration === undefined) return false;
    return configuration.epoch > epoch || (configuration.epoch === epoch && isActivated === true);
  }

  /** Entries of a configuration need a majority of it; the one that brings it also of the one before. */
  #quorumTrouble(entry: ForcedEntry): string | null {
    const newest = this.#membership?.configuration;
    if (newest === undefined) return null;
    const isChange = entry.kind === 'change' && entry.change.kind === 'configure';
    const configurations = isChange ? [newest, entry.change.configuration] : [newest];
    for (const configuration of configurations) {
      const holders = countIn(configuration, this.#holders.get(placeOf(entry)));
      if (holders >= majorityIn(configuration)) continue;
      const { members, epoch } = configuration;
      return `I13: entry ${placeOf(entry)} is committed, and ${holders} of the ${members.length} members of epoch ${epoch} had it`;
    }
    return null;
  }

  #change(entry: ForcedEntry): string | null {
    const membership = this.#membership;
    if (entry.kind !== 'change' || membership === null) return null;
    const { change } = entry;
    const before = membership.configuration;
    try {
      membership.apply(change);
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      return `I24: entry ${placeOf(entry)}: ${error.message}`;
    }
    if (change.kind === 'activate') {
      for (const { origin, final } of change.finals) {
        this.#finals.set(origin, { final, seq: entry.seq });
      }
    }
    return this.#count(change, before);
  }

  /** What this timestamp names that has been void since an entry up to this one, in words, or null. */
  voidPart(timestamp: VectorTimestamp, committed: number): string | null {
    for (const [origin, count] of timestamp.entries()) {
      const settled = this.#finals.get(origin);
      if (settled === undefined || settled.seq > committed || count <= settled.final) continue;
      return `${origin}:${count}, of which only ${settled.final} count since entry ${settled.seq}`;
    }
    return null;
  }

  #count(change: MembershipChange, before: Configuration): string | null {
    const { counts } = this;
    switch (change.kind) {
      case 'configure': {
        const { configuration } = change;
        this.#configurations.set(configuration.epoch, configuration);
        counts.configurations++;
        const added = others(configuration, before);
        const removed = others(before, configuration);
        if (added > 1 || removed > 1) {
          return `I24: epoch ${configuration.epoch} adds ${added} members and removes ${removed}`;
        }
        if (added === 1 && removed === 1) counts.replaced++;
        else if (added === 1) counts.joined++;
        else if (removed === 1) counts.left++;
        return null;
      }
      case 'activate':
        counts.activations++;
        counts.settled += change.finals.length;
        return this.#cutTroubles(change.epoch);
      case 'drop':
        counts.dropped += change.origins.length;
        return null;
      case 'recover':
        // A person has said what is lost (PROTOCOL F).
        this.isForced = true;
        this.#configurations.set(change.configuration.epoch, change.configuration);
        return null;
    }
  }

  #cutTroubles(epoch: number): string | null {
    if (this.isForced) return null;
    for (const [update, acknowledged] of this.#acknowledged) {
      if (acknowledged.epoch === null || acknowledged.epoch >= epoch) continue;
      const trouble = this.#cutTrouble(update, acknowledged.epoch);
      if (trouble !== null) return trouble;
    }
    return null;
  }

  #cutTrouble(update: string, epoch: number): string | null {
    const membership = this.#membership;
    if (membership === null || this.isForced) return null;
    const { cut, configuration } = membership;
    const records = this.#records.get(update) ?? [];
    const isKept = records.some(
      ({ origin, seq }) => seq <= (membership.finalOf(origin) ?? cut.get(origin)),
    );
    if (isKept) return null;
    const words = records.map(({ origin, seq }) => `${origin}:${seq}`).join(', ');
    return `I22: ${update} (${words}) was acknowledged in epoch ${epoch}, and is not in the cut of epoch ${configuration.epoch}: ${wordsOf(cut)}`;
  }
}

/** Members of the first that the second has not. */
const others = (one: Configuration, other: Configuration): number =>
  one.members.filter(({ id }) => !other.members.some((member) => member.id === id)).length;

const isFixed = ({ members }: Configuration): boolean => members.some(({ id }) => id === null);

const countIn = ({ members }: Configuration, ids: ReadonlySet<MemberId> | undefined): number =>
  members.filter(({ id }) => id !== null && ids?.has(id) === true).length;

function addTo(sets: Map<string, Set<MemberId>>, key: string, member: MemberId): void {
  const known = sets.get(key);
  if (known === undefined) sets.set(key, new Set([member]));
  else known.add(member);
}

const nameOf = ({ n, owner }: Ballot): string => `${n}.${owner}`;

export const placeOf = ({ seq, born }: ForcedEntry): string => `${seq} of view ${nameOf(born)}`;

function meaningOf(entry: ForcedEntry): string {
  switch (entry.kind) {
    case 'no-op':
      return 'a no-op';
    case 'change':
      return changeWords(entry.change);
    case 'update':
      return `${keyOf(entry.body)} after ${wordsOf(entry.prev)}`;
  }
}

function changeWords(change: MembershipChange): string {
  switch (change.kind) {
    case 'configure': {
      const { epoch, members, leaving, closing } = change.configuration;
      const ids = members.map(({ id }) => id).join(' ');
      return `epoch ${epoch} of ${ids}, leaving ${leaving.join(' ')}, closing ${closing.join(' ')}`;
    }
    case 'activate': {
      const finals = change.finals.map(({ origin, final }) => `${origin}:${final}`);
      return `epoch ${change.epoch} activated, cut ${wordsOf(change.cut)}, finals ${finals.join(' ')}`;
    }
    case 'drop':
      return `${change.origins.join(' ')} dropped`;
    case 'recover':
      return `recovered as generation ${change.generation} by plan ${change.plan}`;
  }
}

const wordsOf = (timestamp: VectorTimestamp): string =>
  [...timestamp.entries()]
    .map((part) => part.join(':'))
    .toSorted()
    .join(' ');
