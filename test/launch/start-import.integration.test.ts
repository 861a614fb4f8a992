/** Initial data with faults, and operations on films that cannot be: told off with file, line or value. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { HearsayProcess, hearsay } from './hearsay-process.js';

const SHIPPED = fileURLToPath(new URL('../../../db/movies/', import.meta.url));

/** What is done to which file, and how it is refused. The first line of data is line 2. */
const FAULTS: readonly (readonly [
  what: string,
  file: string,
  change: (text: string) => string | Buffer | null,
  words: RegExp,
])[] = [
  ['a missing file', 'links.csv', () => null, /links\.csv/],
  [
    'another header',
    'ratings.csv',
    (text) => text.replace('rating', 'stars'),
    /ratings\.csv in .*, line 1: /,
  ],
  ['an empty file', 'movies.csv', () => '', /movies\.csv in .*/],
  ['a rating of 7', 'ratings.csv', line2('1,1,7,0'), /ratings\.csv in .*, line 2: .*7/],
  ['a rating of abc', 'ratings.csv', line2('1,1,abc,0'), /ratings\.csv in .*, line 2: .*abc/],
  [
    'a rating of an unknown film',
    'ratings.csv',
    line2('1,99999999,4,0'),
    /ratings\.csv in .*, line 2: .*99999999/,
  ],
  [
    'a line that is there twice',
    'ratings.csv',
    (text) => text.replace(/\n([^\n]+)\n/, '\n$1\n$1\n'),
    /ratings\.csv in .*, line 3: /,
  ],
  ['a column too few', 'tags.csv', line2('1,1,funny'), /tags\.csv in .*, line 2: /],
  ['a column too many', 'links.csv', line2('1,1,1,1'), /links\.csv in .*, line 2: /],
  ['a quote without end', 'movies.csv', line2('1,"Film,Drama'), /movies\.csv in .*, line 2: /],
  [
    'bytes that are no UTF-8',
    'movies.csv',
    (text) =>
      Buffer.concat([
        Buffer.from(line2('1,Fil')(text).split('\n').slice(0, 2).join('\n')),
        Buffer.from([0xff, 0xfe, 0x0a]),
      ]),
    /movies\.csv in .*UTF-8/,
  ],
];

function line2(line: string): (text: string) => string {
  return (text) => text.replace(/\n[^\n]+\n/, `\n${line}\n`);
}

describe('hearsay import of a folder with faults', function () {
  this.timeout(120_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearsay-import-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const [what, file, change, words] of FAULTS) {
    it(`${what}: exit status 2, naming the place; nothing is kept`, async () => {
      const [source, data] = [join(folder, 'source'), join(folder, 'data')];
      mkdirSync(source);
      for (const name of readdirSync(SHIPPED).filter((each) => each.endsWith('.csv'))) {
        const text = readFileSync(join(SHIPPED, name), 'utf8');
        const content = name === file ? change(text) : text;
        if (content !== null) writeFileSync(join(source, name), content);
      }
      const { status, stdout, stderr } = await hearsay('import', source, '--data', data);
      expect(status, stderr).to.equal(2);
      expect(stderr)
        .to.match(/^error INVALID: /m)
        .and.to.match(words);
      expect(stdout).to.equal('');
      expect(() => readFileSync(join(data, 'initial-state'))).to.throw('ENOENT');
    });
  }
});

describe('operations on films that cannot be', function () {
  this.timeout(120_000);
  let at: string[];

  before(async () => {
    const up = new HearsayProcess('up', '1', '2', '--ephemeral', '--no-client');
    await up.untilSaid(/^ready$/m);
    at = ['--user', '42', '--frontend', up.urls('fe').at(-1) ?? ''];
  });
  after(() => HearsayProcess.endAll());

  for (const [line, exitStatus, words] of [
    ['update rate movieId=99999999 rating=4', 1, /^error REFUSED: .*99999999/],
    ['query average movieId=99999999', 1, /^error REFUSED: .*99999999/],
    ['update rate movieId=1 rating=7', 2, /^error INVALID: rating must be .*, not 7/],
    ['update rate movieId=1 rating=abc', 2, /^error INVALID: rating must be .*"abc"/],
    ['update rate movieId=1 rating=4.3', 2, /^error INVALID: rating must be .*, not 4\.3/],
    ['update rate movieId=1', 2, /^error INVALID: .*rating/],
    ['update update movieId=2 rating=4', 1, /^error REFUSED: /],
    ['update rate movieId=1 movieId=2 rating=4', 2, /movieId is given twice/],
    ['update average movieId=1', 2, /average is one of the queries/],
    ['query watch movieId=1', 2, /no query "watch"/],
  ] as const) {
    it(`${line}: exit status ${exitStatus}`, async () => {
      const { status, stdout, stderr } = await hearsay(...line.split(' '), ...at);
      expect(stderr).to.match(words);
      expect({ status, stdout }).to.deep.equal({ status: exitStatus, stdout: '' });
    });
  }

  it('a user that is no number: exit status 2', async () => {
    const words = ['update', 'rate', 'movieId=1', 'rating=4', ...at.slice(2), '--user', 'bob'];
    const { status, stderr } = await hearsay(...words);
    expect(status, stderr).to.equal(2);
    expect(stderr).to.match(/^error INVALID: the user must be .*"bob"/);
  });
});
