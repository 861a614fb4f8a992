/**
 * The end of a run: no more trouble, everything goes on by itself and time passes. Every program must
 * come to its end, every update that was acknowledged must be at every replica, and all must agree.
 */

import { at } from './lists.js';
import type { Choice } from './choices.js';
import type { StandingView } from './process.js';
import type { World } from './world.js';
import type { WorldState } from './world-state.js';

/** Virtual time by which all must be quiet; an election takes up to half of it. */
const QUIET_MS = 10_000;

/** What is still wrong when all has become quiet, or a fault on the way there; empty when all is well. */
export function faultsAtTheEnd(world: World, from: WorldState): readonly string[] {
  const mended = world.mended(from);
  if (mended.faults.length > 0) return mended.faults;
  let { state } = mended;
  const untilMs = at(state.clocks, 0) + QUIET_MS;
  for (;;) {
    const unfinished = unfinishedIn(world, state);
    if (unfinished === null) return [];
    let choice: Choice | null = world.progress(state)[0] ?? null;
    if (choice === null) {
      const next = world.nextTimer(state);
      choice = next?.choice ?? null;
      state = next?.state ?? state;
    }
    if (at(state.clocks, 0) > untilMs || choice === null) {
      return [`${unfinished}, though there was no trouble for ${QUIET_MS} ms`];
    }
    const transition = world.apply(state, choice);
    if (transition.faults.length > 0) return transition.faults;
    state = transition.state;
  }
}

/** What is not done yet, in words, or null. */
function unfinishedIn(world: World, state: WorldState): string | null {
  const { members, bits, isFounded } = world.topology;
  const views = world.views(state);
  const replicas = [];
  for (const [index, view] of views.entries()) {
    const { name, role } = at(members, index);
    if (!view.isFinished) return `${name} is not done`;
    if (view.isOver) continue;
    if (!view.isUp) return `${name} is down`;
    if (role !== 'replica' || view.replica === null) continue;
    if (view.unsynced > 0) return `${name} is still writing`;
    replicas.push({ name, ...view.replica });
  }
  if (isFounded) {
    const unsettled = unsettledAmong(replicas, world.hasChanged(state));
    if (unsettled !== null) return unsettled;
  }
  const [first, ...others] = replicas;
  if (first === undefined) return null;
  for (const { name, applied, value, durable } of replicas) {
    for (const [update, bit] of bits) {
      // Where members can go, less than w copies may go with them.
      const isPromised = isFounded
        ? at(state.acknowledgedIn, bit) > 0
        : (state.acknowledged & (1 << bit)) !== 0;
      if (isPromised && !applied.has(update))
        return `${name} lacks ${update}, which was acknowledged`;
    }
    if (!value.equals(durable)) return `${name} has not executed all that it holds`;
  }
  for (const { name, value, service } of others) {
    if (!value.equals(first.value)) return `${name} and ${first.name} hold different updates`;
    if (service !== first.service) return `${name} and ${first.name} have different states`;
  }
  return null;
}

/** Whoever runs is a member, but for those whom nobody has let join, and all are of one epoch in force. */
function unsettledAmong(
  replicas: readonly { readonly name: string; readonly standing: StandingView }[],
  hasChanged: boolean,
): string | null {
  const epoch = Math.max(...replicas.map(({ standing }) => standing.epoch));
  for (const { name, standing } of replicas) {
    if (standing.epoch !== epoch || standing.label !== epoch || !standing.isActivated) {
      return `${name} is not in epoch ${epoch} yet, or that is not in force`;
    }
    if (standing.isMember && !standing.isClaimed) return `${name} has not claimed its start`;
    if (!standing.isMember && hasChanged) return `${name} is no member and runs`;
  }
  return null;
}
