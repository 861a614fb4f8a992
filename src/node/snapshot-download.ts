/**
 * A snapshot on its way to a new replica: pieces are asked for one after the other, from whichever
 * member answers. It resumes where it was with a member that has the same snapshot, and begins again with
 * one that has another. What is whole is believed only if its hash is right.
 */

import { HearsayError } from '../base/errors.js';
import { RunningHash } from '../base/digest.js';
import type { GetSnapshot, SnapshotPart } from '../wire/membership-messages.js';

interface Underway {
  readonly hash: string;
  readonly size: number;
  readonly pieces: Uint8Array[];
  received: number;
  readonly running: RunningHash;
}

export class SnapshotDownload {
  #underway: Underway | null = null;

  /** What to ask for next. */
  get request(): GetSnapshot {
    const at = this.#underway;
    return {
      kind: 'get-snapshot',
      resume: at === null ? null : { hash: at.hash, offset: at.received },
    };
  }

  /** For people: `3 of 12 MB`. */
  get progress(): string {
    if (this.#underway === null) return 'nothing yet';
    const { received, size } = this.#underway;
    return `${megabytes(received)} of ${megabytes(size)} MB`;
  }

  /**
   * Takes a piece; answers the whole once it is here, else null. Throws HearsayError INVALID, and has
   * forgotten everything, where a piece does not fit or the whole has another hash.
   */
  take({ hash, size, offset, bytes }: SnapshotPart): Uint8Array | null {
    // A member that has not what was begun begins with what it has.
    if (offset === 0) {
      this.#underway = { hash, size, pieces: [], received: 0, running: new RunningHash() };
    }
    const at = this.#underway;
    const fits = at !== null && at.hash === hash && at.size === size && at.received === offset;
    if (!fits || bytes.length === 0 || offset + bytes.length > size) {
      this.#underway = null;
      throw new HearsayError('INVALID', 'a piece of a snapshot came that does not fit');
    }
    at.pieces.push(bytes);
    at.running.update(bytes);
    at.received += bytes.length;
    if (at.received < size) return null;
    this.#underway = null;
    const found = at.running.finish();
    if (found === hash) return joined(at.pieces, size);
    throw new HearsayError('INVALID', `a snapshot came with hash ${found}, announced as ${hash}`);
  }
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
