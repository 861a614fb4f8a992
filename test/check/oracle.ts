/**
 * The checks as the definitions say them, with whole relations as matrices: slow and simple, to compare
 * with. Understands kv without limits of scans that cut, and counters of powers of 4.
 */

import type { History, HistoryOperation } from '../../src/check/history.js';

/** How many of each there are; answers are counted once for each kind. */
export interface OracleVerdict {
  readonly unwritten: number;
  readonly causal: number;
  readonly fresh: number;
  readonly durability: number;
  readonly circle: boolean;
}

interface OracleWrite {
  readonly at: number;
  readonly register: string;
  readonly value: string;
}

interface OracleRead extends OracleWrite {
  /** Possible writers; -1 = the initial value. */
  readonly sources: readonly number[];
}

type Relation = boolean[][];

export function oracle({ operations, leastCopies }: History): OracleVerdict {
  const writes = operations.flatMap((operation, at) => writesOf(operation, at));
  const reads: OracleRead[] = [];
  let unwritten = 0;
  for (const read of operations.flatMap((operation, at) => readsOf(operation, at, writes))) {
    const sources = sourcesOf(read, writes, operations);
    if (sources.length === 0) unwritten++;
    else reads.push({ ...read, sources });
  }
  const base = related(operations, (before, after, from, to) => {
    if (before.session === after.session && endedBefore(before, after)) return true;
    return reads.some(
      ({ at, sources }) => at === to && sources.length === 1 && sources[0] === from,
    );
  });
  const isCopied = ({ outcome }: HistoryOperation, copies: number) =>
    outcome.kind === 'updated' && outcome.copies >= copies;
  const fresh = related(operations, (before, after, from, to) => {
    if (base[from]?.[to]) return true;
    const isFresh = after.outcome.kind === 'answered' && after.outcome.guarantee === 'fresh';
    return isFresh && isCopied(before, 2) && endedBefore(before, after);
  });
  const all = related(operations, (before, after, from, to) => {
    if (fresh[from]?.[to]) return true;
    const isFinal = after.outcome.kind === 'answered' && after.final;
    return isFinal && isCopied(before, leastCopies) && endedBefore(before, after);
  });
  const causal = reads.filter((read) => isBroken(read, writes, base));
  const notFresh = reads.filter((r) => !causal.includes(r) && isBroken(r, writes, fresh));
  const broken = reads.filter((read) => isBroken(read, writes, all));
  const lost = broken.filter((read) => !causal.includes(read) && !notFresh.includes(read));
  const conflicts = related(operations, (_, __, from, to) => {
    if (all[from]?.[to]) return true;
    return reads.some(
      (read) =>
        from !== to &&
        !broken.includes(read) &&
        read.sources.length === 1 &&
        read.sources[0] === to &&
        all[from]?.[read.at] &&
        writes.some(({ at, register }) => at === from && register === read.register),
    );
  });
  return {
    unwritten,
    causal: answers(causal),
    fresh: answers(notFresh),
    durability: answers(lost),
    circle: operations.some((_, at) => conflicts[at]?.[at]),
  };
}

const answers = (reads: readonly OracleRead[]): number => new Set(reads.map(({ at }) => at)).size;

const endedBefore = (before: HistoryOperation, after: HistoryOperation): boolean =>
  (before.outcome.kind === 'updated' || before.outcome.kind === 'answered') &&
  before.returned !== null &&
  before.returned < after.called;

/** The transitive closure of a relation. */
function related(
  operations: readonly HistoryOperation[],
  is: (before: HistoryOperation, after: HistoryOperation, from: number, to: number) => boolean,
): Relation {
  const relation = operations.map((before, from) =>
    operations.map((after, to) => is(before, after, from, to)),
  );
  for (const [middle, out] of relation.entries()) {
    for (const row of relation) {
      if (row[middle] !== true) continue;
      for (const [to, isAfter] of out.entries()) if (isAfter) row[to] = true;
    }
  }
  return relation;
}

function isBroken(read: OracleRead, writes: readonly OracleWrite[], co: Relation): boolean {
  return read.sources.every((source) =>
    writes.some(
      ({ at, register }) =>
        register === read.register &&
        at !== source &&
        co[at]?.[read.at] &&
        (source === -1 || co[source]?.[at]),
    ),
  );
}

function writesOf({ operation, args, kind }: HistoryOperation, at: number): OracleWrite[] {
  if (kind === 'query') return [];
  const key = String(args['key']);
  if (operation === 'add')
    return [{ at, register: `${key}/${String(args['amount'])}`, value: '1' }];
  return [{ at, register: key, value: operation === 'set' ? String(args['value']) : 'null' }];
}

function readsOf(
  { operation, args, outcome }: HistoryOperation,
  at: number,
  writes: readonly OracleWrite[],
): OracleWrite[] {
  if (outcome.kind !== 'answered') return [];
  const key = String(args['key']);
  const registers = [...new Set(writes.map(({ register }) => register))];
  if (operation === 'get') return [{ at, register: key, value: String(outcome.value) }];
  if (operation === 'scan') {
    const rows = outcome.value as readonly { readonly key: string; readonly value: number }[];
    return registers
      .filter((register) => !register.includes('/'))
      .map((register) => {
        const row = rows.find((candidate) => candidate.key === register);
        return { at, register, value: String(row?.value ?? null) };
      });
  }
  return registers
    .filter((register) => register.startsWith(`${key}/`))
    .map((register) => {
      const amount = Number(register.slice(key.length + 1));
      const isDone = Math.floor(Number(outcome.value) / amount) % 4 === 1;
      return { at, register, value: isDone ? '1' : 'null' };
    });
}

function sourcesOf(
  read: OracleWrite,
  writes: readonly OracleWrite[],
  operations: readonly HistoryOperation[],
): number[] {
  const returned = operations[read.at]?.returned ?? 0;
  const sources = writes
    .filter(({ at, register, value }) => {
      const write = operations[at];
      return (
        register === read.register &&
        value === read.value &&
        write !== undefined &&
        write.outcome.kind !== 'failed' &&
        write.called < returned
      );
    })
    .map(({ at }) => at);
  return read.value === 'null' ? [-1, ...sources] : sources;
}
