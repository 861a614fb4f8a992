/** Worlds whose members change that a test can walk through, and cores that get a change wrong. */

import { type Cores, PRODUCTION_CORES } from '../../src/explore/cores.js';
import type { WorldDescription } from '../../src/explore/world-description.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';

/** The only member lets another one join; both write at once. */
export const JOIN: WorldDescription = {
  name: 'join',
  about: 'another one joins',
  replicas: 2,
  founders: 1,
  frontends: 0,
  scripts: [],
  changes: { times: 1, of: ['rm-1'] },
  slowDisks: [],
};

/** The same while the front end of the first one has an update made. */
export const JOIN_AND_PUT: WorldDescription = {
  ...JOIN,
  name: 'join-and-put',
  frontends: 1,
  scripts: [[{ kind: 'put', key: 'x', value: 'one' }]],
  apart: ['fe-1-rm-2'],
};

/** One of two members crashes, and claims its next start. */
export const MEMBER_CRASHES: WorldDescription = {
  ...JOIN,
  name: 'member-crashes',
  founders: 2,
  changes: { times: 0, of: [] },
  crashes: { times: 1, of: ['rm-2'] },
};

const { stepReplica } = PRODUCTION_CORES;

/** Speaks under a configuration as soon as it is known in memory to be committed. */
export const labelsBeforeSync: Cores = {
  ...PRODUCTION_CORES,
  stepReplica(state, event) {
    state.change.label = state.membership.configuration.epoch;
    return stepReplica(state, event);
  },
};

/** Puts a configuration in force with a cut that leaves out what was reported. */
export const cutsNothing: Cores = {
  ...PRODUCTION_CORES,
  stepReplica(state, event) {
    const { reports } = state.change;
    reports.set = (member) => {
      Map.prototype.set.call(reports, member, VectorTimestamp.zero);
      return reports;
    };
    return stepReplica(state, event);
  },
};

/** Takes itself for claimed as soon as it runs. */
export const claimsByItself: Cores = {
  ...PRODUCTION_CORES,
  stepReplica(state, event) {
    state.change.isClaimed = true;
    return stepReplica(state, event);
  },
};

/** A primary that takes for held by all what is on its own disk. */
export const commitsWithoutLearner: Cores = {
  ...PRODUCTION_CORES,
  stepReplica(state, event) {
    for (const peer of state.forced.peers.values()) peer.match = state.forced.durable.op;
    return stepReplica(state, event);
  },
};
