import { expect } from 'chai';
import fc from 'fast-check';
import {
  compareNames,
  isMemberId,
  isName,
  isOrigin,
  isReservedOrigin,
  isSessionId,
  memberIdOf,
  memberOf,
  type Name,
  nameOf,
  type Origin,
  originOf,
} from '../../src/base/ids.js';

const NAMES = ['a', 'rm-1', 'r--', `a${'b'.repeat(31)}`];
const NO_NAMES = ['', 'A', '1a', '-a', 'rm_1', 'rm.1', 'rm-1\n', ' a', 'ä', `a${'b'.repeat(32)}`];
const NONCES = ['x7', 'x7k2m9qp', '0'.repeat(16)];
const NO_NONCES = ['', 'x', 'X7', 'x.7', 'x-7', '0'.repeat(17)];

describe('ids', () => {
  it('knows names', () => {
    for (const name of NAMES) expect(isName(name), name).to.equal(true);
    for (const name of NO_NAMES) expect(isName(name), name).to.equal(false);
  });

  it('sorts names as people count', () => {
    const names = ['rm-10', 'rm-9', 'fe-2', 'rm', 'rm-1'];
    expect(names.toSorted(compareNames)).to.deep.equal(['fe-2', 'rm', 'rm-1', 'rm-9', 'rm-10']);
  });

  it('knows member ids: a name and the nonce of a data directory', () => {
    for (const nonce of NONCES) expect(isMemberId(`rm-1.${nonce}`), nonce).to.equal(true);
    for (const nonce of NO_NONCES) expect(isMemberId(`rm-1.${nonce}`), nonce).to.equal(false);
    for (const name of NO_NAMES) expect(isMemberId(`${name}.x7`), name).to.equal(false);
    for (const text of ['rm-1', 'rm-1.x7~3f', 'rm-1.x7.x7'])
      expect(isMemberId(text)).to.equal(false);
  });

  it('knows origins: one start of a member, or !g', () => {
    const origins = ['rm-1.x7~3', `rm-1.x7~${'f'.repeat(16)}`, '!0', '!7', '!10', '!999999999'];
    const others = ['rm-1.x7', 'rm-1~3f', 'rm-1.x7~', 'rm-1.x7~3F', 'rm-1.x7~3f~3f', '__proto__'];
    const forced = ['!', '!00', '!01', '!-1', '!1.5', '!a', '!1000000000', '!0\n', ' !0'];
    for (const text of origins) expect(isOrigin(text), text).to.equal(true);
    for (const text of [...others, ...forced]) expect(isOrigin(text), text).to.equal(false);
  });

  it('knows sessions: nanoids of 8 to 32 characters', () => {
    for (const text of ['V1StGXR8_Z5jdHi6B-myT', '12345678', '-'.repeat(32)]) {
      expect(isSessionId(text), text).to.equal(true);
    }
    for (const text of ['1234567', '-'.repeat(33), '1234567:', '1234567 ', '1234567é']) {
      expect(isSessionId(text), text).to.equal(false);
    }
  });

  it('builds ids whose parts can be read again', () => {
    const parts = (letters: string, minLength: number, maxLength: number) =>
      fc.string({ unit: fc.constantFrom(...letters.split('')), minLength, maxLength });
    const tail = parts('abcxyz0189', 2, 16);
    fc.assert(
      fc.property(parts('abz-09', 0, 31), tail, tail, (rest, nonce, start) => {
        const name = `r${rest}` as Name;
        const member = memberIdOf(name, nonce);
        const origin = originOf(member, start);
        expect([isName(name), isMemberId(member), isOrigin(origin)]).to.deep.equal([
          true,
          true,
          true,
        ]);
        expect(memberOf(origin)).to.equal(member);
        expect([nameOf(origin), nameOf(member)]).to.deep.equal([name, name]);
        expect(isReservedOrigin(origin)).to.equal(false);
      }),
    );
  });

  it('knows the entries of forced operations, which belong to no member', () => {
    const forced = '!3' as Origin;
    expect(isReservedOrigin(forced)).to.equal(true);
    expect(memberOf(forced)).to.equal(null);
    expect(nameOf(forced)).to.equal('!3');
  });
});
