/** What the tests of this folder share: virtual time that lets promises settle, and what was said. */

import type { OpenComponents } from '../../src/discovery/open.js';
import type { Say } from '../../src/discovery/trouble.js';
import { SeededRandom } from '../../src/base/random.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';

export class Surroundings {
  readonly scheduler = new VirtualScheduler();
  readonly random = new SeededRandom(7);
  /** `warn: …`, in order. */
  readonly said: string[] = [];
  readonly say: Say = (level, message) => void this.said.push(`${level}: ${message}`);

  /** What an adapter takes of it. */
  get components(): OpenComponents {
    const { scheduler, random, say } = this;
    return { scheduler, random, say };
  }

  /** Lets time pass, timer by timer, everything that follows from each included. */
  async passMs(durationMs: number): Promise<void> {
    const untilMs = this.scheduler.monotonicMs() + durationMs;
    for (;;) {
      await turn();
      const dueMs = this.scheduler.nextDueMs();
      if (dueMs === null || dueMs > untilMs) break;
      this.scheduler.runNext();
    }
    this.scheduler.runUntil(untilMs);
  }
}

/** All promises that can settle have. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
