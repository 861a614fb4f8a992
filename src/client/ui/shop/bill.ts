/** A bill as lines: dishes, delivery, tip, total. */

import { type Line, span } from '../line.js';
import type { Bill } from './answers.js';
import { pounds } from './money.js';
import { ends } from './page.js';

/** The total is always among the lines that fit into `rows`; dishes give way. */
export function billLines(
  { items, delivery, tip, total }: Bill,
  columns: number,
  rows: number,
  notes: ReadonlyMap<string, string>,
): Line[] {
  const line = (text: string, pence: number): Line => [span(ends(text, pounds(pence), columns))];
  const dishes = items.flatMap(({ item, name, quantity, total: price }): Line[] => {
    const note = notes.get(item);
    const dish = line(`${quantity} × ${name}`, price);
    return note === undefined ? [dish] : [dish, [span(`    ${note}`, 'bad')]];
  });
  const below: Line[] = [
    line(`delivery: ${delivery.delivery}`, delivery.price),
    ...(tip === 0 ? [] : [line('tip', tip)]),
    [span(ends('total', pounds(total), columns), 'strong')],
  ];
  const room = Math.max(0, rows - below.length);
  if (dishes.length <= room) return [...dishes, ...below];
  const more: Line = [span(`… ${items.length} lines in all`, 'faint')];
  return [...dishes.slice(0, Math.max(0, room - 1)), more, ...below];
}
