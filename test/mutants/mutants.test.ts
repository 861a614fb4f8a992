import { expect } from 'chai';
import { read, tableRows } from '../docs/pages.js';
import { applyEdit, namesOf, type Rule } from './mutant.js';
import { MUTANTS } from './mutants.js';

/** Rules that a violation stood behind (marked † in the brief), as far as they are built. */
const NEEDED: readonly Rule[] = [
  ...(['A1', 'A2', 'A5', 'A8', 'A9', 'A10', 'A13', 'A14', 'B6', 'B10', 'D'] as const),
];

describe('mutants', () => {
  for (const { id, edits } of MUTANTS) {
    it(`${id} fits the sources`, () => {
      const texts = new Map<string, string>();
      for (const edit of edits) {
        const text = texts.get(edit.file) ?? read(edit.file);
        texts.set(edit.file, applyEdit(text, edit));
      }
    });
  }

  it('have ids of their own', () => {
    const ids = MUTANTS.map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('break each rule that a violation stood behind', () => {
    const broken = new Set(MUTANTS.map(({ rule }) => rule));
    expect(NEEDED.filter((rule) => !broken.has(rule))).to.deep.equal([]);
  });

  it('are in docs/testing.md, each with what is broken and what finds it', () => {
    const told = tableRows('docs/testing.md').filter(([id]) =>
      MUTANTS.some((each) => each.id === id),
    );
    expect(told.map(([id, rule, about]) => [id, rule, about])).to.deep.equal(
      MUTANTS.map(({ id, rule, about }) => [id, rule, about]),
    );
    for (const [id, , , foundBy = '', seed = ''] of told) {
      const test = MUTANTS.find((each) => each.id === id)?.test;
      if (test === undefined) expect(Number(seed), id).to.be.within(1, 2000);
      else expect([foundBy, seed], id).to.deep.equal([namesOf(test), '-']);
      expect(foundBy, id).to.not.equal('');
    }
  });

  it('that a directed test finds name one test of its file', () => {
    for (const { id, test } of MUTANTS) {
      if (test === undefined) continue;
      expect(read(test.file), id).to.include(test.title);
    }
  });
});
