import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { HearsayError } from '../../src/base/errors.js';
import { openFolderSource } from '../../src/storage/folder-source.js';

describe('a folder as source', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearsay-source-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function read(content: string | Uint8Array): [number, ...string[]][] {
    writeFileSync(join(folder, 'data.csv'), content);
    const rows = openFolderSource(folder, 'the folder').rows('data.csv');
    return Array.from(rows, ({ line, fields }) => [line, ...fields]);
  }

  function expectInvalid(act: () => unknown, ...parts: string[]): void {
    let thrown: unknown;
    try {
      act();
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof HearsayError)) throw new Error(`no HearsayError but ${thrown}`);
    expect(thrown.code).to.equal('INVALID');
    for (const part of parts) expect(thrown.message).to.include(part);
  }

  it('reads quotes, commas, doubled quotes and UTF-8', () => {
    const text = 'id,title\n1,"Heat, ""1995"""\n2,Cité\n3,\n';
    expect(read(text)).to.deep.equal([
      [1, 'id', 'title'],
      [2, '1', 'Heat, "1995"'],
      [3, '2', 'Cité'],
      [4, '3', ''],
    ]);
  });

  it('takes CRLF, mixed line endings, a byte order mark and a missing last line feed', () => {
    expect(read('\ufeffa,b\r\n1,2\n3,4\r\n5,6')).to.deep.equal([
      [1, 'a', 'b'],
      [2, '1', '2'],
      [3, '3', '4'],
      [4, '5', '6'],
    ]);
  });

  it('keeps line breaks in quotes, and counts lines right after them', () => {
    expect(read('a,b\r\n"x\r\n\r\ny",2\r\n3,4\r\n')).to.deep.equal([
      [1, 'a', 'b'],
      [2, 'x\r\n\r\ny', '2'],
      [5, '3', '4'],
    ]);
  });

  it('names file and line of a row with the wrong number of fields', () => {
    const rest = ['data.csv in the folder', 'has 3 fields where the header has 2'];
    expectInvalid(() => read('a,b\n"x\ny",2\n3,4,5\n'), 'line 4', ...rest);
    expectInvalid(() => read('a,b\r\n"x\r\ny",2\r\n3,4,5\r\n'), 'line 4', ...rest);
    expectInvalid(() => read('a,b\n1,2\n\n3,4\n'), 'line 3', 'has 1 fields');
  });

  it('names file and line of a broken quote', () => {
    expectInvalid(() => read('a,b\n"x\r\ny",2\n"open,4\n5,6\n'), 'data.csv', 'line 4', 'Quote');
    expectInvalid(() => read('a,b\n1,x"y\n'), 'line 2', 'Quote');
    expectInvalid(() => read('a,b\n1,"x"y\n'), 'line 2', 'Quote');
    expectInvalid(() => read('a"b\n'), 'line 1', 'Quote');
  });

  it('names file and line of bytes that are no UTF-8', () => {
    const latin1 = Buffer.from('id,title\n1,"two\nlines"\n2,Cit\xe9\n3,x\n', 'latin1');
    expectInvalid(() => read(latin1), 'data.csv', 'line 4', 'UTF-8');
    expectInvalid(() => read(Buffer.from('a,\xe9', 'latin1')), 'line 1');
    expectInvalid(() => read(Buffer.from('a\nb\xc3\n', 'latin1')), 'line 2');
  });

  it('wants a header', () => {
    expectInvalid(() => read(''), 'data.csv', 'line 1', 'header');
  });

  it('says which file of which folder is missing', () => {
    const source = openFolderSource(folder);
    expectInvalid(() => Array.from(source.rows('movies.csv')), folder, 'movies.csv', 'none');
    mkdirSync(join(folder, 'movies.csv'));
    expectInvalid(() => Array.from(source.rows('movies.csv')), folder, 'movies.csv', 'folder');
  });

  it('says what is wrong with the folder', () => {
    expectInvalid(() => openFolderSource(join(folder, 'absent')), 'absent', 'there is none');
    writeFileSync(join(folder, 'file'), '');
    expectInvalid(() => openFolderSource(join(folder, 'file')), 'file is no folder');
  });

  it('reads back any table that was written by the rules', () => {
    const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) =>
        fc.array(
          fc.array(
            fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', '\r', '\r\n', ' ') }),
            { minLength: width, maxLength: width },
          ),
          { minLength: 1, maxLength: 8 },
        ),
      );
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, ending) => {
        const text = rows.map((row) => row.map(quoted).join(',') + ending).join('');
        let at = 0;
        const expected = rows.map((row) => {
          const line = text.slice(0, at).split('\n').length;
          at += row.map(quoted).join(',').length + ending.length;
          return [line, ...row];
        });
        expect(read(text)).to.deep.equal(expected);
      }),
      { numRuns: 200 },
    );
  });
});
