/** Where a service's initial data comes from: named tables of text rows (the files of a folder). */

export interface SourceRow {
  /** 1-based line in the file where the row begins, for messages. */
  readonly line: number;
  readonly fields: readonly string[];
}

export interface Source {
  /** What to call this source in messages: a folder's path, or "the shipped data". */
  readonly label: string;
  /** The rows of one file, header first. Throws HearsayError INVALID, naming file and line, when it
   * is missing or is no CSV. */
  rows(file: string): Iterable<SourceRow>;
}
