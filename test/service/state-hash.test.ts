import { expect } from 'chai';
import fc from 'fast-check';
import type { Database, SqlRow, SqlValue } from '../../src/ports/database.js';
import { hashOfState } from '../../src/service/state-hash.js';

/** A database that answers each query with the rows it was made of. */
function answering(tables: readonly (readonly SqlRow[])[]): Database {
  return {
    all: <Row>(sql: string) => (tables[Number(sql)] ?? []) as Row[],
    get: () => undefined,
    run: () => 0,
  };
}

const hashOf = (...tables: SqlRow[][]): string =>
  hashOfState(answering(tables), [...tables.keys()].map(String));

const rowOf = (...values: SqlValue[]): SqlRow =>
  Object.fromEntries(values.map((value, index) => [`c${index}`, value]));

describe('state hash', () => {
  it('tells states apart that look alike', () => {
    const bytes = (...values: number[]) => new Uint8Array(values);
    const hashes = [
      hashOf(),
      hashOf([]),
      hashOf([], []),
      hashOf([rowOf()]),
      hashOf([rowOf(null)]),
      hashOf([rowOf(0)]),
      hashOf([rowOf('0')]),
      hashOf([rowOf('')]),
      hashOf([rowOf(bytes())]),
      hashOf([rowOf(bytes(48))]),
      hashOf([rowOf('a', 'b')]),
      hashOf([rowOf('ab', '')]),
      hashOf([rowOf('a'), rowOf('b')]),
      hashOf([rowOf('b'), rowOf('a')]),
      hashOf([rowOf('a')], [rowOf('b')]),
      hashOf([rowOf(1, 2)]),
      hashOf([rowOf(1), rowOf(2)]),
      hashOf([rowOf(0.1 + 0.2)]),
      hashOf([rowOf(0.3)]),
    ];
    expect(new Set(hashes).size).to.equal(hashes.length);
  });

  it('is the same for the same state, and for both zeros', () => {
    expect(hashOf([rowOf('é', 1.5, null)])).to.equal(hashOf([rowOf('é', 1.5, null)]));
    expect(hashOf([rowOf(-0)])).to.equal(hashOf([rowOf(0)]));
  });

  it('does not depend on where chunks of bytes end', () => {
    const text = fc.integer({ min: 0, max: 70_000 }).map((length) => 'é'.repeat(length));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 6 }), fc.nat(), (texts, at) => {
        const rowsOf = (values: readonly string[]) => values.map((value) => rowOf(value, 1));
        const rows = rowsOf(texts);
        expect(hashOf(rows)).to.equal(hashOf(rows));
        const changed = rowsOf(texts.with(at % texts.length, `${texts[at % texts.length] ?? ''}x`));
        expect(hashOf(changed)).not.to.equal(hashOf(rows));
      }),
      { numRuns: 30 },
    );
  });
});
