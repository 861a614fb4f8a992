/**
 * One walk along the time of a history, which finds the bad patterns of causal consistency (Bouajjani,
 * Enea, Guerraoui, Hamza, POPL 2017): reads that show the initial value or an older write although they
 * know of a newer one (WriteCOInitRead, WriteCORead), and the conflicts of which convergence consists.
 *
 * What knows what: an update knows what its session was told before it was sent; an answer knows that,
 * whom it reads from, and what comes with the order of forced updates that it reflects. All lie earlier in time (who reads from the future was sorted out before), so
 * time is a topological order, nothing can go in a circle (CyclicCO), and a walk along it meets
 * everything after what it knows. Updates of unknown outcome that nobody reads are nobody's past; nor
 * are those that may be taken back, read or not, where replicas were retired that alone may have had them.
 */

import { Chains, type Clock, GrowingClock, merge, NOTHING } from './chains.js';
import { ForcedPast } from './forced-past.js';
import { reflectedBy } from './forced-places.js';
import type { History, HistoryOperation } from './history.js';
import type { Meaning } from './meaning.js';
import { type SourcedRead } from './reads-from.js';
import { type BrokenSum, RegisterLines, SumLines } from './lines.js';
import { isCopied, isFresh, mayBeTakenBack, sessionNumbers } from './relations.js';

/** Which promises count, besides causality. */
export interface Layer {
  /** Fresh answers know all that was acknowledged with two copies before they were asked. */
  readonly fresh: boolean;
  /** Final answers know all that was acknowledged with enough copies to last. */
  readonly final: boolean;
}

export const ALL_PROMISES: Layer = { fresh: true, final: true };

/** A read that knows of a write which is newer than what it shows. */
export interface BrokenRead {
  readonly read: SourcedRead;
  /** The write that it shows, the latest where several are possible; null for the initial value. */
  readonly shown: number | null;
  readonly missed: number;
}

/** Of two concurrent writes of a register, a read knew both and showed the later one. */
export interface Conflict {
  readonly earlier: number;
  readonly later: number;
  readonly reader: number;
}

export interface Sweep {
  readonly brokenReads: readonly BrokenRead[];
  readonly brokenSums: readonly BrokenSum[];
  /** Per later write, its conflicts: of each chain only the greatest earlier write. */
  readonly conflicts: ReadonlyMap<number, readonly Conflict[]>;
  readonly chains: Chains;
}

export type SourcedReads = readonly (readonly SourcedRead[] | undefined)[];

export function sweep(
  history: History,
  meaning: Meaning,
  reads: SourcedReads,
  layer: Layer,
): Sweep {
  return new Walk(history, meaning, reads, layer).walk();
}

class Walk {
  readonly #history: History;
  readonly #meaning: Meaning;
  readonly #reads: SourcedReads;
  readonly #layer: Layer;
  readonly #sessionOf: Int32Array;
  /** By operation: an update that may be taken back from whoever has seen it. */
  readonly #isUncertain: readonly boolean[];
  readonly #chains: Chains;
  readonly #registers: RegisterLines;
  readonly #sums: SumLines;
  /** What each session was told so far. */
  readonly #told: Clock[];
  /** What an answer knows already when it is asked. */
  readonly #pastOf = new Map<number, Clock>();
  readonly #forced: ForcedPast;
  readonly #copied = new GrowingClock();
  readonly #lasting = new GrowingClock();
  readonly #brokenReads: BrokenRead[] = [];
  readonly #brokenSums: BrokenSum[] = [];
  readonly #conflicts = new Map<number, Conflict[]>();

  constructor(history: History, meaning: Meaning, reads: SourcedReads, layer: Layer) {
    const sessions = sessionNumbers(history.operations);
    this.#history = history;
    this.#meaning = meaning;
    this.#reads = reads;
    this.#layer = layer;
    this.#sessionOf = sessions.sessionOf;
    this.#isUncertain = history.operations.map((operation) => mayBeTakenBack(history, operation));
    this.#told = Array.from(sessions.lastUpdate, () => NOTHING);
    this.#chains = new Chains(sessions.sessionOf, sessions.lastUpdate);
    this.#registers = new RegisterLines(this.#chains, meaning.registers.length);
    this.#forced = new ForcedPast(meaning.placed);
    this.#sums = new SumLines(this.#chains, history.operations, meaning.sums);
  }

  walk(): Sweep {
    const { operations } = this.#history;
    const isRead = this.#operationsRead();
    const returns = endsInOrder(operations);
    let next = 0;
    operations.forEach((operation, index) => {
      for (; next < returns.length; next++) {
        const ended = returns[next];
        if (ended === undefined || ended.at > operation.called) break;
        this.#onReturn(ended.index, ended.operation);
      }
      this.#onCall(index, operation, isRead);
    });
    for (const ended of returns.slice(next)) this.#onReturn(ended.index, ended.operation);
    return {
      brokenReads: this.#brokenReads,
      brokenSums: this.#brokenSums,
      conflicts: this.#conflicts,
      chains: this.#chains,
    };
  }

  #operationsRead(): ReadonlySet<number> {
    const isRead = new Set<number>();
    for (const reads of this.#reads) for (const read of reads ?? []) isRead.add(read.writer);
    return isRead;
  }

