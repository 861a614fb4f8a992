import { expect } from 'chai';
import fc from 'fast-check';
import {
  between,
  cells,
  clip,
  dropCells,
  fit,
  lineWidth,
  pad,
  plainText,
  span,
  widthOf,
  wrap,
} from '../../../src/client/ui/line.js';

const text = fc.string({ unit: 'binary', maxLength: 30 });
const mixed = fc.string({
  unit: fc.constantFrom(...Array.from('ab 日本é한😀\u0301\u001b\n')),
  maxLength: 40,
});
const width = fc.integer({ min: 2, max: 30 });

describe('lines of the screen', () => {
  it('show what could control a terminal as escapes', () => {
    expect(cells('a\nb\tc\r')).to.equal('a\\nb\\tc\\r');
    expect(cells('\u001b[31mred\u001b[0m')).to.equal('\\u001b[31mred\\u001b[0m');
    expect(cells('\u009b2J \u007f \u202egnp')).to.equal('\\u009b2J \\u007f \\u202egnp');
    expect(cells('\ud800')).to.equal('\\ud800');
  });

  it('keep letters of all scripts, and measure them', () => {
    expect(cells('Ame\u0301lie')).to.equal('Am\u00e9lie');
    expect(widthOf(cells('千と千尋'))).to.equal(8);
    expect(widthOf(cells('한글 ab'))).to.equal(7);
  });

  it('replace what terminals draw in different widths, and drop what has no cell', () => {
    expect(cells('ok 😀 ✅')).to.equal('ok ? ?');
    expect(cells('a\u200db\u00adc')).to.equal('abc');
  });

  it('hold nothing but printable characters, whatever came', () => {
    fc.assert(
      fc.property(fc.oneof(text, mixed), (any) => {
        const safe = cells(any);
        expect(safe).to.not.match(/[\p{Control}\p{Surrogate}\p{Cf}]/u);
        expect(cells(safe)).to.equal(safe);
      }),
    );
  });

  it('are exactly as wide as they are made', () => {
    fc.assert(
      fc.property(fc.array(mixed, { maxLength: 4 }), width, (texts, columns) => {
        const line = texts.map((part) => span(part));
        expect(lineWidth(fit(line, columns))).to.equal(columns);
        for (const part of texts) {
          expect(widthOf(clip(part, columns))).to.be.at.most(columns);
          expect(widthOf(pad(part, columns))).to.equal(columns);
        }
      }),
    );
  });

  it('are wrapped without losing a character but blanks', () => {
    fc.assert(
      fc.property(mixed, width, (any, columns) => {
        const lines = wrap(any, columns);
        for (const line of lines) expect(lineWidth(line)).to.be.at.most(columns);
        const joined = lines.map(plainText).join('');
        expect(joined.replaceAll(' ', '')).to.equal(cells(any).replaceAll(' ', ''));
      }),
    );
  });

  it('are wrapped at blanks', () => {
    expect(wrap('to be or not', 5).map(plainText)).to.deep.equal(['to be', 'or', 'not']);
    expect(wrap('abcdefg hi', 3).map(plainText)).to.deep.equal(['abc', 'def', 'g', 'hi']);
    expect(wrap('', 5).map(plainText)).to.deep.equal(['']);
  });

  it('lose their first cells when the view moves', () => {
    const line = [span('abc'), span('def', 'bad')];
    expect(dropCells(line, 4)).to.deep.equal([span('ef', 'bad')]);
    expect(dropCells(line, 0)).to.deep.equal(line);
    expect(dropCells(line, 9)).to.deep.equal([]);
  });

  it('give the left side up where there is not room for both', () => {
    const left = [span('a long request')];
    expect(plainText(between(left, [span('fresh')], 16))).to.equal('a long re… fresh');
    expect(plainText(between(left, [span('fresh')], 8))).to.equal('a long …');
  });
});
