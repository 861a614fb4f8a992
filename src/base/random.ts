/**
 * A seeded pseudo-random generator (xoshiro128**): the same seed gives the same draws on any machine.
 * Child streams are split off by label, so that one more draw in one subsystem does not move the
 * others. Probabilities are ratios of integers: no floating point decides anything.
 */

/** Where chance comes from: the operating system in a real process, a seed in a simulation. */
export interface Random {
  /** A whole number from 0 up to, not including, `bound` (1 to 2^32). */
  below(bound: number): number;
  /** True in `numerator` of `denominator` cases. */
  chance(numerator: number, denominator: number): boolean;
  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T;
  /** `length` characters of `a-z0-9`, for nonces. */
  nonce(length: number): string;
  /** An independent stream for one subsystem. */
  child(label: string): Random;
}

const NONCE_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** What every source of chance derives from its 32-bit draws. */
export abstract class DrawingRandom implements Random {
  /** The next draw: a whole number from 0 to 2^32 - 1, each equally likely. */
  protected abstract next(): number;
  abstract child(label: string): Random;

  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new RangeError(`bound must be a whole number from 1 to 2^32, not ${bound}`);
    }
    // Draws above the greatest multiple of `bound` are thrown away: no remainder is favoured.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const draw = this.next();
      if (draw < limit) return draw % bound;
    }
  }

  chance(numerator: number, denominator: number): boolean {
    return this.below(denominator) < numerator;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  nonce(length: number): string {
    let text = '';
    while (text.length < length) text += NONCE_ALPHABET[this.below(NONCE_ALPHABET.length)];
    return text;
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Hashes a seed and a label into 32 bits (FNV-1a over the label, from the mixed seed). */
function childSeed(seed: number, label: string): number {
  let hash = mix((seed ^ 0x811c9dc5) >>> 0);
  for (let i = 0; i < label.length; i++) {
    hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** Scatters 32 bits, one to one (the finalizer of MurmurHash3). */
function mix(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Chance from a seed: xoshiro128** (Blackman and Vigna, 2018), seeded by splitmix32. */
export class SeededRandom extends DrawingRandom {
  readonly #state = new Uint32Array(4);
  readonly #seed: number;

  constructor(seed: number) {
    super();
    this.#seed = seed >>> 0;
    let word = this.#seed;
    for (let i = 0; i < 4; i++) {
      word = (word + 0x9e3779b9) >>> 0;
      this.#state[i] = mix(word);
    }
  }

  protected next(): number {
    const s = this.#state as unknown as [number, number, number, number];
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  child(label: string): Random {
    return new SeededRandom(childSeed(this.#seed, label));
  }
}
