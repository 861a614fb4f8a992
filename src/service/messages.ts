/** Words for messages to people: a value that came, and the names that were perhaps meant. */

/** Characters of a value that a message repeats. */
const SHOWN_LENGTH = 60;

/** A value as a message shows it: JSON, cut short where it is long. */
export function show(value: unknown): string {
  // Numbers and undefined have no JSON in part: NaN would read as null.
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}…`;
}

/** "did you mean average?", or the whole list when no name is near. `names` must not be empty. */
export function alternatives(wrong: string, names: readonly string[]): string {
  const near = names.filter((name) => isNear(wrong, name));
  return near.length > 0
    ? `did you mean ${near.join(' or ')}?`
    : `choose from ${[...names].sort().join(', ')}`;
}

/** Typed in the wrong case, with up to two letters wrong (one in names of up to three), or begun and not finished. */
function isNear(wrong: string, name: string): boolean {
  // Distances cost time that grows with the length, and `wrong` comes from outside.
  if (wrong.length < 2 || wrong.length > name.length + 2) return false;
  const typed = wrong.toLowerCase();
  const wanted = name.toLowerCase();
  return wanted.startsWith(typed) || editDistance(typed, wanted) <= (name.length < 4 ? 1 : 2);
}

/** Letters to insert, delete or replace to turn one word into the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = at(previous, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const changed = Math.min(at(previous, column), at(current, column - 1)) + 1;
      current.push(Math.min(replaced, changed));
    }
    previous = current;
  }
  return at(previous, to.length);
}

const at = (row: readonly number[], index: number): number =>
  row[index] ?? Number.POSITIVE_INFINITY;
