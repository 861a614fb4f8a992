/**
 * A session in a cluster whose members change: one update after the other, each at two replicas, with
 * retries elsewhere; and fresh reads as a front end makes them, checked against all that was acknowledged.
 */

import { assert } from '../../src/base/assert.js';
import type { Random } from '../../src/base/random.js';
import { collectionIn } from '../../src/log/membership.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { MembershipCluster } from './membership-cluster.js';

const RETRY_MS = 400;
/** Given up: it may execute or not. */
const PATIENCE_MS = 4000;

interface Current {
  readonly n: number;
  readonly operation: 'put' | 'take' | 'set';
  readonly stampMs: number;
  readonly requests: number[];
  readonly sinceMs: number;
  askedAtMs: number;
}

export class MembershipClient {
  readonly session: string;
  readonly #cluster: MembershipCluster;
  readonly #random: Random;
  prev = VectorTimestamp.zero;
  n = 0;
  answered = 0;
  isStopped = false;
  #current: Current | null = null;
  /** Share of forced updates, of ten. */
  readonly #forced: number;

  constructor(cluster: MembershipCluster, session: string, forced = 3) {
    this.session = session;
    this.#cluster = cluster;
    this.#random = cluster.random.child(session);
    this.#forced = forced;
    this.#act();
  }

  #act(): void {
    const { time } = this.#cluster;
    if (this.isStopped) return;
    this.#look();
    time.after(20 + this.#random.below(150), () => this.#act());
  }

  #look(): void {
    const { nowMs } = this.#cluster.time;
    const current = this.#current ?? this.#next();
    for (const requestId of current.requests) {
      const answer = this.#cluster.answerTo(requestId);
      if (answer?.kind !== 'acknowledged' && answer?.kind !== 'forced-answered') continue;
      this.prev = this.prev.merge(answer.timestamp);
      this.answered++;
      this.#current = null;
      return;
    }
    if (nowMs - current.sinceMs > PATIENCE_MS) {
      this.#current = null;
    } else if (nowMs - current.askedAtMs >= RETRY_MS) this.#ask(current);
  }

  #next(): Current {
    const random = this.#random;
    const isForced = random.below(10) < this.#forced;
    const { nowMs } = this.#cluster.time;
    this.#current = {
      n: ++this.n,
      operation: isForced ? random.pick(['put', 'take']) : 'set',
      stampMs: 1_700_000_000_000 + nowMs,
      requests: [],
      sinceMs: nowMs,
      askedAtMs: Number.NEGATIVE_INFINITY,
    };
    return this.#current;
  }

  #ask(current: Current): void {
    const { n, operation, stampMs } = current;
    current.askedAtMs = this.#cluster.time.nowMs;
    const places = this.#cluster.running.map(({ place }) => place);
    for (let count = 0; count < 2 && places.length > 0; count++) {
      const [place] = places.splice(this.#random.below(places.length), 1);
      if (place === undefined) continue;
      const init = { session: this.session, n, operation, stampMs, prev: this.prev };
      current.requests.push(this.#cluster.ask(place, init));
    }
  }
}

/** Asks all that run what they hold; answers whether a fresh read could be made of it. */
export function readFresh(cluster: MembershipCluster, onDone: (done: boolean) => void): void {
  const { oracle, time } = cluster;
  const acknowledged = [...oracle.durable.keys()];
  const asked = cluster.running.map(({ place }) => cluster.query(place, { timeoutMs: 1000 }));
  time.after(200, () => {
    for (const [epoch, configuration] of oracle.configurations) {
      const held = new Map<string, VectorTimestamp>();
      for (const requestId of asked) {
        for (const { from, answer } of cluster.answers.get(requestId) ?? []) {
          if (answer.kind !== 'answer' || answer.epoch !== epoch || !answer.counted) continue;
          held.set(from, answer.replicaTimestamp);
        }
      }
      const cut = epoch === 1 ? VectorTimestamp.zero : oracle.cutOf(epoch);
      if (cut === null || held.size < collectionIn(configuration)) continue;
      // Any R of them must do; these are the ones that hold least.
      for (const left of subsets([...held.keys()], collectionIn(configuration))) {
        const target = left.reduce((sum, id) => sum.merge(held.get(id) ?? sum), cut);
        for (const id of acknowledged) {
          assert(
            oracle.mayLose || oracle.isCovered(id, target),
            `I8: a fresh read under ${epoch} by ${left.join(' ')} misses ${id} (${oracle.recordsOf(id)}), acknowledged under ${oracle.durable.get(id)}`,
          );
        }
      }
      return onDone(true);
    }
    onDone(false);
  });
}

function subsets(of: readonly string[], size: number): string[][] {
  if (size === 0) return [[]];
  const [first, ...rest] = of;
  if (first === undefined) return [];
  return [...subsets(rest, size - 1).map((each) => [first, ...each]), ...subsets(rest, size)];
}
