import { expect } from 'chai';
import { InvariantError } from '../../src/base/assert.js';
import type { StateDatabase } from '../../src/ports/database.js';
import { tablesOf } from '../../src/service/schema.js';
import { type Access, StatementGuard } from '../../src/service/statement-guard.js';
import { openSqlDatabase } from '../../src/storage/sql-database.js';

const SCHEMA = `
  CREATE TABLE facts (name TEXT PRIMARY KEY, worth INTEGER) WITHOUT ROWID;
  CREATE TABLE rows (name TEXT, made TEXT DEFAULT CURRENT_TIMESTAMP);
  CREATE INDEX rows_by_name ON rows (name);
`;
const FORCED = `
  CREATE TABLE orders (name TEXT PRIMARY KEY, amount INTEGER) WITHOUT ROWID;
  CREATE INDEX orders_by_amount ON orders (amount);
  CREATE TABLE numbered (name TEXT);
`;

describe('statement guard', () => {
  let db: StateDatabase;
  let guard: StatementGuard;

  beforeEach(async () => {
    db = await openSqlDatabase();
    db.exec(SCHEMA);
    db.exec(FORCED);
    db.exec('CREATE TABLE hearsay_own (secret)');
    guard = new StatementGuard('sample', tablesOf('sample', { causal: SCHEMA, forced: FORCED }));
  });
  afterEach(() => db.close());

  const open = (access: Access) => guard.open(db, access, 'doing');

  const allowed: [Access, string][] = [
    ['read', 'SELECT name FROM facts ORDER BY name'],
    ['read', "-- why\n/* and how */ SELECT count(*) FROM rows WHERE name = 'a'"],
    [
      'read',
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n',
    ],
    ['read', 'SELECT name, row_number() OVER (ORDER BY name) FROM facts'],
    ['read', 'SELECT lower(name), sum(worth), group_concat(name) FROM facts GROUP BY 1'],
    ['read', "SELECT 'random()', name AS date FROM facts"],
    ['apply-causal', 'SELECT name FROM rows'],
    ['apply-causal', "INSERT INTO facts VALUES ('a', 1) ON CONFLICT DO UPDATE SET worth = 2"],
    ['apply-causal', "REPLACE INTO facts VALUES ('a', 1)"],
    ['apply-causal', 'DELETE FROM facts'],
    ['apply-causal', "UPDATE rows SET name = 'b'"],
    ['apply-causal', "INSERT INTO facts VALUES ('c', 1) RETURNING name"],
    ['seed', "INSERT INTO rows VALUES ('a', 'then')"],
    ['seed', "INSERT INTO orders VALUES ('a', 1)"],
    ['seed', "INSERT INTO numbered VALUES ('a')"],
    ['read', 'SELECT worth, amount FROM facts JOIN orders USING (name)'],
    ['apply-forced', 'SELECT amount FROM orders WHERE amount > 1'],
    ['apply-forced', "INSERT INTO orders VALUES ('a', 1) ON CONFLICT DO UPDATE SET amount = 2"],
    ['apply-forced', 'UPDATE orders SET amount = amount - 1'],
    ['apply-forced', 'DELETE FROM orders'],
    ['apply-forced', "INSERT INTO orders VALUES ('c', 1) RETURNING name"],
    ['apply-forced', 'SELECT 1'],
  ];
  for (const [access, sql] of allowed) {
    it(`lets ${access} do: ${sql}`, () => {
      open(access).all(sql);
    });
  }

  const refused: [Access, string, message: string][] = [
    ['read', "INSERT INTO facts VALUES ('a', 1)", 'may not use INSERT here'],
    ['read', 'DELETE FROM facts', 'may not use DELETE here'],
    [
      'read',
      "WITH n AS (SELECT 1) INSERT INTO facts VALUES ('a', 1)",
      'writes facts, where it may only read',
    ],
    ['read', 'WITH n AS (SELECT 1) DELETE FROM facts', 'writes facts'],
    ['read', "WITH n AS (SELECT 1) UPDATE rows SET name = 'b'", 'writes rows'],
    ...(['read', 'apply-causal', 'apply-forced', 'seed'] as const).flatMap(
      (access): [Access, string, string][] => [
        [
          access,
          'SELECT secret FROM hearsay_own',
          'reads hearsay_own, which is no table of the service',
        ],
        [
          access,
          "SELECT name FROM (SELECT 'a' AS name) WHERE name IN (SELECT secret FROM hearsay_own)",
          'hearsay_own',
        ],
        [access, 'SELECT name FROM sqlite_schema', 'reads the schema'],
        [access, 'SELECT random()', 'calls random, whose answer may differ between replicas'],
        [access, 'SELECT column1 FROM (VALUES (1), (2)) ORDER BY random()', 'calls random'],
        [access, "SELECT date('now')", 'calls date'],
        [access, 'SELECT CURRENT_TIMESTAMP', 'calls current_timestamp'],
        [access, "SELECT unixepoch('now', 'subsec')", 'calls unixepoch'],
        [access, 'SELECT last_insert_rowid()', 'calls last_insert_rowid'],
        [access, "SELECT value FROM json_each('[1]')", 'may not read a virtual table'],
        [access, "SELECT name FROM pragma_table_info('facts')", 'may not read a virtual table'],
        [access, 'PRAGMA user_version = 7', 'may not use PRAGMA here'],
        [access, 'BEGIN', 'may not use BEGIN here'],
        [access, 'COMMIT', 'may not use COMMIT here'],
        [access, 'SAVEPOINT a', 'may not use SAVEPOINT here'],
        [access, "ATTACH ':memory:' AS other", 'may not use ATTACH here'],
        [access, 'CREATE TABLE more (name)', 'may not use CREATE here'],
        [access, 'DROP TABLE facts', 'may not use DROP here'],
        [access, '/* SELECT */ VACUUM', 'may not use VACUUM here'],
        [access, 'EXPLAIN SELECT 1', 'may not use EXPLAIN here'],
        [access, '', 'may not use  here'],
        [access, 'SELECT name FROM fact', 'no such table: fact'],
        [access, 'SELECT 1; DELETE FROM facts', 'more than one statement'],
      ],
    ),
    [
      'apply-causal',
      'INSERT INTO hearsay_own VALUES (1)',
      'writes hearsay_own, which is no table of the service',
    ],
    ['apply-causal', 'DELETE FROM hearsay_own', 'writes hearsay_own'],
    ['apply-causal', "INSERT INTO facts SELECT 'a', random()", 'calls random'],
    ['apply-causal', "INSERT INTO rows VALUES ('a', 'then')", 'declare it WITHOUT ROWID'],
    ...(
      [
        'SELECT amount FROM orders',
        'SELECT name FROM facts WHERE name IN (SELECT name FROM orders)',
        'INSERT INTO facts SELECT name, amount FROM orders',
        'SELECT max(amount) FROM orders',
      ] as const
    ).map((sql): [Access, string, string] => [
      'apply-causal',
      sql,
      'reads orders, a forced table, in a causal update; replicas execute causal updates at different places among forced ones: make the update forced too, or keep what it needs in a causal table',
    ]),
    ['apply-causal', "INSERT INTO orders VALUES ('a', 1)", 'writes orders, a forced table'],
    ['apply-causal', 'DELETE FROM orders', 'writes orders, a forced table'],
    ...(
      [
        'SELECT worth FROM facts',
        'UPDATE orders SET amount = (SELECT worth FROM facts WHERE facts.name = orders.name)',
        'INSERT INTO orders SELECT name, worth FROM facts',
        'SELECT name FROM orders WHERE EXISTS (SELECT 1 FROM facts WHERE facts.name = orders.name)',
      ] as const
    ).map((sql): [Access, string, string] => [
      'apply-forced',
      sql,
      'reads facts, a causal table, in a forced update; replicas execute forced updates with different causal ones applied: pass what it needs as an argument, or keep it in a forced table',
    ]),
    ['apply-forced', "REPLACE INTO facts VALUES ('a', 1)", 'writes facts, a causal table'],
    ['apply-forced', 'DELETE FROM facts', 'writes facts, a causal table'],
    ['apply-forced', 'INSERT INTO hearsay_own VALUES (1)', 'writes hearsay_own, which is no table'],
    ['apply-forced', "INSERT INTO orders SELECT 'a', random()", 'calls random'],
    ['apply-forced', "INSERT INTO numbered VALUES ('a')", 'declare it WITHOUT ROWID'],
    ['seed', "INSERT INTO rows (name) VALUES ('a')", 'calls current_timestamp'],
    ['seed', "UPDATE sqlite_schema SET sql = ''", 'table sqlite_master may not be modified'],
  ];
  for (const [access, sql, message] of refused) {
    it(`keeps ${access} from: ${sql}`, () => {
      const before = db.export();
      expect(() => open(access).all(sql)).to.throw(InvariantError, message);
      expect(db.export()).to.deep.equal(before);
    });
  }

  it('names service, operation and statement', () => {
    expect(() => guard.open(db, 'read', 'average').get('SELECT random()')).to.throw(
      InvariantError,
      /^sample\.average calls random, .*; in SQL: SELECT random\(\)$/,
    );
  });

  it('looks at a statement once for each kind of access', () => {
    const explained: string[] = [];
    const counting: StateDatabase = Object.create(db, {
      all: {
        value: (sql: string, params: readonly []) => {
          if (sql.startsWith('EXPLAIN')) explained.push(sql);
          return db.all(sql, params);
        },
      },
    }) as StateDatabase;
    const sql = 'SELECT name FROM facts';
    for (let count = 0; count < 3; count++) guard.open(counting, 'read', 'doing').all(sql);
    expect(explained).to.deep.equal([`EXPLAIN ${sql}`]);
    guard.open(counting, 'seed', 'doing').all(sql);
    expect(explained).to.have.length(2);
    expect(() => guard.open(counting, 'apply-forced', 'doing').all(sql)).to.throw(InvariantError);
    expect(explained).to.have.length(3);
  });

  it('notices SQL texts with values pasted in', () => {
    expect(() => {
      for (let count = 0; count <= 1000; count++) open('read').all(`SELECT ${count}`);
    }).to.throw(InvariantError, 'sample.doing has made 1000 different statements; pass values');
  });
});
