import { expect } from 'chai';
import { lastViewOf, type Member, primaryAmong, unrest } from '../../chaos/members.js';

function member(name: string, differences: Partial<Member> = {}): Member {
  return {
    name,
    id: `${name}.x`,
    origin: `${name}.x~1`,
    address: '127.0.0.1:7200',
    pid: 1,
    status: { value: 'ACTIVE', source: 'auto' },
    replicaTS: {},
    valueTS: {},
    stateHash: 'equal',
    logRecords: 0,
    lagRecords: 0,
    counted: true,
    clockAheadMs: null,
    mayVote: true,
    epoch: 1,
    waitsFor: null,
    role: 'backup',
    view: { n: 4, owner: 'rm-1.x' },
    ...differences,
  };
}

const PRIMARY = member('rm-1', { role: 'primary' });
const BACKUPS = [member('rm-2'), member('rm-3')];

describe('members at rest', () => {
  it('count, lack nothing, follow one primary and have one state', () => {
    expect(unrest([PRIMARY, ...BACKUPS])).to.equal(null);
  });

  const troubled: Readonly<Record<string, readonly Member[]>> = {
    'rm-2 is not reached': [
      PRIMARY,
      member('rm-2', { status: { value: 'UNREACHABLE', source: 'auto' } }),
    ],
    'rm-2 does not count for fresh queries': [PRIMARY, member('rm-2', { counted: false })],
    'rm-2 lacks 3 records': [PRIMARY, member('rm-2', { lagRecords: 3 })],
    'nobody is the primary': BACKUPS,
    'several are the primary: rm-1, rm-2': [PRIMARY, member('rm-2', { role: 'primary' })],
    'rm-1 is the primary, but rm-1 is in view 4 of rm-1.x, rm-2 is in view 3 of rm-1.x': [
      PRIMARY,
      member('rm-2', { view: { n: 3, owner: 'rm-1.x' } }),
    ],
    'rm-1 is the primary, but rm-1 is in view 4 of rm-1.x, rm-2 is in no view': [
      PRIMARY,
      member('rm-2', { view: null }),
    ],
    'rm-1 is the primary, but rm-1 is in view 4 of rm-3.x, rm-2 is in view 4 of rm-3.x': [
      member('rm-1', { role: 'primary', view: { n: 4, owner: 'rm-3.x' } }),
      member('rm-2', { view: { n: 4, owner: 'rm-3.x' } }),
    ],
    'the states differ: rm-1 equal, rm-2 other': [PRIMARY, member('rm-2', { stateHash: 'other' })],
  };
  for (const [trouble, members] of Object.entries(troubled)) {
    it(`are not those of which is said: ${trouble}`, () => {
      expect(unrest(members)).to.equal(trouble);
    });
  }
});

describe('the primary among members', () => {
  it('is who says so', () => {
    expect(primaryAmong([...BACKUPS, PRIMARY])).to.equal(PRIMARY);
  });

  it('is of several the one in the latest view', () => {
    const later = member('rm-2', { role: 'primary', view: { n: 5, owner: 'rm-2.x' } });
    expect(primaryAmong([PRIMARY, later])).to.equal(later);
    expect(primaryAmong([later, PRIMARY])).to.equal(later);
    expect(lastViewOf([PRIMARY, later])).to.equal(5);
  });

  it('is nobody where nobody says so', () => {
    expect(primaryAmong(BACKUPS)).to.equal(undefined);
    expect(lastViewOf([member('rm-1', { view: null })])).to.equal(0);
  });
});
