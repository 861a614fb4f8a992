/** The project's pages, for tests that hold them against the code. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder; tests run from dist/test/docs. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The text of a file, by its path in the project. */
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Paths of all files below a folder whose names end so. */
export function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}

/** Every page for people: those at the root, in docs, and beside the code. */
export function allPages(): string[] {
  const atRoot = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  return [...atRoot, ...['docs', 'src', 'db', 'examples'].flatMap((each) => filesIn(each, '.md'))];
}

/** The cells of all table rows of a page, in order, heads and rules left out. */
export function tableRows(page: string): string[][] {
  const rows: string[][] = [];
  const lines = read(page).split('\n');
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('|') || /^\|[\s|:-]+\|$/.test(line)) continue;
    if (/^\|[\s|:-]+\|$/.test(lines[index + 1] ?? '')) continue;
    rows.push(
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

/** The contents of a page's fenced blocks of one language. */
export function blocks(page: string, language: string): string[] {
  const pattern = new RegExp(`^ *\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms');
  return [...read(page).matchAll(pattern)].map((match) => match[1] ?? '');
}

/** A page without its fenced blocks. */
export const prose = (page: string): string => read(page).replace(/^ *```.*?^ *```$/gms, '');

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
