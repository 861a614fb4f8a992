/**
 * Counts of latencies in buckets that grow by 1 %: a percentile is at most half a per cent off, adding
 * one costs a few nanoseconds, and the counts of several processes add up to those of all.
 */

/** What of a histogram travels between processes: counts by bucket. */
export type LatencyCounts = readonly number[];

const LOG_GROWTH = Math.log(1.01);

/** The lower end: everything below counts as this. */
const LEAST_MS = 0.001;

export class Latencies {
  readonly #counts: number[] = [];
  #total = 0;

  get counts(): LatencyCounts {
    return this.#counts;
  }

  get total(): number {
    return this.#total;
  }

  add(latencyMs: number): void {
    this.#put(Math.round(Math.log(Math.max(latencyMs, LEAST_MS) / LEAST_MS) / LOG_GROWTH), 1);
  }

  merge(counts: LatencyCounts): void {
    for (const [bucket, count] of counts.entries()) this.#put(bucket, count);
  }

  /** The latency that `fraction` (0 to 1) of all do not exceed, ms; 0 when there are none. */
  percentile(fraction: number): number {
    const rank = Math.max(1, Math.ceil(this.#total * fraction));
    let below = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      below += count;
      if (below >= rank) return LEAST_MS * Math.exp(bucket * LOG_GROWTH);
    }
    return 0;
  }

  #put(bucket: number, count: number): void {
    while (this.#counts.length <= bucket) this.#counts.push(0);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
    this.#total += count;
  }
}
