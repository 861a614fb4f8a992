/**
 * The digest of a service's visible state, by which replicas are compared. Rows are written so that no
 * two different states give the same bytes: each value has a letter for its type and, where its length
 * varies, its length.
 */

import { RunningDigest } from '../base/digest.js';
import type { Database, SqlRow, SqlValue } from '../ports/database.js';

const CHUNK_BYTES = 64 * 1024;
/** A type's letter and a 64-bit number or a length. */
const FIXED_BYTES = 9;
/** UTF-8 takes at most so many bytes a UTF-16 unit. */
const UTF8_BYTES_MAX = 3;

/** The digest of what `statements` answer, in their order. */
export function hashOfState(db: Database, statements: readonly string[]): string {
  const writer = new DigestWriter();
  for (const statement of statements) {
    const rows = db.all(statement);
    writer.length('S', rows.length);
    for (const row of rows) writeRow(writer, row);
  }
  return writer.finish();
}

function writeRow(writer: DigestWriter, row: SqlRow): void {
  const values = Object.values(row);
  writer.length('R', values.length);
  for (const value of values) writer.value(value);
}

/** Collects small pieces into chunks: a digest of many tiny ones would cost several times more. */
class DigestWriter {
  readonly #digest = new RunningDigest();
  readonly #encoder = new TextEncoder();
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  readonly #view = new DataView(this.#chunk.buffer);
  #used = 0;

  length(letter: string, length: number): void {
    this.#letter(letter);
    this.#view.setUint32(this.#used, length);
    this.#used += 4;
  }

  value(value: SqlValue): void {
    if (value === null) this.#letter('n');
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#text(value);
    else this.#bytes('b', value);
  }

  finish(): string {
    this.#flush();
    return this.#digest.finish();
  }

  #letter(letter: string): void {
    if (this.#used + FIXED_BYTES > CHUNK_BYTES) this.#flush();
    this.#chunk[this.#used++] = letter.charCodeAt(0);
  }

  #number(value: number): void {
    this.#letter('d');
    // Adding 0 makes -0 the same as 0: SQL does not tell them apart.
    this.#view.setFloat64(this.#used, value + 0);
    this.#used += 8;
  }

  #text(text: string): void {
    if (text.length * UTF8_BYTES_MAX + FIXED_BYTES > CHUNK_BYTES) {
      return this.#bytes('t', this.#encoder.encode(text));
    }
    if (this.#used + text.length * UTF8_BYTES_MAX + FIXED_BYTES > CHUNK_BYTES) this.#flush();
    this.#letter('t');
    const { written } = this.#encoder.encodeInto(text, this.#chunk.subarray(this.#used + 4));
    this.#view.setUint32(this.#used, written);
    this.#used += 4 + written;
  }

  #bytes(letter: string, bytes: Uint8Array): void {
    this.length(letter, bytes.length);
    this.#flush();
    this.#digest.update(bytes);
  }

  #flush(): void {
    this.#digest.update(this.#chunk.subarray(0, this.#used));
    this.#used = 0;
  }
}
