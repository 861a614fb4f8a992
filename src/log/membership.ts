/**
 * Who the members are, and which origins are closed (PROTOCOL C and D): a pure function of the committed
 * changes in the forced log, the same at every replica after the same entry, and a part of snapshots.
 *
 * Invariants: epochs count up by one; at most the newest configuration is not activated; an origin that
 * is settled stays so, and its final may only become lower; a retired identity is never used again.
 */

import { assert } from '../base/assert.js';
import { type MemberId, memberOf, type Name, nameOf, type Origin } from '../base/ids.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';

export interface Member {
  readonly name: Name;
  /** Null in a configuration given at the start (`--members`): whoever has the name. */
  readonly id: MemberId | null;
  /** Where others reach it. */
  readonly address: string;
}

export interface Configuration {
  /** 1, 2, 3 … */
  readonly epoch: number;
  readonly members: readonly Member[];
  /** Identities that are members no more: all their origins are settled. */
  readonly leaving: readonly MemberId[];
  /** Origins of earlier starts of members that stay. */
  readonly closing: readonly Origin[];
  /** The cluster version in force (PROTOCOL I). */
  readonly version: number;
}

/** What a change of the members does to the log: an entry of the forced log. */
export type MembershipChange =
  | { readonly kind: 'configure'; readonly configuration: Configuration }
  /** The newest configuration is in force; what was acknowledged before it is in `cut` (PROTOCOL C). */
  | {
      readonly kind: 'activate';
      readonly epoch: number;
      readonly cut: VectorTimestamp;
      /** How far each settled origin counts; records above that are void. */
      readonly finals: readonly Final[];
    }
  /** Every member holds all of these: they leave the timestamps. */
  | { readonly kind: 'drop'; readonly origins: readonly Origin[] }
  /**
   * A majority is gone for good, and an operator has said so: one survivor goes on alone, as the next
   * generation (PROTOCOL F). What it orders from the next entry on has a name of its own.
   */
  | {
      readonly kind: 'recover';
      readonly generation: number;
      readonly plan: string;
      readonly firstSeq: number;
      readonly configuration: Configuration;
      readonly cut: VectorTimestamp;
      readonly finals: readonly Final[];
    };

export interface Final {
  readonly origin: Origin;
  readonly final: number;
}

/** A closed origin that timestamps still name. */
export interface Settlement {
  readonly final: number;
  /** Whoever named more than `final` of it waits for this instead (PROTOCOL D, norm). */
  readonly cut: VectorTimestamp;
}

/** All of it as plain data, for snapshots. */
export interface KeptMembership {
  readonly configuration: Configuration;
  readonly previous: Configuration | null;
  readonly isActivated: boolean;
  readonly cut: VectorTimestamp;
  readonly settled: readonly (readonly [Origin, Settlement])[];
  readonly dropped: readonly Final[];
  readonly retired: readonly (readonly [MemberId, VectorTimestamp])[];
  /** The entry of the forced log with which each recovery generation begins; that of generation 0 is 1. */
  readonly generations: readonly number[];
  /** The plan by which the newest generation came about; empty for generation 0. */
  readonly plan: string;
}

/** What a timestamp from outside means here. */
export interface Normalised {
  readonly timestamp: VectorTimestamp;
  /** It named records that are void: what survives of them is in the cut, which was merged in. */
  readonly isVoided: boolean;
}

export class Membership {
  #configuration: Configuration;
  /** The one before, while the newest is not activated. */
  #previous: Configuration | null;
  #isActivated: boolean;
  #cut: VectorTimestamp;
  readonly #settled: Map<Origin, Settlement>;
  readonly #dropped: Map<Origin, number>;
  /** Identities that are members no more, with the cut of their settlement. */
  readonly #retired: Map<MemberId, VectorTimestamp>;
  readonly #generations: number[];
  #plan: string;

