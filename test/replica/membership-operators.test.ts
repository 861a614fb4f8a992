/** What operators ask of the members, one beside the other: what is done, given up, and said. */

import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import { FRONTEND_LINK } from './forced-network.js';
import { clusterOf, type MembershipCluster } from './membership-cluster.js';

/** Of five the first, which leads; two that are there, and two that are gone. */
function halfGone(): MembershipCluster {
  const cluster = clusterOf(5);
  expect(cluster.primary?.place).to.equal('rm-1');
  for (const gone of ['rm-4', 'rm-5']) cluster.crash(gone);
  cluster.run(3000);
  return cluster;
}

describe('an operator', () => {
  it('whose wish cannot be done holds up nobody else’s', () => {
    const cluster = halfGone();
    // Of those that would be left without it, two of four answer.
    const blocked = cluster.retire('rm-3');
    cluster.run(2000);
    cluster.oracle.mayLose = true;
    const other = cluster.retire('rm-4', true);
    cluster.answer(other, 'members-changed');
    // Now it can be done.
    cluster.start('rm-5');
    cluster.answer(blocked, 'members-changed');
    cluster.settleAt('rm-1', 'rm-2', 'rm-5');
  });

  it('is told in time for whom it waited, and nothing is done later', () => {
    const cluster = halfGone();
    const asked = cluster.retire('rm-3');
    cluster.run(54_000);
    expect(cluster.answerTo(asked)).to.equal(null);
    cluster.run(2000);
    expect(cluster.answer(asked, 'declined')).to.include({
      code: 'TIMEOUT',
      message:
        'rm-3 was not retired in time, which waited for a majority of those that are left to answer: ' +
        'not rm-4, rm-5. It is given up: nothing is done later',
    });
    for (const name of ['rm-4', 'rm-5']) cluster.start(name);
    cluster.run(10_000);
    expect(cluster.members).to.include('rm-3');
  });

  it('is told what is on its way, and whom it waits for', () => {
    const cluster = halfGone();
    const asked = cluster.retire('rm-5');
    cluster.run(3000);
    const behind = cluster.retire('rm-3');
    cluster.run(57_000);
    const waited =
      /wait(?:s|ed) for epoch \d+ to be in force: 4 of 5 members must report, and rm-4, rm-5 have not/;
    const told = cluster.answer(asked, 'declined');
    expect(told.message)
      .to.match(waited)
      .and.match(/^rm-5 leaves, .* This goes on/);
    const given = cluster.answer(behind, 'declined');
    expect(given.message)
      .to.match(waited)
      .and.match(/^rm-3 was not retired in time.* given up/);
    cluster.start('rm-4');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3', 'rm-4');
  });

  it('who says force at once is believed when the change is committed', () => {
    const cluster = halfGone();
    cluster.oracle.mayLose = true;
    cluster.answer(cluster.retire('rm-5', true), 'members-changed');
  });

  it('may say it again with force, of one that has left and waits to be settled', () => {
    const cluster = halfGone();
    cluster.oracle.mayLose = true;
    const first = cluster.retire('rm-5');
    cluster.run(5000);
    expect(cluster.answerTo(first)).to.equal(null);
    cluster.answer(cluster.retire('rm-5', true), 'members-changed');
    cluster.answer(first, 'members-changed');
  });

  it('may ask again for what has been done', () => {
    const cluster = clusterOf(3);
    const first = cluster.answer(cluster.retire('rm-2'), 'members-changed');
    const again = cluster.answer(cluster.retire('rm-2'), 'members-changed');
    expect(again.message).to.equal('rm-2 is a member no more; there are rm-1, rm-3');
    expect([again.epoch, again.message]).to.deep.equal([first.epoch, first.message]);
  });

  it('is told the members in their order', () => {
    const cluster = clusterOf(3);
    cluster.answer(cluster.retire('rm-2'), 'members-changed');
    cluster.join('rm-2');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3');
    expect(cluster.answer(cluster.retire('rm-9'), 'declined')).to.include({
      code: 'INVALID',
      message: 'there is no member rm-9; there are rm-1, rm-2, rm-3',
    });
    const lists = { survivors: ['rm-1' as Name], lost: [] };
    const message = {
      kind: 'recover',
      requestId: 900,
      plan: 'plan',
      abort: false,
      ...lists,
    } as const;
    cluster.step(cluster.node('rm-1'), { kind: 'message', link: FRONTEND_LINK, message });
    expect(cluster.answer(900, 'declined').message).to.match(/there are rm-1, rm-2, rm-3$/);
    const changes = cluster.node('rm-1').trace.filter(({ event }) => event === 'members changed');
    expect(changes.map(({ detail }) => detail).filter((each) => each?.includes(': rm'))).to.satisfy(
      (told: readonly string[]) => told.at(-1)?.match(/: rm-1\.\w+ rm-2\.\w+ rm-3\.\w+$/) !== null,
    );
  });
});
