/**
 * Makes text from outside safe for a terminal and for one line: whatever could move the cursor, end the
 * line, or turn the direction of writing is shown as an escape (`\n`, `\u001b`, `\u202e`) instead.
 * What comes out holds none of these characters, so doing it twice changes nothing more.
 */

/** Controls (C0, DEL, C1), line separators, changes of direction, and halves of characters. */
const UNPRINTABLE = /[\p{Control}\p{Surrogate}\u061c\u2028-\u202e\u200e\u200f\u2066-\u2069]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with unprintable characters as JSON escapes; inside JSON strings they stay JSON. */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) =>
      SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JSON on one line, safe for a terminal; what JSON does not know (undefined) is null. */
export function printableJson(value: unknown): string {
  return printable(JSON.stringify(value) ?? 'null');
}
