/** Scans that together show every key there may be: one `scan` has a limit. */

export interface KeyReads {
  /** Prefixes, each of no more keys than a scan shows. */
  readonly scans: readonly string[];
  /** Keys that are prefixes of too many others. */
  readonly gets: readonly string[];
}

/** Covers all of `keys`, none of which comes twice. */
export function readsOf(keys: readonly string[], mostInScan: number, prefix = ''): KeyReads {
  if (keys.length <= mostInScan) return { scans: keys.length === 0 ? [] : [prefix], gets: [] };
  const byNext = new Map<string, string[]>();
  const gets: string[] = [];
  for (const key of keys) {
    const next = key.charAt(prefix.length);
    if (next === '') gets.push(key);
    else {
      const some = byNext.get(next) ?? [];
      some.push(key);
      byNext.set(next, some);
    }
  }
  const parts = [...byNext].map(([next, some]) => readsOf(some, mostInScan, prefix + next));
  return {
    scans: parts.flatMap(({ scans }) => scans),
    gets: [...gets, ...parts.flatMap((part) => part.gets)],
  };
}
