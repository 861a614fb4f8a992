/**
 * Vector clocks over chains of updates. Each update stands in one chain, in which every one knows of all
 * before it; a clock says how many of each chain are known. Clocks are never changed, so that many may
 * share one. A chain is its session's own until that has no more updates; then any other may go on with
 * it, so that there are about as many chains as sessions at one time.
 */

/** Per chain, how many of its updates are known; chains past the end: none. */
export type Clock = Int32Array;

export const NOTHING: Clock = new Int32Array(0);

/** Chains come one by one: room for some saves a copy for each. */
const SPARE_CHAINS = 16;

/** All that either knows; one of the two where that says it. */
export function merge(one: Clock, other: Clock): Clock {
  if (one === other) return one;
  const [long, short] = one.length >= other.length ? [one, other] : [other, one];
  let longLacks = false;
  let shortLacks = long.length > short.length;
  for (let chain = 0; chain < short.length; chain++) {
    const difference = (long[chain] ?? 0) - (short[chain] ?? 0);
    if (difference < 0) longLacks = true;
    else if (difference > 0) shortLacks = true;
  }
  if (!longLacks) return long;
  if (!shortLacks) return short;
  const merged = long.slice();
  raise(merged, short);
  return merged;
}

/** Adds what `other` knows to a clock that nobody else has; `other` is not the longer one. */
function raise(clock: Clock, other: Clock): void {
  for (let chain = 0; chain < other.length; chain++) {
    const count = other[chain] ?? 0;
    if (count > (clock[chain] ?? 0)) clock[chain] = count;
  }
}

/** A clock that grows often and is looked at now and then: it is copied only when it was handed out. */
export class GrowingClock {
  #clock: Clock = NOTHING;
  #isShared = true;

  add(other: Clock): void {
    if (other.length > this.#clock.length) {
      const longer = new Int32Array(other.length + SPARE_CHAINS);
      longer.set(this.#clock);
      this.#clock = longer;
    } else if (this.#isShared) this.#clock = this.#clock.slice();
    this.#isShared = false;
    raise(this.#clock, other);
  }

  /** What it knows now. */
  get clock(): Clock {
    this.#isShared = true;
    return this.#clock;
  }
}

interface Chain {
  readonly index: number;
  readonly operations: number[];
  session: number;
}

export class Chains {
  readonly #chains: Chain[] = [];
  readonly #chainOf: Int32Array;
  readonly #placeOf: Int32Array;
  readonly #clocks: (Clock | undefined)[];
  readonly #sessionOf: Int32Array;
  readonly #lastOfSession: Int32Array;

  /** @param sessionOf a number for the session of each operation, from 0. */
  constructor(sessionOf: Int32Array, lastUpdateOfSession: Int32Array) {
    this.#chainOf = new Int32Array(sessionOf.length).fill(-1);
    this.#placeOf = new Int32Array(sessionOf.length);
    this.#clocks = Array.from(sessionOf, () => undefined);
    this.#sessionOf = sessionOf;
    this.#lastOfSession = lastUpdateOfSession;
  }

  /** How many chains there are. */
  get count(): number {
    return this.#chains.length;
  }

  /** The updates of a chain, in its order. */
  operationsOf(chain: number): readonly number[] {
    return this.#chains[chain]?.operations ?? [];
  }

  /** The chain of an update; -1 when it stands in none. */
  chainOf(update: number): number {
    return this.#chainOf[update] ?? -1;
  }

  placeOf(update: number): number {
    return this.#placeOf[update] ?? 0;
  }

  /** What an update knows, itself included. */
  clockOf(update: number): Clock {
    return this.#clocks[update] ?? NOTHING;
  }

  /** Gives an update its place. Updates must come in an order that agrees with what they know. */
  place(update: number, past: Clock): void {
    const session = this.#sessionOf[update] ?? 0;
    const chain = this.#freeChain(update, session, past) ?? this.#newChain(session);
    chain.session = session;
    const clock = new Int32Array(Math.max(past.length, chain.index + 1));
    clock.set(past);
    clock[chain.index] = chain.operations.push(update);
    this.#chainOf[update] = chain.index;
    this.#placeOf[update] = chain.operations.length - 1;
    this.#clocks[update] = clock;
  }

  /** Whether a clock knows of an update that has its place; of others none does. */
  knows(clock: Clock, update: number): boolean {
    const chain = this.#chainOf[update] ?? -1;
    return chain !== -1 && (clock[chain] ?? 0) > (this.#placeOf[update] ?? 0);
  }

  /** A chain all of which the update knows, and which no other session still needs. */
  #freeChain(update: number, session: number, past: Clock): Chain | undefined {
    return this.#chains.find(
      (chain) =>
        (past[chain.index] ?? 0) === chain.operations.length &&
        (chain.session === session || (this.#lastOfSession[chain.session] ?? -1) < update),
    );
  }

  #newChain(session: number): Chain {
    const chain = { index: this.#chains.length, operations: [], session };
    this.#chains.push(chain);
    return chain;
  }
}
