/** One run from its empty folder to its result: whatever happens, no process is left. */

import { join } from 'node:path';
import { Campaign, type ChaosResult } from './campaign.js';
import { ChaosCluster } from './cluster.js';
import { writeInitialData } from './initial-data.js';
import type { ChaosOptions } from './options.js';
import { OutsideServer } from './outside-server.js';
import type { ProgressLine } from './progress.js';
import { CHAOS_SERVICES } from './services.js';
import { Story } from './story.js';

export interface ChaosInit {
  readonly options: ChaosOptions;
  /** An empty folder for data, logs, the story and, when something was wrong, the history. */
  readonly folder: string;
  readonly progress: ProgressLine;
  /** Ends the run early. */
  readonly signal: AbortSignal;
}

/**
 * Never throws for what goes wrong in the cluster: that is in the result. Rejects with the signal's
 * reason when it was ended early.
 */
export async function runChaos(init: ChaosInit): Promise<ChaosResult> {
  const { options, folder, progress } = init;
  const { replicas, frontends, clients, service } = options;
  const story = new Story(join(folder, 'story.log'));
  const problems: string[] = [];
  const failure = new AbortController();
  const onProblem = (problem: string): void => {
    problems.push(problem);
    story.note(`PROBLEM ${problem}`);
    failure.abort(new Error('something was wrong'));
  };
  // What comes after something was wrong proves nothing more.
  const signal = AbortSignal.any([init.signal, failure.signal]);
  const { initial, outside } = CHAOS_SERVICES[service];
  const importFrom = initial === null ? null : join(folder, 'initial');
  if (initial !== null && importFrom !== null) writeInitialData(importFrom, initial);
  const outsideServer = outside === null ? null : await OutsideServer.listen(outside);
  const cluster = await ChaosCluster.open({
    ...{ replicas, frontends, clients, service, folder, importFrom, onProblem },
    frontendWords: outsideServer?.words ?? [],
    note: (what) => story.note(what),
  });
  const killNow = (): void => cluster.killNow();
  process.once('exit', killNow);
  const campaign = new Campaign({ options, cluster, story, progress, onProblem, signal });
  try {
    await campaign.play();
  } catch (error) {
    init.signal.throwIfAborted();
    if (!failure.signal.aborted) onProblem(`the run ended early: ${wordsOf(error)}`);
  } finally {
    progress.end();
    await campaign.stop();
    await cluster.close();
    await outsideServer?.close();
    process.removeListener('exit', killNow);
  }
  return campaign.result(problems);
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
