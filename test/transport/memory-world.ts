/** A network in memory, and the passing of its time, for the tests of it. */

import { SeededRandom } from '../../src/base/random.js';
import type { Connection } from '../../src/ports/transport.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import { MemoryNetwork, type MemoryNetworkInit } from '../../src/transport/memory-transport.js';
import { turn } from './support.js';

/** A network whose time a test moves. */
export class MemoryWorld {
  readonly scheduler = new VirtualScheduler();
  readonly network: MemoryNetwork;

  constructor(init: MemoryNetworkInit = {}, seed = 7) {
    this.network = new MemoryNetwork(
      { scheduler: this.scheduler, random: new SeededRandom(seed) },
      init,
    );
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    await turn();
    while (!condition()) {
      if (!this.scheduler.runNext()) throw new Error(`nothing more happens, but not: ${what}`);
      await turn();
    }
  }

  /** Dials, and lets time pass until the connection is there. */
  async settledDial(from: string, address: string): Promise<Connection> {
    let dialled: Connection | undefined;
    void this.network
      .transport(from)
      .dial(address)
      .then((connection) => {
        dialled = connection;
      });
    await this.until(() => dialled !== undefined, `${from} is connected`);
    if (dialled === undefined) throw new Error('waited for it above');
    return dialled;
  }

  async passMs(durationMs: number): Promise<void> {
    const untilMs = this.scheduler.monotonicMs() + durationMs;
    await turn();
    for (;;) {
      const dueMs = this.scheduler.nextDueMs();
      if (dueMs === null || dueMs > untilMs) break;
      this.scheduler.runNext();
      await turn();
    }
    this.scheduler.runUntil(untilMs);
  }
}
