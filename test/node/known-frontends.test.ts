import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import { LIMITS } from '../../src/base/limits.js';
import { KnownFrontends } from '../../src/node/known-frontends.js';
import type { MemberAddress } from '../../src/wire/messages.js';

const named = (...names: readonly string[]): MemberAddress[] =>
  names.map((name) => ({ name: name as Name, address: `${name}:7100` }));

const open = (): KnownFrontends =>
  new KnownFrontends(() => ({ name: 'fe-1' as Name, address: 'fe-1:7100' }));

const names = (known: KnownFrontends): string[] => known.list().map(({ name }) => name);

describe('the front ends that a front end knows', () => {
  it('are those that any replica tells, and itself', () => {
    const known = open();
    known.tell(1, named('fe-3', 'fe-1'));
    known.tell(2, named('fe-2'));
    expect(names(known)).to.deep.equal(['fe-1', 'fe-2', 'fe-3']);
    known.forget(1);
    expect(names(known)).to.deep.equal(['fe-1', 'fe-2']);
  });

  it('are what the last replica told until another one tells, and no longer', () => {
    const known = open();
    known.tell(1, named('fe-2'));
    known.forget(1);
    known.forget(7);
    expect(names(known), 'a guess is better than none').to.deep.equal(['fe-1', 'fe-2']);
    known.tell(2, named('fe-3'));
    expect(names(known)).to.deep.equal(['fe-1', 'fe-3']);
    known.forget(2);
    known.tell(3, named('fe-4'));
    expect(names(known)).to.deep.equal(['fe-1', 'fe-4']);
  });

  it('are as many as may be named, itself among them', () => {
    const known = open();
    const many = Array.from({ length: LIMITS.frontendsTold }, (_, i) => `a-${i}`);
    known.tell(1, named(...many));
    known.tell(2, named(...many.map((name) => `b${name}`)));
    expect(names(known)).to.have.length(LIMITS.frontendsTold);
    expect(names(known)).to.include('fe-1').and.include('a-0');
  });
});
