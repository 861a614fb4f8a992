/** One of several threads that play seeds: it is told a seed, plays it, tells the result, and so on. */

import { parentPort } from 'node:worker_threads';
import { makeComponents } from './components.js';
import { playSeed } from './play.js';
import { resultOf } from './summary.js';

const components = await makeComponents();

parentPort?.on('message', (seed: number) => {
  void playSeed(seed, components, { trace: false }).then((report) => {
    parentPort?.postMessage(resultOf(report));
  });
});
