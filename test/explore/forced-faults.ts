/**
 * Worlds with a primary that a test can walk through, and cores whose forced log has a fault. Faults are
 * put around the production cores: what they say and what their disks are given is changed, or what they
 * know.
 */

import { type Cores, PRODUCTION_CORES } from '../../src/explore/cores.js';
import type { WorldDescription } from '../../src/explore/world-description.js';
import type { ForcedTransition } from '../../src/log/forced-log.js';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import { commitTo } from '../../src/replica/forced/change.js';
import type { ReplicaState } from '../../src/replica/state.js';
import { ZERO_BALLOT } from '../../src/timestamp/ballot.js';

/** One order, two replicas whose disks take their time, no trouble. */
export const ONE_ORDER: WorldDescription = {
  name: 'one-order',
  about: 'one order',
  replicas: 2,
  frontends: 1,
  scripts: [[{ kind: 'take' }]],
  forced: true,
};

/**
 * The same at three replicas, the first of which is gone for good at some time; the front end knows no
 * other one.
 */
export const PRIMARY_GONE: WorldDescription = {
  ...ONE_ORDER,
  name: 'primary-gone',
  replicas: 3,
  crashes: { times: 1, of: ['rm-1'] },
  staysDown: ['rm-1'],
  apart: ['fe-1-rm-2', 'fe-1-rm-3'],
  slowDisks: [],
};

const { stepReplica, stepFrontend } = PRODUCTION_CORES;

type StepReplica = Cores['stepReplica'];

const withReplica = (step: StepReplica): Cores => ({ ...PRODUCTION_CORES, stepReplica: step });

/** Acknowledges entries as soon as they are written, synced or not. */
export const preparesBeforeSync = withReplica((state, event) => {
  const effects = stepReplica(state, event);
  if (event.kind !== 'message' || event.message.kind !== 'prepare') return effects;
  const { view } = event.message;
  const message = { kind: 'prepare-ok', view, op: state.forced.log.op } as const;
  return [...effects, { kind: 'send', link: event.link, message }];
});

/** Gives its vote as soon as the promise is written, synced or not. */
export const promisesBeforeSync = withReplica((state, event) => {
  const effects = stepReplica(state, event);
  const { promise } = state.forced;
  if (event.kind !== 'message' || event.message.kind !== 'vote' || promise === null) return effects;
  const { round, view } = promise;
  const answer = { kind: 'vote-answered', to: 'vote', granted: true, isBehind: false } as const;
  return [...effects, { kind: 'send', link: event.link, message: { ...answer, round, view } }];
});

/** Writes a log of a later view as two transitions: the view it is of, then its entries. */
export const replacesInTwoSteps = withReplica((state, event) =>
  stepReplica(state, event).flatMap((effect): ReplicaEffect[] => {
    if (effect.kind !== 'persist') return [effect];
    const { transition } = effect;
    if (transition.keep === undefined || transition.lnv === undefined) return [effect];
    const { view, lnv, ...rest } = transition;
    const parts: ForcedTransition[] = [{ lnv, ...(view === undefined ? {} : { view }) }, rest];
    const { underWay } = state.forced;
    underWay.splice(underWay.indexOf(transition), 1, ...parts);
    return parts.map((part) => ({ kind: 'persist', transition: part }));
  }),
);

/** A primary that takes what it has written itself for committed. */
export const commitsAlone = withReplica((state, event) => {
  if (state.forced.role === 'primary') {
    for (const peer of state.forced.peers.values()) peer.match = state.forced.durable.op;
  }
  return stepReplica(state, event);
});

/** Votes for whoever asks, however far behind the log is. */
export const votesForAnybody = withReplica((state, event) => {
  if (event.kind !== 'message') return stepReplica(state, event);
  const { message } = event;
  if (message.kind !== 'pre-vote' && message.kind !== 'vote') return stepReplica(state, event);
  const { lnv, op } = state.forced.log;
  return stepReplica(state, { ...event, message: { ...message, lnv, op } });
});

/** Takes the commit number of anybody's word of life for its own log, whatever its view. */
export const takesAnyCommit = withReplica((state, event) => {
  const effects = stepReplica(state, event);
  if (event.kind === 'message' && event.message.kind === 'heartbeat') {
    const turn = { state, nowMs: event.nowMs, effects };
    commitTo(turn, event.message.standing.commit);
  }
  return effects;
});

/** Forgets which updates it has ordered and what they came to. */
export const remembersNoResults = withReplica((state, event) => {
  state.forced.unexecuted.clear();
  state.forced.results.find = () => undefined;
  return stepReplica(state, event);
});

/** Takes what replicas know to be committed for all that was answered. */
export const freshWithoutTips: Cores = {
  ...PRODUCTION_CORES,
  stepFrontend(state, event) {
    if (event.kind !== 'replica-message') return stepFrontend(state, event);
    const { message } = event;
    if (message.kind !== 'answer' && message.kind !== 'collected') {
      return stepFrontend(state, event);
    }
    const tip = { view: ZERO_BALLOT, seq: 0 };
    return stepFrontend(state, { ...event, message: { ...message, tip } });
  },
};

/** Tells the one who asked that it has got it, whatever came of that. */
export const alwaysSaysYes = withReplica((state, event) =>
  stepReplica(state, event).map((effect) =>
    effect.kind === 'send' && effect.message.kind === 'forced-answered' && isSecond(state)
      ? {
          ...effect,
          message: { ...effect.message, outcome: { kind: 'value', value: 'something else' } },
        }
      : effect,
  ),
);

/** Of the replicas in a world the one that says otherwise. */
const isSecond = ({ self }: ReplicaState): boolean => self.name === self.members?.[1];
