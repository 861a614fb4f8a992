/** The end of a recovery that was not completed (PROTOCOL F1): nobody stands still for ever. */

import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import { FRONTEND_LINK } from './forced-network.js';
import { MembershipCluster } from './membership-cluster.js';

const ALL = ['rm-1', 'rm-2', 'rm-3', 'rm-4', 'rm-5'];
const LOST = ['rm-3', 'rm-4', 'rm-5'];

describe('a recovery that is ended', () => {
  let cluster: MembershipCluster;

  /** Of five, `rm-1` and `rm-2` are left; disks take their time. */
  beforeEach(() => {
    cluster = new MembershipCluster({ diskMs: () => 40 });
    cluster.found('rm-1');
    for (const [index, name] of ALL.entries()) {
      if (index > 0) cluster.join(name);
      cluster.settleAt(...ALL.slice(0, index + 1));
    }
    for (const name of LOST) cluster.crash(name);
    cluster.run(4000);
  });

  const names = (of: readonly string[]): Name[] => of as Name[];
  function ask(at: string, plan: string, requestId: number, abort: boolean): void {
    const lists = { survivors: names(['rm-1', 'rm-2']), lost: names(abort ? [] : LOST) };
    const message = { kind: 'recover', requestId, plan, abort, ...lists } as const;
    cluster.step(cluster.node(at), { kind: 'message', link: FRONTEND_LINK, message });
  }
  const halted = (): string[] => cluster.running.map(({ state }) => state?.forced.log.halted ?? '');
  const bothStandStill = (plan: string): void =>
    cluster.until('both stand still', () => halted().every((each) => each === plan), 100);

  /** All are there again, and serve. */
  function goesOn(): void {
    for (const name of LOST) cluster.start(name);
    cluster.until('a primary', () => cluster.primary !== null);
    cluster.answer(cluster.ask('rm-2', { operation: 'put' }), 'forced-answered');
    cluster.until('all count', () =>
      ALL.every((name) => cluster.core(name).change.toldEpoch === cluster.epoch),
    );
    expect(cluster.ends).to.deep.equal([]);
  }

  it('lets a survivor go on that was not connected when it was given up', () => {
    ask('rm-1', 'plan', 900, false);
    bothStandStill('plan');
    cluster.sever('rm-1', 'rm-2');
    cluster.run(32_000);
    expect(cluster.answer(900, 'declined').code).to.equal('UNAVAILABLE');
    expect(halted()).to.deep.equal(['', 'plan']);
    cluster.heal();
    cluster.run(1000);
    expect(halted()).to.deep.equal(['', '']);
    goesOn();
  });

  for (const at of ['rm-1', 'rm-2']) {
    it(`whose coordinator has forgotten it, by a word to ${at}`, () => {
      ask('rm-1', 'plan', 900, false);
      cluster.until('rm-2 stands still', () => halted()[1] === 'plan', 100);
      // What rm-1 has not written is gone.
      cluster.crash('rm-1');
      cluster.start('rm-1');
      cluster.run(60_000);
      expect(halted()).to.deep.equal(['', 'plan']);
      ask(at, 'plan', 901, true);
      const { message } = cluster.answer(901, 'members-changed');
      expect(message).to.equal(
        at === 'rm-2'
          ? 'rm-2 and those it reaches stand still for plan no more'
          : 'rm-1 does not stand still for plan; rm-2 may, and will no more',
      );
      cluster.run(1000);
      expect(halted()).to.deep.equal(['', '']);
      goesOn();
    });
  }

  it('whose coordinator stands still and has forgotten the rest, by a word to the other one', () => {
    ask('rm-1', 'plan', 900, false);
    bothStandStill('plan');
    cluster.crash('rm-1', (unwritten) => unwritten);
    cluster.start('rm-1');
    cluster.run(60_000);
    expect(halted()).to.deep.equal(['plan', 'plan']);
    ask('rm-2', 'plan', 901, true);
    cluster.run(1000);
    expect(halted()).to.deep.equal(['', '']);
    goesOn();
  });

  it('is told to who asked for it; and begins no more', () => {
    ask('rm-1', 'plan', 900, false);
    bothStandStill('plan');
    ask('rm-2', 'plan', 901, true);
    cluster.run(1000);
    expect(cluster.answer(900, 'declined').message).to.match(/plan was ended meanwhile/);
    expect(halted()).to.deep.equal(['', '']);
    ask('rm-1', 'plan', 902, false);
    expect(cluster.answer(902, 'declined')).to.include({ code: 'INVALID' });
    ask('rm-1', 'other', 903, false);
    cluster.answer(903, 'members-changed');
  });

  it('is not said to be, where nobody stands still for it', () => {
    ask('rm-1', 'unknown', 900, true);
    expect(cluster.answer(900, 'declined')).to.include({
      code: 'INVALID',
      message: 'nobody that rm-1 reaches stands still for unknown',
    });
  });
});
