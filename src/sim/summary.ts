/** What came of many seeds: sums, greatest values, and the words that tell it. */

import type { PlayFigures, PlayReport } from './judge.js';

/** A seed that broke a promise, or proved nothing. */
export interface FailedSeed {
  readonly seed: number;
  readonly problems: readonly string[];
}

/** What is kept of one seed; it travels between processes. */
export interface SeedResult {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly figures: PlayFigures;
  readonly digest: string;
}

export const resultOf = ({ plan, problems, figures, digest }: PlayReport): SeedResult => ({
  seed: plan.seed,
  problems,
  figures,
  digest,
});

const SUMMED = [
  ...(['virtualMs', 'acknowledged', 'ordered', 'answered', 'fresh'] as const),
  ...(['failed', 'unknown', 'views'] as const),
] as const;
const GREATEST = ['longestMs', 'convergenceMs'] as const;

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

export class Summary {
  readonly figures: Writable<PlayFigures> & {
    membership: Record<string, number>;
    faults: Record<string, number>;
    frames: Record<string, number>;
  } = {
    virtualMs: 0,
    acknowledged: 0,
    ordered: 0,
    answered: 0,
    fresh: 0,
    failed: 0,
    unknown: 0,
    longestMs: 0,
    convergenceMs: 0,
    views: 0,
    membership: {},
    faults: {},
    frames: {},
  };
  readonly failed: FailedSeed[] = [];
  seeds = 0;

  add({ seed, problems, figures }: SeedResult): void {
    this.seeds++;
    if (problems.length > 0) this.failed.push({ seed, problems });
    for (const key of SUMMED) this.figures[key] += figures[key];
    for (const key of GREATEST) this.figures[key] = Math.max(this.figures[key], figures[key]);
    addAll(this.figures.membership, figures.membership);
    addAll(this.figures.faults, figures.faults);
    addAll(this.figures.frames, figures.frames);
  }

  /** For people, without an end of line. */
  text(): string {
    const { virtualMs, acknowledged, ordered, answered, fresh, failed, unknown } = this.figures;
    const { longestMs, convergenceMs, views } = this.figures;
    const hours = (virtualMs / 3_600_000).toFixed(2);
    return [
      `virtual time ${hours} h; longest request ${longestMs} ms, longest way to rest ${convergenceMs} ms, ${views} views`,
      `requests: ${acknowledged} updates (${ordered} forced), ${answered} queries (${fresh} fresh) done; ` +
        `${failed} failed, ${unknown} unknown`,
      `members: ${counts(this.figures.membership)}`,
      `faults: ${counts(this.figures.faults)}`,
      `frames: ${counts(this.figures.frames)}`,
    ].join('\n');
  }
}

function addAll(sums: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + count;
}

const counts = (figures: Readonly<Record<string, number>>): string =>
  Object.entries(figures)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
