import { expect } from 'chai';
import { ERROR_CODES } from '../../src/base/errors.js';
import { LIMITS } from '../../src/base/limits.js';
import * as timing from '../../src/replica/forced/timing.js';
import { allPages, filesIn, read, tableRows } from './pages.js';

describe('docs/errors.md', () => {
  it('has every code with what the code promises, and no other', () => {
    const rows = tableRows('docs/errors.md').filter(([code = '']) => /^[A-Z_]+$/.test(code));
    const told = rows.map(([code, definite, retriable, exitStatus]) => [
      code,
      definite,
      retriable,
      Number(exitStatus),
    ]);
    const yes = (is: boolean): string => (is ? 'yes' : 'no');
    const real = Object.entries(ERROR_CODES).map(([code, rule]) => [
      code,
      yes(rule.definite),
      yes(rule.retriable),
      rule.exitStatus,
    ]);
    expect(told).to.deep.equal(real);
  });
});

describe('docs/limits.md', () => {
  const rows = tableRows('docs/limits.md');

  it('has every limit with its value, and no other', () => {
    const told = rows.map(([name = '', value = '']) => [
      name.replace(/[`* ]/g, ''),
      Number(value.replaceAll(',', '')),
    ]);
    expect(Object.fromEntries(told)).to.deep.equal(LIMITS);
    expect(told.map(([name]) => name)).to.deep.equal(Object.keys(LIMITS));
  });

  it('marks as within reach of outsiders only what a test is about', () => {
    const tests = filesIn('test', '.ts')
      .filter((file) => !file.startsWith('test/docs/') && file !== 'test/base/limits.test.ts')
      .map(read)
      .join('\n');
    for (const [name = ''] of rows.filter(([cell = '']) => cell.endsWith('*'))) {
      const limit = name.replace(/[`* ]/g, '');
      expect(tests, limit).to.match(new RegExp(`\\b(LIMITS\\.${limit}\\b|${limit}: )`));
    }
  });

  it('is what other pages mean by a name in code that ends like a limit', () => {
    const names = Object.keys(LIMITS);
    for (const page of allPages()) {
      for (const [, name = ''] of read(page).matchAll(
        /`([a-z]+(?:Bytes|Records|Messages|Nesting|Entries|Fragments))`/g,
      )) {
        expect(names, `${page} names ${name}`).to.include(name);
      }
    }
  });
});

describe('docs/protocol.md', () => {
  it('has every time of the forced log with its value, and no other', () => {
    const told = tableRows('docs/protocol.md')
      .filter(([name = '']) => /^`[A-Z_]+_MS`$/.test(name))
      .map(([name = '', value = '']) => [name.slice(1, -1), Number(value.replaceAll(',', ''))]);
    expect(Object.fromEntries(told)).to.deep.equal({ ...timing });
  });
});

describe('docs/glossary.md', () => {
  it('names only what exists in the code', () => {
    const source = filesIn('src', '.ts').map(read).join('\n');
    const missing = tableRows('docs/glossary.md')
      .flatMap((cells) => [...(cells[2] ?? '').matchAll(/`([^`]+)`/g)])
      .map(([, name = '']) => name.split('.').at(-1) ?? '')
      .filter((name) => !source.includes(name));
    expect(missing).to.deep.equal([]);
  });
});
