/**
 * Reads the initial data (menu.csv, motd.csv; db/hungry/README.md describes them) into the tables.
 * Nothing doubtful is let in: HearsayError INVALID names file and line and says what is wrong. Initial
 * data counts as written before everything, with the empty stamp.
 */

import type { Database } from '../../ports/database.js';
import type { Source } from '../../ports/source.js';
import { CsvTable } from '../csv-table.js';
import {
  ABOUT_FORM,
  ITEM_FORM,
  isAbout,
  isItem,
  isMotd,
  isName,
  isPriceText,
  isStockText,
  MOTD_FORM,
  NAME_FORM,
  PRICE_FORM,
  STOCK_FORM,
} from './forms.js';

/** Fills `items` and `motd`; nobody is registered and nothing is ordered at first. */
export function seedHungry(db: Database, source: Source): void {
  const menu = ['item', 'course', 'name', 'about', 'price', 'stock'];
  seedMenu(db, new CsvTable(source, 'menu.csv', menu));
  seedMotd(db, new CsvTable(source, 'motd.csv', ['text']));
}

/** The order of the rows is the order on the menu. */
function seedMenu(db: Database, table: CsvTable): void {
  for (const [index, row] of table.rows.entries()) {
    const item = table.field(row, 0, isItem, ITEM_FORM);
    const course = table.field(row, 1, isName, NAME_FORM);
    const name = table.field(row, 2, isName, NAME_FORM);
    const about = table.field(row, 3, isAbout, ABOUT_FORM);
    const price = Number(table.field(row, 4, isPriceText, PRICE_FORM));
    const stock = Number(table.field(row, 5, isStockText, STOCK_FORM));
    const changed = db.run(
      `INSERT INTO items (item, place, course, name, about, price, stock)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      [item, index + 1, course, name, about, price, stock],
    );
    if (changed === 0) throw table.wrong(row, `item ${item} stands on an earlier line too`);
  }
}

/** One row, or none: then there is no message yet. */
function seedMotd(db: Database, table: CsvTable): void {
  const [row, another] = table.rows;
  if (another !== undefined) throw table.wrong(another, 'there is one message of the day, not two');
  if (row === undefined) return;
  const text = table.field(row, 0, isMotd, MOTD_FORM);
  db.run("INSERT INTO motd (only, text, stamp) VALUES (1, ?, '')", [text]);
}
