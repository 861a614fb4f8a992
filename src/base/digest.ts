/** SHA-256, without I/O: it runs in the protocol core as well as under the simulator. */

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

const DIGEST_BYTES = 16;

/** The first 16 bytes of SHA-256 over `bytes`, as 32 hexadecimal digits (PROTOCOL A6). */
export function digestOf(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes).subarray(0, DIGEST_BYTES));
}

/** A running digest over many pieces, as of a whole table; same form as {@link digestOf}. */
export class RunningDigest {
  readonly #hash = sha256.create();

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  finish(): string {
    return bytesToHex(this.#hash.digest().subarray(0, DIGEST_BYTES));
  }
}

/** SHA-256 over many pieces, in full: 64 hexadecimal digits. */
export class RunningHash {
  readonly #hash = sha256.create();

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  finish(): string {
    return bytesToHex(this.#hash.digest());
  }
}
