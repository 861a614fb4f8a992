/** Reads a file of initial data row by row, and says by file and line what is wrong with one. */

import { HearsayError } from '../base/errors.js';
import type { Source, SourceRow } from '../ports/source.js';
import { show } from './messages.js';

/** Up to 15 digits: more are no safe integer. */
const WHOLE_NUMBER = /^(?:0|[1-9][0-9]{0,14})$/;

/** One file: its rows without the header. Throws HearsayError INVALID for what is wrong with it. */
export class CsvTable {
  readonly rows: readonly SourceRow[];
  readonly #label: string;
  readonly #file: string;
  readonly #columns: readonly string[];

  constructor(source: Source, file: string, columns: readonly string[]) {
    this.#label = source.label;
    this.#file = file;
    this.#columns = columns;
    const [header, ...rows] = source.rows(file);
    this.rows = rows;
    if (header?.fields.join() !== columns.join()) {
      const found = header?.fields.join() ?? '';
      throw this.wrong(header, `the header must be ${columns.join()}, not ${show(found)}`);
    }
  }

  /** A field that satisfies `isRight`; `allowed` completes "COLUMN must be …". */
  field(
    row: SourceRow,
    column: number,
    isRight: (text: string) => boolean,
    allowed: string,
  ): string {
    const text = row.fields[column];
    if (text !== undefined && isRight(text)) return text;
    throw this.wrong(row, `${this.#columns[column]} must be ${allowed}, not ${show(text)}`);
  }

  /** A field that holds a whole number from `least`. */
  number(row: SourceRow, column: number, least: number): number {
    const isRight = (text: string): boolean => WHOLE_NUMBER.test(text) && Number(text) >= least;
    return Number(this.field(row, column, isRight, `a whole number from ${least}`));
  }

  /** An error that names the row's place. */
  wrong(row: SourceRow | undefined, what: string): HearsayError {
    const where = `${this.#file} in ${this.#label}, line ${row?.line ?? 1}`;
    return new HearsayError('INVALID', `${where}: ${what}`);
  }
}
