/**
 * What happens in a run: clients at work while faults strike, then everything is mended and must come to
 * rest and agree, then all that was written is read once more, and what clients saw is judged.
 */

import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../src/base/random.js';
import type { History } from '../src/check/history.js';
import { serviceByName } from '../src/service/registry.js';
import { HistoryRecorder } from '../src/sim/recorder.js';
import { WORKLOADS } from '../src/sim/workloads/all.js';
import type { Play } from '../src/sim/workloads/workload.js';
import type { ChaosCluster } from './cluster.js';
import { FAULT_KINDS } from './faults.js';
import { type ChaosFigures, forcedFigures, requestFigures, spreadOf } from './figures.js';
import { namedFrontends } from './history.js';
import { judge, type Verdict } from './judge.js';
import { Nemesis } from './nemesis.js';
import { untilAtRest } from './observer.js';
import type { ChaosOptions } from './options.js';
import { requestsPerSecond, thinkMs } from './pace.js';
import { ChaosPlayer } from './player.js';
import { clock, type ProgressLine } from './progress.js';
import { QuietRequests } from './quiet-requests.js';
import { RestartBudget } from './restart-budget.js';
import { CHAOS_SERVICES } from './services.js';
import type { Story } from './story.js';
import { Watcher } from './watcher.js';

export interface CampaignInit {
  readonly options: ChaosOptions;
  readonly cluster: ChaosCluster;
  readonly story: Story;
  readonly progress: ProgressLine;
  /** Told in words what must not be. */
  readonly onProblem: (problem: string) => void;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

export interface ChaosResult extends Verdict {
  readonly figures: ChaosFigures;
  readonly history: History;
}

const RESTARTS_PER_MINUTE = 10;

/** Deadlines of requests are drawn up to this, ms. */
const TIMEOUT_MS = 8000;

/** Without faults all is quiet and equal within this long, ms. */
const REST_MS = 60_000;

/** A run goes on for so much longer until every kind of fault has struck, ms. */
const OVERTIME_MS = 90_000;

/** How often it is looked whether the run is over, ms. */
const LOOK_EVERY_MS = 100;

export class Campaign {
  readonly #init: CampaignInit;
  readonly #cluster: ChaosCluster;
  readonly #recorder: HistoryRecorder;
  readonly #plays: readonly Play[];
  readonly #players: readonly ChaosPlayer[];
  readonly #nemesis: Nemesis;
  readonly #watcher: Watcher;
  readonly #quiet: QuietRequests;
  /** Faults and clients stop when it is over. */
  readonly #over = new AbortController();
  #work: Promise<unknown> = Promise.resolve();
  #beganMs = performance.now();
  #convergenceMs: number | null = null;
  #hashes: Readonly<Record<string, string>> = {};
  #lastView = 0;

