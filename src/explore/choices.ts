/** What may happen next in a state of the world. */

import type { Name } from '../base/ids.js';
import { at } from './lists.js';
import type { ProcessView } from './process.js';
import { EMPTY_QUEUE } from './tables.js';
import type { Topology } from './topology.js';
import type { Connection, WorldState } from './world-state.js';

/** The side of a connection that something happens at. */
export type Side = 'dialler' | 'acceptor';

export type Choice =
  /** The oldest message on its way arrives; `again`: and stays, to arrive once more. */
  | {
      readonly kind: 'deliver';
      readonly pair: number;
      readonly place: number;
      readonly to: Side;
      readonly again: boolean;
    }
  /** A side learns that a connection is gone. */
  | { readonly kind: 'notice'; readonly pair: number; readonly place: number; readonly at: Side }
  | { readonly kind: 'connect'; readonly pair: number }
  | { readonly kind: 'durable'; readonly process: number; readonly count: number }
  | { readonly kind: 'call'; readonly process: number }
  | { readonly kind: 'start'; readonly process: number }
  | { readonly kind: 'crash'; readonly process: number; readonly kept: number }
  | { readonly kind: 'break'; readonly pair: number; readonly place: number }
  /** Connections are gone and cannot be made again. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'tick'; readonly process: number }
  /** A replica hears nobody for long enough. */
  | { readonly kind: 'silence'; readonly process: number }
  /** A primary is brought to do something about the members. */
  | { readonly kind: 'change'; readonly process: number }
  /** A replica that looked for a peer's process finds that it is gone. */
  | { readonly kind: 'refused'; readonly process: number; readonly peer: number };

/** What goes on by itself: without trouble, and without the passing of time. */
export function progress(
  topology: Topology,
  state: WorldState,
  views: readonly ProcessView[],
): Choice[] {
  const choices: Choice[] = [];
  views.forEach((view, process) => {
    if (view.mayCall) choices.push({ kind: 'call', process });
    if (!view.isUp) {
      const isGone = view.isOver || at(topology.members, process).staysDown;
      if (!isGone) choices.push({ kind: 'start', process });
      return;
    }
    for (let count = 1; count <= view.unsynced; count++) {
      choices.push({ kind: 'durable', process, count });
    }
    if (!topology.isForced) return;
    if (view.wakeAtMs <= at(state.clocks, process)) choices.push({ kind: 'tick', process });
    topology.members.forEach(({ name }, peer) => {
      const isGone = view.probed.has(name as Name) && !at(views, peer).isUp;
      if (isGone) choices.push({ kind: 'refused', process, peer });
    });
  });
  topology.pairs.forEach((_, pair) => {
    at(state.connections, pair).forEach((connection, place) => {
      const { isDead, dialled, accepted, forth, back } = connection;
      if (isDead && dialled) choices.push({ kind: 'notice', pair, place, at: 'dialler' });
      if (isDead && accepted) choices.push({ kind: 'notice', pair, place, at: 'acceptor' });
      for (const [queue, to] of [
        [forth, 'acceptor'],
        [back, 'dialler'],
      ] as const) {
        if (queue !== EMPTY_QUEUE) choices.push({ kind: 'deliver', pair, place, to, again: false });
      }
    });
    if (mayConnect(topology, state, views, pair)) choices.push({ kind: 'connect', pair });
  });
  return choices;
}

/** Whoever dials does so again when it has noticed that a connection is gone, and one at a time. */
function mayConnect(
  topology: Topology,
  state: WorldState,
  views: readonly ProcessView[],
  pair: number,
): boolean {
  const { dialler, acceptor, frontend } = at(topology.pairs, pair);
  if (at(state.isSevered, pair)) return false;
  if (!at(views, dialler).isUp || !at(views, acceptor).isUp) return false;
  if (at(topology.members, dialler).role === 'client') {
    return at(views, dialler).nextFrontend === frontend;
  }
  // A start that comes before its forerunner's end was noticed is refused, and asks again: for ever, if
  // it may come as often as it likes. Where the members can change, both ends know of the end before.
  const isTaken = ({ isDead, dialled }: Connection): boolean =>
    dialled || !isDead || topology.isFounded;
  return !at(state.connections, pair).some(isTaken);
}

/** Trouble, as far as the budgets go, and timers that go off. */
export function trouble(
  topology: Topology,
  state: WorldState,
  views: readonly ProcessView[],
  isRepeatable: (queue: number) => boolean,
): Choice[] {
  const choices: Choice[] = [];
  topology.members.forEach(({ mayCrash, mayTick, silence, change }, process) => {
    const view = at(views, process);
    const { isUp, unsynced, wakeAtMs } = view;
    if (!isUp) return;
    if (mayCrash && state.crashes > 0) {
      for (let kept = 0; kept <= unsynced; kept++) choices.push({ kind: 'crash', process, kept });
    }
    const mayBeSilent = silence === 'lapse' ? view.mayLapse : silence !== null && view.maySuspect;
    if (mayBeSilent && state.silences > 0) choices.push({ kind: 'silence', process });
    if (change !== null && view.mayChange && state.changes > 0) {
      choices.push({ kind: 'change', process });
    }
    if (mayTick && state.ticks > 0 && wakeAtMs < Number.POSITIVE_INFINITY) {
      choices.push({ kind: 'tick', process });
    }
  });
  if (state.cuts > 0) choices.push({ kind: 'cut' });
  topology.pairs.forEach(({ mayBreak }, pair) => {
    at(state.connections, pair).forEach(({ isDead, forth, back }, place) => {
      if (mayBreak && state.breaks > 0 && !isDead) choices.push({ kind: 'break', pair, place });
      if (state.duplicates === 0) return;
      if (isRepeatable(forth))
        choices.push({ kind: 'deliver', pair, place, to: 'acceptor', again: true });
      if (isRepeatable(back))
        choices.push({ kind: 'deliver', pair, place, to: 'dialler', again: true });
    });
  });
  return choices;
}
