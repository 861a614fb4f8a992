/** What was promised so far, and whether each new word of a process keeps to it. */

import { placeOf } from './connections.js';
import { at, withItem } from './lists.js';
import type { OrderTable } from './order.js';
import type { Note } from './process.js';
import { TOOK_IT } from './service-model.js';
import type { Topology } from './topology.js';
import type { WorldState } from './world-state.js';

/** A state after a note was taken down; what is wrong with the note is added to `faults`. */
export function takeNote(
  topology: Topology,
  orders: OrderTable,
  state: WorldState,
  note: Note,
  faults: string[],
): WorldState {
  switch (note.kind) {
    case 'violation':
      faults.push(note.text);
      return state;
    case 'told':
      return takeResult(topology, orders, state, note, faults);
    case 'updated': {
      const index = indexOf(topology, note.update);
      const bit = 1 << index;
      const { acknowledged, acknowledgedTwice, acknowledgedIn } = state;
      const isFirst = note.isWhole && at(acknowledgedIn, index) === 0;
      return {
        ...state,
        acknowledged: acknowledged | bit,
        acknowledgedTwice: acknowledgedTwice | (note.copies >= 2 ? bit : 0),
        acknowledgedIn: isFirst ? withItem(acknowledgedIn, index, note.epoch) : acknowledgedIn,
      };
    }
    case 'asked': {
      const { pair } = placeOf(state, note.link);
      // One that is asked twice may be answered for its first time.
      if (at(state.mustHold, pair) > 0) return state;
      const whole = state.acknowledgedIn.reduce(
        (bits, epoch, index) => bits | (epoch > 0 ? 1 << index : 0),
        0,
      );
      return { ...state, mustHold: withItem(state.mustHold, pair, whole + 1) };
    }
    default: {
      const { pair } = placeOf(state, note.link);
      const mustHold = at(state.mustHold, pair) - 1;
      for (const [update, bit] of topology.bits) {
        if (mustHold > 0 && (mustHold & (1 << bit)) !== 0 && !note.applied.includes(update)) {
          faults.push(`I8: a fresh answer lacks ${update}, acknowledged before it was asked for`);
        }
      }
      return { ...state, mustHold: withItem(state.mustHold, pair, 0) };
    }
  }
}

/** I16 and I20: what is told is what stands at a committed place, and nobody tells anything else. */
function takeResult(
  topology: Topology,
  orders: OrderTable,
  state: WorldState,
  { update, seq, result }: Extract<Note, { kind: 'told' }>,
  faults: string[],
): WorldState {
  const text = `${result}, at ${seq}`;
  const index = indexOf(topology, update);
  const known = at(state.told, index);
  if (known === text) return state;
  if (known !== '') faults.push(`I16: ${update} came to "${known}" and to "${text}"`);
  if (orders.updateAt(state.order, seq) !== update) {
    faults.push(`I20: the result of ${update} is told, and it is not committed at ${seq}`);
  }
  if (result === TOOK_IT && state.told.some((other) => other.startsWith(TOOK_IT))) {
    faults.push(`${update} took what somebody else had taken`);
  }
  return { ...state, told: withItem(state.told, index, text) };
}

function indexOf({ bits }: Topology, update: string): number {
  const index = bits.get(update);
  if (index === undefined) throw new Error(`nobody makes an update ${update}`);
  return index;
}
