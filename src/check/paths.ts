/**
 * Why an operation must know of an update: the shortest way from one to the other along what sessions
 * were told, what answers showed, and what was acknowledged before. Only for those that broke a promise.
 */

import { type PlacedUpdate, reflectedBy } from './forced-places.js';
import type { History, HistoryOperation } from './history.js';
import type { SourcedRead } from './reads-from.js';
import { isCopied, isFresh } from './relations.js';
import type { Layer } from './sweep.js';

/** Why the operation `to` knows of the operation `from`. */
export interface Step {
  readonly from: number;
  readonly to: number;
  /**
   * `session`: ended before it in the same session; `shows`: the answer shows what that wrote; `order`:
   * the forced update stands in the order as far as the answer reflects it.
   */
  readonly kind: 'session' | 'shows' | 'order' | 'fresh' | 'final';
}

/** Operations in the order in which they ended. Those that were met are not met again. */
interface Ended {
  readonly indexes: readonly number[];
  met: number;
}

interface Groups {
  readonly sessions: ReadonlyMap<string, Ended>;
  readonly copied: Ended;
  readonly lasting: Ended;
}

export class Paths {
  readonly #operations: readonly HistoryOperation[];
  readonly #reads: readonly (readonly SourcedRead[] | undefined)[];
  readonly #groups: Groups;
  readonly #placed: readonly PlacedUpdate[];
  /** So many of these were met. */
  #placedMet = 0;

  constructor(
    history: History,
    reads: readonly (readonly SourcedRead[] | undefined)[],
    placed: readonly PlacedUpdate[],
  ) {
    this.#operations = history.operations;
    this.#placed = placed;
    this.#reads = reads;
    this.#groups = groupsOf(history);
  }

  /** The shortest way, in its order; undefined when there is none in this layer. */
  find(from: number, to: number, layer: Layer): readonly Step[] | undefined {
    for (const ended of this.#groups.sessions.values()) ended.met = 0;
    this.#groups.copied.met = 0;
    this.#groups.lasting.met = 0;
    this.#placedMet = 0;
    const next = new Map<number, Step>();
    const queue = [to];
    for (let i = 0; i < queue.length; i++) {
      const reached = queue[i] ?? to;
      if (reached === from) return stepsFrom(from, to, next);
      for (const step of this.#stepsTo(reached, layer)) {
        if (step.from === to || next.has(step.from)) continue;
        next.set(step.from, step);
        queue.push(step.from);
      }
    }
    return undefined;
  }

  *#stepsTo(to: number, layer: Layer): Generator<Step> {
    const operation = this.#operations[to];
    if (operation === undefined) return;
    const { sessions, copied, lasting } = this.#groups;
    yield* this.#endedBefore(sessions.get(operation.session), to, operation.called, 'session');
    for (const read of this.#reads[to] ?? []) {
      if (read.writer !== -1) yield { from: read.writer, to, kind: 'shows' };
    }
    yield* this.#placedUpTo(reflectedBy(operation), to);
    if (layer.fresh && isFresh(operation)) {
      yield* this.#endedBefore(copied, to, operation.called, 'fresh');
    }
    if (layer.final && operation.final && operation.outcome.kind === 'answered') {
      yield* this.#endedBefore(lasting, to, operation.called, 'final');
    }
  }

  *#placedUpTo(place: number, to: number): Generator<Step> {
    for (; this.#placedMet < this.#placed.length; this.#placedMet++) {
      const next = this.#placed[this.#placedMet];
      if (next === undefined || next.place > place) return;
      yield { from: next.operation, to, kind: 'order' };
    }
  }

  *#endedBefore(
    ended: Ended | undefined,
    to: number,
    called: number,
    kind: Step['kind'],
  ): Generator<Step> {
    if (ended === undefined) return;
    while (ended.met < ended.indexes.length) {
      const from = ended.indexes[ended.met] ?? -1;
      if ((this.#operations[from]?.returned ?? called) >= called) return;
      ended.met++;
      yield { from, to, kind };
    }
  }
}

function groupsOf({ operations, leastCopies }: History): Groups {
  const order = operations
    .map((_, index) => index)
    .filter((index) => {
      const kind = operations[index]?.outcome.kind;
      return kind === 'updated' || kind === 'answered';
    })
    .sort((one, other) => (operations[one]?.returned ?? 0) - (operations[other]?.returned ?? 0));
  const sessions = new Map<string, { readonly indexes: number[]; met: number }>();
  const copied: number[] = [];
  const lasting: number[] = [];
  for (const index of order) {
    const operation = operations[index];
    if (operation === undefined) continue;
    const { session, outcome } = operation;
    const ended = sessions.get(session);
    if (ended === undefined) sessions.set(session, { indexes: [index], met: 0 });
    else ended.indexes.push(index);
    if (isCopied(outcome)) copied.push(index);
    if (outcome.kind === 'updated' && outcome.copies >= leastCopies) lasting.push(index);
  }
  return { sessions, copied: { indexes: copied, met: 0 }, lasting: { indexes: lasting, met: 0 } };
}

function stepsFrom(from: number, to: number, next: ReadonlyMap<number, Step>): readonly Step[] {
  const steps: Step[] = [];
  for (let at = from; at !== to; ) {
    const step = next.get(at);
    if (step === undefined) return steps;
    steps.push(step);
    at = step.to;
  }
  return steps;
}
