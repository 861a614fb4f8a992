/** What every StateDatabase must do; an implementation's test calls this with a way to make one. */

import { expect } from 'chai';
import fc from 'fast-check';
import type { StateDatabase } from '../../src/ports/database.js';

export function databaseContract(name: string, open: () => Promise<StateDatabase>): void {
  describe(`${name} as a StateDatabase`, () => {
    let db: StateDatabase;

    beforeEach(async () => {
      db = await open();
      db.exec(
        'CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, data); CREATE TABLE other (x)',
      );
    });

    afterEach(() => db.close());

    const insert = 'INSERT INTO item (id, name, data) VALUES (?, ?, ?)';
    const names = () => db.all<{ name: string }>('SELECT name FROM item ORDER BY id');

    it('answers rows as objects, the first row, and undefined for none', () => {
      db.run(insert, [1, 'one', null]);
      db.run(insert, [2, 'two', 2.5]);
      expect(db.all('SELECT * FROM item ORDER BY id')).to.deep.equal([
        { id: 1, name: 'one', data: null },
        { id: 2, name: 'two', data: 2.5 },
      ]);
      expect(db.get('SELECT name FROM item WHERE id = ?', [2])).to.deep.equal({ name: 'two' });
      expect(db.get('SELECT name FROM item WHERE id = ?', [3])).to.equal(undefined);
      expect(db.all('SELECT name FROM item WHERE id = ?', [3])).to.deep.equal([]);
    });

    it('answers how many rows a statement changed', () => {
      expect(db.run(insert, [1, 'one', null])).to.equal(1);
      expect(db.run(insert, [2, 'two', null])).to.equal(1);
      expect(db.run("UPDATE item SET name = 'same'")).to.equal(2);
      expect(db.run('DELETE FROM item WHERE id = ?', [7])).to.equal(0);
      expect(db.run(`${insert} ON CONFLICT DO NOTHING`, [1, 'again', null])).to.equal(0);
    });

    it('gives back every value as it went in', () => {
      const value = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true }).map((number) => number + 0),
        fc.uint8Array(),
        fc.constant(null),
      );
      fc.assert(
        fc.property(value, (given) => {
          db.run(`${insert} ON CONFLICT DO UPDATE SET data = excluded.data`, [1, 'v', given]);
          const row = db.get<{ data: unknown }>('SELECT data FROM item WHERE id = 1');
          // Negative zero comes back as zero.
          expect(row?.data).to.deep.equal(given === 0 ? 0 : given);
        }),
      );
    });

    it('throws with the SQL text on a wrong statement, and goes on', () => {
      db.run(insert, [1, 'one', null]);
      const wrong: [string, () => unknown][] = [
        ['nonsense', () => db.all('nonsense')],
        ['no such table', () => db.get('SELECT * FROM absent')],
        ['UNIQUE', () => db.run(insert, [1, 'again', null])],
        ['3 parameters wanted, 2 given', () => db.run(insert, [2, 'few'])],
        ['3 parameters wanted, 4 given', () => db.run(insert, [2, 'many', null, null])],
        ['unknown type', () => db.run(insert, [2, 'undefined', undefined as never])],
        ['more than one statement', () => db.run('DELETE FROM item; DELETE FROM other')],
        ['INSERT, UPDATE or DELETE', () => db.run('SELECT * FROM item')],
        ['syntax', () => db.exec('CREATE TABLE good (x); CREATE nonsense')],
      ];
      for (const [message, act] of wrong) expect(act, message).to.throw(Error, message);
      expect(() => db.run(insert, [1, 'again', null])).to.throw(insert);
      expect(names()).to.deep.equal([{ name: 'one' }]);
      expect(db.run(insert, [2, 'two', null])).to.equal(1);
    });

    it('keeps the transaction when a statement in it fails', () => {
      db.begin();
      db.run(insert, [1, 'one', null]);
      expect(() => db.run(insert, [1, 'again', null])).to.throw('UNIQUE');
      db.run(insert, [2, 'two', null]);
      db.commit();
      expect(names()).to.deep.equal([{ name: 'one' }, { name: 'two' }]);
    });

    it('lets begin and commit be said more than once', () => {
      db.commit();
      db.begin();
      db.begin();
      db.run(insert, [1, 'one', null]);
      db.commit();
      db.commit();
      db.begin();
      expect(names()).to.deep.equal([{ name: 'one' }]);
    });

    it('exports in the middle of a transaction, and keeps statements in use afterwards', () => {
      db.begin();
      db.run(insert, [1, 'one', null]);
      const bytes = db.export();
      db.run(insert, [2, 'two', null]);
      expect(names()).to.have.length(2);
      db.begin();
      db.load(bytes);
      expect(names()).to.deep.equal([{ name: 'one' }]);
      db.begin();
      db.run(insert, [2, 'other two', null]);
      db.commit();
      expect(names()).to.deep.equal([{ name: 'one' }, { name: 'other two' }]);
    });

    it('exports what another database loads, without sharing memory', async () => {
      db.run(insert, [1, 'one', new Uint8Array([1, 2, 3])]);
      const bytes = Buffer.from(db.export());
      const before = Buffer.from(bytes);
      const second = await open();
      try {
        second.load(bytes);
        second.run(insert, [2, 'two', null]);
        expect(bytes.equals(before)).to.equal(true);
        bytes.fill(0);
        expect(second.get('SELECT count(*) AS n FROM item')).to.deep.equal({ n: 2 });
        expect(names()).to.deep.equal([{ name: 'one' }]);
      } finally {
        second.close();
      }
    });

    it('exports and loads an empty database', async () => {
      const empty = await open();
      try {
        db.load(empty.export());
        expect(() => db.all('SELECT * FROM item')).to.throw('no such table');
      } finally {
        empty.close();
      }
    });

    it('refuses to load what is no database, and keeps what it had', () => {
      db.run(insert, [1, 'one', null]);
      expect(() => db.load(new TextEncoder().encode('x'.repeat(4096)))).to.throw('not a database');
      expect(names()).to.deep.equal([{ name: 'one' }]);
    });

    it('sees new columns and tables after exec', () => {
      expect(db.all('SELECT * FROM other')).to.deep.equal([]);
      db.exec('ALTER TABLE other ADD COLUMN y; INSERT INTO other VALUES (1, 2)');
      expect(db.all('SELECT * FROM other')).to.deep.equal([{ x: 1, y: 2 }]);
    });

    it('goes on when more statements were used than it keeps', () => {
      for (let i = 0; i < 600; i++) {
        expect(db.get(`SELECT ${i} AS n`)).to.deep.equal({ n: i });
      }
      expect(db.get('SELECT 0 AS n')).to.deep.equal({ n: 0 });
    });

    it('throws after close', () => {
      db.close();
      expect(() => db.get('SELECT 1')).to.throw('closed');
    });
  });
}
