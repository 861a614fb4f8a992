import { expect } from 'chai';
import { z } from 'zod';
import { InvariantError } from '../../src/base/assert.js';
import { HearsayError } from '../../src/base/errors.js';
import { defineQuery, defineUpdate, type Json, refuse } from '../../src/service/contract.js';
import { defineService } from '../../src/service/define.js';
import { openService } from './support.js';

const nothing = z.object({});
const ping = defineQuery({ about: 'Answers', anonymous: true, args: nothing, run: () => 'pong' });
const touch = defineUpdate({
  about: 'Does nothing',
  ordering: 'causal',
  args: nothing,
  apply() {},
});

const sound = {
  name: 'sample',
  version: 1,
  schema: { causal: 'CREATE TABLE facts (name TEXT PRIMARY KEY) WITHOUT ROWID' },
  visibleState: ['SELECT name FROM facts ORDER BY name'],
  queries: { ping },
  updates: { touch },
};

describe('defineService', () => {
  const mistakes: [what: string, change: object, message: string][] = [
    ['a name in capitals', { name: 'Sample' }, 'name is a lower-case letter'],
    ['a version 0', { version: 0 }, 'the version of sample is a whole number from 1, not 0'],
    ['a reserved operation', { queries: { help: ping } }, 'none of help, quit, status, log'],
    ['a reserved update', { updates: { log: touch } }, 'not "log"'],
    ['a name with a space', { queries: { 'do it': ping } }, 'not "do it"'],
    [
      'a name used twice',
      { updates: { ping: touch } },
      'ping of sample is both a query and an update',
    ],
    ['state without an order', { visibleState: ['SELECT name FROM facts'] }, 'needs an ORDER BY'],
    ...[
      'CREATE TABLE facts (name); DROP TABLE facts',
      'CREATE TABLE facts AS SELECT 1',
      'CREATE TEMP TABLE facts (name)',
      'CREATE VIRTUAL TABLE facts USING fts5(name)',
      'CREATE VIEW facts AS SELECT 1',
      'CREATE TRIGGER t AFTER INSERT ON facts BEGIN SELECT 1; END',
      'PRAGMA foreign_keys = ON',
      'INSERT INTO facts VALUES (1)',
    ].map((causal): [string, object, string] => [
      `the schema ${causal}`,
      { schema: { causal } },
      'the schema of sample may only CREATE TABLE name (…) and CREATE INDEX name ON …',
    ]),
    [
      'a schema without tables',
      { schema: { causal: '-- none', forced: '' } },
      'the schema of sample makes no table: give it `causal` or `forced` or both',
    ],
    [
      'a table that is causal and forced',
      { schema: { causal: 'CREATE TABLE facts (a)', forced: 'CREATE TABLE Facts (a)' } },
      'the schema of sample makes the table Facts twice: a table is causal or forced',
    ],
    [
      'a forced schema that does more',
      { schema: { forced: 'CREATE TABLE facts (a); DROP TABLE facts' } },
      'the schema of sample may only CREATE TABLE name (…) and CREATE INDEX name ON …',
    ],
    [
      'a setting with a space',
      { settings: { 'the address': { default: '', about: '' } } },
      'the name of a setting of sample is a lower-case letter',
    ],
    [
      'a table of the driver',
      { schema: { causal: 'CREATE TABLE hearsay_sessions (id)' } },
      'the table name hearsay_sessions of sample is reserved',
    ],
  ];
  for (const [what, change, message] of mistakes) {
    it(`refuses ${what}`, () => {
      expect(() => defineService({ ...sound, ...change })).to.throw(InvariantError, message);
    });
  }

  it('takes a schema with comments, quotes and indexes', async () => {
    const causal = `
      -- a comment; with a semicolon
      CREATE TABLE IF NOT EXISTS facts (name TEXT DEFAULT 'a;b' /* ; */, CHECK (name <> ';'));
      CREATE UNIQUE INDEX facts_by_name ON facts (name);`;
    const opened = await openService(defineService({ ...sound, schema: { causal } }));
    expect(opened.query('ping')).to.equal('pong');
    opened.db.close();
  });

  it('has a schema hash of its name, version and tables', () => {
    const { schemaHash } = defineService(sound);
    expect(defineService({ ...sound, queries: {} }).schemaHash).to.equal(schemaHash);
    for (const change of [
      { name: 'other' },
      { version: 2 },
      { schema: { causal: 'CREATE TABLE facts (name)' } },
      { schema: { forced: sound.schema.causal } },
      { schema: { ...sound.schema, forced: 'CREATE TABLE orders (name)' } },
    ]) {
      expect(defineService({ ...sound, ...change }).schemaHash).not.to.equal(schemaHash);
    }
  });

  it('has one schema hash however the schema is written down', () => {
    const forced = 'CREATE TABLE orders (name)';
    const { causal } = sound.schema;
    expect(defineService({ ...sound, schema: { forced, causal } }).schemaHash).to.equal(
      defineService({ ...sound, schema: { causal, forced } }).schemaHash,
    );
  });

  it('finds a mistake in the visible state when the tables are made', async () => {
    const wrong = defineService({ ...sound, visibleState: ['SELECT nam FROM facts ORDER BY 1'] });
    let failure: unknown;
    await openService(wrong).catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.be.instanceOf(InvariantError);
    expect(String(failure)).to.contain('no such column: nam');
  });

  describe('arguments', () => {
    const service = defineService({
      ...sound,
      updates: {},
      queries: {
        ping,
        echo: defineQuery({
          about: 'Gives its arguments back',
          args: z.object({
            text: z.string().default('none').meta({ description: 'some text', title: 'what' }),
            size: z.enum(['small', 'large']).optional(),
            items: z
              .array(z.strictObject({ name: z.string().max(3), count: z.int().min(1) }))
              .optional(),
            even: z
              .int()
              .refine((value) => value % 2 === 0, 'is odd')
              .optional(),
          }),
          run: (_db, args) => JSON.parse(JSON.stringify(args)) as Json,
        }),
        no: defineQuery({
          about: 'Refuses',
          anonymous: true,
          args: nothing,
          run: () => refuse('never'),
        }),
      },
    });
    const parse = (args: unknown, user = 'x') => service.parse('query', 'echo', args, user);

    it('are given back with defaults filled in, and parse to the same again', () => {
      const parsed = parse({ size: 'small', items: [{ name: 'a', count: 1 }] });
      expect(parsed).to.deep.equal({
        text: 'none',
        size: 'small',
        items: [{ name: 'a', count: 1 }],
      });
      expect(parse(parsed)).to.deep.equal(parsed);
    });

    const wrong: [args: unknown, message: string][] = [
      [{ txt: 'a' }, 'echo takes no argument "txt"; did you mean text?'],
      [{ zzz: 1 }, 'echo takes no argument "zzz"; choose from even, items, size, text'],
      [JSON.parse('{"__proto__":1}'), 'echo takes no argument "__proto__"'],
      [null, 'the arguments of echo must be an object, not null'],
      [['a'], 'the arguments of echo must be an object, not ["a"]'],
      [undefined, 'the arguments of echo must be an object, not undefined'],
      [{ text: 1 }, 'text must be some text, not 1'],
      [{ size: 'huge' }, 'size must be "small" or "large", not "huge"'],
      [{ items: 1 }, 'items must be a list, not 1'],
      [{ items: [{ name: 'a', count: 0 }] }, 'items[0].count must be a whole number from 1, not 0'],
      [{ items: [{ name: 'a' }] }, 'echo needs items[0].count: a whole number from 1'],
      [
        { items: [{ name: 'abcd', count: 1 }] },
        'items[0].name must be text up to 3 characters, not "abcd"',
      ],
      [{ items: [{ name: 'a', count: 1, x: 1 }] }, 'items[0] takes no argument "x"'],
      [{ even: 3 }, 'even is odd'],
      [
        { text: 1, size: 2 },
        'text must be some text, not 1; size must be "small" or "large", not 2',
      ],
      [{ text: 'x'.repeat(500), size: 'y'.repeat(500) }, 'yyy…'],
    ];
    for (const [args, message] of wrong) {
      it(`are refused with "${message}"`, () => {
        expect(() => parse(args))
          .to.throw(HearsayError, message)
          .with.property('code', 'INVALID');
      });
    }

    it('need an operation that there is', () => {
      const cases: ['query' | 'update', string, string][] = [
        ['query', 'ehco', 'sample has no query "ehco"; did you mean echo?'],
        ['query', 'ECHO', 'did you mean echo?'],
        ['update', 'echo', 'echo is a query, not an update'],
        ['query', 'somethingElse', 'choose from echo, no, ping'],
        ['query', 'constructor', 'has no query "constructor"'],
        ['query', 'p'.repeat(100_000), 'choose from'],
      ];
      for (const [kind, operation, message] of cases) {
        expect(() => service.parse(kind, operation, {}, ''), operation)
          .to.throw(HearsayError, message)
          .with.property('code', 'INVALID');
      }
    });

    it('need a user, but for an anonymous operation', () => {
      expect(() => parse({}, '')).to.throw(HearsayError, 'echo needs a user: give one, any name');
      expect(service.parse('query', 'ping', {}, '')).to.deep.equal({});
    });

    it('are described for help and forms, as plain data', () => {
      expect(JSON.parse(JSON.stringify(service.operations))).to.deep.equal(service.operations);
      expect(service.operations.map(({ name }) => name)).to.deep.equal(['ping', 'echo', 'no']);
      expect(service.operations[1]).to.deep.equal({
        name: 'echo',
        kind: 'query',
        about: 'Gives its arguments back',
        anonymous: false,
        hasCheck: false,
        ordering: null,
        hasLookup: false,
        administrator: false,
        arguments: [
          {
            name: 'text',
            reads: 'string',
            type: 'some text',
            required: false,
            default: 'none',
            about: 'what',
          },
          { name: 'size', reads: 'string', type: '"small" or "large"', required: false, about: '' },
          { name: 'items', reads: 'json', type: 'a list', required: false, about: '' },
          { name: 'even', reads: 'json', type: 'a whole number', required: false, about: '' },
        ],
      });
    });

    it('lead to REFUSED where the query refuses', async () => {
      const opened = await openService(service);
      expect(() => opened.query('no'))
        .to.throw(HearsayError, 'never')
        .with.property('code', 'REFUSED');
      opened.db.close();
    });
  });
});