  constructor(kept: KeptMembership) {
    this.#configuration = kept.configuration;
    this.#previous = kept.previous;
    this.#isActivated = kept.isActivated;
    this.#cut = kept.cut;
    this.#settled = new Map(kept.settled);
    this.#dropped = new Map(kept.dropped.map(({ origin, final }) => [origin, final]));
    this.#retired = new Map(kept.retired);
    this.#generations = [...kept.generations];
    this.#plan = kept.plan;
  }

  /** The newest committed configuration. */
  get configuration(): Configuration {
    return this.#configuration;
  }

  /** The configuration before it, while the newest is not activated; else null. */
  get previous(): Configuration | null {
    return this.#previous;
  }

  get isActivated(): boolean {
    return this.#isActivated;
  }

  /** What was acknowledged before the newest configuration was activated. */
  get cut(): VectorTimestamp {
    return this.#cut;
  }

  /** Given at the start by names: it never changes. */
  get isFixed(): boolean {
    return this.#configuration.members.some(({ id }) => id === null);
  }

  get settled(): ReadonlyMap<Origin, Settlement> {
    return this.#settled;
  }

  /** Finals of origins that timestamps name no more. */
  get dropped(): ReadonlyMap<Origin, number> {
    return this.#dropped;
  }

  /** Recovery generation: 0 until a majority was lost for good (PROTOCOL F). */
  get generation(): number {
    return this.#generations.length - 1;
  }

  get plan(): string {
    return this.#plan;
  }

