import { expect } from 'chai';
import fc from 'fast-check';
import { Admission } from '../../src/transport/admission.js';

describe('Admission', () => {
  const open = () => new Admission<string>({ capacity: 4, reserve: 2, patienceMs: 100 });

  it('lets the oldest newcomer go when all places are taken', () => {
    const admission = open();
    for (const guest of ['a', 'b', 'c', 'd']) expect(admission.arrive(guest, 0)).to.equal(null);
    expect(admission.arrive('e', 1)).to.equal('a');
    expect(admission.arrive('f', 2)).to.equal('b');
    expect(admission.size).to.equal(4);
  });

  it('never lets an accepted guest go, and keeps places for newcomers', () => {
    const admission = open();
    for (const guest of ['a', 'b', 'c']) admission.arrive(guest, 0);
    expect([admission.accept('a'), admission.accept('b')]).to.deep.equal([true, true]);
    expect(admission.isFull).to.equal(true);
    expect(admission.accept('c')).to.equal(false);
    expect(admission.accept('a')).to.equal(true);
    admission.arrive('d', 1);
    expect(admission.arrive('e', 2)).to.equal('c');
    admission.leave('a');
    expect(admission.accept('d')).to.equal(true);
  });

  it('accepts nobody who is not there', () => {
    expect(open().accept('nobody')).to.equal(false);
  });

  it('names the overdue newcomers once, oldest first', () => {
    const admission = open();
    admission.arrive('a', 0);
    admission.arrive('b', 10);
    admission.arrive('c', 20);
    admission.accept('a');
    expect(admission.takeOverdue(109)).to.deep.equal([]);
    expect(admission.takeOverdue(125)).to.deep.equal(['b', 'c']);
    expect(admission.takeOverdue(1000)).to.deep.equal([]);
    expect(admission.size).to.equal(1);
  });

  it('keeps its bounds whatever comes, and evicts newcomers in order of arrival', () => {
    const step = fc.oneof(
      fc.constant({ kind: 'arrive' as const }),
      fc.record({ kind: fc.constantFrom('accept' as const, 'leave' as const), who: fc.nat(40) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const admission = new Admission<number>({ capacity: 6, reserve: 2, patienceMs: 100 });
        const accepted = new Set<number>();
        let lastEvicted = -1;
        let next = 0;
        for (const one of steps) {
          if (one.kind === 'arrive') {
            const evicted = admission.arrive(next++, 0);
            if (evicted !== null) {
              expect(evicted).to.be.greaterThan(lastEvicted);
              expect(accepted.has(evicted)).to.equal(false);
              lastEvicted = evicted;
            }
          } else if (one.kind === 'accept') {
            if (admission.accept(one.who)) accepted.add(one.who);
          } else {
            admission.leave(one.who);
            accepted.delete(one.who);
          }
          expect(admission.size).to.be.at.most(6);
          expect(accepted.size).to.be.at.most(4);
          for (const guest of accepted) expect(admission.isAccepted(guest)).to.equal(true);
        }
      }),
    );
  });
});
