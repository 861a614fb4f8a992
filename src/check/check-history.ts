/**
 * Checks what clients saw against what is promised to them (docs/testing.md says what each check can
 * find). A pure function: no time, no chance, the same history gives the same result.
 */

import { HearsayError } from '../base/errors.js';
import { findCircle } from './conflicts.js';
import { Explainer } from './explain.js';
import { type CheckFigures, figuresOf } from './figures.js';
import type { Finding } from './finding.js';
import { forcedOrder, placesOfReads } from './forced-order.js';
import type { ForcedResults, ForcedService } from './forced-service.js';
import type { History, Violation } from './history.js';
import { assertHistory } from './history-form.js';
import { hungryForced } from './hungry-forced.js';
import { hungryMeaning } from './hungry-meaning.js';
import { kvForced } from './kv-forced.js';
import { kvMeaning } from './kv-meaning.js';
import type { Meaning } from './meaning.js';
import { moviesMeaning } from './movies-meaning.js';
import { Paths } from './paths.js';
import { type ReadsFrom, readsFrom } from './reads-from.js';
import { staleReads } from './stale-reads.js';
import { ALL_PROMISES, sweep } from './sweep.js';

interface CheckedService {
  /** What causal operations mean. */
  readonly meaning: (history: History) => Meaning;
  readonly forced: ForcedService | null;
}

const SERVICES: Readonly<Record<string, CheckedService>> = {
  kv: { meaning: kvMeaning, forced: kvForced },
  movies: { meaning: moviesMeaning, forced: null },
  hungry: { meaning: hungryMeaning, forced: hungryForced },
};

/** So many violations are reported in words; `figures` counts all. */
const REPORTED_MAX = 20;

export interface CheckResult {
  /** The first of each promise, then others, 20 at most; empty when all promises were kept. */
  readonly violations: readonly Violation[];
  /** What could not be checked, and why. */
  readonly notes: readonly string[];
  readonly figures: CheckFigures;
}

/** Throws INVALID when a history has not the form of one, or its service is not known. */
export function checkHistory(history: History): CheckResult {
  assertHistory(history);
  const service = Object.hasOwn(SERVICES, history.service) && SERVICES[history.service];
  if (!service) {
    const known = Object.keys(SERVICES).join(', ');
    throw new HearsayError(
      'INVALID',
      `the checkers know the services ${known}, not ${history.service}`,
    );
  }
  const meaning = service.meaning(history);
  const reads = readsFrom(history, meaning);
  const forced = checkForced(history, service.forced, reads);
  const findings = [
    ...[...meaning.violations, ...reads.violations, ...convergence(history)].map(told),
    ...comparisons(history, meaning, reads),
    ...forced.findings,
  ];
  const counts: Record<string, number> = {};
  for (const { promise } of findings) counts[promise] = (counts[promise] ?? 0) + 1;
  return {
    violations: chosen(findings).map(({ tell }) => tell()),
    notes: [...meaning.notes, ...forced.notes],
    figures: figuresOf(history, meaning, reads, service.forced, counts),
  };
}

/** The one order, and whether results and answers agree with it. */
function checkForced(
  history: History,
  service: ForcedService | null,
  { readsOf }: ReadsFrom,
): ForcedResults {
  if (service === null) return { findings: [], notes: [] };
  const order = forcedOrder(history, service.updates);
  const { findings, notes } = service.check(history, order);
  const placed = placesOfReads(history, readsOf, order);
  return { findings: [...order.findings, ...placed, ...findings], notes };
}

const told = (violation: Violation): Finding => ({
  promise: violation.promise,
  tell: () => violation,
});

/** What follows from who knew of whom. */
function comparisons(history: History, meaning: Meaning, reads: ReadsFrom): readonly Finding[] {
  const everything = sweep(history, meaning, reads.readsOf, ALL_PROMISES);
  const circle = findCircle(everything);
  const { brokenReads, brokenSums } = everything;
  if (circle === undefined && brokenReads.length === 0 && brokenSums.length === 0) return [];
  const paths = new Paths(history, reads.readsOf, meaning.placed);
  const explainer = new Explainer(history, meaning, paths);
  const findings = staleReads(history, meaning, reads.readsOf, everything, explainer);
  return circle === undefined
    ? findings
    : [...findings, told(explainer.circle(circle, everything))];
}

function convergence({ finalHashes }: History): readonly Violation[] {
  const replicas = new Map<string, string[]>();
  for (const [name, hash] of Object.entries(finalHashes)) {
    replicas.set(hash, [...(replicas.get(hash) ?? []), name]);
  }
  if (replicas.size < 2) return [];
  const groups = [...replicas].map(([hash, names]) => `${names.join(', ')}: ${hash}`);
  const words = `replicas ended in ${replicas.size} different states: ${groups.join('; ')}`;
  return [{ promise: 'convergence', words, operations: [] }];
}

function chosen(findings: readonly Finding[]): readonly Finding[] {
  const promises = new Set<string>();
  const firsts: Finding[] = [];
  const others: Finding[] = [];
  for (const finding of findings) {
    (promises.has(finding.promise) ? others : firsts).push(finding);
    promises.add(finding.promise);
  }
  return [...firsts, ...others].slice(0, REPORTED_MAX);
}
