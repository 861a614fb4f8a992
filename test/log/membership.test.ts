import { expect } from 'chai';
import type { MemberId, Name, Origin } from '../../src/base/ids.js';
import {
  type Configuration,
  collectionIn,
  copiesIn,
  founded,
  majorityIn,
  Membership,
} from '../../src/log/membership.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';

const member = (id: string) => ({
  name: id.slice(0, 4) as Name,
  id: id as MemberId,
  address: `${id.slice(0, 4)}:1`,
});
const ts = (counts: Readonly<Record<string, number>>): VectorTimestamp =>
  VectorTimestamp.of(Object.entries(counts) as [Origin, number][]);
const words = (timestamp: VectorTimestamp): string =>
  [...timestamp]
    .map((part) => part.join(':'))
    .toSorted()
    .join(' ');

const A = 'rm-1.a~1' as Origin;
const B = 'rm-2.b~1' as Origin;
const C = 'rm-3.c~1' as Origin;

/** Members `rm-1.a`, `rm-2.b` and `rm-3.c`. */
const three = (): Membership =>
  new Membership(founded(['rm-1.a', 'rm-2.b', 'rm-3.c'].map(member), 1));

function configure(membership: Membership, wanted: Partial<Configuration>): void {
  const { configuration } = membership;
  membership.apply({
    kind: 'configure',
    configuration: {
      ...configuration,
      ...{ epoch: configuration.epoch + 1, leaving: [], closing: [] },
      ...wanted,
    },
  });
}

/** `rm-3.c` has left; `final` of its records count. */
function withoutThird(final: number, cut = ts({ [A]: 4, [B]: 5, [C]: final })): Membership {
  const membership = three();
  const members = ['rm-1.a', 'rm-2.b'].map(member);
  configure(membership, { members, leaving: ['rm-3.c' as MemberId] });
  membership.apply({ kind: 'activate', epoch: 2, cut, finals: [{ origin: C, final }] });
  return membership;
}

describe('numbers of a configuration', () => {
  it('copies, those to ask for what is fresh, and majorities always meet', () => {
    for (let size = 1; size <= 9; size++) {
      const members = Array.from({ length: size }, (_, i) => member(`rm-${i}.x`));
      const { configuration } = founded(members, 1);
      const [copies, collection] = [copiesIn(configuration), collectionIn(configuration)];
      expect(copies + collection, 'a copy is among those asked').to.equal(size + 1);
      expect(2 * majorityIn(configuration)).to.be.above(size);
      expect(majorityIn(configuration) + collection, 'and a forced one').to.be.above(size - 1);
    }
  });
});

describe('membership', () => {
  it('a member that leaves is frozen first, and settled when the configuration is activated', () => {
    const membership = three();
    configure(membership, { members: [member('rm-1.a')], leaving: ['rm-3.c' as MemberId] });
    expect(membership.isFrozen(C)).to.equal(true);
    expect(membership.isFrozen(A)).to.equal(false);
    expect(membership.finalOf(C)).to.equal(null);
    const asked = ts({ [C]: 9 });
    expect(membership.normalise(asked), 'nothing is clipped before').to.deep.equal({
      timestamp: asked,
      isVoided: false,
    });
    membership.apply({
      kind: 'activate',
      epoch: 2,
      cut: ts({ [C]: 3 }),
      finals: [{ origin: C, final: 3 }],
    });
    expect(membership.isFrozen(C)).to.equal(false);
    expect(membership.finalOf(C)).to.equal(3);
  });

  it('closed origins count up to their finals; who was shown more waits for the cut', () => {
    const membership = withoutThird(3);
    expect(words(membership.normalise(ts({ [A]: 1, [C]: 2 })).timestamp)).to.equal(
      'rm-1.a~1:1 rm-3.c~1:2',
    );
    const { timestamp, isVoided } = membership.normalise(ts({ [A]: 9, [C]: 4 }));
    expect(isVoided).to.equal(true);
    expect(words(timestamp)).to.equal('rm-1.a~1:9 rm-2.b~1:5 rm-3.c~1:3');
  });

  it('of an origin of a member that left nothing counts that nobody had heard of', () => {
    const membership = withoutThird(3);
    const unheard = 'rm-3.c~2' as Origin;
    expect(membership.finalOf(unheard)).to.equal(0);
    const { timestamp, isVoided } = membership.normalise(ts({ [unheard]: 1 }));
    expect(isVoided).to.equal(true);
    expect(words(timestamp)).to.equal('rm-1.a~1:4 rm-2.b~1:5 rm-3.c~1:3');
  });

  it('dropped origins leave the timestamps and keep their finals', () => {
    const membership = withoutThird(3);
    membership.apply({ kind: 'drop', origins: [C] });
    expect(membership.finalOf(C)).to.equal(3);
    expect(words(membership.normalise(ts({ [A]: 1, [C]: 3 })).timestamp)).to.equal('rm-1.a~1:1');
    expect(membership.normalise(ts({ [A]: 1, [C]: 3 })).isVoided).to.equal(false);
    const { timestamp, isVoided } = membership.normalise(ts({ [C]: 7 }));
    expect(isVoided).to.equal(true);
    expect(words(timestamp)).to.equal('rm-1.a~1:4 rm-2.b~1:5');
  });

  it('what is normal already is not made anew, and normalising twice changes nothing', () => {
    const membership = withoutThird(3);
    const plain = ts({ [A]: 3, [B]: 1, [C]: 3 });
    expect(membership.normalise(plain).timestamp).to.equal(plain);
    const once = membership.normalise(ts({ [A]: 3, [C]: 30 })).timestamp;
    expect(words(membership.normalise(once).timestamp)).to.equal(words(once));
  });

  it('a final may become lower by a later settlement, never greater', () => {
    const membership = withoutThird(3);
    const settle = (final: number): void => {
      configure(membership, {});
      const { epoch } = membership.configuration;
      membership.apply({
        kind: 'activate',
        epoch,
        cut: ts({ [C]: final }),
        finals: [{ origin: C, final }],
      });
    };
    settle(2);
    expect(membership.finalOf(C)).to.equal(2);
    expect(() => settle(3)).to.throw(/only becomes lower/);
  });

  it('one change after the other, each activated before the next', () => {
    const membership = three();
    configure(membership, {});
    expect(() => configure(membership, {})).to.throw(/activated/);
    const cut = VectorTimestamp.zero;
    expect(() => membership.apply({ kind: 'activate', epoch: 1, cut, finals: [] })).to.throw(
      /newest/,
    );
    membership.apply({ kind: 'activate', epoch: 2, cut, finals: [] });
    expect(() => configure(membership, { epoch: 4 })).to.throw(/count up by one/);
    expect(() => membership.apply({ kind: 'drop', origins: [A] })).to.throw(/settled/);
  });

  it('comes back from a snapshot as it was', () => {
    const membership = withoutThird(3);
    configure(membership, { closing: [A] });
    const again = new Membership(membership.kept());
    expect(again.kept()).to.deep.equal(membership.kept());
    expect(again.isFrozen(A)).to.equal(true);
    expect(again.isRetired('rm-3.c' as MemberId)).to.equal(true);
    again.apply({
      kind: 'activate',
      epoch: 3,
      cut: ts({ [A]: 2 }),
      finals: [{ origin: A, final: 2 }],
    });
    expect(again.finalOf(A)).to.equal(2);
    expect(membership.finalOf(A), 'they share nothing').to.equal(null);
  });
});
