/** What is asked while nothing is wrong, before the faults and after them: all of it must be answered. */

import type { HistoryRecorder } from '../src/sim/recorder.js';
import type { Play, Step } from '../src/sim/workloads/workload.js';
import type { ChaosPlayer } from './player.js';
import { readsOf } from './read-keys.js';
import type { ChaosService } from './services.js';

/** For each request, ms. */
const TIMEOUT_MS = 20_000;

/** The greatest limit that `scan` takes. */
const SCAN_MOST = 1000;

export interface QuietRequestsInit {
  readonly service: ChaosService;
  readonly plays: readonly Play[];
  /** None of them plays meanwhile. */
  readonly players: readonly ChaosPlayer[];
  readonly recorder: HistoryRecorder;
  /** Told in words of each request that was not answered. */
  readonly onProblem: (problem: string) => void;
}

export class QuietRequests {
  readonly #init: QuietRequestsInit;

  constructor(init: QuietRequestsInit) {
    this.#init = init;
  }

  /** What there is at the beginning: the checkers know no initial state. */
  async readAtFirst(): Promise<void> {
    const readers = this.#init.players.slice(0, 1);
    for (const { readAll } of this.#init.plays) await this.#expect(readAll, readers, 'same');
    for (const reader of readers) reader.vanish();
  }

  /**
   * Every session that there is works again, without hands; but where a disk was lost, one that saw
   * what was there only may wait for it. A new session works in any case.
   */
  async serveEverybody({ hasLostDisks }: { readonly hasLostDisks: boolean }): Promise<void> {
    const { players, service } = this.#init;
    const { query, forcedUpdate } = service;
    for (const step of forcedUpdate === null ? [query] : [query, forcedUpdate]) {
      if (hasLostDisks) await ask(step, players, 'same');
      else await this.#expect(step, players, 'same');
    }
    await this.#expect(forcedUpdate ?? query, players.slice(0, 1), 'new');
  }

  /** All that was written, as a new session sees it, and as everybody does where that makes a difference. */
  async readEverything(): Promise<void> {
    const { service, plays, players, recorder } = this.#init;
    recorder.markFinal();
    const readers = service.isPersonal ? players : players.slice(0, 1);
    for (const { readAll } of plays) await this.#expect(readAll, readers, 'new');
    if (service.hasKeys) await this.#expect(readEveryKey(recorder), readers, 'new');
  }

  /** Takes a step; whatever it asks for must be answered. */
  async #expect(
    step: Step,
    players: readonly ChaosPlayer[],
    session: 'same' | 'new',
  ): Promise<void> {
    const { recorder, onProblem } = this.#init;
    const before = recorder.operations.length;
    await ask(step, players, session);
    for (const request of recorder.operations.slice(before)) {
      const { operation, outcome } = request;
      if (outcome.kind === 'answered' || outcome.kind === 'updated') continue;
      // That a forced update is refused at its place is its answer.
      if (outcome.kind === 'failed' && outcome.order !== undefined) continue;
      const what = `${operation} of ${request.session} failed: ${outcome.message}`;
      onProblem(`while nothing was wrong ${what}`);
    }
  }
}

async function ask(
  step: Step,
  players: readonly ChaosPlayer[],
  session: 'same' | 'new',
): Promise<void> {
  await Promise.all(players.map((player) => player.takeStep(step, session, TIMEOUT_MS)));
}

const readEveryKey =
  ({ operations }: HistoryRecorder): Step =>
  async ({ caller, timeoutMs }) => {
    const keys = new Set<string>();
    for (const { operation, args } of operations) {
      if (operation === 'set' && typeof args['key'] === 'string') keys.add(args['key']);
    }
    const options = { consistency: 'fresh', timeoutMs } as const;
    const { scans, gets } = readsOf([...keys], SCAN_MOST);
    for (const prefix of scans) await caller.query('scan', { prefix, limit: SCAN_MOST }, options);
    for (const key of gets) await caller.query('get', { key }, options);
  };
