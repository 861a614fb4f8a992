/**
 * How a network in memory behaves: delays, and frames that are lost, doubled or late though their
 * connection lives on, which no TCP does: whoever survives this needs no promise of the transport's.
 * Chance is drawn only for what can happen, so that a fault that is off changes no run.
 */

import { assert } from '../base/assert.js';
import type { Random } from '../base/random.js';

/** May be changed at any time; what is on its way already is not touched. */
export interface NetworkConditions {
  /** Each parcel takes this long at least and at most, whole milliseconds. */
  minDelayMs: number;
  maxDelayMs: number;
  /** Of a thousand frames, so many never arrive. The first frame each way, the hello, is spared. */
  lossPerMille: number;
  /** So many arrive twice. */
  duplicatePerMille: number;
  /** So many fall behind, for up to {@link STRAGGLING_MS}: what was sent later overtakes them. */
  reorderPerMille: number;
}

export type FrameFault = 'lossPerMille' | 'duplicatePerMille' | 'reorderPerMille';

/** A frame that falls behind does so for 1 to this many ms more: time for a few rounds of gossip. */
export const STRAGGLING_MS = 200;

/** Draws what the conditions make of a parcel. */
export class MemoryWeather {
  readonly #conditions: Readonly<NetworkConditions>;
  readonly #random: Random;

  constructor(conditions: Readonly<NetworkConditions>, random: Random) {
    this.#conditions = conditions;
    this.#random = random;
  }

  drawDelayMs(): number {
    const { minDelayMs, maxDelayMs } = this.#conditions;
    assert(minDelayMs <= maxDelayMs, `delays from ${minDelayMs} to ${maxDelayMs} ms: none fits`);
    return minDelayMs + this.#random.below(maxDelayMs - minDelayMs + 1);
  }

  drawStragglingMs(): number {
    return 1 + this.#random.below(STRAGGLING_MS);
  }

  /** The fault befalls the frame at hand. */
  strikes(fault: FrameFault): boolean {
    const perMille = this.#conditions[fault];
    return perMille > 0 && this.#random.chance(perMille, 1000);
  }
}
