/** The explorer with a primary: elections in tiny worlds, and forced logs that have a fault. */

import { expect } from 'chai';
import type { Cores } from '../../src/explore/cores.js';
import { explore } from '../../src/explore/explore.js';
import { PRODUCTION_CORES } from '../../src/explore/cores.js';
import { World } from '../../src/explore/world.js';
import type { WorldState } from '../../src/explore/world-state.js';
import type { WorldDescription } from '../../src/explore/world-description.js';
import {
  alwaysSaysYes,
  commitsAlone,
  freshWithoutTips,
  ONE_ORDER,
  preparesBeforeSync,
  PRIMARY_GONE,
  promisesBeforeSync,
  remembersNoResults,
  replacesInTwoSteps,
  takesAnyCommit,
  votesForAnybody,
} from './forced-faults.js';

/** What is found in a world whose cores have a fault. */
function find(description: WorldDescription, cores: Cores): string {
  const { violation } = explore(description, { cores, maxStates: 200_000 });
  if (violation === null) throw new Error('nothing was found');
  return violation.faults.join('\n');
}

describe('explorer, with a primary', function () {
  this.timeout(120_000);

  const worlds: readonly (readonly [WorldDescription, number])[] = [
    [ONE_ORDER, 150],
    [{ ...ONE_ORDER, name: 'backup-crashes', crashes: { times: 1, of: ['rm-2'] } }, 3000],
    [PRIMARY_GONE, 5000],
  ];
  for (const [description, least] of worlds) {
    it(`comes to every state of ${description.name}, none broken`, () => {
      const found = explore(description);
      expect(found.violation?.faults ?? []).to.deep.equal([]);
      expect(found.isComplete).to.equal(true);
      expect(found.states).to.be.at.least(least);
    });
  }

  const compared: readonly WorldDescription[] = [
    {
      ...ONE_ORDER,
      name: 'two-orders',
      scripts: [[{ kind: 'take' }], [{ kind: 'take' }]],
      slowDisks: [],
    },
    { ...ONE_ORDER, name: 'three-replicas', replicas: 3, slowDisks: [] },
    { ...ONE_ORDER, name: 'crash', slowDisks: [], crashes: { times: 1, of: ['rm-2'] } },
    { ...ONE_ORDER, name: 'silence', slowDisks: [], silences: { times: 2, of: ['rm-2'] } },
  ];
  for (const description of compared) {
    it(`comes to the same ends of ${description.name} with every order tried`, () => {
      const reduced = explore(description);
      const whole = explore(description, { withoutReduction: true });
      for (const found of [reduced, whole]) {
        expect(found.violation?.faults ?? []).to.deep.equal([]);
        expect(found.isComplete).to.equal(true);
      }
      expect(reduced.ends).to.equal(whole.ends);
      expect(reduced.states).to.be.below(whole.states);
    });
  }

  it('begins with the first replica as primary, and elects another when that one is gone', () => {
    const world = new World(PRIMARY_GONE, PRODUCTION_CORES);
    const views = (state: WorldState): number[] =>
      world.views(state).flatMap(({ replica }) => (replica === null ? [] : [replica.forced.lnv.n]));
    let state = world.begin();
    expect(views(state)).to.deep.equal([1, 1, 1]);
    ({ state } = world.apply(state, { kind: 'crash', process: 0, kept: 0 }));
    for (;;) {
      const choice = world.progress(state).find(({ kind }) => kind !== 'call');
      if (choice === undefined) break;
      ({ state } = world.apply(state, choice));
    }
    expect(views(state)).to.deep.equal([2, 2]);
  });
});

describe('explorer, with a fault put into the forced log', function () {
  this.timeout(120_000);

  it('finds an acknowledgement that does not wait for the disk', () => {
    expect(find(ONE_ORDER, preparesBeforeSync)).to.contain(
      'rm-2 sends prepare-ok, and its disk has another forced log',
    );
  });

  it('finds a vote that does not wait for the disk', () => {
    const world = { ...PRIMARY_GONE, slowDisks: ['rm-2', 'rm-3'] };
    expect(find(world, promisesBeforeSync)).to.match(
      /rm-[123] sends vote-answered, and its disk has another forced log/,
    );
  });

  it('finds a log that is replaced in two steps', () => {
    const crashes = { times: 2, of: ['rm-1', 'rm-3'] };
    const apart = ['fe-1-rm-2', 'fe-1-rm-3', 'rm-1-rm-3'];
    const world = { ...PRIMARY_GONE, crashes, apart, slowDisks: ['rm-3'] };
    expect(find(world, replacesInTwoSteps)).to.match(/I14: view 2 of rm-3 lacks entry 2 of view 1/);
  });

  it('finds a primary that commits alone', () => {
    expect(find(ONE_ORDER, commitsAlone)).to.contain('I13: entry 2 is committed and on 1 disks');
  });

  it('finds votes for a log that is behind', () => {
    expect(find(PRIMARY_GONE, votesForAnybody)).to.match(/I14: view 2 of rm-[23] lacks entry 2 of/);
  });

  it('finds a commit number taken for the log of another view', () => {
    expect(find(PRIMARY_GONE, takesAnyCommit)).to.match(/I11: rm-1 has another entry 2/);
  });

  it('finds an update that is executed twice', () => {
    const moved = {
      ...ONE_ORDER,
      frontends: 2,
      breaks: { times: 1, of: ['session-1-fe-1'] },
      slowDisks: [],
    };
    expect(find(moved, remembersNoResults)).to.contain('session-1:1 takes effect a second time');
  });

  it('finds a fresh answer that leaves out what was ordered', () => {
    const world: WorldDescription = {
      ...ONE_ORDER,
      replicas: 3,
      scripts: [[{ kind: 'take' }], [{ kind: 'get', key: 'k', consistency: 'fresh' }]],
      slowDisks: [],
    };
    expect(find(world, freshWithoutTips)).to.contain('I8: a fresh answer lacks session-1:1');
  });

  it('finds two results of one update', () => {
    expect(find(ONE_ORDER, alwaysSaysYes)).to.contain('I16: session-1:1 came to');
  });
});
