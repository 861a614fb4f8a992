/**
 * Remembers the number of the newest group outside LevelDB, which drops damaged blocks at the end of
 * its log without a word: fewer groups than the mark says means that acknowledged ones are gone. The
 * mark is written after the group is durable and is never flushed itself: it survives a crash of the
 * process as it is, and after a crash of the machine it may be older, which is no lie.
 */

import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const NUMBER_BYTES = 8;
const MARK_BYTES = NUMBER_BYTES + 4;

export class TailMark {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(MARK_BYTES);

  /** Opens the file at `path`, or makes it. */
  constructor(path: string) {
    // Neither of the usual flags does "read and write in place, make when missing".
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT);
  }

  /** The number last written; 0 when there is none or it cannot be believed. */
  read(): number {
    const length = readSync(this.#file, this.#buffer, 0, MARK_BYTES, 0);
    if (length !== MARK_BYTES) return 0;
    return this.#buffer.readUInt32BE(NUMBER_BYTES) === this.#checksum()
      ? Number(this.#buffer.readBigUInt64BE(0))
      : 0;
  }

  /** A synchronous write into the page cache: a few microseconds, less than handing it to a thread. */
  write(number: number): void {
    this.#buffer.writeBigUInt64BE(BigInt(number));
    this.#buffer.writeUInt32BE(this.#checksum(), NUMBER_BYTES);
    writeSync(this.#file, this.#buffer, 0, MARK_BYTES, 0);
  }

  close(): void {
    closeSync(this.#file);
  }

  #checksum(): number {
    return crc32(this.#buffer.subarray(0, NUMBER_BYTES));
  }
}
