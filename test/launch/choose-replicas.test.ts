/** Which replicas are started for a number that was asked for and folders that are there. */

import { expect } from 'chai';
import { FatalError } from '../../src/base/errors.js';
import { chooseReplicas } from '../../src/launch/choose-replicas.js';
import { Founding } from '../../src/launch/founding.js';

const founding = new Founding({ clusterId: 'c', founder: 'rm-1', founded: true }, null);

describe('the replicas of a local cluster', () => {
  for (const [earlier, wanted, replicas, surplus] of [
    [[], 3, [1, 2, 3], []],
    [[1, 2, 3], 3, [1, 2, 3], []],
    [[1, 2, 3], 5, [1, 2, 3, 4, 5], []],
    [[1, 2, 3, 4, 5], 2, [1, 2, 3, 4, 5], [5, 4, 3]],
    // A folder that is gone is that of a replica that takes its own place again.
    [[2, 3], 3, [1, 2, 3], []],
    [[1, 2, 4], 3, [1, 2, 4], []],
    [[1, 2, 4], 2, [1, 2, 4], [4]],
    [[1, 5], 4, [1, 2, 3, 5], []],
  ] as const) {
    it(`with ${earlier.join(' ') || 'none'} there and ${wanted} wanted: ${replicas.join(' ')}`, () => {
      const chosen = chooseReplicas(wanted, { replicas: earlier, founding }, '/d');
      expect(chosen.replicas).to.deep.equal(replicas);
      expect(chosen.surplus).to.deep.equal(surplus);
      expect(chosen.notice === null).to.equal(surplus.length === 0);
    });
  }

  it('are those of an earlier version, all of them, where their members are fixed', () => {
    for (const wanted of [1, 3, 5]) {
      const chosen = chooseReplicas(wanted, { replicas: [1, 3], founding: null }, '/d');
      expect(chosen).to.deep.include({ replicas: [1, 2, 3], surplus: [] });
      expect(chosen.notice).to.contain('/d').and.to.contain('fixed');
    }
  });

  it('are at most 16', () => {
    expect(() => chooseReplicas(1, { replicas: [17], founding }, '/d')).to.throw(
      FatalError,
      '/d holds rm-17, and at most 16 replicas can be started',
    );
  });
});
