/**
 * Small worlds with a primary: orders, and elections. The first replica is primary at the beginning; which
 * connections are left out, and whose disks take their time, is chosen so that a world can be walked to
 * its end and still shows what its line says.
 */

import type { ScriptCall } from './client-process.js';
import type { WorldDescription } from './world-description.js';

const take: ScriptCall = { kind: 'take' };
const put = (key: string): ScriptCall => ({ kind: 'put', key, value: 'one' });
const readX: ScriptCall = { kind: 'get', key: 'x', consistency: 'causal' };
const readFresh: ScriptCall = { kind: 'get', key: 'x', consistency: 'fresh' };

const TWO = { replicas: 2, frontends: 1, forced: true } as const;
const THREE = { replicas: 3, frontends: 1, forced: true, slowDisks: [] } as const;

const PRIMARY_GONE = { crashes: { times: 1, of: ['rm-1'] }, staysDown: ['rm-1'] } as const;

export const FORCED_WORLDS: readonly WorldDescription[] = [
  {
    ...TWO,
    name: 'order',
    about: 'two clients take the only one there is, at two replicas',
    scripts: [[take], [take]],
  },
  {
    ...THREE,
    name: 'order-three',
    about: 'two clients take the only one there is, at three replicas',
    scripts: [[take], [take]],
  },
  {
    ...TWO,
    name: 'order-crash',
    about: 'a replica, either one, crashes between any two writes of an order and starts again',
    scripts: [[take]],
    crashes: { times: 1, of: ['rm-1', 'rm-2'] },
  },
  {
    ...THREE,
    ...PRIMARY_GONE,
    name: 'primary-gone',
    about: 'the primary is gone in the middle of an order; either of the others stands, or both',
    scripts: [[take]],
    apart: ['fe-1-rm-3'],
  },
  {
    ...THREE,
    ...PRIMARY_GONE,
    name: 'primary-gone-two',
    isLarge: true,
    about: 'the primary is gone while two clients take the only one there is',
    scripts: [[take], [take]],
    apart: ['fe-1-rm-3'],
  },
  {
    ...THREE,
    ...PRIMARY_GONE,
    name: 'primary-gone-disks',
    about: 'the primary is gone in the middle of an order, and what others write takes time',
    scripts: [[take]],
    apart: ['fe-1-rm-2', 'fe-1-rm-3'],
    slowDisks: ['rm-1', 'rm-2', 'rm-3'],
  },
  {
    ...THREE,
    name: 'primary-back',
    isLarge: true,
    about:
      'the primary crashes in the middle of an order, and comes back to whatever view there is',
    scripts: [[take]],
    crashes: { times: 1, of: ['rm-1'] },
    apart: ['fe-1-rm-2', 'fe-1-rm-3', 'rm-1-rm-3'],
    slowDisks: ['rm-1'],
  },
  {
    ...THREE,
    name: 'voter-crash',
    about: 'the primary is gone, and a voter crashes between any two writes of the election',
    scripts: [[take]],
    crashes: { times: 2, of: ['rm-1', 'rm-2'] },
    staysDown: ['rm-1'],
    apart: ['fe-1-rm-2', 'fe-1-rm-3', 'rm-1-rm-3'],
    slowDisks: ['rm-2'],
  },
  {
    ...THREE,
    name: 'zombie',
    isLarge: true,
    about: 'a view begins without the primary, which goes on with an order; one hears both',
    scripts: [[take]],
    silences: { times: 2, of: ['rm-2'] },
    lapses: ['rm-3'],
    apart: ['fe-1-rm-2', 'fe-1-rm-3', 'rm-1-rm-3'],
  },
  {
    ...THREE,
    name: 'zombie-two',
    isLarge: true,
    about: 'the same while clients at two front ends, one of either primary, take the only one',
    frontends: 2,
    scripts: [[take], [take]],
    homes: [0, 1],
    silences: { times: 2, of: ['rm-2'] },
    lapses: ['rm-3'],
    apart: ['fe-1-rm-2', 'fe-1-rm-3', 'fe-2-rm-1', 'fe-2-rm-3', 'rm-1-rm-3'],
  },
  {
    ...THREE,
    name: 'cut-off',
    isLarge: true,
    about: 'the primary is cut off in the middle of an order from the others, which elect another',
    scripts: [[take]],
    cut: ['rm-1-rm-2'],
    silences: { times: 2, of: ['rm-2'] },
    lapses: ['rm-3'],
    apart: ['fe-1-rm-2', 'fe-1-rm-3', 'rm-1-rm-3'],
  },
  {
    ...THREE,
    name: 'candidates',
    about: 'two replicas lose patience with a primary that works, and stand against each other',
    frontends: 0,
    scripts: [],
    silences: { times: 3, of: ['rm-2', 'rm-3'] },
  },
  {
    ...TWO,
    name: 'order-move',
    about: 'a client loses its front end in the middle of an order, and repeats it at another',
    frontends: 2,
    scripts: [[take]],
    breaks: { times: 1, of: ['session-1-fe-1'] },
  },
  {
    ...THREE,
    ...PRIMARY_GONE,
    name: 'order-move-gone',
    about: 'the same while the primary is gone for good',
    frontends: 2,
    scripts: [[take]],
    breaks: { times: 1, of: ['session-1-fe-1'] },
    apart: ['fe-1-rm-2', 'fe-1-rm-3', 'fe-2-rm-1', 'fe-2-rm-3'],
  },
  {
    ...THREE,
    name: 'fresh-order',
    about: 'a fresh query against an order under way',
    scripts: [[take], [readFresh]],
  },
  {
    ...THREE,
    ...PRIMARY_GONE,
    name: 'fresh-gone',
    about:
      'a fresh query at others hears of an order whose primary is gone, and waits for the next',
    frontends: 2,
    scripts: [[take], [readFresh]],
    homes: [0, 1],
    apart: ['fe-1-rm-2', 'fe-1-rm-3', 'fe-2-rm-1', 'rm-1-rm-3'],
    isLarge: true,
  },
  {
    ...TWO,
    name: 'order-past',
    about: 'one session writes, then takes what there is: the order names the write',
    scripts: [[put('x'), take]],
    crashes: { times: 1, of: ['rm-2'] },
  },
  {
    ...THREE,
    ...PRIMARY_GONE,
    name: 'order-past-gone',
    about: 'the same while the primary is gone, which may be the only one to hold the write',
    scripts: [[put('x'), take]],
    apart: ['fe-1-rm-3', 'rm-1-rm-3'],
  },
  {
    ...TWO,
    name: 'order-before',
    about:
      'one session takes what there is, then writes; another one reads: the write names the order',
    scripts: [[take, put('x')], [readX]],
  },
  {
    ...THREE,
    name: 'order-hand-over',
    about: 'one session sets a key, another reads and sets it as well',
    scripts: [[{ kind: 'set', value: 'one' }], [readX, { kind: 'set', value: 'two' }]],
  },
  {
    ...TWO,
    name: 'order-break',
    about: 'replicas lose each other while two clients take the only one there is',
    scripts: [[take], [take]],
    breaks: { times: 1, of: ['rm-1-rm-2'] },
    slowDisks: [],
  },
  {
    ...TWO,
    name: 'order-timers',
    about: 'timers go off while an order is under way, whatever has not arrived by then',
    scripts: [[take]],
    ticks: { times: 3, of: ['rm-1', 'rm-2', 'fe-1'] },
  },
  {
    ...TWO,
    name: 'order-duplicates',
    about: 'two messages come twice around an order',
    scripts: [[take]],
    duplicates: 2,
  },
];
