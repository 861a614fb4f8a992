/**
 * Small worlds whose members change: they join, leave, or are retired, while updates are acknowledged and
 * read. The first replica leads at the beginning. Which connections are left out is chosen so that readers
 * and writers know different configurations for as long as possible (PROTOCOL C, the proof).
 */

import type { ScriptCall } from './client-process.js';
import type { WorldDescription } from './world-description.js';

const put: ScriptCall = { kind: 'put', key: 'x', value: 'one' };
const readFresh: ScriptCall = { kind: 'get', key: 'x', consistency: 'fresh' };

const AT_ONCE = { slowDisks: [] } as const;

/** The change, and once more for it to be waited for no longer. */
const BY_FIRST = { times: 2, of: ['rm-1'] } as const;

const TO_TWO = { ...AT_ONCE, replicas: 2, frontends: 1, founders: 1, changes: BY_FIRST } as const;

export const FOUNDED_WORLDS: readonly WorldDescription[] = [
  {
    ...TO_TWO,
    name: 'join-two',
    about: 'a second replica joins the first while an update and a fresh query are under way',
    scripts: [[put], [readFresh]],
  },
];
