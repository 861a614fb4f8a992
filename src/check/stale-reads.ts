/**
 * Tells which promise each read that is too old breaks: the history is walked again with fewer promises,
 * and a read counts for the weakest set of promises that it breaks. One finding an answer and promise.
 */

import type { Explainer } from './explain.js';
import type { Finding } from './finding.js';
import type { History } from './history.js';
import type { BrokenSum } from './lines.js';
import type { Meaning } from './meaning.js';
import {
  ALL_PROMISES,
  type BrokenRead,
  type Layer,
  type Sweep,
  type SourcedReads,
  sweep,
} from './sweep.js';

/** Telling the promises of causality apart costs a search each. */
const TOLD_APART_MAX = 200;

const CAUSAL: Layer = { fresh: false, final: false };
const FRESH: Layer = { fresh: true, final: false };

export function staleReads(
  history: History,
  meaning: Meaning,
  reads: SourcedReads,
  everything: Sweep,
  explainer: Explainer,
): readonly Finding[] {
  const layers = [
    { layer: CAUSAL, promise: null, found: sweep(history, meaning, reads, CAUSAL) },
    { layer: FRESH, promise: 'fresh', found: sweep(history, meaning, reads, FRESH) },
    { layer: ALL_PROMISES, promise: 'durability', found: everything },
  ];
  const findings: Finding[] = [];
  const known = new Set<string>();
  let toldApart = 0;
  for (const { layer, promise, found } of layers) {
    for (const [first, others] of byAnswer(found.brokenReads, known)) {
      const name =
        promise ??
        (toldApart++ < TOLD_APART_MAX
          ? explainer.causalPromise(first, layer)
          : 'causality, not told apart');
      findings.push({
        promise: name,
        tell: () => explainer.brokenRead(name, first, layer, others),
      });
    }
    for (const broken of found.brokenSums) {
      const key = `${broken.read.operation} sum`;
      if (known.has(key)) continue;
      known.add(key);
      const name = sumPromise(broken, promise);
      findings.push({ promise: name, tell: () => explainer.brokenSum(name, broken) });
    }
  }
  return findings;
}

const sumPromise = ({ read, most }: BrokenSum, promise: string | null): string =>
  read.total > most ? 'exactly once' : (promise ?? 'causality');

/** Of each answer, the first read that no weaker set of promises found, and how many more there are. */
function byAnswer(
  brokenReads: readonly BrokenRead[],
  known: Set<string>,
): Iterable<readonly [BrokenRead, number]> {
  const answers = new Map<number, [BrokenRead, number]>();
  for (const broken of brokenReads) {
    const { operation, register } = broken.read;
    const key = `${operation} ${register}`;
    if (known.has(key)) continue;
    known.add(key);
    const answer = answers.get(operation);
    if (answer === undefined) answers.set(operation, [broken, 0]);
    else answer[1]++;
  }
  return answers.values();
}
