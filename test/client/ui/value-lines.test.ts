import { expect } from 'chai';
import fc from 'fast-check';
import { lineWidth, plainText } from '../../../src/client/ui/line.js';
import { valueLines } from '../../../src/client/ui/value-lines.js';

const shown = (value: unknown, width = 40, raw = false): string[] =>
  valueLines(value, width, raw).map((line) => plainText(line).trimEnd());

describe('values on the screen', () => {
  it('are a table where they are a list of objects, numbers at the right', () => {
    const films = [
      { movieId: 1, title: 'Toy Story', genres: ['Comedy', 'Fantasy'] },
      { movieId: 20, title: 'Heat', rating: null },
    ];
    expect(shown(films, 60)).to.deep.equal([
      'movieId  title      genres           rating',
      '      1  Toy Story  Comedy, Fantasy',
      '     20  Heat                          null',
      '2 rows',
    ]);
  });

  it('shorten the widest columns of a table first', () => {
    const rows = [{ n: 1, title: 'a title that is long', about: 'and about it even more words' }];
    expect(shown(rows, 30)).to.deep.equal([
      'n  title          about',
      '1  a title that…  and about i…',
      '1 row',
    ]);
  });

  it('are names and values where they are an object', () => {
    expect(shown({ mean: 3.9209302325581397, count: 215, tags: { a: [1] } })).to.deep.equal([
      'mean   3.9209302325581397',
      'count  215',
      'tags   {"a":[1]}',
    ]);
  });

  it('are JSON otherwise', () => {
    expect(shown(null)).to.deep.equal(['null']);
    expect(shown(undefined)).to.deep.equal(['null']);
    expect(shown('text')).to.deep.equal(['"text"']);
    expect(shown([1, 'x'])).to.deep.equal(['[', '  1,', '  "x"', ']']);
    expect(shown([])).to.deep.equal(['an empty list']);
    expect(shown({})).to.deep.equal(['an empty object']);
  });

  it('are whole in their raw form', () => {
    const value = [{ title: 'x'.repeat(50), mean: 3.9209302325581397 }];
    const lines = valueLines(value, 30, true).map(plainText);
    const joined = lines.map((line) => line.trim()).join('');
    expect(joined).to.equal(`[{"title":"${'x'.repeat(50)}","mean": 3.9209302325581397}]`);
  });

  it('keep the indentation of a long text in JSON', () => {
    expect(shown([['x'.repeat(12)]], 10, true)).to.deep.equal([
      '[',
      '  [',
      '    "xxxxx',
      'xxxxxxx"',
      '  ]',
      ']',
    ]);
  });

  it('are JSON where a table would have more columns than fit', () => {
    const row = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, n]));
    expect(shown([row]).slice(0, 3)).to.deep.equal(['[', '  {', '    "k0": 0,']);
  });

  it('may have very many rows', () => {
    expect(shown(Array.from({ length: 200_000 }, () => ({ n: 1 }))).at(-1)).to.equal('200000 rows');
  });

  it('are never wider than their place', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.integer({ min: 20, max: 80 }),
        fc.boolean(),
        (value, width, raw) => {
          for (const line of valueLines(value, width, raw)) {
            expect(lineWidth(line)).to.be.at.most(width);
          }
        },
      ),
    );
  });
});
