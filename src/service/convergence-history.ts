/**
 * Random histories for the convergence kit: what a few sessions at a few replicas might do, and the
 * orders in which a replica may execute it. As in the real system a session's stamp is later than all
 * it was shown, so an update's stamp is later than those of the updates it depends on; clocks differ
 * and stand still, so concurrent stamps meet in physical and logical time.
 */

import type { Random } from '../base/random.js';
import type { Arguments } from './contract.js';

export interface HistoryUpdate {
  readonly operation: string;
  /** As the service's `parse` gave them. */
  readonly args: Arguments;
  readonly user: string;
  readonly id: string;
  readonly stamp: string;
  /** All earlier updates it depends on, directly or through others, by their place in the history. */
  readonly after: ReadonlySet<number>;
}

/** Updates by number, in the order in which they were made. */
export type History = readonly HistoryUpdate[];

/** Numbers of updates, each after all that it depends on. */
export type Order = readonly number[];

/** Two orders of the same updates, perhaps not of all in the history. */
export interface OrderPair {
  readonly history: History;
  readonly first: Order;
  readonly second: Order;
}

const SESSIONS = 4;

/** A session and the replica it talks to, as one: what it has seen is what it will be after. */
interface Session {
  readonly name: string;
  readonly seen: Set<number>;
  clockMs: number;
  physicalMs: number;
  logical: number;
  updates: number;
}

/** A history of `length` updates; `make` says what each does. */
export function randomHistory(
  random: Random,
  length: number,
  make: () => Pick<HistoryUpdate, 'operation' | 'args' | 'user'>,
): History {
  const sessions = Array.from({ length: SESSIONS }, (_, number) => newSession(random, number));
  const history: HistoryUpdate[] = [];
  while (history.length < length) {
    const session = random.pick(sessions);
    // One step in three is news from another replica: without it all would be concurrent.
    if (random.chance(1, 3)) {
      showAll(session, random.pick(sessions));
      continue;
    }
    const after = new Set(session.seen);
    session.seen.add(history.length);
    session.updates += 1;
    history.push({
      ...make(),
      id: `${session.name}:${session.updates}`,
      stamp: nextStamp(random, session),
      after,
    });
  }
  return history;
}

/** A random order that respects what depends on what. */
export function randomOrder(random: Random, history: History): Order {
  const order: number[] = [];
  const done = new Set<number>();
  const waiting = new Set(history.keys());
  while (waiting.size > 0) {
    const ready = [...waiting].filter((number) => isReady(history, number, done));
    const next = random.pick(ready);
    waiting.delete(next);
    done.add(next);
    order.push(next);
  }
  return order;
}

function isReady(history: History, number: number, done: ReadonlySet<number>): boolean {
  for (const earlier of history[number]?.after ?? []) if (!done.has(earlier)) return false;
  return true;
}

function newSession(random: Random, number: number): Session {
  return {
    name: `session-${number}`,
    seen: new Set(),
    // Clocks apart by less than they advance in a history: stamps tie, and each session leads at times.
    clockMs: random.below(3),
    physicalMs: 0,
    logical: 0,
    updates: 0,
  };
}

function showAll(to: Session, from: Session): void {
  for (const number of from.seen) to.seen.add(number);
  if (from.physicalMs < to.physicalMs) return;
  if (from.physicalMs > to.physicalMs || from.logical > to.logical) to.logical = from.logical;
  to.physicalMs = from.physicalMs;
}

/** Text whose order is that of the physical part, the logical part, then the session. */
function nextStamp(random: Random, session: Session): string {
  session.clockMs += random.below(2);
  if (session.clockMs > session.physicalMs) {
    session.physicalMs = session.clockMs;
    session.logical = 0;
  } else {
    session.logical += 1;
  }
  const digits = (part: number): string => String(part).padStart(6, '0');
  return `${digits(session.physicalMs)}-${digits(session.logical)}-${session.name}`;
}
