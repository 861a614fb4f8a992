import { expect } from 'chai';
import fc from 'fast-check';
import { digestOf, RunningDigest } from '../../src/base/digest.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Messages and digests of FIPS 180-2, appendix B, and of its errata: the first half of each. */
const VECTORS: readonly (readonly [string, string, string])[] = [
  ['nothing', '', 'e3b0c44298fc1c149afbf4c8996fb924'],
  ['one block', 'abc', 'ba7816bf8f01cfea414140de5dae2223'],
  [
    'two blocks',
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039',
  ],
  ['a million letters', 'a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67'],
];

describe('digest', () => {
  for (const [what, text, expected] of VECTORS) {
    it(`is the first half of SHA-256: ${what}`, () => {
      expect(digestOf(bytesOf(text))).to.equal(expected);
      const running = new RunningDigest();
      running.update(bytesOf(text));
      expect(running.finish()).to.equal(expected);
    });
  }

  it('runs over pieces as over the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (pieces) => {
        const running = new RunningDigest();
        for (const piece of pieces) running.update(piece);
        expect(running.finish()).to.equal(digestOf(Uint8Array.from(pieces.flatMap((p) => [...p]))));
      }),
    );
  });
});
