/**
 * Small worlds whose members change: they join and are retired while updates are acknowledged and read.
 * The first replica leads at the beginning. Which connections are left out is chosen so that readers and
 * writers know different configurations for as long as possible (PROTOCOL C, the proof).
 */

import type { ScriptCall } from './client-process.js';
import type { WorldDescription } from './world-description.js';

const put: ScriptCall = { kind: 'put', key: 'x', value: 'one' };
const readFresh: ScriptCall = { kind: 'get', key: 'x', consistency: 'fresh' };

/** 1 -> 2: the one member's own report puts the next configuration in force. */
const TO_TWO = {
  replicas: 2,
  founders: 1,
  changes: { times: 1, of: ['rm-1'] },
  slowDisks: [],
} as const;

/** Ordered, and after a while put in force with the reports that there are. */
const IN_TWO_STEPS = { times: 2, of: ['rm-1'] } as const;

const TO_THREE = { replicas: 3, founders: 2, changes: IN_TWO_STEPS, slowDisks: [] } as const;

const WITHOUT_THIRD = {
  replicas: 3,
  founders: 3,
  changes: { ...IN_TWO_STEPS, retire: 'rm-3' },
  slowDisks: [],
} as const;

/** One front end sees the first and the third, the other one the second, which hears from the first only. */
const BESIDE_THE_SECOND = {
  frontends: 2,
  scripts: [[put], [readFresh]],
  homes: [0, 1],
  apart: ['fe-1-rm-2', 'fe-2-rm-1', 'fe-2-rm-3', 'rm-2-rm-3'],
  isLarge: true,
} as const;

export const FOUNDED_WORLDS: readonly WorldDescription[] = [
  {
    ...TO_TWO,
    name: 'join-two',
    about: 'a second replica becomes a member while an update and a fresh query are under way',
    frontends: 1,
    scripts: [[put], [readFresh]],
  },
  {
    ...TO_TWO,
    name: 'join-two-crash',
    about: 'the only member lets another one join, and crashes between any two writes of that',
    frontends: 1,
    scripts: [[put]],
    crashes: { times: 1, of: ['rm-1'] },
    apart: ['fe-1-rm-2'],
    slowDisks: ['rm-1'],
  },
  {
    ...TO_THREE,
    name: 'join-three',
    about: 'a third one joins: acknowledged by the first and the new one, asked for at the second',
    ...BESIDE_THE_SECOND,
  },
  {
    ...WITHOUT_THIRD,
    name: 'retire',
    about:
      'the third of three is retired: acknowledged by it and the first, asked for at the second',
    ...BESIDE_THE_SECOND,
  },
  {
    ...WITHOUT_THIRD,
    name: 'retire-crash',
    about: 'the primary crashes in the middle of retiring another; it comes back, or another leads',
    frontends: 0,
    scripts: [],
    crashes: { times: 1, of: ['rm-1'] },
    slowDisks: ['rm-1'],
    isLarge: true,
  },
  {
    ...WITHOUT_THIRD,
    name: 'retire-frozen',
    about:
      'a record of a retired member is on its way through another that does not know of it yet',
    frontends: 1,
    scripts: [[put]],
    apart: ['fe-1-rm-1', 'fe-1-rm-2', 'rm-1-rm-3'],
    isLarge: true,
  },
];
