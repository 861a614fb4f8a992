/**
 * The small worlds that are walked through. Each is as small as it can be and still show what its line
 * says: what goes wrong in a big world mostly goes wrong in a small one, where every order of events
 * can be tried.
 */

import type { Consistency } from '../wire/messages.js';
import type { ScriptCall } from './client-process.js';
import { FORCED_WORLDS } from './forced-worlds.js';
import { FOUNDED_WORLDS } from './founded-worlds.js';
import type { WorldDescription } from './world-description.js';

const put = (key: string, value: string): ScriptCall => ({ kind: 'put', key, value });
const get = (key: string, consistency: Consistency): ScriptCall => ({
  kind: 'get',
  key,
  consistency,
});

export const WORLDS: readonly WorldDescription[] = [
  {
    name: 'concurrent',
    about: 'two sessions write one key at the same time, one of them reads it',
    replicas: 2,
    frontends: 1,
    scripts: [[put('k', 'one'), get('k', 'causal')], [put('k', 'two')]],
  },
  {
    name: 'crash',
    about: 'a replica, either one, crashes in the middle of an update and starts again',
    replicas: 2,
    frontends: 1,
    scripts: [[put('k', 'one')]],
    crashes: { times: 1, of: ['rm-1', 'rm-2'] },
  },
  {
    name: 'crash-read',
    about: 'a replica crashes around an update and a read of what was written',
    replicas: 2,
    frontends: 1,
    scripts: [[put('k', 'one'), get('k', 'causal')]],
    crashes: { times: 1, of: ['rm-1'] },
  },
  {
    name: 'crash-twice',
    about: 'replicas crash twice, one after the other or one of them again, around an update',
    replicas: 2,
    frontends: 1,
    scripts: [[put('k', 'one')]],
    crashes: { times: 2, of: ['rm-1', 'rm-2'] },
    isLarge: true,
  },
  {
    name: 'move',
    about:
      'a client loses its front end in the middle of adding to a counter, and repeats it at another',
    replicas: 3,
    frontends: 2,
    scripts: [[{ kind: 'add' }]],
    breaks: { times: 1, of: ['session-1-fe-1'] },
  },
  {
    name: 'move-count',
    about: 'a client loses its front end, repeats itself at another, and reads the counter',
    replicas: 2,
    frontends: 2,
    scripts: [[{ kind: 'add' }, { kind: 'count', consistency: 'causal' }]],
    breaks: { times: 1, of: ['session-1-fe-1'] },
  },
  {
    name: 'create',
    about: 'a client moves while it creates a key, with a precondition that its own update breaks',
    replicas: 2,
    frontends: 2,
    scripts: [[{ kind: 'create', key: 'k', value: 'one' }]],
    breaks: { times: 1, of: ['session-1-fe-1'] },
  },
  {
    name: 'chain',
    about: 'one session writes x, then y, while another one reads y, at three replicas',
    replicas: 3,
    frontends: 1,
    scripts: [[put('x', 'one'), put('y', 'two')], [get('y', 'causal')]],
    isLarge: true,
  },
  {
    name: 'chain-apart',
    about: 'one writes x, then y, another reads y; two of three replicas never reach each other',
    replicas: 3,
    frontends: 1,
    scripts: [[put('x', 'one'), put('y', 'two')], [get('y', 'causal')]],
    apart: ['rm-2-rm-3'],
  },
  {
    name: 'hand-over',
    about: 'one session writes x, another reads x and writes y; two of three replicas are apart',
    replicas: 3,
    frontends: 1,
    scripts: [[put('x', 'one')], [get('x', 'causal'), put('y', 'two')]],
    apart: ['rm-1-rm-3'],
  },
  {
    name: 'chain-two',
    about: 'one session writes x, then y, while another one reads y, at two replicas',
    replicas: 2,
    frontends: 1,
    scripts: [[put('x', 'one'), put('y', 'two')], [get('y', 'causal')]],
  },
  {
    name: 'fresh',
    about: 'a fresh query against an update under way, at three replicas',
    replicas: 3,
    frontends: 1,
    scripts: [[put('x', 'one')], [get('x', 'fresh')]],
  },
  {
    name: 'fresh-break',
    about: 'a fresh query against an update under way, while a connection breaks',
    replicas: 2,
    frontends: 1,
    scripts: [[put('x', 'one')], [get('x', 'fresh')]],
    breaks: { times: 1, of: ['fe-1-rm-1'] },
  },
  {
    name: 'fresh-apart',
    about: 'a fresh query against an update under way, while the replicas lose each other',
    replicas: 2,
    frontends: 1,
    scripts: [[put('x', 'one')], [get('x', 'fresh')]],
    breaks: { times: 1, of: ['rm-1-rm-2'] },
  },
  {
    name: 'fresh-crash',
    about: 'a fresh query against an update under way, while a replica crashes',
    replicas: 2,
    frontends: 1,
    scripts: [[put('x', 'one')], [get('x', 'fresh')]],
    crashes: { times: 1, of: ['rm-1'] },
    isLarge: true,
  },
  {
    name: 'duplicates',
    about: 'two messages come twice around an update and a read of what was written',
    replicas: 2,
    frontends: 1,
    scripts: [[put('x', 'one'), get('x', 'causal')]],
    duplicates: 2,
  },
  {
    name: 'timers',
    about: 'timers go off while an update is under way, whatever has not arrived by then',
    replicas: 2,
    frontends: 1,
    scripts: [[put('x', 'one')]],
    ticks: { times: 2, of: ['rm-1', 'rm-2', 'fe-1'] },
  },
  ...FORCED_WORLDS,
  ...FOUNDED_WORLDS,
];