  constructor(init: CampaignInit) {
    const { options, cluster, story } = init;
    const { seed, service, clients, faults } = options;
    const random = new SeededRandom(seed);
    this.#init = init;
    this.#cluster = cluster;
    this.#recorder = new HistoryRecorder(service, () => performance.now());
    const workloads = WORKLOADS.filter((workload) => workload.service === service);
    this.#plays = workloads.map((workload) => workload.begin(random.child(workload.name)));
    // Everybody waits for this signal, many times over.
    setMaxListeners(0, this.#over.signal);
    const isOver = (): boolean => this.#over.signal.aborted;
    const pause = (ms: number): Promise<void> => this.#pause(ms);
    const maySeeLosses = (): boolean => this.#nemesis.hasLostDisks;
    this.#players = Array.from({ length: clients }, (_, index) => {
      const number = index + 1;
      return new ChaosPlayer({
        ...{ cluster, number, isOver, pause, maySeeLosses },
        recorder: this.#recorder,
        random: random.child(`player-${number}`),
        steps: this.#plays.flatMap((play) => play.steps),
        timeoutMs: TIMEOUT_MS,
        thinkMs: thinkMs(options),
      });
    });
    this.#watcher = new Watcher(cluster.directUrls);
    this.#nemesis = new Nemesis({
      ...{ cluster, isOver, pause },
      random: random.child('nemesis'),
      players: this.#players,
      faults: FAULT_KINDS.filter(({ name }) => faults.includes(name)),
      watcher: this.#watcher,
      budget: new RestartBudget(RESTARTS_PER_MINUTE, () => performance.now()),
      note: (what) => story.note(what),
    });
    this.#quiet = new QuietRequests({
      service: CHAOS_SERVICES[service],
      plays: this.#plays,
      players: this.#players,
      recorder: this.#recorder,
      onProblem: init.onProblem,
    });
  }

  async play(): Promise<void> {
    for (const part of this.#cluster.parts) part.start();
    await this.#rest('after the start');
    await this.#quiet.readAtFirst();
    this.#watcher.start();
    this.#beganMs = performance.now();
    const load = this.#players.map((player) => player.play());
    const work = [...load, this.#nemesis.strikeUntilOver(), this.#keepTime()];
    this.#work = Promise.allSettled(work);
    await Promise.all(work);
    this.#init.story.note('all is mended');
    this.#convergenceMs = await this.#rest('after all faults');
    await this.#quiet.serveEverybody(this.#nemesis);
    await this.#rest('after everybody was served');
    await this.#quiet.readEverything();
    await this.#watcher.stop();
    await this.#cluster.end();
  }

  /** Resolves when nobody works any more: neither clients nor faults. */
  async stop(): Promise<void> {
    this.#over.abort();
    // After an early end nobody waits for what is under way.
    for (const player of this.#players) player.vanish();
    await this.#work;
    await this.#watcher.stop();
  }

  result(problems: readonly string[]): ChaosResult {
    const { options } = this.#init;
    const leastCopies = this.#nemesis.hasLostDisks ? 2 : 1;
    const history = namedFrontends(
      this.#recorder.history({ leastCopies, finalHashes: this.#hashes }),
      this.#cluster.frontendNames(),
    );
    const service = serviceByName(options.service);
    const isForced = (operation: string): boolean => service.orderingOf(operation) === 'forced';
    const figures: ChaosFigures = {
      seconds: (performance.now() - this.#beganMs) / 1000,
      ...requestFigures(history.operations),
      forced: forcedFigures(history.operations, isForced),
      lastView: this.#lastView,
      strikes: this.#nemesis.strikes,
      abandoned: this.#players.reduce((sum, { abandoned }) => sum + abandoned, 0),
      restarts: this.#cluster.parts.reduce((sum, { restarts }) => sum + restarts, 0),
      recoveries: spreadOf(this.#watcher.recoveriesMs),
      convergenceMs: this.#convergenceMs,
    };
    const verdict = judge({
      ...{ history, figures, problems },
      frontends: options.frontends,
      travelled: this.#recorder.progress.travelled,
      timeoutMs: TIMEOUT_MS,
      hasForced: CHAOS_SERVICES[options.service].forcedUpdate !== null,
      requestsPerSecond: requestsPerSecond(options),
    });
    return { ...verdict, figures, history };
  }

  /** Ends the run when its time has come, and tells how far it is. */
  async #keepTime(): Promise<void> {
    const { options, progress, signal } = this.#init;
    const endMs = this.#beganMs + options.minutes * 60_000;
    for (;;) {
      signal.throwIfAborted();
      const nowMs = performance.now();
      if (nowMs >= endMs + (this.#nemesis.missing.length > 0 ? OVERTIME_MS : 0)) break;
      progress.offer(() => this.#progress(nowMs - this.#beganMs));
      await sleep(LOOK_EVERY_MS);
    }
    this.#over.abort();
  }

  #progress(tookMs: number): string {
    const { acknowledged, answered } = this.#recorder.progress;
    const requests = this.#recorder.operations.length;
    const strikes = [...this.#nemesis.strikes.values()].reduce((sum, count) => sum + count, 0);
    const away = this.#cluster.parts.flatMap(({ name, pid, isFrozen }) => {
      if (pid === null) return [`${name} down`];
      return isFrozen ? [`${name} frozen`] : [];
    });
    return (
      `${clock(tookMs)} of ${clock(this.#init.options.minutes * 60_000)}: ${requests} requests, ` +
      `${acknowledged} updates and ${answered} queries done, ${strikes} faults` +
      (away.length === 0 ? '' : `; ${away.join(', ')}`)
    );
  }

  /** Waits until all replicas agree; answers how long that took, ms. Rejects when they do not. */
  async #rest(when: string): Promise<number> {
    const { directUrls } = this.#cluster;
    const { signal } = this.#init;
    const { trouble, tookMs, hashes, lastView } = await untilAtRest(directUrls, REST_MS, signal);
    this.#hashes = hashes;
    this.#lastView = lastView;
    if (trouble === null) return tookMs;
    const problem = `no rest ${when}, not in ${REST_MS} ms: ${trouble}`;
    this.#init.onProblem(problem);
    throw new Error(problem);
  }

  async #pause(ms: number): Promise<void> {
    // It rejects when it is cut short, for no other reason.
    await sleep(ms, undefined, { signal: this.#over.signal }).catch(() => {});
  }
}
