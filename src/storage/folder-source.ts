/**
 * A folder of CSV files as the source of initial data (RFC 4180, UTF-8; a byte order mark and either
 * line ending will do). Whoever gets something wrong is told the file and the line where the row
 * begins. Files are read whole: 100,000 rows take about a fifth of a second.
 */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { HearsayError } from '../base/errors.js';
import type { Source, SourceRow } from '../ports/source.js';

/** Largest file, 64 MiB: its rows take about ten times that in memory. 2.5 million ratings fit. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

/** Rows of any length come out of the parser: the check here knows the right line, its own does not. */
const PARSE_OPTIONS = { record_delimiter: ['\r\n', '\n'], relax_column_count: true };

/**
 * Opens the folder at `path`; messages call it `label`.
 * Throws HearsayError INVALID when there is no such folder.
 * @default label = path
 */
export function openFolderSource(path: string, label: string = path): Source {
  let isDirectory: boolean;
  try {
    isDirectory = statSync(path).isDirectory();
  } catch (cause) {
    throw new HearsayError('INVALID', `cannot read the folder ${label}: ${reasonOf(cause)}`, {
      cause,
    });
  }
  if (!isDirectory) {
    throw new HearsayError(
      'INVALID',
      `${label} is no folder: name the folder that holds the files`,
    );
  }
  return { label, rows: (file) => checkedRows(readText(path, label, file), label, file) };
}

function readText(path: string, label: string, file: string): string {
  const bytes = readBytes(path, label, file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const line = firstUndecodableLine(bytes);
    throw wrong(label, file, line, 'is no UTF-8 text; save the file as UTF-8', cause);
  }
}

function readBytes(path: string, label: string, file: string): Buffer {
  const filePath = join(path, file);
  try {
    const { size } = statSync(filePath);
    if (size > FILE_BYTES_MAX) {
      const message = `${file} in ${label} has ${size} bytes; at most ${FILE_BYTES_MAX} can be read`;
      throw new HearsayError('TOO_LARGE', message);
    }
    return readFileSync(filePath);
  } catch (cause) {
    if (cause instanceof HearsayError) throw cause;
    const message = `expected a file ${file} in the folder ${label}: ${reasonOf(cause)}`;
    throw new HearsayError('INVALID', message, { cause });
  }
}

/** No byte of a longer UTF-8 sequence looks like a line feed, so lines can be decoded one by one. */
function firstUndecodableLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  let from = 0;
  for (;;) {
    const end = bytes.indexOf(0x0a, from);
    try {
      decoder.decode(bytes.subarray(from, end < 0 ? bytes.length : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    from = end + 1;
    line += 1;
  }
}

function* checkedRows(text: string, label: string, file: string): Generator<SourceRow> {
  let line = 1;
  let width = 0;
  for (const fields of parseRows(text, label, file)) {
    if (line === 1) width = fields.length;
    if (fields.length !== width) {
      const what = `has ${fields.length} fields where the header has ${width}`;
      throw wrong(label, file, line, what);
    }
    yield { line, fields };
    line += linesOf(fields);
  }
  if (line === 1) throw wrong(label, file, 1, 'is missing: expected a header with column names');
}

function parseRows(text: string, label: string, file: string): string[][] {
  try {
    return parse(text, PARSE_OPTIONS);
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = lineAfter(text, Number(cause.records));
    throw wrong(label, file, line, `is no proper CSV: ${cause.message}`, cause);
  }
}

/** The line on which the row after the first `rowCount` rows begins. */
function lineAfter(text: string, rowCount: number): number {
  if (rowCount === 0) return 1;
  const rows = parse(text, { ...PARSE_OPTIONS, to: rowCount });
  return rows.reduce((line, fields) => line + linesOf(fields), 1);
}

/** Lines that a row takes in the file: one more than there are line feeds in its quoted fields. */
function linesOf(fields: readonly string[]): number {
  let lines = 1;
  for (const field of fields) {
    if (field.includes('\n')) lines += field.split('\n').length - 1;
  }
  return lines;
}

function wrong(
  label: string,
  file: string,
  line: number,
  what: string,
  cause?: unknown,
): HearsayError {
  return new HearsayError('INVALID', `${file} in ${label}, line ${line}: ${what}`, { cause });
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'there is none';
  if (code === 'EISDIR') return 'it is a folder';
  return cause instanceof Error ? cause.message : String(cause);
}
