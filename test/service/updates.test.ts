import { expect } from 'chai';
import { z } from 'zod';
import { InvariantError } from '../../src/base/assert.js';
import { HearsayError } from '../../src/base/errors.js';
import {
  type Arguments,
  defineQuery,
  defineUpdate,
  type Json,
  type Outside,
  refuse,
} from '../../src/service/contract.js';
import { defineService, type Service } from '../../src/service/define.js';
import { openService } from './support.js';

const KEY = z.object({ key: z.string().max(9) });
const NO_OUTSIDE: Outside = {
  settings: {},
  get: () => Promise.reject(new Error('nobody is there')),
};

const touch = defineUpdate({
  about: 'Writes a causal table',
  ordering: 'causal',
  args: KEY,
  apply: (db, { key }) => void db.run('REPLACE INTO facts VALUES (?)', [key]),
});

const claim = defineUpdate({
  about: 'Takes a key that is free',
  ordering: 'forced',
  administrator: true,
  args: KEY,
  check: (db, { key }) =>
    db.get('SELECT 1 FROM facts WHERE name = ?', [key]) === undefined
      ? refuse(`${key} is no fact`)
      : undefined,
  apply(db, { key }, { user }) {
    if (db.get('SELECT 1 FROM claims WHERE name = ?', [key])) return refuse(`${key} is taken`);
    db.run('INSERT INTO claims VALUES (?)', [key]);
    return { key, user };
  },
});

const both = defineQuery({
  about: 'Reads both',
  args: z.object({}),
  run: (db) => [
    db.all<{ name: string }>('SELECT name FROM facts ORDER BY name').map(({ name }) => name),
    db.all<{ name: string }>('SELECT name FROM claims ORDER BY name').map(({ name }) => name),
  ],
});

const FACTS = 'CREATE TABLE facts (name TEXT PRIMARY KEY) WITHOUT ROWID';
const CLAIMS = 'CREATE TABLE claims (name TEXT PRIMARY KEY) WITHOUT ROWID';

const sound = {
  name: 'sample',
  version: 1,
  schema: { causal: FACTS, forced: CLAIMS },
  visibleState: ['SELECT name FROM facts ORDER BY name', 'SELECT name FROM claims ORDER BY name'],
  queries: { both },
  updates: { touch, claim },
};

/** A service with one forced update, which may be wrong. */
const forcing = (apply: (db: Parameters<Service['apply']>[0]) => Json) =>
  defineService({
    ...sound,
    updates: {
      force: { about: 'Does it', ordering: 'forced', args: z.object({}), apply },
    },
  });

