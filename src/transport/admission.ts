/**
 * Who may stay when many come. A guest is a newcomer from the moment its TCP connection is taken until
 * it is accepted (said hello) or leaves; half an HTTP request is a newcomer too. Newcomers are kept in
 * order of arrival, so the overdue ones are the first ones: nothing here looks at all guests.
 * Newcomers and accepted together never exceed the capacity, and accepted never the capacity less the
 * reserve; so a newcomer (a health check, for one) always gets in, at the cost of the oldest other one.
 */

import { assert } from '../base/assert.js';

export interface AdmissionInit {
  /** Guests of both kinds together. */
  readonly capacity: number;
  /** Places of these that accepted guests never take; at least 1. */
  readonly reserve: number;
  /** A guest that is still a newcomer after this many milliseconds is overdue. */
  readonly patienceMs: number;
}

export class Admission<Guest> {
  readonly #init: AdmissionInit;
  /** Newcomers and when they came, oldest first. */
  readonly #newcomers = new Map<Guest, number>();
  readonly #accepted = new Set<Guest>();

  constructor(init: AdmissionInit) {
    assert(init.reserve >= 1 && init.reserve <= init.capacity, 'reserve must lie in 1..capacity');
    this.#init = init;
  }

  get size(): number {
    return this.#newcomers.size + this.#accepted.size;
  }

  /** True when no more guests can be accepted. */
  get isFull(): boolean {
    return this.#accepted.size >= this.#init.capacity - this.#init.reserve;
  }

  isAccepted(guest: Guest): boolean {
    return this.#accepted.has(guest);
  }

  /** Lets a guest in; answers the one that has to go for it, if there is one. */
  arrive(guest: Guest, nowMs: number): Guest | null {
    const oldest = this.size < this.#init.capacity ? null : this.#oldestNewcomer();
    if (oldest !== null) this.#newcomers.delete(oldest);
    this.#newcomers.set(guest, nowMs);
    return oldest;
  }

  /** Makes a newcomer an accepted guest; false when there is no room for another one. */
  accept(guest: Guest): boolean {
    if (this.#accepted.has(guest)) return true;
    if (this.isFull || !this.#newcomers.delete(guest)) return false;
    this.#accepted.add(guest);
    return true;
  }

  /** The guest has gone. Saying so twice does no harm. */
  leave(guest: Guest): void {
    this.#newcomers.delete(guest);
    this.#accepted.delete(guest);
  }

  /** Takes out the newcomers whose time is up, oldest first. */
  takeOverdue(nowMs: number): Guest[] {
    const overdue: Guest[] = [];
    for (const [guest, sinceMs] of this.#newcomers) {
      if (nowMs - sinceMs < this.#init.patienceMs) break;
      overdue.push(guest);
      this.#newcomers.delete(guest);
    }
    return overdue;
  }

  #oldestNewcomer(): Guest | null {
    for (const guest of this.#newcomers.keys()) return guest;
    return null;
  }
}
