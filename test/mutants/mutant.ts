/**
 * A mutant: the production sources with one deliberate bug, most often a rule of docs/protocol.md set back
 * to what came before it. An edit names the exact text that it replaces, so that a change of the source
 * which makes a mutant meaningless is noticed.
 */

import { basename } from 'node:path';

/** Rules of docs/protocol.md that a mutant may break. */
export type Rule =
  | 'A1'
  | 'A2'
  | 'A3'
  | 'A4'
  | 'A5'
  | 'A6'
  | 'A7'
  | 'A8'
  | 'A9'
  | 'A10'
  | 'A11'
  | 'A12'
  | 'A13'
  | 'A14'
  | 'B2'
  | 'B3'
  | 'B4'
  | 'B5'
  | 'B6'
  | 'B7'
  | 'B8'
  | 'B9'
  | 'B10'
  | 'B11'
  | 'B12'
  | 'C2'
  | 'C3'
  | 'C4'
  | 'C5'
  | 'D'
  | 'E'
  | 'F';

export interface Edit {
  /** Path in the project, `src/replica/store.ts`. */
  readonly file: string;
  /** Stands in that file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly id: string;
  readonly rule: Rule;
  /** What is broken, or what came before the rule; one sentence without a full stop. */
  readonly about: string;
  readonly edits: readonly Edit[];
  /** Finds it, where chance hardly does; the simulator is not asked then. */
  readonly test?: DirectedTest;
}

/** A test of a scene that is set up on purpose: it fails with the bug, and passes without. */
export interface DirectedTest {
  /** Path in the project, `test/world/forced-elections.test.ts`. */
  readonly file: string;
  /** Its name, or a part of it that no other test of the file has. */
  readonly title: string;
}

/** What tables call a directed test. */
export const namesOf = ({ file, title }: DirectedTest): string => `\`${basename(file)}\`: ${title}`;

/** The text of a file with an edit made. Throws an Error that names the edit when it does not fit. */
export function applyEdit(text: string, { file, find, replace }: Edit): string {
  const places = text.split(find).length - 1;
  if (places !== 1) throw new Error(`${file} has this ${places} times, not once:\n${find}`);
  if (find === replace) throw new Error(`${file}: the edit changes nothing:\n${find}`);
  return text.replace(find, () => replace);
}
