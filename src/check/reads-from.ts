/**
 * Tells whom each read reads from. Where one value was written several times, or may be what was there
 * at first, a read has several possible writers: it then orders nothing, and is wrong only if each of
 * them is impossible. Reads that nobody can have written are violations and go no further.
 */

import type { History, HistoryOperation, Violation } from './history.js';
import type { Meaning, Read, Register, Write } from './meaning.js';
import { describe } from './words.js';

export interface SourcedRead extends Read {
  /** Who may have written the value: the first `writerCount` of them, in the order of sending. */
  readonly writers: readonly Write[];
  readonly writerCount: number;
  readonly mayBeInitial: boolean;
  /** The update whose write is read, for certain; -1 when there is none such. */
  readonly writer: number;
}

export interface ReadsFrom {
  /** By the index of the query. */
  readonly readsOf: readonly (readonly SourcedRead[] | undefined)[];
  readonly violations: readonly Violation[];
  readonly figures: {
    readonly reads: number;
    /** Of these, reads of which several writers are possible. */
    readonly ambiguousReads: number;
  };
}

/** What the history knows of one register's values. */
interface Values {
  /** Updates that may have taken effect, by value, in the order of sending. */
  readonly writers: Map<string, Write[]>;
  readonly failed: Map<string, Write>;
  initial: string | null;
}

const NOBODY: readonly Write[] = [];

export function readsFrom(history: History, meaning: Meaning): ReadsFrom {
  const { operations } = history;
  const registers = meaning.registers.map((register) => valuesOf(register, operations));
  learnInitials(meaning, registers, operations);
  const violations: Violation[] = [];
  let reads = 0;
  let ambiguousReads = 0;
  const readsOf = meaning.readsOf.map((list) => {
    if (list === undefined) return undefined;
    const sourced: SourcedRead[] = [];
    for (const read of list) {
      const values = registers[read.register];
      const register = meaning.registers[read.register];
      if (values === undefined || register === undefined) continue;
      reads++;
      const source = sourceOf(read, values, operations);
      if (source.writerCount === 0 && !source.mayBeInitial) {
        violations.push(unwritten(read, register, values, operations));
        continue;
      }
      if (source.writerCount + Number(source.mayBeInitial) > 1) ambiguousReads++;
      sourced.push(source);
    }
    return sourced;
  });
  return { readsOf, violations, figures: { reads, ambiguousReads } };
}

function valuesOf(register: Register, operations: readonly HistoryOperation[]): Values {
  const values: Values = { writers: new Map(), failed: new Map(), initial: register.initial };
  for (const write of register.writes) {
    if (operations[write.operation]?.outcome.kind === 'failed') {
      values.failed.set(write.value, write);
      continue;
    }
    const writers = values.writers.get(write.value);
    if (writers === undefined) values.writers.set(write.value, [write]);
    else writers.push(write);
  }
  return values;
}

/** A value that was read and that nobody can have written was there at first. */
function learnInitials(
  meaning: Meaning,
  registers: readonly Values[],
  operations: readonly HistoryOperation[],
): void {
  // What nobody even tried to write tells more than the value of an update that is said to have failed.
  for (const trustsFailures of [false, true]) {
    for (const reads of meaning.readsOf) {
      for (const read of reads ?? []) {
        const values = registers[read.register];
        if (values === undefined || values.initial !== null) continue;
        if (!trustsFailures && values.failed.has(read.value)) continue;
        if (sourceOf(read, values, operations).writerCount === 0) values.initial = read.value;
      }
    }
  }
}

function sourceOf(
  read: Read,
  { writers, initial }: Values,
  operations: readonly HistoryOperation[],
): SourcedRead {
  const list = writers.get(read.value) ?? NOBODY;
  const returned = operations[read.operation]?.returned ?? 0;
  let writerCount = list.length;
  // Almost always all were sent before the read ended, or all but the last few.
  while (writerCount > 0 && calledAt(operations, list[writerCount - 1]) > returned) writerCount--;
  const mayBeInitial = initial === null || initial === read.value;
  const writer = writerCount === 1 && !mayBeInitial ? (list[0]?.operation ?? -1) : -1;
  const { operation, register, value } = read;
  return { operation, register, value, writers: list, writerCount, mayBeInitial, writer };
}

const calledAt = (operations: readonly HistoryOperation[], write: Write | undefined): number =>
  operations[write?.operation ?? -1]?.called ?? 0;

function unwritten(
  read: Read,
  { name }: Register,
  values: Values,
  operations: readonly HistoryOperation[],
): Violation {
  const seen = `${describe(operations, read.operation)} showed ${name} as ${read.value}`;
  const failed = values.failed.get(read.value);
  if (failed !== undefined) {
    return {
      promise: 'refused means never',
      words: `${seen}, which only ${describe(operations, failed.operation)} wrote; its client was told that it certainly had no effect`,
      operations: [failed.operation, read.operation],
    };
  }
  const later = values.writers.get(read.value)?.[0];
  if (later !== undefined) {
    return {
      promise: 'nothing from the future',
      words: `${seen}, which is written only by ${describe(operations, later.operation)}; that was sent after the answer had come`,
      operations: [read.operation, later.operation],
    };
  }
  const expected = values.initial === null ? '' : `; before all writes it was ${values.initial}`;
  return {
    promise: 'no thin air',
    words: `${seen}, which no update in the history wrote${expected}`,
    operations: [read.operation],
  };
}
