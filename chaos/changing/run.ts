/** One run of a scenario: clients at work, the members change, then everything is read and judged. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../src/base/random.js';
import { checkHistory } from '../../src/check/check-history.js';
import type { History } from '../../src/check/history.js';
import { HistoryRecorder } from '../../src/sim/recorder.js';
import { WORKLOADS } from '../../src/sim/workloads/all.js';
import { requestFigures } from '../figures.js';
import { untilAtRest, untilMembers } from '../observer.js';
import { ChaosPlayer } from '../player.js';
import { QuietRequests } from '../quiet-requests.js';
import { CHAOS_SERVICES } from '../services.js';
import { Story } from '../story.js';
import { ChangingCluster } from './cluster.js';
import type { Scenario } from './scenarios.js';

const FRONTENDS = 2;
const CLIENTS = 4;

/** Deadlines of requests are drawn up to this, ms. */
const TIMEOUT_MS = 10_000;

/** Between two steps of a client, ms at most. */
const THINK_MS = 40;

/** After a change all is quiet and equal within this long, ms. */
const REST_MS = 60_000;

export interface ChangingOptions {
  readonly scenario: Scenario;
  readonly service: 'kv' | 'hungry';
  readonly seed: number;
  readonly minutes: number;
}

export interface ChangingResult {
  /** What must not be, in words; empty when all promises held. */
  readonly problems: readonly string[];
  readonly figures: ReturnType<typeof requestFigures>;
  /** How long each change took, ms. */
  readonly changes: readonly { readonly what: string; readonly ms: number }[];
  /** Identities that ended, by the directories that were put away. */
  readonly putAway: number;
  readonly history: History;
}

export async function runChanging(
  { scenario, service, seed, minutes }: ChangingOptions,
  folder: string,
  say: (line: string) => void,
): Promise<ChangingResult> {
  const story = new Story(join(folder, 'story.log'));
  const problems: string[] = [];
  const onProblem = (problem: string): void => {
    problems.push(problem);
    story.note(`PROBLEM ${problem}`);
  };
  const random = new SeededRandom(seed);
  const cluster = await ChangingCluster.open({
    ...{ service, folder, onProblem, frontends: FRONTENDS },
    note: (what) => story.note(what),
  });
  const killNow = (): void => cluster.killNow();
  process.once('exit', killNow);
  const recorder = new HistoryRecorder(service, () => performance.now());
  const plays = WORKLOADS.filter((workload) => workload.service === service).map((workload) =>
    workload.begin(random.child(workload.name)),
  );
  let isOver = false;
  const players = Array.from({ length: CLIENTS }, (_, index) => {
    const number = index + 1;
    return new ChaosPlayer({
      ...{ cluster, recorder, number, timeoutMs: TIMEOUT_MS, thinkMs: THINK_MS },
      random: random.child(`player-${number}`),
      steps: plays.flatMap((play) => play.steps),
      isOver: () => isOver,
      // Whoever saw what a lost disk took along is served all the same: such entries are settled.
      maySeeLosses: () => false,
      pause: (ms) => sleep(ms),
    });
  });
  const changes: { what: string; ms: number }[] = [];
  let hashes: Readonly<Record<string, string>> = {};
  const rest = async (when: string): Promise<void> => {
    const { signal } = new AbortController();
    const found = await untilAtRest(cluster.urls, REST_MS, signal);
    hashes = found.hashes;
    if (found.trouble !== null) throw new Error(`no rest ${when}: ${found.trouble}`);
  };
  const settled = async (when: string): Promise<void> => {
    const names = new Set(cluster.replicas.keys());
    const trouble = await untilMembers(cluster.urls, names, REST_MS);
    if (trouble !== null) throw new Error(`${when} the members are not settled: ${trouble}`);
  };
  let before = 0;
  try {
    for (const part of cluster.frontends) part.start();
    for (let number = 1; number <= scenario.replicas; number++) cluster.add(number).start();
    await settled('at the start');
    await rest('at the start');
    const kit = CHAOS_SERVICES[service];
    const quiet = new QuietRequests({ service: kit, plays, players, recorder, onProblem });
    await quiet.readAtFirst();
    before = recorder.operations.length;
    const load = players.map((player) => player.play());
    await scenario.play({
      ...{ cluster, random: random.child('scenario'), minutes, settled },
      note: (what) => story.note(what),
      took: (what, ms) => {
        changes.push({ what, ms });
        say(`${what}: ${Math.round(ms)} ms`);
      },
    });
    isOver = true;
    await Promise.all(load);
    await rest('at the end');
    await quiet.serveEverybody({ hasLostDisks: false });
    await rest('after everybody was served');
    await quiet.readEverything();
    await cluster.end();
  } catch (error) {
    onProblem(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    isOver = true;
    for (const player of players) player.vanish();
    await cluster.close();
    process.removeListener('exit', killNow);
  }
  const history = recorder.history({
    leastCopies: scenario.losesDisks ? 2 : 1,
    finalHashes: hashes,
  });
  const figures = requestFigures(history.operations.slice(before));
  const { violations } = checkHistory(history);
  problems.push(...violations.map(({ promise, words }) => `${promise}: ${words}`));
  if (scenario.isSmooth) problems.push(...roughness(history, before));
  if (figures.updated === 0 || figures.fresh === 0) problems.push('this run proves nothing');
  return { problems, figures, changes, putAway: cluster.putAway.length, history };
}

/** A client that asks for two copies of a single replica is told so. */
const IMPOSSIBLE = /there is only 1 replica/;

/** Requests that a client saw fail, where none may. A refusal is an answer. */
function roughness({ operations }: History, from: number): string[] {
  return operations.slice(from).flatMap(({ operation, session, outcome }) => {
    const isAnswer =
      outcome.kind === 'answered' ||
      outcome.kind === 'updated' ||
      (outcome.kind === 'failed' &&
        (outcome.code === 'REFUSED' || IMPOSSIBLE.test(outcome.message)));
    if (isAnswer) return [];
    const why = 'message' in outcome ? outcome.message : '';
    return [`${operation} of ${session} ${outcome.kind}: ${why}`];
  });
}
