import { expect } from 'chai';
import { HearsayError } from '../../../src/base/errors.js';
import type { Source } from '../../../src/ports/source.js';
import { hungry } from '../../../src/service/hungry/hungry.js';
import { openSqlDatabase } from '../../../src/storage/sql-database.js';
import { openService, sourceOf } from '../support.js';
import { SMALL_FILES, smallSource, withRow } from './small-data.js';

describe('import of a menu', () => {
  async function failureOf(source: Source): Promise<unknown> {
    const db = await openSqlDatabase();
    try {
      hungry.createTables(db);
      hungry.seed(db, source, () => {});
      return undefined;
    } catch (error) {
      return error;
    } finally {
      db.close();
    }
  }

  const wrongRows: [
    file: 'menu.csv' | 'motd.csv',
    row: number,
    fields: string[],
    message: string,
  ][] = [
    ['menu.csv', 0, ['item', 'price'], 'the header must be item,course,name,about,price,stock'],
    ['menu.csv', 2, ['soup', 'A', 'B', '', '1', '1'], 'item soup stands on an earlier line too'],
    [
      'menu.csv',
      2,
      ['Big Pie', 'A', 'B', '', '1', '1'],
      'item must be up to 32 lower-case letters',
    ],
    ['menu.csv', 2, ['x'.repeat(33), 'A', 'B', '', '1', '1'], 'item must be up to 32'],
    ['menu.csv', 2, ['pie', '', 'B', '', '1', '1'], 'course must be 1 to 64 printable characters'],
    ['menu.csv', 2, ['pie', 'A', ' B', '', '1', '1'], 'name must be 1 to 64 printable characters'],
    ['menu.csv', 2, ['pie', 'A', 'B', 'a\nb', '1', '1'], 'about must be up to 200 printable'],
    ['menu.csv', 2, ['pie', 'A', 'B', '', '1.5', '1'], 'price must be a whole number from 0 to'],
    ['menu.csv', 2, ['pie', 'A', 'B', '', '1000001', '1'], 'in pence, not "1000001"'],
    ['menu.csv', 2, ['pie', 'A', 'B', '', '1', '-1'], 'stock must be a whole number from 0 to'],
    ['menu.csv', 2, ['pie', 'A', 'B', '', '1'], 'stock must be a whole number from 0 to'],
    ['motd.csv', 0, ['message'], 'the header must be text, not "message"'],
    ['motd.csv', 1, ['x'.repeat(281)], 'text must be 1 to 280 printable characters'],
    ['motd.csv', 2, ['Another'], 'there is one message of the day, not two'],
  ];
  for (const [file, row, fields, message] of wrongRows) {
    it(`refuses ${file} with ${fields.join().slice(0, 40)}`, async () => {
      const failure = await failureOf(withRow(file, row, fields));
      expect(failure).to.be.instanceOf(HearsayError).with.property('code', 'INVALID');
      expect((failure as Error).message).to.contain(`${file} in the test, line ${row + 1}: `);
      expect((failure as Error).message).to.contain(message);
    });
  }

  it('gives the same state for the same folder, and another for another', async () => {
    const hashes: string[] = [];
    for (const source of [
      smallSource(),
      smallSource(),
      withRow('menu.csv', 1, ['soup', 'Starters', 'Tomato Soup', 'hot', '450', '11']),
      withRow('menu.csv', 1, ['soup', 'Starters', 'Tomato Soup', 'warm', '450', '10']),
      withRow('motd.csv', 1, ['We are closed']),
    ]) {
      const opened = await openService(hungry, source);
      hashes.push(opened.hash());
      opened.db.close();
    }
    expect(hashes[1]).to.equal(hashes[0]);
    expect(new Set(hashes)).to.have.property('size', 4);
  });

  it('does without a message of the day', async () => {
    const opened = await openService(hungry, sourceOf({ ...SMALL_FILES, 'motd.csv': [['text']] }));
    expect(opened.query('motd')).to.equal('');
    opened.update('setMotd', { text: 'First' }, 'admin');
    expect(opened.query('motd')).to.equal('First');
    opened.db.close();
  });
});
