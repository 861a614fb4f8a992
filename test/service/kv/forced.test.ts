import { expect } from 'chai';
import fc from 'fast-check';
import type { Json } from '../../../src/service/contract.js';
import { kv } from '../../../src/service/kv/kv.js';
import { type OpenService, openService } from '../support.js';

describe('kv, the forced part', () => {
  let opened: OpenService;

  beforeEach(async () => {
    opened = await openService(kv);
  });
  afterEach(() => opened.db.close());

  const forced = (key: string) => opened.query('forced', { key });
  const left = (key: string) => opened.query('left', { key });
  const put = (key: string, value: Json) => opened.update('put', { key, value });
  const cas = (key: string, expected: Json, value: Json) =>
    opened.update('cas', { key, expected, value });
  const stock = (key: string, amount: number) => opened.update('stock', { key, amount });
  const take = (key: string, amount: number) => opened.update('take', { key, amount });

  it('is ordered, and the causal part is not', () => {
    const ordered = Object.fromEntries(
      kv.operations.map(({ name, ordering }) => [name, ordering] as const),
    );
    expect(ordered).to.deep.equal({
      ...{ get: null, scan: null, count: null, forced: null, left: null },
      ...{ set: 'causal', delete: 'causal', add: 'causal' },
      ...{ put: 'forced', cas: 'forced', stock: 'forced', take: 'forced' },
    });
  });

  it('puts values, whatever stamp they have', () => {
    expect(forced('k')).to.equal(null);
    expect(opened.update('put', { key: 'k', value: 'first' }, '', '2')).to.equal(null);
    expect(opened.update('put', { key: 'k', value: { a: [1] } }, '', '1')).to.equal(null);
    expect(forced('k')).to.deep.equal({ a: [1] });
    expect(forced('K')).to.equal(null);
  });

  it('swaps a value only for the expected one, and tells the value afterwards', () => {
    expect(cas('k', 'a', 'b')).to.deep.equal({ swapped: false, value: null });
    expect(cas('k', null, 'a')).to.deep.equal({ swapped: true, value: 'a' });
    expect(cas('k', null, 'b')).to.deep.equal({ swapped: false, value: 'a' });
    expect(forced('k')).to.equal('a');
    expect(cas('k', 'a', ['b'])).to.deep.equal({ swapped: true, value: ['b'] });
    expect(forced('k')).to.deep.equal(['b']);
    expect(cas('k', ['b'], ['b'])).to.deep.equal({ swapped: true, value: ['b'] });
  });

  it('compares values as JSON: keys in any order, but no text with a number', () => {
    put('k', { a: 1, b: { c: [null], d: 'x' } });
    expect(cas('k', { a: 1, b: { c: [], d: 'x' } }, 0)).to.have.property('swapped', false);
    expect(cas('k', { b: { d: 'x', c: [null] }, a: 1 }, 1)).to.have.property('swapped', true);
    expect(cas('k', '1', 2)).to.deep.equal({ swapped: false, value: 1 });
    expect(cas('k', true, 2)).to.have.property('swapped', false);
    expect(cas('k', 1.0, 2)).to.deep.equal({ swapped: true, value: 2 });
  });

  it('takes null and no value for the same', async () => {
    const other = await openService(kv);
    put('k', 1);
    put('k', null);
    expect(forced('k')).to.equal(null);
    expect(opened.hash()).to.equal(other.hash());
    expect(cas('k', null, 2)).to.deep.equal({ swapped: true, value: 2 });
    expect(cas('k', 2, null)).to.deep.equal({ swapped: true, value: null });
    expect(opened.hash()).to.equal(other.hash());
    other.db.close();
  });

  it('takes from a stock all or nothing', () => {
    expect(left('s')).to.equal(null);
    expect(take('s', 0)).to.deep.equal({ taken: 0, left: null });
    expect(take('s', 1)).to.deep.equal({ taken: 0, left: null });
    expect(left('s')).to.equal(null);
    expect(stock('s', 5)).to.equal(null);
    expect(take('s', 2)).to.deep.equal({ taken: 2, left: 3 });
    expect(take('s', 4)).to.deep.equal({ taken: 0, left: 3 });
    expect(left('s')).to.equal(3);
    expect(take('s', 0)).to.deep.equal({ taken: 0, left: 3 });
    expect(take('s', 3)).to.deep.equal({ taken: 3, left: 0 });
    expect(take('s', 1)).to.deep.equal({ taken: 0, left: 0 });
    stock('s', 0);
    expect(left('s')).to.equal(0);
  });

  it('sets a stock, whatever was left of it, up to the greatest exact number', () => {
    stock('s', 5);
    stock('s', Number.MAX_SAFE_INTEGER);
    expect(take('s', Number.MAX_SAFE_INTEGER - 1)).to.deep.equal({
      taken: Number.MAX_SAFE_INTEGER - 1,
      left: 1,
    });
    stock('s', 2);
    expect(left('s')).to.equal(2);
  });

  it('never takes more than there was, in any sequence of stocks and takes', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(6)), { maxLength: 20 });
    let runs = 0;
    fc.assert(
      fc.property(steps, (sequence) => {
        const key = `s-${runs++}`;
        let there: number | null = null;
        for (const [isStock, amount] of sequence) {
          if (isStock) {
            expect(stock(key, amount)).to.equal(null);
            there = amount;
          } else {
            const taken: number = there !== null && there >= amount ? amount : 0;
            if (there !== null) there -= taken;
            expect(take(key, amount)).to.deep.equal({ taken, left: there });
          }
          expect(left(key)).to.equal(there);
        }
      }),
    );
  });

  it('keeps its key spaces apart from each other and from the causal ones', () => {
    opened.update('set', { key: 'k', value: 'set' });
    opened.update('add', { key: 'k', amount: 7 });
    put('k', 'put');
    stock('k', 3);
    const all = () => [
      opened.query('get', { key: 'k' }),
      opened.query('count', { key: 'k' }),
      forced('k'),
      left('k'),
    ];
    expect(all()).to.deep.equal(['set', 7, 'put', 3]);
    take('k', 1);
    opened.update('delete', { key: 'k' });
    expect(all()).to.deep.equal([null, 7, 'put', 2]);
    cas('k', 'put', null);
    opened.update('add', { key: 'k', amount: -8 });
    expect(all()).to.deep.equal([null, -1, null, 2]);
  });

  it('shows both parts in its visible state', () => {
    put('k', { b: 1, a: 2 });
    stock('s', 4);
    const rows = kv.visibleState(opened.db);
    expect(rows).to.deep.equal([
      [],
      [],
      [{ key: 'k', value: '{"a":2,"b":1}' }],
      [{ key: 's', amount: 4 }],
    ]);
  });
});
