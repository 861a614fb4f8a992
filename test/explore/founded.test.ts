/** The explorer where members change: a tiny world to its end, and changes that are got wrong. */

import { expect } from 'chai';
import { type Cores, PRODUCTION_CORES } from '../../src/explore/cores.js';
import { explore } from '../../src/explore/explore.js';
import { World } from '../../src/explore/world.js';
import type { WorldDescription } from '../../src/explore/world-description.js';
import {
  claimsByItself,
  commitsWithoutLearner,
  cutsNothing,
  JOIN,
  JOIN_AND_PUT,
  labelsBeforeSync,
  MEMBER_CRASHES,
} from './founded-faults.js';

/** What is found in a world whose cores have a fault. */
function find(description: WorldDescription, cores: Cores): string {
  const { violation } = explore(description, { cores, maxStates: 50_000 });
  if (violation === null) throw new Error('nothing was found');
  return violation.faults.join('\n');
}

describe('explorer, where members change', function () {
  this.timeout(120_000);

  for (const description of [JOIN, { ...JOIN, name: 'join-disks', slowDisks: ['rm-1', 'rm-2'] }]) {
    it(`comes to every state of ${description.name}, none broken`, () => {
      const found = explore(description);
      expect(found.violation?.faults ?? []).to.deep.equal([]);
      expect(found.isComplete).to.equal(true);
    });
  }

  it('lets the first replica lead alone until it is told to change the members', () => {
    const world = new World(JOIN, PRODUCTION_CORES);
    const epochs = (from: typeof state): (readonly [number, boolean])[] =>
      world.views(from).flatMap(({ replica }) => {
        return replica === null ? [] : [[replica.standing.epoch, replica.standing.isMember]];
      });
    let state = world.begin();
    expect(epochs(state)).to.deep.equal([
      [1, true],
      [1, false],
    ]);
    ({ state } = world.apply(state, { kind: 'change', process: 0 }));
    for (let choice; (choice = world.progress(state)[0]) !== undefined; ) {
      ({ state } = world.apply(state, choice));
    }
    expect(epochs(state)).to.deep.equal([
      [2, true],
      [2, true],
    ]);
  });

  it('finds a label that is told before it is durable', () => {
    const world = { ...JOIN, slowDisks: ['rm-1', 'rm-2'] };
    expect(find(world, labelsBeforeSync)).to.match(
      /I25: rm-[12] sends \S+ under label 2, which its disk does not know to be committed/,
    );
  });

  it('finds a cut that leaves out what was acknowledged', () => {
    expect(find(JOIN_AND_PUT, cutsNothing)).to.contain(
      'I22: session-1:1 was acknowledged in epoch 1, and is not in the cut of 2',
    );
  });

  it('finds a member that counts though nobody has granted its start', () => {
    expect(find(MEMBER_CRASHES, claimsByItself)).to.match(
      /I25: rm-2 sends heartbeat under label 1, and is not claimed/,
    );
  });

  it('finds what is committed without the new member', () => {
    expect(find(JOIN, commitsWithoutLearner)).to.contain(
      'I13: entry 3 is committed and on 1 disks of rm-1, rm-2',
    );
  });
});