  #toldTo(index: number): Clock {
    return this.#told[this.#sessionOf[index] ?? 0] ?? NOTHING;
  }

  #onCall(index: number, operation: HistoryOperation, isRead: ReadonlySet<number>): void {
    const past = this.#toldTo(index);
    this.#forced.send(index, past);
    if (operation.outcome.kind === 'answered') {
      const { fresh, final } = this.#layer;
      const known = fresh && isFresh(operation) ? merge(past, this.#copied.clock) : past;
      this.#pastOf.set(index, final && operation.final ? merge(known, this.#lasting.clock) : known);
    } else if (this.#isUncertain[index] === true) {
      return;
    } else if (operation.outcome.kind === 'updated' || isRead.has(index)) {
      this.#chains.place(index, past);
      const write = this.#meaning.writeOf[index];
      if (write !== undefined) this.#registers.add(write.register, index);
      this.#sums.add(index);
    }
  }

  #onReturn(index: number, operation: HistoryOperation): void {
    const { outcome } = operation;
    if (outcome.kind === 'answered') this.#tell(index, this.#answer(index, operation));
    else if (outcome.kind === 'updated' && this.#isUncertain[index] !== true) {
      const clock = this.#chains.clockOf(index);
      this.#tell(index, clock);
      if (isCopied(outcome)) this.#copied.add(clock);
      if (outcome.copies >= this.#history.leastCopies) this.#lasting.add(clock);
    }
  }

  #tell(index: number, clock: Clock): void {
    this.#told[this.#sessionOf[index] ?? 0] = merge(this.#toldTo(index), clock);
  }

  /** Checks an answer against what it knows, which it returns. */
  #answer(index: number, operation: HistoryOperation): Clock {
    const past = this.#pastOf.get(index) ?? NOTHING;
    let clock = merge(past, this.#forced.upTo(reflectedBy(operation)));
    this.#pastOf.delete(index);
    const reads = (this.#reads[index] ?? []).filter((read) => !this.#showsUncertain(read));
    for (const read of reads) {
      const writer = read.writer;
      if (writer !== -1 && !this.#chains.knows(clock, writer)) {
        clock = merge(clock, this.#chains.clockOf(writer));
      }
    }
    for (const read of reads) this.#checkRead(read, clock);
    const brokenSum = this.#sums.broken(index, clock);
    if (brokenSum !== undefined) this.#brokenSums.push(brokenSum);
    return clock;
  }

  #showsUncertain({ writers, writerCount }: SourcedRead): boolean {
    return writers
      .slice(0, writerCount)
      .some(({ operation }) => this.#isUncertain[operation] === true);
  }

  #checkRead(read: SourcedRead, clock: Clock): void {
    const known = this.#registers.latestKnown(read.register, clock);
    if (known.length === 0) return;
    const writer = read.writer;
    if (writer !== -1) this.#checkWriter(read, writer, known);
    else {
      const missed = this.#missedByAll(read, known);
      if (missed !== undefined) this.#brokenReads.push(missed);
    }
  }

  #checkWriter(read: SourcedRead, writer: number, known: readonly number[]): void {
    const missed = this.#overwriting(writer, known);
    if (missed !== undefined) {
      this.#brokenReads.push({ read, shown: writer, missed });
      return;
    }
    const clock = this.#chains.clockOf(writer);
    for (const earlier of known) {
      if (this.#chains.knows(clock, earlier)) continue;
      this.#addConflict({ earlier, later: writer, reader: read.operation });
    }
  }

  /** Of those known, one that knows of the writer. */
  #overwriting(writer: number, known: readonly number[]): number | undefined {
    // Operations stand in the order of sending: one sent before the writer cannot know of it.
    return known.find(
      (other) => other > writer && this.#chains.knows(this.#chains.clockOf(other), writer),
    );
  }

  /** Set when each of a read's possible writers was overwritten. */
  #missedByAll(read: SourcedRead, known: readonly number[]): BrokenRead | undefined {
    let broken: BrokenRead | undefined;
    for (let i = read.writerCount - 1; i >= 0; i--) {
      const writer = read.writers[i]?.operation ?? -1;
      const missed = this.#overwriting(writer, known);
      if (missed === undefined) return undefined;
      broken ??= { read, shown: writer, missed };
    }
    return broken ?? { read, shown: null, missed: known[0] ?? -1 };
  }

  #addConflict(conflict: Conflict): void {
    const conflicts = this.#conflicts.get(conflict.later);
    if (conflicts === undefined) {
      this.#conflicts.set(conflict.later, [conflict]);
      return;
    }
    const chain = this.#chains.chainOf(conflict.earlier);
    const same = conflicts.findIndex(({ earlier }) => this.#chains.chainOf(earlier) === chain);
    const before = conflicts[same];
    if (before === undefined) conflicts.push(conflict);
    else if (before.earlier < conflict.earlier) conflicts[same] = conflict;
  }
}

interface End {
  readonly index: number;
  readonly at: number;
  readonly operation: HistoryOperation;
}

/** Those that ended well, in the order in which they ended. */
function endsInOrder(operations: readonly HistoryOperation[]): readonly End[] {
  const ends: End[] = [];
  operations.forEach((operation, index) => {
    const { returned, outcome } = operation;
    if (returned === null || outcome.kind === 'failed' || outcome.kind === 'unknown') return;
    ends.push({ index, at: returned, operation });
  });
  return ends.sort((one, other) => one.at - other.at);
}
