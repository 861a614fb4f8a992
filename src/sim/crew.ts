/** Threads that play seeds side by side. Seeds are handed out in order, to whoever is free. */

import { Worker } from 'node:worker_threads';
import type { SeedResult } from './summary.js';

export interface CrewInit {
  readonly from: number;
  readonly seeds: number;
  readonly jobs: number;
  /** Called with each result as it comes; false hands out no more seeds. */
  readonly onResult: (result: SeedResult) => boolean;
}

/** Resolves when all seeds that were handed out have been played. Rejects when a thread breaks down. */
export async function playAll({ from, seeds, jobs, onResult }: CrewInit): Promise<void> {
  let next = from;
  let goesOn = true;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./worker-main.js', import.meta.url));
      let playing = 0;
      const handOut = (): void => {
        if (!goesOn || next >= from + seeds) {
          void worker.terminate().then(() => resolve());
          return;
        }
        playing = next++;
        worker.postMessage(playing);
      };
      worker.on('message', (result: SeedResult) => {
        if (!onResult(result)) goesOn = false;
        handOut();
      });
      worker.on('error', (cause: Error) => {
        goesOn = false;
        reject(new Error(`the thread that played seed ${playing} broke down`, { cause }));
      });
      handOut();
    });
  await Promise.all(Array.from({ length: Math.min(jobs, seeds) }, work));
}