  /** The entry of timestamps that counts the forced operation at this place. */
  orderAt(seq: number): Origin {
    let { generation } = this;
    while (generation > 0 && (this.#generations[generation] ?? 0) > seq) generation--;
    return orderOf(generation);
  }

  /** The entry that counts the forced operations to come. */
  get order(): Origin {
    return orderOf(this.generation);
  }

  isRetired(id: MemberId): boolean {
    return this.#retired.has(id);
  }

  /** The identity that was the last one to leave under this name; null: none has. */
  retiredAs(name: Name): MemberId | null {
    return [...this.#retired.keys()].findLast((id) => nameOf(id) === name) ?? null;
  }

  /** How far a closed origin counts; null while it is open. */
  finalOf(origin: Origin): number | null {
    const final = this.#settled.get(origin)?.final ?? this.#dropped.get(origin);
    if (final !== undefined) return final;
    const member = memberOf(origin);
    // Of an origin that no member has heard of nothing has survived.
    const isSettled = member !== null && this.#retired.has(member) && !this.#isLeaving(member);
    return isSettled ? 0 : null;
  }

  /** Its records are taken from members of the newest configuration only (PROTOCOL D2). */
  isFrozen(origin: Origin): boolean {
    if (this.#isActivated) return false;
    const member = memberOf(origin);
    if (member === null || this.finalOf(origin) !== null) return false;
    return this.#isLeaving(member) || this.#configuration.closing.includes(origin);
  }

  #isLeaving(id: MemberId): boolean {
    return !this.#isActivated && this.#configuration.leaving.includes(id);
  }

  /** Takes a committed change; they come in the order of the log. */
  apply(change: MembershipChange): void {
    switch (change.kind) {
      case 'configure': {
        const { configuration } = change;
        assert(this.#isActivated, 'a configuration follows one that is activated');
        assert(configuration.epoch === this.#configuration.epoch + 1, 'epochs count up by one');
        this.#previous = this.#configuration;
        this.#configuration = configuration;
        this.#isActivated = false;
        for (const id of configuration.leaving) this.#retired.set(id, VectorTimestamp.zero);
        break;
      }
      case 'activate':
        assert(change.epoch === this.#configuration.epoch, 'the newest configuration is activated');
        for (const id of this.#configuration.leaving) this.#retired.set(id, change.cut);
        this.#previous = null;
        this.#isActivated = true;
        this.#cut = change.cut;
        for (const { origin, final } of change.finals) {
          const known = this.#settled.get(origin);
          assert(known === undefined || final <= known.final, 'a final only becomes lower');
          this.#settled.set(origin, { final, cut: change.cut });
        }
        break;
      case 'drop':
        for (const origin of change.origins) {
          const settlement = this.#settled.get(origin);
          assert(settlement !== undefined, 'only what is settled leaves the timestamps');
          this.#settled.delete(origin);
          this.#dropped.set(origin, settlement.final);
        }
        break;
      case 'recover':
        assert(change.generation === this.generation + 1, 'generations count up by one');
        this.#generations.push(change.firstSeq);
        this.#plan = change.plan;
        this.#configuration = change.configuration;
        this.#previous = null;
        this.#isActivated = true;
        this.#cut = change.cut;
        for (const id of change.configuration.leaving) this.#retired.set(id, change.cut);
        for (const { origin, final } of change.finals) {
          this.#settled.set(origin, { final, cut: change.cut });
        }
        break;
    }
  }

  /**
   * What a timestamp from outside means: origins that are closed count up to their final, dropped ones
   * are held by everybody, and whoever was shown more than is left waits for what is (PROTOCOL D, norm).
   */
  normalise(timestamp: VectorTimestamp): Normalised {
    let isVoided = false;
    let isChanged = false;
    let cut = VectorTimestamp.zero;
    const kept: [Origin, number][] = [];
    for (const [origin, count] of timestamp.entries()) {
      const final = this.finalOf(origin);
      if (final === null) {
        kept.push([origin, count]);
        continue;
      }
      const settlement = this.#settled.get(origin);
      if (count > final) {
        isVoided = true;
        const member = memberOf(origin);
        const retiredWith = member === null ? undefined : this.#retired.get(member);
        cut = cut.merge(settlement?.cut ?? retiredWith ?? VectorTimestamp.zero);
      }
      if (count > final || settlement === undefined) isChanged = true;
      if (settlement !== undefined) kept.push([origin, Math.min(count, final)]);
    }
    if (!isChanged) return { timestamp, isVoided: false };
    const clipped = VectorTimestamp.of(kept);
    if (!isVoided) return { timestamp: clipped, isVoided };
    return { timestamp: clipped.merge(this.#clip(cut)), isVoided };
  }

  /** A cut names origins that may have been closed since. */
  #clip(cut: VectorTimestamp): VectorTimestamp {
    return VectorTimestamp.of(
      [...cut.entries()].flatMap(([origin, count]): [Origin, number][] => {
        if (this.#dropped.has(origin)) return [];
        const final = this.finalOf(origin);
        return [[origin, final === null ? count : Math.min(count, final)]];
      }),
    );
  }

  kept(): KeptMembership {
    return {
      configuration: this.#configuration,
      previous: this.#previous,
      isActivated: this.#isActivated,
      cut: this.#cut,
      settled: [...this.#settled],
      dropped: [...this.#dropped].map(([origin, final]) => ({ origin, final })),
      retired: [...this.#retired],
      generations: this.#generations,
      plan: this.#plan,
    };
  }
}

/** The first configuration of a cluster, in force from the start. */
export const founded = (members: readonly Member[], version: number): KeptMembership => ({
  configuration: { epoch: 1, members, leaving: [], closing: [], version },
  previous: null,
  isActivated: true,
  cut: VectorTimestamp.zero,
  settled: [],
  dropped: [],
  retired: [],
  generations: [1],
  plan: '',
});

/** `!g`: counts the forced operations of recovery generation g (PROTOCOL F). */
const orderOf = (generation: number): Origin => `!${generation}` as Origin;

/** w: copies that make an update durable (PROTOCOL, words). */
export const copiesIn = ({ members }: Configuration): number => Math.min(2, members.length);

/** R = N - w + 1: members whose logs together hold every update acknowledged with w copies. */
export const collectionIn = (configuration: Configuration): number =>
  configuration.members.length - copiesIn(configuration) + 1;

/** The least number of members that are more than half of them. */
export const majorityIn = ({ members }: Configuration): number =>
  Math.floor(members.length / 2) + 1;
