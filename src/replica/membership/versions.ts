/** A program takes part only in what it understands (PROTOCOL I). */

import type { Turn } from '../turn.js';

/** Ends a process that cannot run the cluster version in force: what it skipped would make it differ. */
export function haltWhenOutdated({ state, effects }: Turn): void {
  const { self, membership } = state;
  const { version } = membership.configuration;
  const [low, high] = self.versions;
  if (low <= version && version <= high) return;
  const message = `VERSION: the cluster of ${self.name} runs version ${version}, this program ${low} to ${high}; upgrade the older side`;
  effects.push({ kind: 'halt', message });
}
