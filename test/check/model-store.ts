/**
 * A store that keeps every promise, and clients at work on it: what comes out is a history that the
 * checkers must accept. Replicas know prefixes of what each of them accepted; concurrent writes are
 * ordered by stamp; requests overlap, outcomes get lost, and nothing is in any order but the causal one,
 * and that of forced updates, which have a log of their own.
 */

import { SeededRandom } from '../../src/base/random.js';
import type { History, HistoryOperation, HistoryOutcome } from '../../src/check/history.js';

type Writable<Record> = { -readonly [Key in keyof Record]: Record[Key] };
type Timestamp = readonly number[];

export interface ModelOptions {
  readonly seed: number;
  readonly operations: number;
  readonly sessions: number;
  readonly replicas: number;
  readonly keys: number;
  /** Values are drawn from so few that they are written again and again; 0 = all are different. */
  readonly values: number;
  /** In percent of all updates. */
  readonly deletes: number;
  readonly forced?: number;
}

interface ModelRecord {
  readonly key: string;
  readonly value: number | null;
  readonly amount: number;
  readonly stamp: number;
  readonly session: number;
  readonly prev: Timestamp;
  readonly isForced: boolean;
}

interface Session {
  readonly number: number;
  known: Timestamp;
  stamp: number;
  open: number;
}

/** A request under way: it takes effect at once or when it ends. */
interface Open {
  readonly operation: Writable<HistoryOperation>;
  readonly session: Session;
  readonly execute: () => HistoryOutcome;
  readonly told: () => void;
  outcome: HistoryOutcome | null;
}

const merge = (one: Timestamp, other: Timestamp): Timestamp =>
  one.map((count, origin) => Math.max(count, other[origin] ?? 0));

class ModelReplica {
  applied: number[];
  latest = 0;
  readonly entries = new Map<string, ModelRecord>();
  readonly forced = new Map<string, number | null>();
  readonly counts = new Map<string, number>();

  constructor(replicas: number) {
    this.applied = Array.from({ length: replicas }, () => 0);
  }

  /** Applies all that a timestamp covers, and what that depends on. */
  cover(timestamp: Timestamp, logs: readonly (readonly ModelRecord[])[]): void {
    const targets = [timestamp];
    for (let target = targets.pop(); target !== undefined; target = targets.pop()) {
      target.forEach((count, origin) => {
        for (let i = this.applied[origin] ?? 0; i < count; i++) {
          const record = logs[origin]?.[i];
          if (record === undefined) throw new Error('a timestamp covers what is in no log');
          targets.push(record.prev);
          this.#apply(record);
        }
        this.applied[origin] = Math.max(this.applied[origin] ?? 0, count);
      });
    }
  }

  #apply(record: ModelRecord): void {
    if (record.isForced) {
      this.forced.set(record.key, record.value);
      return;
    }
    this.latest = Math.max(this.latest, record.stamp);
    if (record.amount > 0) {
      this.counts.set(record.key, (this.counts.get(record.key) ?? 0) + record.amount);
      return;
    }
    const before = this.entries.get(record.key);
    const isLater =
      before === undefined ||
      record.stamp > before.stamp ||
      (record.stamp === before.stamp && record.session > before.session);
    if (isLater) this.entries.set(record.key, record);
  }
}

export function modelHistory(options: ModelOptions): History {
  return new Model(options).run();
}