describe('updates of a service', () => {
  it('are causal or forced, which the service and its descriptions say', () => {
    const service = defineService(sound);
    const [touched, claimed, asked] = ['touch', 'claim', 'both'].map((name) => [
      service.orderingOf(name),
      service.operations.find((operation) => operation.name === name)?.ordering,
    ]);
    expect(touched).to.deep.equal(['causal', 'causal']);
    expect(claimed).to.deep.equal(['forced', 'forced']);
    expect(asked).to.deep.equal([undefined, null]);
    for (const name of ['nothing', 'constructor']) {
      expect(service.orderingOf(name)).to.equal(undefined);
    }
  });

  it('are described with their check and whether they are for the administrator', () => {
    const [, touched, claimed] = defineService(sound).operations;
    expect(touched).to.include({ hasCheck: false, administrator: false, hasLookup: false });
    expect(claimed).to.include({ hasCheck: true, administrator: true, hasLookup: false });
  });

  it('give a result or a refusal when forced, and check and queries read all tables', async () => {
    const opened = await openService(defineService(sound));
    expect(opened.refusal('claim', { key: 'a' }, 'x')).to.equal('a is no fact');
    expect(opened.update('touch', { key: 'a' }, 'x')).to.equal(null);
    expect(opened.refusal('claim', { key: 'a' }, 'x')).to.equal(undefined);
    expect(opened.update('claim', { key: 'a' }, 'x')).to.deep.equal({ key: 'a', user: 'x' });
    expect(() => opened.update('claim', { key: 'a' }, 'y'))
      .to.throw(HearsayError, 'a is taken')
      .with.property('code', 'REFUSED');
    expect(opened.query('both', {}, 'x')).to.deep.equal([['a'], ['a']]);
    opened.db.close();
  });

  it('may all be forced, in a service without causal tables', async () => {
    const service = defineService({
      ...sound,
      schema: { forced: CLAIMS },
      visibleState: ['SELECT name FROM claims ORDER BY name'],
      queries: {},
      updates: { claim },
    });
    const opened = await openService(service);
    expect(opened.update('claim', { key: 'a' }, 'x')).to.deep.equal({ key: 'a', user: 'x' });
    opened.db.close();
  });

  const wrong: [what: string, service: Service, message: string][] = [
    [
      'read a causal table when forced',
      forcing((db) => db.all('SELECT name FROM facts').length),
      'sample.force reads facts, a causal table, in a forced update; ',
    ],
    [
      'write a causal table when forced',
      forcing((db) => db.run("INSERT INTO facts VALUES ('a')")),
      'sample.force writes facts, a causal table, in a forced update; ',
    ],
    [
      'give what is no JSON',
      forcing(() => Number.NaN),
      'force of sample gave a result that is no JSON',
    ],
  ];
  for (const [what, service, message] of wrong) {
    it(`may not ${what}`, async () => {
      const opened = await openService(service);
      expect(() => opened.update('force', {}, 'x')).to.throw(InvariantError, message);
      opened.db.close();
    });
  }

  it('may not touch a forced table when causal', async () => {
    const peek = defineUpdate({
      about: 'Looks',
      ordering: 'causal',
      args: z.object({}),
      apply: (db) => void db.all('SELECT name FROM claims'),
    });
    const opened = await openService(defineService({ ...sound, updates: { peek } }));
    expect(() => opened.update('peek', {}, 'x')).to.throw(
      InvariantError,
      /^sample\.peek reads claims, a forced table, in a causal update; .*; in SQL: SELECT name FROM claims$/,
    );
    opened.db.close();
  });

  it('are not run as what they are not', async () => {
    const { service, db } = await openService(defineService(sound));
    const context = { user: 'x', id: 't:1', stamp: '1' };
    expect(() => service.apply(db, 'claim', { key: 'a' }, context)).to.throw(
      InvariantError,
      'claim of sample is forced, and was run as causal',
    );
    expect(() => service.applyForced(db, 'touch', { key: 'a' }, context)).to.throw(
      InvariantError,
      'touch of sample is causal, and was run as forced',
    );
    db.close();
  });

  it('seed both kinds of tables', async () => {
    const service = defineService({
      ...sound,
      seed(db) {
        db.run("INSERT INTO facts VALUES ('a')");
        db.run("INSERT INTO claims SELECT name || 'b' FROM facts");
      },
    });
    const opened = await openService(service, { label: 'nothing', rows: () => [] });
    expect(opened.query('both', {}, 'x')).to.deep.equal([['a'], ['ab']]);
    expect(service.visibleState(opened.db)).to.deep.equal([[{ name: 'a' }], [{ name: 'ab' }]]);
    opened.db.close();
  });
});

