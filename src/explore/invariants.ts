/** Invariants that compare several processes, looked at in every state of the world. */

import { at } from './lists.js';
import { EMPTY_ORDER, type OrderTable } from './order.js';
import type { ProcessView, ReplicaView } from './process.js';
import type { Topology } from './topology.js';
import type { WorldState } from './world-state.js';

/** What is wrong with a state of the world. */
export function faultsOfWorld(
  topology: Topology,
  orders: OrderTable,
  state: WorldState,
  views: readonly ProcessView[],
): string[] {
  const faults = faultsOfAcknowledged(topology, state, views);
  if (state.order !== EMPTY_ORDER) {
    const disks = new Map(
      views.map(({ disk }, process) => [at(topology.members, process).name, disk]),
    );
    faults.push(...orders.faultsOfDisks(state.order, topology.founders, disks));
    faults.push(...faultsOfCuts(topology, orders, state, views));
  }
  for (const [index, { replica: one }] of views.entries()) {
    if (one === null) continue;
    for (const { replica: other } of views.slice(index + 1)) {
      if (other !== null) faults.push(...compared(one, other));
    }
  }
  return faults;
}

/** An acknowledged update is on as many disks as the acknowledgement said. */
function faultsOfAcknowledged(
  { bits }: Topology,
  { acknowledged, acknowledgedTwice }: WorldState,
  views: readonly ProcessView[],
): string[] {
  if (acknowledged === 0) return [];
  const faults: string[] = [];
  for (const [update, place] of bits) {
    const bit = 1 << place;
    const promised = (acknowledgedTwice & bit) !== 0 ? 2 : (acknowledged & bit) !== 0 ? 1 : 0;
    const copies = views.filter(({ durableUpdates }) => durableUpdates.has(update)).length;
    if (copies < promised) {
      faults.push(`${update} was acknowledged with copies: ${promised} and is on ${copies} disks`);
    }
  }
  return faults;
}

/** I22: what was acknowledged with w copies of an epoch is in the cuts of all that follow. */
function faultsOfCuts(
  { bits }: Topology,
  orders: OrderTable,
  { order, acknowledgedIn }: WorldState,
  views: readonly ProcessView[],
): string[] {
  const faults: string[] = [];
  for (const { epoch, cut } of orders.activations(order)) {
    for (const [update, place] of bits) {
      const acknowledged = at(acknowledgedIn, place);
      if (acknowledged === 0 || acknowledged >= epoch) continue;
      const records = views.flatMap(({ durableUpdates }) => durableUpdates.get(update) ?? []);
      // A forced one has none: the order itself goes on through all epochs.
      if (records.length === 0 || records.some((record) => record.leq(cut))) continue;
      faults.push(
        `I22: ${update} was acknowledged in epoch ${acknowledged}, and is not in the cut of ${epoch}`,
      );
    }
  }
  return faults;
}

/** Views are made once for each state of a process: what was compared is not compared again. */
const verdicts = new WeakMap<ReplicaView, WeakMap<ReplicaView, readonly string[]>>();

function compared(one: ReplicaView, other: ReplicaView): readonly string[] {
  let known = verdicts.get(one);
  if (known === undefined) verdicts.set(one, (known = new WeakMap()));
  let faults = known.get(other);
  if (faults === undefined) known.set(other, (faults = compare(one, other)));
  return faults;
}

function compare(one: ReplicaView, other: ReplicaView): string[] {
  const faults: string[] = [];
  for (const [name, text] of one.records) {
    const same = other.records.get(name);
    if (same !== undefined && same !== text) faults.push(`I1: ${name} names two records`);
  }
  if (one.value.equals(other.value) && one.service !== other.service) {
    faults.push(`I9: equal valueTS and two states: ${one.service} and ${other.service}`);
  }
  one.forced.births.forEach((birth, index) => {
    if (birth !== other.forced.births[index]) return;
    if (one.forced.entries[index] === other.forced.entries[index]) return;
    faults.push(`I21: two entries ${index + 1} were born in one view`);
  });
  for (const [seq, text] of one.forcedStates) {
    const same = other.forcedStates.get(seq) ?? text;
    if (same !== text)
      faults.push(`I17: two forced states after entry ${seq}: ${text} and ${same}`);
  }
  return faults;
}
