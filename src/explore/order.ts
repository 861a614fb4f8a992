/**
 * The one order of forced operations, as whoever first knew had it: what was committed at a place stays
 * there for ever, whoever crashes (I11), is on the disks of a majority (I13), and is in the log of every
 * later view (I14).
 */

import type { MembershipChange } from '../log/membership.js';
import { type Ballot, isLater } from '../timestamp/ballot.js';
import { at } from './lists.js';
import type { ForcedView } from './process.js';

/** A committed entry. */
interface Place {
  /** The entry as text, and the update in it, `session:n`; null for a no-op. */
  readonly entry: string;
  readonly update: string | null;
  readonly change: MembershipChange | null;
  /** The view in which it was committed. */
  readonly view: Ballot;
}

/** Number 0 is the order in which nothing is committed. */
export const EMPTY_ORDER = 0;

/** Orders by number: each is an older one with an entry more. */
export class OrderTable {
  readonly #orders: (readonly Place[])[] = [[]];
  readonly #numbers = new Map<string, number>([['', EMPTY_ORDER]]);
  /** What a replica's view adds to an order and breaks of it: looked at once. */
  readonly #known = new WeakMap<ForcedView, Map<number, Taken>>();

  /** The update that was committed at a place, if any was. */
  updateAt(order: number, seq: number): string | null {
    return this.#places(order)[seq - 1]?.update ?? null;
  }

  /** What is committed once `name` is seen to have this log, and what is wrong with that. */
  take(order: number, name: string, log: ForcedView): Taken {
    let known = this.#known.get(log);
    if (known === undefined) this.#known.set(log, (known = new Map<number, Taken>()));
    let taken = known.get(order);
    if (taken === undefined) known.set(order, (taken = this.#take(order, name, log)));
    return taken;
  }

  /** Configurations that were put in force, oldest first. */
  activations(order: number): readonly Activation[] {
    return this.#places(order).flatMap(({ change }) =>
      change?.kind === 'activate' ? [change] : [],
    );
  }

  /**
   * Committed entries that are on the disks of less than a majority: of the members of the configuration
   * that they were ordered under, which for a configuration is itself and the one before, and of the
   * newest one. `founders`: the members at the beginning.
   */
  faultsOfDisks(
    order: number,
    founders: readonly string[],
    disks: ReadonlyMap<string, ForcedView>,
  ): string[] {
    const faults: string[] = [];
    const places = this.#places(order);
    const newest = places.reduce((names, place) => membersOf(place) ?? names, founders);
    let current = founders;
    places.forEach((place, index) => {
      const next = membersOf(place);
      for (const names of new Set([current, next ?? current, newest])) {
        const holders = names.filter((name) => disks.get(name)?.entries[index] === place.entry);
        if (2 * holders.length > names.length) continue;
        const where = `on ${holders.length} disks of ${names.join(', ')}`;
        faults.push(`I13: entry ${index + 1} is committed and ${where}`);
      }
      current = next ?? current;
    });
    return faults;
  }

  #take(
    order: number,
    name: string,
    { entries, updates, changes, commit, lnv }: ForcedView,
  ): Taken {
    const places = [...this.#places(order)];
    const faults: string[] = [];
    for (let index = 0; index < commit; index++) {
      const entry = at(entries, index);
      const place = places[index];
      if (place === undefined) {
        const update = updates[index] ?? null;
        places.push({ entry, update, change: changes[index] ?? null, view: lnv });
      } else if (place.entry !== entry) {
        faults.push(`I11: ${name} has another entry ${index + 1} for committed than was before`);
      }
    }
    places.forEach(({ entry, view }, index) => {
      if (!isLater(lnv, view) || entries[index] === entry) return;
      faults.push(`I14: view ${lnv.n} of ${name} lacks entry ${index + 1} of view ${view.n}`);
    });
    return { order: this.#numberOf(places), faults };
  }

  #places(order: number): readonly Place[] {
    return at(this.#orders, order);
  }

  #numberOf(places: readonly Place[]): number {
    const text = places.map(({ entry, view }) => `${view.n} ${view.owner} ${entry}`).join('\n');
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#orders.push(places) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }
}

type Activation = Extract<MembershipChange, { readonly kind: 'activate' }>;

/** Names of the members of a configuration that was ordered here, or null. */
const membersOf = ({ change }: Place): readonly string[] | null =>
  change?.kind === 'configure' ? change.configuration.members.map(({ name }) => name) : null;

interface Taken {
  readonly order: number;
  readonly faults: readonly string[];
}