describe('lookups', () => {
  const register = defineUpdate({
    about: 'Keeps where something is',
    ordering: 'causal',
    args: KEY.extend({ note: z.string().default('none') }),
    lookup: {
      found: z.object({ place: z.int().min(0), exact: z.boolean().default(true) }),
      async look({ key, note }, outside) {
        if (key === 'wrong') throw new HearsayError('INVALID', `there is no ${key} (${note})`);
        if (key === 'busy') throw new HearsayError('UNAVAILABLE', 'ask later');
        const { status } = await outside.get(`${outside.settings['atlas']}/${key}`, 1000);
        return { place: status };
      },
    },
    check: (_db, { place }) => (place > 500 ? refuse('too far') : undefined),
    apply: (db, { key, note, place, exact }) =>
      void db.run('REPLACE INTO facts VALUES (?)', [`${key} ${note} ${place} ${exact}`]),
  });
  const settings = { atlas: { default: 'http://atlas', about: 'where places are' } };
  const service = defineService({ ...sound, settings, updates: { touch, register } });

  const asked: string[] = [];
  const answering = (status: number): Outside => ({
    settings: { atlas: 'http://here' },
    get(url, timeoutMs) {
      asked.push(`${url} ${timeoutMs}`);
      return Promise.resolve({ status, body: '' });
    },
  });
  const lookUp = (args: unknown, outside = answering(7), user = 'x') =>
    service.lookUp('register', args, user, outside);

  async function errorOf(lookedUp: Promise<Arguments>): Promise<HearsayError> {
    const error: unknown = await lookedUp.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof HearsayError) return error;
    throw new Error(`no HearsayError but ${String(error)}`);
  }

  beforeEach(() => asked.splice(0));

  it('complete the arguments, which parse to the same', async () => {
    const complete = await lookUp({ key: 'a' });
    expect(complete).to.deep.equal({ key: 'a', note: 'none', place: 7, exact: true });
    expect(asked).to.deep.equal(['http://here/a 1000']);
    expect(service.parse('update', 'register', complete, 'x')).to.deep.equal(complete);
  });

  it('reach check and apply, but not the description of what the client gives', async () => {
    const opened = await openService(service);
    const complete = { ...(await lookUp({ key: 'a' })) };
    opened.update('register', complete, 'x');
    expect(opened.query('both', {}, 'x')).to.deep.equal([['a none 7 true'], []]);
    expect(opened.refusal('register', { ...complete, place: 501 }, 'x')).to.equal('too far');
    opened.db.close();

    const described = service.operations.find(({ name }) => name === 'register');
    expect(described?.arguments.map(({ name }) => name)).to.deep.equal(['key', 'note']);
    expect(described).to.include({ hasLookup: true, hasCheck: true });
    expect(service.settings).to.deep.equal(settings);
  });

  it('leave the arguments of other updates as they are', async () => {
    expect(await service.lookUp('touch', { key: 'a' }, 'x', NO_OUTSIDE)).to.deep.equal({
      key: 'a',
    });
  });

  const refused: [what: string, looked: () => Promise<Arguments>, message: string][] = [
    ['a wrong argument', () => lookUp({ key: 1 }), 'key must be text up to 9 characters, not 1'],
    ['a found argument', () => lookUp({ key: 'a', place: 1 }), 'takes no argument "place"; choose'],
    ['no user', () => lookUp({ key: 'a' }, NO_OUTSIDE, ''), 'register needs a user'],
    ['another name', () => service.lookUp('regster', {}, 'x', NO_OUTSIDE), 'did you mean register'],
    ['a query', () => service.lookUp('both', {}, 'x', NO_OUTSIDE), 'both is a query, not an upd'],
    ['what it finds wrong', () => lookUp({ key: 'wrong' }), 'there is no wrong (none)'],
    ['what does not fit', () => lookUp({ key: 'a' }, answering(-1)), 'place must be'],
  ];
  for (const [what, looked, message] of refused) {
    it(`refuse ${what}`, async () => {
      const error = await errorOf(looked());
      expect(error.message).to.contain(message);
      expect(error).to.include({ code: 'INVALID', definite: true });
    });
  }

  it('ask nobody about arguments that are wrong', async () => {
    await errorOf(lookUp({ key: 'much too long' }));
    expect(asked).to.deep.equal([]);
  });

  it('are UNAVAILABLE when nobody answers, and certainly had no effect', async () => {
    const nobody = await errorOf(lookUp({ key: 'a' }, NO_OUTSIDE));
    expect(nobody.message).to.equal(
      'register has to ask outside the cluster, which failed: nobody is there; try again',
    );
    const busy = await errorOf(lookUp({ key: 'busy' }));
    expect(busy.message).to.equal('ask later');
    for (const error of [nobody, busy]) {
      expect(error).to.include({ code: 'UNAVAILABLE', definite: true, retriable: true });
    }
  });

  it('may not find what the client gives', () => {
    const updates = {
      twice: defineUpdate({
        ...register,
        lookup: { found: KEY, look: ({ key }) => Promise.resolve({ key }) },
      }),
    };
    expect(() => defineService({ ...sound, updates })).to.throw(
      InvariantError,
      'key of twice is both given and found: give what the lookup finds another name',
    );
  });
});
