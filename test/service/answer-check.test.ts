import { expect } from 'chai';
import fc from 'fast-check';
import { isJson } from '../../src/service/answer-check.js';

describe('isJson', () => {
  it('holds for all that JSON can say', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => isJson(value)));
  });

  it('fails for what would arrive as something else, or not at all', () => {
    const wrong = [
      undefined,
      1n,
      Number.NaN,
      Infinity,
      new Date(),
      new Map(),
      Symbol('x'),
      () => 1,
    ];
    wrong.forEach((value, index) => {
      expect(isJson(value), `value ${index}`).to.equal(false);
      expect(isJson([{ inside: [value] }]), `value ${index}, deep inside`).to.equal(false);
    });
  });
});
