/**
 * Random histories for the convergence kit: what a few sessions at a few replicas might do, and the
 * orders in which a replica may execute it. As in the real system a session's stamp is later than all
 * it was shown, so an update's stamp is later than those of the updates it depends on; clocks differ
 * and stand still, so concurrent stamps meet in physical and logical time. Forced updates follow each
 * other in the order in which they were made, whatever their stamps; causal ones lie around them in any
 * causal order.
 */

import type { Random } from '../base/random.js';
import type { Arguments, Ordering } from './contract.js';

export interface HistoryUpdate {
  readonly operation: string;
  readonly ordering: Ordering;
  /** As the service's `parse` gave them. */
  readonly args: Arguments;
  readonly user: string;
  readonly id: string;
  readonly stamp: string;
  /**
   * All updates that every replica executes before it, by their place in the history: those that its
   * session had seen and, before a forced one, all forced ones; and what those come after.
   */
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

/** Updates, closed under what they come after, and the greatest stamp among them. */
interface Seen {
  readonly updates: Set<number>;
  physicalMs: number;
  logical: number;
}

/** A session and the replica it talks to, as one: what it has seen is what it will be after. */
interface Session extends Seen {
  readonly name: string;
  clockMs: number;
  made: number;
}

/** A history of `length` updates; `make` says what each does. */
export function randomHistory(
  random: Random,
  length: number,
  make: () => Pick<HistoryUpdate, 'operation' | 'ordering' | 'args' | 'user'>,
): History {
  const sessions = Array.from({ length: SESSIONS }, (_, number) => newSession(random, number));
  /** The forced updates so far: whoever has seen one has seen all before it. */
  const sequence: Seen = { updates: new Set(), physicalMs: 0, logical: 0 };
  const history: HistoryUpdate[] = [];
  while (history.length < length) {
    const session = random.pick(sessions);
    // One step in three is news from another replica: without it all would be concurrent.
    if (random.chance(1, 3)) {
      showAll(session, random.pick(sessions));
      continue;
    }
    session.made += 1;
    const update = make();
    const stamp = nextStamp(random, session);
    // The stamp was given before the update found its place in the sequence.
    if (update.ordering === 'forced') showAll(session, sequence);
    const after = new Set(session.updates);
    session.updates.add(history.length);
    if (update.ordering === 'forced') showAll(sequence, session);
    history.push({ ...update, id: `${session.name}:${session.made}`, stamp, after });
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
    updates: new Set(),
    // Clocks apart by less than they advance in a history: stamps tie, and each session leads at times.
    clockMs: random.below(3),
    physicalMs: 0,
    logical: 0,
    made: 0,
  };
}

function showAll(to: Seen, from: Seen): void {
  for (const number of from.updates) to.updates.add(number);
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