class Model {
  readonly #options: ModelOptions;
  readonly #random: SeededRandom;
  readonly #logs: ModelRecord[][];
  readonly #replicas: ModelReplica[];
  readonly #operations: Writable<HistoryOperation>[] = [];
  readonly #open: Open[] = [];
  readonly #sessions: Session[];
  #copied: Timestamp;
  #lasting: Timestamp;
  #place = 0;
  #value = 0;
  #adds = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    // The last one is the log of forced updates.
    const zero = Array.from({ length: options.replicas + 1 }, () => 0);
    this.#logs = zero.map(() => []);
    this.#replicas = Array.from(
      { length: options.replicas },
      () => new ModelReplica(options.replicas + 1),
    );
    this.#copied = zero;
    this.#lasting = zero;
    this.#sessions = Array.from({ length: options.sessions }, (_, number) => ({
      number,
      known: zero,
      stamp: 0,
      open: 0,
    }));
  }

  run(): History {
    const random = this.#random;
    while (this.#operations.length < this.#options.operations) {
      const session = random.pick(this.#sessions);
      if (session.open === 0 || (session.open === 1 && random.chance(1, 8))) {
        this.#begin(session, false);
      } else if (random.chance(3, 4)) this.#end(random.below(this.#open.length));
      else this.#gossip();
    }
    while (this.#open.length > 0) this.#end(0);
    for (const session of this.#sessions) {
      this.#begin(session, true);
      this.#end(0);
    }
    return { service: 'kv', leastCopies: 1, operations: this.#operations, finalHashes: {} };
  }

  #gossip(): void {
    this.#random.pick(this.#replicas).cover(this.#random.pick(this.#replicas).applied, this.#logs);
  }

  #begin(session: Session, isFinal: boolean): void {
    const isUpdate = !isFinal && this.#random.chance(1, 2);
    const frontEnd = `fe-${this.#random.below(2)}`;
    const operation: Writable<HistoryOperation> = {
      session: `s${session.number}`,
      user: '',
      kind: isUpdate ? 'update' : 'query',
      operation: '',
      args: {},
      sentTo: frontEnd,
      answeredBy: frontEnd,
      called: this.#place++,
      returned: null,
      calledMs: this.#place,
      returnedMs: null,
      outcome: { kind: 'unknown', code: 'TIMEOUT', message: '' },
      final: isFinal,
    };
    this.#operations.push(operation);
    const actions = isUpdate ? this.#update(session, operation) : this.#query(session, operation);
    const open: Open = { operation, session, ...actions, outcome: null };
    if (this.#random.chance(1, 2)) open.outcome = open.execute();
    session.open++;
    this.#open.push(open);
  }

  #end(index: number): void {
    const [open] = this.#open.splice(index, 1);
    if (open === undefined) return;
    const { operation, session } = open;
    session.open--;
    const isLost = operation.kind === 'update' && this.#random.chance(1, 10);
    // What is lost may take effect now, long after, or never.
    if (isLost && this.#random.chance(1, 2)) return;
    const outcome = open.outcome ?? open.execute();
    if (isLost && this.#random.chance(1, 2)) return;
    operation.returned = this.#place++;
    operation.returnedMs = operation.returned;
    if (isLost) return;
    operation.outcome = outcome;
    open.told();
  }

  #update(session: Session, operation: Writable<HistoryOperation>): Pick<Open, 'execute' | 'told'> {
    const random = this.#random;
    const { known } = session;
    session.stamp++;
    const { stamp } = session;
    const isForced = random.below(100) < (this.#options.forced ?? 0);
    const isAdd = !isForced && random.chance(1, 4);
    const isDelete = !isForced && !isAdd && random.below(100) < this.#options.deletes;
    let key = `k${random.below(this.#options.keys)}`;
    let value: number | null = null;
    let amount = 0;
    if (isAdd) {
      key = `c${Math.floor(this.#adds / 26)}`;
      amount = 4 ** (this.#adds++ % 26);
      operation.args = { key, amount };
    } else if (isDelete) operation.args = { key };
    else {
      value = this.#options.values > 0 ? random.below(this.#options.values) : this.#value++;
      operation.args = { key, value };
    }
    operation.operation = isForced ? 'put' : isAdd ? 'add' : isDelete ? 'delete' : 'set';
    if (random.chance(1, 20)) {
      const outcome = { kind: 'failed', code: 'REFUSED', message: '' } as const;
      return { execute: () => outcome, told: () => undefined };
    }
    const executor = random.below(this.#replicas.length);
    const origin = isForced ? this.#replicas.length : executor;
    const copies = isForced ? 2 : 1 + random.below(2);
    let timestamp = known;
    const execute = (): HistoryOutcome => {
      const replica = this.#replicas[executor];
      const log = this.#logs[origin];
      if (replica === undefined || log === undefined) throw new Error('no such replica');
      replica.cover(known, this.#logs);
      log.push({ key, value, amount, stamp, session: session.number, prev: known, isForced });
      timestamp = known.map((count, at) => (at === origin ? log.length : count));
      replica.cover(timestamp, this.#logs);
      if (isForced) return { kind: 'updated', copies, result: null, order: log.length };
      return { kind: 'updated', copies };
    };
    const told = (): void => {
      session.known = merge(session.known, timestamp);
      this.#lasting = merge(this.#lasting, timestamp);
      if (copies === 2) this.#copied = merge(this.#copied, timestamp);
    };
    return { execute, told };
  }

  #query(session: Session, operation: Writable<HistoryOperation>): Pick<Open, 'execute' | 'told'> {
    const random = this.#random;
    const { known } = session;
    const isFresh = random.chance(1, 3);
    const least = operation.final ? this.#lasting : isFresh ? this.#copied : known;
    const replica = random.pick(this.#replicas);
    const answer = this.#drawQuery(operation);
    let timestamp = known;
    let latest = 0;
    const execute = (): HistoryOutcome => {
      replica.cover(merge(known, least), this.#logs);
      timestamp = [...replica.applied];
      ({ latest } = replica);
      const guarantee = isFresh && !operation.final ? 'fresh' : 'causal';
      const order = replica.applied.at(-1) ?? 0;
      return { kind: 'answered', value: answer(replica), guarantee, order };
    };
    const told = (): void => {
      session.known = merge(session.known, timestamp);
      session.stamp = Math.max(session.stamp, latest);
    };
    return { execute, told };
  }

  #drawQuery(operation: Writable<HistoryOperation>): (replica: ModelReplica) => unknown {
    const kind = this.#random.below(8);
    if (kind === 0) {
      operation.operation = 'scan';
      const prefix = 'k';
      const limit = 1 + this.#random.below(1000);
      operation.args = { prefix, limit };
      return ({ entries }) =>
        [...entries]
          .filter(([, record]) => record.value !== null)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .slice(0, limit)
          .map(([key, record]) => ({ key, value: record.value }));
    }
    if (kind <= 2) {
      operation.operation = 'count';
      const key = `c${this.#random.below(Math.ceil(this.#adds / 26) || 1)}`;
      operation.args = { key };
      return ({ counts }) => counts.get(key) ?? 0;
    }
    operation.operation = this.#random.below(100) < (this.#options.forced ?? 0) ? 'forced' : 'get';
    const isForced = operation.operation === 'forced';
    const key = `k${this.#random.below(this.#options.keys)}`;
    operation.args = { key };
    return ({ entries, forced }) => (isForced ? forced.get(key) : entries.get(key)?.value) ?? null;
  }
}
