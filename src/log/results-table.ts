/**
 * What forced operations came to, by update id (PROTOCOL B, "Executed table for forced ids"). It is a
 * function of the forced log alone, and part of the state: the same at every replica after the same
 * entry. No clock is read: what has expired is told by the stamps of the entries themselves.
 */

import type { SessionId } from '../base/ids.js';
import { laterStamp, type Stamp, ZERO_STAMP } from '../timestamp/stamp.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { type Interval, Intervals } from './executed-table.js';
import type { ForcedEntry } from './forced-log.js';
import type { UpdateId } from './record.js';

/** What executing an operation came to: its value, or a refusal at its place in the order. */
export type ForcedResult =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly message: string };

/** What is answered for an id: its result, or why there is none any more. */
export type ForcedOutcome =
  | ForcedResult
  /** Executed; its client had been answered, and the result was freed since. */
  | { readonly kind: 'repeated' }
  /** Too old to know: never executed, or executed longer ago than results are kept. */
  | { readonly kind: 'expired' };

export interface ForcedAnswer {
  readonly outcome: ForcedOutcome;
  /** The place of the operation: its `prev` with its entry of the order. */
  readonly timestamp: VectorTimestamp;
}

interface KeptResult extends ForcedAnswer {
  readonly digest: string;
}

interface Session {
  latest: Stamp;
  executed: Intervals;
  /** Those the client has not said to have. */
  readonly results: Map<number, KeptResult>;
}

export type KeptSession = readonly [
  session: SessionId,
  latest: Stamp,
  executed: readonly Interval[],
  results: readonly (readonly [
    n: number,
    digest: string,
    outcome: ForcedOutcome,
    timestamp: VectorTimestamp,
  ])[],
];

export interface KeptResults {
  readonly latest: Stamp;
  readonly sessions: readonly KeptSession[];
}

/** Sessions are looked through for expired ones once in so many executions. */
const SWEEP_EVERY = 4096;

export class ResultsTable {
  readonly #ttlMs: number;
  readonly #sessions = new Map<SessionId, Session>();
  /** The greatest stamp of all entries executed. */
  #latest: Stamp;
  #untilSweep = SWEEP_EVERY;

  /** `ttlMs`: how long results are kept, in time of the stamps. */
  constructor(ttlMs: number, kept: KeptResults = { latest: ZERO_STAMP, sessions: [] }) {
    this.#ttlMs = ttlMs;
    this.#latest = kept.latest;
    for (const [session, latest, executed, results] of kept.sessions) {
      this.#sessions.set(session, {
        latest,
        executed: new Intervals(executed),
        results: new Map(
          results.map(([n, digest, outcome, timestamp]) => [n, { digest, outcome, timestamp }]),
        ),
      });
    }
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Whether an update of this stamp is older than what is remembered. */
  isExpired({ physicalMs }: Stamp): boolean {
    return physicalMs < this.#latest.physicalMs - this.#ttlMs;
  }

  /** What an id came to; undefined when it was not executed, as far as is remembered. */
  find({
    session,
    n,
  }: Pick<UpdateId, 'session' | 'n'>): (ForcedAnswer & { digest: string | null }) | undefined {
    const found = this.#sessions.get(session);
    // Expired ones count as gone whether or not they have been swept: all replicas answer alike.
    if (found === undefined || this.isExpired(found.latest)) return undefined;
    if (!found.executed.has(n)) return undefined;
    const kept = found.results.get(n);
    if (kept !== undefined) return kept;
    return { outcome: { kind: 'repeated' }, timestamp: VectorTimestamp.zero, digest: null };
  }

  /** Notes what an entry came to, and frees what its session no longer needs. */
  add(entry: Extract<ForcedEntry, { kind: 'update' }>, answer: ForcedAnswer): void {
    const { session: id, n, stamp, digest } = entry.body;
    if (answer.outcome.kind !== 'expired') {
      let session = this.#sessions.get(id);
      if (session === undefined || this.isExpired(session.latest)) {
        session = { latest: stamp, executed: new Intervals(), results: new Map() };
        this.#sessions.set(id, session);
      }
      session.latest = laterStamp(session.latest, stamp);
      session.executed.add(n);
      session.results.set(n, { ...answer, digest });
      for (const older of session.results.keys()) {
        if (older <= entry.answered) session.results.delete(older);
      }
    }
    this.#latest = laterStamp(this.#latest, stamp);
    this.#untilSweep--;
    if (this.#untilSweep <= 0) this.#sweep();
  }

  /** A copy, for a snapshot. */
  kept(): KeptResults {
    return {
      latest: this.#latest,
      sessions: [...this.#sessions].map(([session, { latest, executed, results }]) => [
        session,
        latest,
        executed.entries(),
        [...results].map(([n, { digest, outcome, timestamp }]) => [n, digest, outcome, timestamp]),
      ]),
    };
  }

  #sweep(): void {
    this.#untilSweep = SWEEP_EVERY;
    for (const [id, { latest }] of this.#sessions) {
      if (this.isExpired(latest)) this.#sessions.delete(id);
    }
  }
}
