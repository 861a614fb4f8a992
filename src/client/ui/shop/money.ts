/** Money: whole pence inside, pounds on the screen. */

/** `£12.50`, `-£0.05`. */
export function pounds(pence: number): string {
  const size = Math.abs(pence);
  const text = `£${Math.floor(size / 100)}.${String(size % 100).padStart(2, '0')}`;
  return pence < 0 ? `-${text}` : text;
}

/** The pence of `2`, `2.5`, `£2.50` or, for nothing, an empty text; null for all other texts. */
export function readPounds(text: string): number | null {
  const found = /^\s*£?\s*(\d{1,6})?(?:\.(\d{0,2}))?\s*$/.exec(text);
  if (found === null) return null;
  const [, whole = '', part = ''] = found;
  // A lone pound sign or point says no amount.
  if (whole === '' && part === '') return text.trim() === '' ? 0 : null;
  return Number(whole) * 100 + Number(part.padEnd(2, '0'));
}
