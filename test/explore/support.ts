/** Worlds so small that a test can walk through them, and cores with a fault put in. */

import { type Cores, PRODUCTION_CORES } from '../../src/explore/cores.js';
import type { WorldDescription } from '../../src/explore/world-description.js';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import { timestampOf } from '../../src/log/record.js';

/** One update, two replicas, no trouble. */
export const ONE_UPDATE: WorldDescription = {
  name: 'one-update',
  about: 'one update',
  replicas: 2,
  frontends: 1,
  scripts: [[{ kind: 'put', key: 'k', value: 'one' }]],
};

/** The same, read afterwards by whoever wrote it. */
export const UPDATE_AND_READ: WorldDescription = {
  ...ONE_UPDATE,
  name: 'update-and-read',
  scripts: [
    [
      { kind: 'put', key: 'k', value: 'one' },
      { kind: 'get', key: 'k', consistency: 'causal' },
    ],
  ],
};

/** Two reads by another session: the second must not show less than the first. */
export const READ_TWICE: WorldDescription = {
  ...ONE_UPDATE,
  name: 'read-twice',
  scripts: [
    [{ kind: 'put', key: 'k', value: 'one' }],
    [
      { kind: 'get', key: 'k', consistency: 'causal' },
      { kind: 'get', key: 'k', consistency: 'causal' },
    ],
  ],
};

/** A fresh query by another session. */
export const FRESH_READ: WorldDescription = {
  ...ONE_UPDATE,
  name: 'fresh-read',
  scripts: [
    [{ kind: 'put', key: 'k', value: 'one' }],
    [{ kind: 'get', key: 'k', consistency: 'fresh' }],
  ],
};

/** Tells of a record as soon as it is written, synced or not. */
export const acknowledgesTooEarly: Cores = {
  ...PRODUCTION_CORES,
  stepReplica(state, event) {
    const effects = PRODUCTION_CORES.stepReplica(state, event);
    if (event.kind !== 'update') return effects;
    const { link, request } = event;
    const record = state.log.length === 0 ? null : state.log.at(state.log.length - 1);
    if (record === null || record.origin !== state.self.origin) return effects;
    const timestamp = timestampOf(record);
    const { requestId } = request;
    const early: ReplicaEffect = {
      kind: 'send',
      link,
      message: { kind: 'acknowledged', requestId, timestamp, epoch: 1, latest: state.latest },
    };
    return [...effects, early];
  },
};

/** Keeps its records to itself. */
export const neverGossips: Cores = {
  ...PRODUCTION_CORES,
  stepReplica: (state, event) =>
    PRODUCTION_CORES.stepReplica(state, event).filter(
      (effect) => effect.kind !== 'send' || effect.message.kind !== 'gossip',
    ),
};

/** Says that two members hold an update when one does. */
export const countsTwice: Cores = {
  ...PRODUCTION_CORES,
  stepFrontend(state, event) {
    if (event.kind !== 'replica-message' || event.message.kind !== 'acknowledged') {
      return PRODUCTION_CORES.stepFrontend(state, event);
    }
    const pending = state.pending.get(event.message.requestId);
    if (pending?.kind === 'update') {
      for (const name of state.self.members ?? []) pending.acknowledged.set(name, event.message);
    }
    return PRODUCTION_CORES.stepFrontend(state, event);
  },
};

/** Answers queries without waiting for what they depend on. */
export const doesNotWait: Cores = {
  ...PRODUCTION_CORES,
  stepReplica(state, event) {
    if (event.kind !== 'message' || event.message.kind !== 'query') {
      return PRODUCTION_CORES.stepReplica(state, event);
    }
    const alternative = state.value.value();
    return PRODUCTION_CORES.stepReplica(state, {
      ...event,
      message: { ...event.message, alternative },
    });
  },
};

/** Takes the first answer for a fresh one. */
export const callsAnythingFresh: Cores = {
  ...PRODUCTION_CORES,
  stepFrontend(state, event) {
    const isFresh = event.kind === 'client-query' && event.request.consistency === 'fresh';
    const effects = PRODUCTION_CORES.stepFrontend(
      state,
      isFresh ? { ...event, request: { ...event.request, consistency: 'causal' } } : event,
    );
    return effects.map((effect) =>
      effect.kind === 'reply' && effect.message.kind === 'answered'
        ? { ...effect, message: { ...effect.message, guarantee: 'fresh' } }
        : effect,
    );
  },
};
