/** Times functions by themselves, in this thread: no process, no socket, no disk. */

/** Something to time. */
export interface MicroCase {
  readonly name: string;
  /** What one operation is, for people: `message`, `update`. */
  readonly unit: string;
  /** Does some operations, and says how many. Long enough for the clock: 10 microseconds or more. */
  readonly round: () => number;
  /** What else there is to say, such as a size. */
  readonly note?: string;
}

export interface MicroResult extends Omit<MicroCase, 'round'> {
  readonly nanoseconds: number;
}

/** By then the compiler has done what it will do. */
const WARM_UP_MS = 400;
/** Each case is measured so many times; the median is told, for others may use the machine as well. */
const REPEATS = 5;
const REPEAT_MS = 150;

export function time({ name, unit, round, note }: MicroCase): MicroResult {
  repeat(round, WARM_UP_MS);
  const times = Array.from({ length: REPEATS }, () => repeat(round, REPEAT_MS));
  const nanoseconds = times.sort((a, b) => a - b)[REPEATS >> 1] ?? 0;
  return { name, unit, nanoseconds, ...(note === undefined ? {} : { note }) };
}

/** Nanoseconds an operation over a stretch of time. */
function repeat(round: () => number, lengthMs: number): number {
  const beganMs = performance.now();
  let operations = 0;
  let passedMs = 0;
  while (passedMs < lengthMs) {
    operations += round();
    passedMs = performance.now() - beganMs;
  }
  return (passedMs * 1e6) / operations;
}
