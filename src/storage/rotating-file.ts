/**
 * A file of lines that never grows beyond a bound: when `X.jsonl` is full it becomes `X.1.jsonl`, in
 * place of the one before, and a new `X.jsonl` begins. It is made for logs on a hot path: a line costs
 * its caller little more than its encoding, the writing goes on behind, and no trouble with the disk
 * ever reaches the caller. In exchange lines may be lost: the newest ones in a crash, all after a
 * failed write, and those that come faster than the disk takes them.
 */

import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname, parse, join } from 'node:path';

export interface RotatingFileInit {
  /** Path of the present file; missing folders are made. The full one has `.1` before the extension. */
  readonly path: string;
  /** Told in words when lines begin to get lost: once of single lines, once of all that follow. */
  readonly onLoss: (message: string) => void;
  /** Size of each of the two files at most. @default 16 MiB */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/** A line waits at most this long for others: `tail -f` looks live. */
const FLUSH_MS = 50;

/** Lines are gathered in pieces of memory of this size: a second of load takes few writes. */
const PIECE_BYTES = 256 * 1024;

/** What may wait for the disk; lines beyond are dropped. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/** UTF-8 takes at most this many bytes for a character (a UTF-16 code unit). */
const BYTES_PER_CHARACTER_MAX = 3;

const END_OF_LINE = 0x0a;

/** Appends lines to a file, for as long as the disk plays along. */
export class RotatingFile {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #onLoss: (message: string) => void;
  readonly #pieceBytes: number;
  /**
   * Lines gather here, as bytes: a string made of parts would keep all its parts alive. What is from
   * `#from` to `#to` is not on its way to the disk yet.
   */
  #piece: Buffer = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  /** Whole lines on their way to the disk. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  /** Under way while something waits; never rejects. */
  #writing: Promise<void> | null = null;
  #file: FileHandle | null = null;
  #bytes = 0;
  #accepts = true;
  #lossTold = false;
  #failed = false;

  /** Nothing happens on the disk before there is a line to write. */
  constructor(init: RotatingFileInit) {
    this.#path = init.path;
    this.#maxBytes = init.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#onLoss = init.onLoss;
    this.#pieceBytes = Math.min(PIECE_BYTES, this.#maxBytes);
  }

  /** Adds a line, given without its end. Never throws, never waits. */
  append(line: string): void {
    if (!this.#accepts) return;
    if (this.#waitingBytes >= WAITING_BYTES_MAX) {
      return this.#tellLoss(`the disk does not keep up: lines are left out of ${this.#path}`);
    }
    const needed = line.length * BYTES_PER_CHARACTER_MAX + 1;
    if (needed > this.#pieceBytes) return this.#appendLong(line);
    if (needed > this.#piece.length - this.#to) {
      this.#flush();
      this.#piece = Buffer.allocUnsafe(this.#pieceBytes);
      this.#from = 0;
      this.#to = 0;
    }
    this.#to += this.#piece.write(line, this.#to);
    this.#piece[this.#to++] = END_OF_LINE;
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  /** Writes what was appended, as far as that is possible, and lets go of the file. Never rejects. */
  async close(): Promise<void> {
    this.#flush();
    this.#accepts = false;
    await this.#writing;
    const file = this.#file;
    this.#file = null;
    try {
      await file?.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  #appendLong(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (bytes.length > this.#maxBytes) {
      return this.#tellLoss(`a line of ${bytes.length} bytes is left out of ${this.#path}`);
    }
    this.#flush();
    this.#enqueue(bytes);
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#from === this.#to) return;
    this.#enqueue(this.#piece.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }

  #enqueue(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    try {
      for (let bytes = this.#waiting[0]; bytes !== undefined; bytes = this.#waiting[0]) {
        await this.#write(bytes);
        this.#waiting.shift();
        this.#waitingBytes -= bytes.length;
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#writing = null;
  }

  async #write(bytes: Buffer): Promise<void> {
    let file = this.#file ?? (await this.#open());
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#maxBytes) {
      file = await this.#rotate(file);
    }
    await file.appendFile(bytes);
    this.#bytes += bytes.length;
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#path), { recursive: true });
    const file = await open(this.#path, 'a+');
    this.#file = file;
    this.#bytes = (await file.stat()).size;
    if (this.#bytes > 0) await this.#endLastLine(file);
    return file;
  }

  /** A crash may have cut the last line short: the next one must not be glued to it. */
  async #endLastLine(file: FileHandle): Promise<void> {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, this.#bytes - 1);
    if (buffer.toString() === '\n') return;
    await file.appendFile('\n');
    this.#bytes += 1;
  }

  async #rotate(file: FileHandle): Promise<FileHandle> {
    this.#file = null;
    await file.close();
    const { dir, name, ext } = parse(this.#path);
    await rename(this.#path, join(dir, `${name}.1${ext}`));
    return this.#open();
  }

  /** The disk failed: it will hardly do better with the next line, and a log with holes misleads. */
  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#accepts = false;
    this.#from = this.#to;
    this.#waiting = [];
    const why = error instanceof Error ? error.message : String(error);
    this.#onLoss(`${this.#path} gets no more lines until the next start: ${why}`);
  }

  #tellLoss(message: string): void {
    if (this.#lossTold) return;
    this.#lossTold = true;
    this.#onLoss(message);
  }
}
