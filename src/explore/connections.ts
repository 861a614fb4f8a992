/** Connections of a small world as they come and go: a new state for each change. */

import type { LinkId } from '../replica/events.js';
import { at, withItem } from './lists.js';
import { EMPTY_QUEUE } from './tables.js';
import type { Connection, WorldState } from './world-state.js';

/** A connection's pair, and its place among those that the pair has; below 0 when it is forgotten. */
export interface Place {
  readonly pair: number;
  readonly place: number;
}

export const connectionAt = (state: WorldState, { pair, place }: Place): Connection =>
  at(at(state.connections, pair), place);

/** The same number at both ends; of one pair the newer connection has the greater. */
export const linkOf = ({ isSevered }: WorldState, pair: number, generation: number): LinkId =>
  generation * isSevered.length + pair;

export function placeOf({ connections }: WorldState, link: LinkId): Place {
  const pair = link % connections.length;
  const generation = Math.floor(link / connections.length);
  const isIt = (connection: Connection): boolean => connection.generation === generation;
  return { pair, place: at(connections, pair).findIndex(isIt) };
}

export function changed(
  state: WorldState,
  { pair, place }: Place,
  change: Partial<Connection>,
): WorldState {
  const ofPair = at(state.connections, pair);
  const connections = withItem(ofPair, place, { ...at(ofPair, place), ...change });
  return { ...state, connections: withItem(state.connections, pair, connections) };
}

/** A connection carries nothing more; forgotten when no end has to be told. */
export function cut(state: WorldState, where: Place, told: Partial<Connection>): WorldState {
  const { pair } = where;
  const gone = { isDead: true, forth: EMPTY_QUEUE, back: EMPTY_QUEUE, ...told };
  const after = changed(state, where, gone);
  const left = at(after.connections, pair).filter(
    ({ isDead, dialled, accepted }) => !isDead || dialled || accepted,
  );
  return { ...after, connections: withItem(after.connections, pair, left) };
}

/** All connections of a pair carry nothing more. */
export function cutAll(state: WorldState, pair: number, told: Partial<Connection>): WorldState {
  let after = state;
  for (let place = at(state.connections, pair).length - 1; place >= 0; place--) {
    after = cut(after, { pair, place }, told);
  }
  return after;
}

/** Connections of these pairs are gone, and cannot be made again. */
export function sever(state: WorldState, isCut: (pair: number) => boolean): WorldState {
  const isSevered = state.isSevered.map((was, pair) => was || isCut(pair));
  let after: WorldState = { ...state, isSevered };
  isSevered.forEach((isGone, pair) => {
    if (isGone) after = cutAll(after, pair, {});
  });
  return after;
}
