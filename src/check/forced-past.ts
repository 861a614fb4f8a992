/**
 * What comes with the one order of forced updates: each executes where all is known that its session knew
 * when it was sent. So whoever knows the order up to a place knows all that the updates up to there knew.
 */

import { type Clock, merge, NOTHING } from './chains.js';
import { countUpTo, type PlacedUpdate } from './forced-places.js';

export class ForcedPast {
  readonly #placed: readonly PlacedUpdate[];
  readonly #indexOf = new Map<number, number>();
  /** What each knew, by its index among the placed ones. */
  readonly #knew: Clock[];
  /** What all up to each knew: as far as somebody asked. */
  readonly #upTo: Clock[] = [];

  constructor(placed: readonly PlacedUpdate[]) {
    this.#placed = placed;
    this.#knew = placed.map(() => NOTHING);
    for (const [index, { operation }] of placed.entries()) this.#indexOf.set(operation, index);
  }

  /** Says what an update knew when it was sent; one without a place is passed over. */
  send(update: number, knew: Clock): void {
    const index = this.#indexOf.get(update);
    if (index !== undefined) this.#knew[index] = knew;
  }

  /** What is known with the order up to a place. All up to there must have been sent. */
  upTo(place: number): Clock {
    const count = countUpTo(this.#placed, place);
    for (let index = this.#upTo.length; index < count; index++) {
      this.#upTo.push(merge(this.#upTo[index - 1] ?? NOTHING, this.#knew[index] ?? NOTHING));
    }
    return this.#upTo[count - 1] ?? NOTHING;
  }
}
