import { expect } from 'chai';
import fc from 'fast-check';
import { HearsayError } from '../../../src/base/errors.js';
import { kv } from '../../../src/service/kv/kv.js';
import { type OpenService, openService } from '../support.js';

describe('kv', () => {
  let opened: OpenService;

  beforeEach(async () => {
    opened = await openService(kv);
  });
  afterEach(() => opened.db.close());

  const get = (key: string) => opened.query('get', { key });
  const count = (key: string) => opened.query('count', { key });
  const keys = (args: Record<string, unknown>) =>
    (opened.query('scan', args) as { key: string }[]).map(({ key }) => key);

  it('gives back any JSON value, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        opened.update('set', { key: 'k', value });
        // JSON has no -0.
        expect(get('k')).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
    opened.update('set', { key: 'k', value: { refused: 'not really' } });
    expect(get('k')).to.deep.equal({ refused: 'not really' });
  });

  it('has no value at first, after a delete, and of another key', () => {
    expect(get('k')).to.equal(null);
    opened.update('set', { key: 'k', value: 1 });
    expect(get('K')).to.equal(null);
    opened.update('delete', { key: 'k' });
    expect(get('k')).to.equal(null);
    expect(keys({ prefix: '' })).to.deep.equal([]);
    opened.update('set', { key: 'k', value: null });
    expect(opened.query('scan', { prefix: '' })).to.deep.equal([{ key: 'k', value: null }]);
  });

  it('keeps the write with the greatest stamp, deletes included', () => {
    opened.update('set', { key: 'k', value: 'new' }, '', '3');
    opened.update('set', { key: 'k', value: 'old' }, '', '2');
    expect(get('k')).to.equal('new');
    opened.update('delete', { key: 'k' }, '', '5');
    opened.update('set', { key: 'k', value: 'between' }, '', '4');
    expect(get('k')).to.equal(null);
    opened.update('set', { key: 'k', value: 'last' }, '', '6');
    expect(get('k')).to.equal('last');
  });

  it('has equal states for one object written with its keys in two orders', async () => {
    const other = await openService(kv);
    opened.update('set', { key: 'k', value: { a: 1, b: { c: 2, d: 3 } } });
    other.update('set', { key: 'k', value: { b: { d: 3, c: 2 }, a: 1 } });
    expect(opened.hash()).to.equal(other.hash());
    other.db.close();
  });

  it('scans by the bytes of the key, also beyond the last character', () => {
    const last = '\u{10ffff}';
    const all = [
      'a',
      'a\0',
      'aB',
      'ab',
      'aé',
      'a\ud7ff',
      'a\ue000',
      'a😀',
      `a${last}`,
      `a${last}z`,
      'b',
      last,
    ];
    for (const key of [...all].reverse()) opened.update('set', { key, value: 0 });
    const byBytes = [...all].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    expect(keys({ prefix: '' })).to.deep.equal(byBytes);
    for (const prefix of ['a', 'aB', 'a\ud7ff', `a${last}`, last, 'c']) {
      const expected = byBytes.filter((key) => key.startsWith(prefix));
      expect(keys({ prefix }), JSON.stringify(prefix)).to.deep.equal(expected);
    }
    expect(keys({ prefix: 'a', limit: 2 })).to.deep.equal(byBytes.slice(0, 2));
  });

  it('refuses a scan that is too large for one answer', () => {
    for (let number = 0; number < 9; number++) {
      opened.update('set', { key: `k${number}`, value: 'x'.repeat(60_000) });
    }
    expect(() => keys({ prefix: 'k' }))
      .to.throw(HearsayError, 'lower the limit')
      .with.property('code', 'REFUSED');
    expect(keys({ prefix: 'k', limit: 8 })).to.have.length(8);
  });

  it('counts exactly, in any order, also beyond what a number holds', () => {
    expect(count('c')).to.equal(0);
    const amounts = fc.array(
      fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.constantFrom(2 ** 53 - 1, 1 - 2 ** 53, -1)),
      { maxLength: 12 },
    );
    let runs = 0;
    fc.assert(
      fc.property(amounts, (added) => {
        const [key, reversed] = [`one-${runs}`, `two-${runs++}`];
        for (const amount of added) opened.update('add', { key, amount });
        for (const amount of [...added].reverse()) opened.update('add', { key: reversed, amount });
        const halves = opened.db.all(
          'SELECT DISTINCT high, low FROM counters WHERE key IN (?, ?)',
          [key, reversed],
        );
        expect(halves.length).to.equal(added.length === 0 ? 0 : 1);
        const sum = added.reduce((total, amount) => total + BigInt(amount), 0n);
        if (Number.isSafeInteger(Number(sum))) expect(count(key)).to.equal(Number(sum));
        else expect(() => count(key)).to.throw(HearsayError, `is ${sum}`);
      }),
    );
  });

  it('says what is wrong with a key, a value or an amount', () => {
    let deep: unknown = 0;
    for (let level = 0; level < 65; level++) deep = [deep];
    const poisoned: unknown = JSON.parse('{"a":[{"__proto__":1}]}');
    const cases: [operation: string, args: Record<string, unknown>, message: string][] = [
      ['set', { key: '', value: 1 }, 'key must be 1 to 512 bytes of text, not ""'],
      ['set', { key: 'é'.repeat(257), value: 1 }, 'key must be 1 to 512 bytes'],
      ['set', { key: '\ud800', value: 1 }, 'key must be'],
      ['set', { key: 7, value: 1 }, 'key must be 1 to 512 bytes of text, not 7'],
      ['set', { key: 'k' }, 'set needs value: any JSON of up to 64 KiB'],
      ['set', { key: 'k', value: 'x'.repeat(65_535) }, 'value must be at most 65536 bytes as JSON'],
      ['set', { key: 'k', value: ['é'.repeat(32_767)] }, 'value must be at most 65536 bytes'],
      ['set', { key: 'k', value: deep }, 'value is nested deeper than 64 levels'],
      ['set', { key: 'k', value: poisoned }, 'value holds an object with the key "__proto__"'],
      ['set', { key: 'k', value: '\udc00' }, 'value holds half a character'],
      ['set', { key: 'k', value: { '\udc00': 1 } }, 'value holds half a character'],
      [
        'set',
        { key: 'k', value: [Number.POSITIVE_INFINITY] },
        'value must be JSON, which has no Infinity',
      ],
      ['set', { key: 'k', value: [undefined] }, 'value must be a string, number, boolean, null'],
      ['set', { key: 'k', value: new Map() }, 'value must be plain JSON'],
      ['add', { key: 'k', amount: 0.5 }, 'amount must be a whole number, not 0.5'],
      ['add', { key: 'k', amount: 2 ** 53 }, 'amount must be a whole number'],
      ['put', { key: 'k' }, 'put needs value: any JSON of up to 64 KiB'],
      ['put', { key: '', value: 1 }, 'key must be 1 to 512 bytes of text, not ""'],
      ['cas', { key: 'k', value: 1 }, 'cas needs expected: any JSON of up to 64 KiB'],
      ['cas', { key: 'k', expected: 1 }, 'cas needs value'],
      ['cas', { key: 'k', expected: ['\udc00'], value: 1 }, 'expected holds half a character'],
      ['stock', { key: 'k', amount: -1 }, 'amount must be a whole number from 0, not -1'],
      ['stock', { key: 'k', amount: 2 ** 53 }, 'amount must be a whole number from 0'],
      ['take', { key: 'k', amount: -1 }, 'amount must be a whole number from 0, not -1'],
      ['take', { key: 'k', amount: 0.5 }, 'amount must be a whole number from 0, not 0.5'],
      ['take', { key: 'k' }, 'take needs amount: a whole number from 0'],
      ['delete', { key: 'k', value: 1 }, 'delete takes no argument "value"; choose from key'],
    ];
    for (const [operation, args, message] of cases) {
      expect(() => kv.parse('update', operation, args, ''), message)
        .to.throw(HearsayError, message)
        .with.property('code', 'INVALID');
    }
    for (const value of ['x'.repeat(65_534), [['é'.repeat(32_765)]]]) {
      opened.update('set', { key: 'é'.repeat(256), value });
      expect(get('é'.repeat(256))).to.deep.equal(value);
    }
  });

  it('forgets what was deleted long ago, and nothing else', () => {
    opened.update('set', { key: 'old', value: 1 }, '', '1');
    opened.update('delete', { key: 'gone' }, '', '1');
    opened.update('delete', { key: 'lately' }, '', '3');
    const hash = opened.hash();
    opened.service.forget(opened.db, '2');
    expect(opened.hash()).to.equal(hash);
    expect(opened.db.all('SELECT key FROM entries ORDER BY key')).to.deep.equal([
      { key: 'lately' },
      { key: 'old' },
    ]);
    opened.update('set', { key: 'lately', value: 1 }, '', '2');
    expect(opened.query('get', { key: 'lately' }), 'still deleted').to.equal(null);
  });
});
