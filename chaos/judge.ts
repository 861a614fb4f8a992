/** Judges a run: what clients saw, how processes fared, and whether the run proved anything. */

import { checkHistory } from '../src/check/check-history.js';
import type { History } from '../src/check/history.js';
import type { ChaosFigures } from './figures.js';

export interface JudgeInit {
  readonly history: History;
  readonly figures: ChaosFigures;
  /** Front ends that clients could use. */
  readonly frontends: number;
  /** Sessions that were answered by two front ends. */
  readonly travelled: number;
  /** Requests have deadlines up to this, ms. */
  readonly timeoutMs: number;
  /** The service has forced updates. */
  readonly hasForced: boolean;
  /** Requests that clients make where nothing holds them up. */
  readonly requestsPerSecond: number;
  /** What was wrong while it ran. */
  readonly problems: readonly string[];
}

export interface Verdict {
  /** What must not be, in words; empty when all promises held and the run proved something. */
  readonly problems: readonly string[];
  /** What could not be checked, and why. */
  readonly notes: readonly string[];
}

/** A request that has not ended so long after its deadline is forgotten, ms: this machine is busy. */
const LATE_MS = 5000;

/** Of the requests that clients would make without faults, below which nothing much was tried. */
const SUCCESSES_LEAST = 1 / 15;

export function judge(init: JudgeInit): Verdict {
  const { violations, notes } = checkHistory(init.history);
  const problems = [
    ...init.problems,
    ...violations.map(({ promise, words }) => `${promise}: ${words}`),
    ...lateness(init),
  ];
  // What a run failed to prove matters only when it found nothing.
  if (problems.length === 0) problems.push(...emptiness(init));
  return { problems, notes };
}

function lateness({ figures, timeoutMs }: JudgeInit): string[] {
  if (figures.longestEndMs <= timeoutMs + LATE_MS) return [];
  const waited = Number.isFinite(figures.longestEndMs)
    ? `ended after ${Math.round(figures.longestEndMs)} ms`
    : 'never ended';
  return [`a request ${waited}, with a deadline of ${timeoutMs} ms at most`];
}

/** Why a run without violation proves nothing. */
function emptiness(init: JudgeInit): string[] {
  const { figures, frontends, travelled, hasForced, requestsPerSecond } = init;
  const { strikes, updated, answered, fresh, forced, seconds } = figures;
  const least = Math.ceil(seconds * requestsPerSecond * SUCCESSES_LEAST);
  const idle = [...strikes].filter(([, count]) => count === 0);
  const reasons = [
    ...idle.map(([name]) => `the fault ${name} never struck`),
    ...(updated + answered < least ? [`only ${updated + answered} requests succeeded`] : []),
    ...(updated === 0 ? ['no update succeeded'] : []),
    ...(hasForced && forced.done === 0 ? ['no forced update succeeded'] : []),
    ...(fresh === 0 ? ['no fresh query succeeded'] : []),
    ...(frontends > 1 && travelled === 0 ? ['no session used two front ends'] : []),
  ];
  return reasons.map((reason) => `this run proves nothing: ${reason}`);
}
