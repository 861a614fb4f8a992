import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { allPages, anchors, filesIn, prose, read, ROOT } from './pages.js';

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;

describe('links and citations', () => {
  it('lead to files and headings that exist, inside the project', () => {
    const broken: string[] = [];
    let count = 0;
    for (const page of allPages()) {
      for (const [, target = ''] of prose(page).matchAll(LINK)) {
        if (/^https?:/.test(target)) continue;
        count++;
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : posix.join(posix.dirname(page), path);
        const isThere = !file.startsWith('..') && existsSync(join(ROOT, file));
        if (!isThere || (anchor !== undefined && !anchors(file).includes(anchor))) {
          broken.push(`${page}: ${target}`);
        }
      }
    }
    expect(broken).to.deep.equal([]);
    expect(count).to.be.greaterThan(30);
  });

  it('name no file in backticks that does not exist', () => {
    const missing: string[] = [];
    for (const page of allPages()) {
      for (const [, path = ''] of prose(page).matchAll(
        /`((?:src|test|docs|scripts|examples|db|bench)\/[\w./-]+)`/g,
      )) {
        if (!existsSync(join(ROOT, path))) missing.push(`${page}: ${path}`);
      }
    }
    expect(missing).to.deep.equal([]);
  });

  it('every page is reached from the README', () => {
    const reached = new Set<string>();
    const toRead = ['README.md'];
    for (let page = toRead.pop(); page !== undefined; page = toRead.pop()) {
      if (reached.has(page)) continue;
      reached.add(page);
      for (const [, target = ''] of prose(page).matchAll(LINK)) {
        const file = posix.join(posix.dirname(page), target.split('#')[0] ?? '');
        if (file.endsWith('.md') && existsSync(join(ROOT, file))) toRead.push(file);
      }
    }
    const pages = filesIn('docs', '.md');
    expect(pages.filter((page) => !reached.has(page))).to.deep.equal([]);
  });

  it('resolve what comments cite: sections of the design, rules of the protocol, invariants', () => {
    const sections = headings('docs/design.md', /^## Section (\d)/gm);
    const rules = headings('docs/protocol.md', /^##+ ([A-J]\d*) /gm);
    // Where a chapter is a list, its items are the rules.
    for (const chapter of read('docs/protocol.md').split(/^## /m)) {
      const [letter = ''] = chapter;
      if (chapter.includes('\n### ')) continue;
      for (const [, number = ''] of chapter.matchAll(/^(\d+)\. /gm)) rules.add(letter + number);
    }
    const later = [...prose('docs/protocol.md').matchAll(/\*\*([B-G])[ *]/g)].map(
      ([, name]) => name,
    );
    const known = new Set([...rules, ...later]);
    const unknown: string[] = [];
    for (const file of ['src', 'test', 'db', 'bench'].flatMap((each) => filesIn(each, '.ts'))) {
      // Comments break lines; the citation goes on behind the next line's star.
      const text = read(file).replace(/\n\s*(?:\*|\/\/)/g, ' ');
      for (const [cited, list = ''] of text.matchAll(/\bDESIGN (?:sections? )?(\d(?: and \d)?)/g)) {
        if (!list.split(' and ').every((each) => sections.has(each)))
          unknown.push(`${file}: ${cited}`);
      }
      for (const [cited, first = ''] of text.matchAll(
        /\bPROTOCOL ([A-J]\d*(?:\.\d)?(?:, [A-J]\d+)*)/g,
      )) {
        const names = first.split(', ').map((name) => name.replace(/\.\d$/, ''));
        if (!names.every((name) => known.has(name))) unknown.push(`${file}: ${cited}`);
      }
    }
    expect(unknown).to.deep.equal([]);
  });

  it('cite invariants that the protocol page has', () => {
    const invariants = headings('docs/protocol.md', /^\| (I\d+) \|/gm);
    expect(invariants.size).to.be.greaterThan(5);
    for (const file of filesIn('src', '.ts')) {
      for (const [cited] of read(file).matchAll(/(?<=[ (*])I\d+(?=[ :,)])/g)) {
        expect(invariants, `${file} cites ${cited}`).to.include(cited);
      }
    }
  });
});

const headings = (page: string, pattern: RegExp): Set<string> =>
  new Set([...read(page).matchAll(pattern)].map((match) => match[1] ?? ''));
