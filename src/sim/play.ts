/**
 * Plays one seed: clients at work under faults, then everything is mended and must come to rest, then
 * the checkers look at what clients saw. All of it is decided by the seed.
 */

import { type Random, SeededRandom } from '../base/random.js';
import type { HistoryOperation } from '../check/history.js';
import type { Client } from '../client/api.js';
import { canElect, converge, shrinks } from './liveness.js';
import { judge, type PlayReport } from './judge.js';
import { Nemesis } from './nemesis.js';
import { drawPlan, type Plan } from './plan.js';
import { SimulatedPlayer } from './players.js';
import { HistoryRecorder } from './recorder.js';
import type { Play, Step } from './workloads/workload.js';
import type { Outside } from '../service/contract.js';
import type { Service } from '../service/define.js';
import { World, type WorldComponents } from './world.js';

/** What a service needs to be simulated. */
export interface SimulatedService {
  readonly service: Service;
  /** What replicas begin with, as exported by the database. */
  readonly initialState: Uint8Array;
  /** What its lookups find. @default nothing */
  readonly outside?: Outside;
}

export interface PlayComponents extends WorldComponents {
  readonly services: Readonly<Record<Plan['service'], SimulatedService>>;
}

export interface PlayOptions {
  /** Keep what all processes trace: the story. */
  readonly trace: boolean;
}

/** A run goes on until so much has succeeded and every fault has struck, but at most so much longer. */
const ACKNOWLEDGED_AT_LEAST = 12;
const ANSWERED_AT_LEAST = 12;
const ORDERED_AT_LEAST = 6;
const OVERTIME_MS = 40_000;
/** Where members change: such faults take longer. */
const FOUNDED_OVERTIME_MS = 120_000;

/** A run that goes on for what it has not shown yet does so with fewer requests. */
const OVERTIME_THINKING = 10;

/** Stories begin at 00:00:00.000, on a day in November 2023 (UTC). */
const MIDNIGHT_MS = 1_699_920_000_000;

/** For each request when nothing is wrong any more, ms. */
const FINAL_TIMEOUT_MS = 10_000;

/** Steps that must succeed while all but one replica run. */
const STEPS_WITHOUT_ONE = 6;

/** Never throws for what goes wrong in the cluster: that is in the report. */
export function playSeed(
  seed: number,
  components: PlayComponents,
  options: PlayOptions,
): Promise<PlayReport> {
  return new Run(drawPlan(seed), components, options).play();
}

class Run {
  readonly #plan: Plan;
  readonly #world: World;
  readonly #random: Random;
  readonly #recorder: HistoryRecorder;
  readonly #plays: readonly Play[];
  readonly #steps: readonly Step[];
  readonly #problems: string[] = [];
  #players: readonly SimulatedPlayer[] = [];
  #nemesis: Nemesis | null = null;
  #convergenceMs = 0;
  #endMs = 0;

  constructor(plan: Plan, components: PlayComponents, { trace }: PlayOptions) {
    const { service, initialState, outside } = components.services[plan.service];
    const { seed, members, replicas, frontends, network, snapshotEvery } = plan;
    const { gossipIntervalMs, logLimit } = plan;
    const tuning = { gossipIntervalMs, ...(logLimit === null ? {} : { logLimit }) };
    this.#plan = plan;
    this.#world = new World(
      {
        ...{ seed, service, initialState, members, replicas, frontends },
        ...{ network, snapshotEvery, tuning, trace, wallStartMs: MIDNIGHT_MS },
        ...(outside === undefined ? {} : { outside }),
      },
      components,
    );
    this.#random = new SeededRandom(seed).child('play');
    this.#recorder = new HistoryRecorder(
      plan.service,
      () => this.#world.scheduler.monotonicMs(),
      trace ? (what, session) => this.#world.note(what, session) : null,
    );
    this.#plays = plan.workloads.map((workload) => workload.begin(this.#random));
    this.#steps = this.#plays.flatMap((play) => play.steps);
  }

  async play(): Promise<PlayReport> {
    const world = this.#world;
    try {
      await world.start();
      this.#takePlayers();
      // What there is at the beginning: the checkers know no initial state.
      await this.#readEverything();
      await this.#sufferFaults(await world.client());
      await world.until(this.#heal());
      this.#recorder.markFinal();
      if (!this.#mayBeStuck()) await this.#serveEverybody();
      this.#players[0]?.beginAnew();
      await this.#readEverything();
      await this.#readOwn();
    } catch (error) {
      this.#problems.push(`the run ended early: ${wordsOf(error)}`);
    }
    const report = judge({
      plan: this.#plan,
      world,
      recorder: this.#recorder,
      strikes: this.#nemesis?.strikes ?? new Map(),
      hasLostDisks: this.#nemesis?.hasLostDisks ?? false,
      hasRetired: this.#nemesis?.hasRetired ?? false,
      convergenceMs: this.#convergenceMs,
      problems: this.#problems,
    });
    await world.close();
    return report;
  }

  #takePlayers(): void {
    const world = this.#world;
    const recorder = this.#recorder;
    const { clients, members, replicas, timeoutMs, thinkMs } = this.#plan;
    const isOver = (): boolean => this.#isOver();
    const mayBeStuck = (): boolean => this.#mayBeStuck();
    const isCareful = members === 'founded' && replicas > 1;
    const steps = this.#steps;
    this.#players = Array.from({ length: clients }, (_, index) => {
      const number = index + 1;
      const random = this.#random.child(`player-${number}`);
      return new SimulatedPlayer({
        ...{ world, recorder, random, number, steps, timeoutMs },
        // What is left to be shown is mostly a fault that has not struck yet: clients need not hurry.
        thinkMs: () => (this.#isOvertime() ? thinkMs * OVERTIME_THINKING : thinkMs),
        ...{ isCareful, isOver, mayBeStuck },
      });
    });
  }

  /** Where members are given for ever, what only a lost disk held is waited for (known gaps). */
  #mayBeStuck(): boolean {
    return this.#plan.members === 'fixed' && this.#nemesis?.hasLostDisks === true;
  }

  /** Clients play and faults strike. */
  async #sufferFaults(operator: Client): Promise<void> {
    const world = this.#world;
    this.#endMs = world.scheduler.monotonicMs() + this.#plan.loadMs;
    const isOver = (): boolean => this.#isOver();
    const nemesis = new Nemesis({
      world,
      plan: this.#plan,
      random: this.#random.child('nemesis'),
      players: this.#players,
      operator,
      isOver,
      isOvertime: () => this.#isOvertime(),
      note: (what) => world.note(what),
    });
    this.#nemesis = nemesis;
    world.expectsHalt = (host) => nemesis.onHalt(host);
    const load = this.#players.map((player) => player.play());
    await world.until(Promise.all([...load, nemesis.strikeUntilOver()]));
  }

  #isOvertime(): boolean {
    return this.#world.scheduler.monotonicMs() >= this.#endMs;
  }

  #isOver(): boolean {
    const nowMs = this.#world.scheduler.monotonicMs();
    const { faults, frontends, members, workloads } = this.#plan;
    const { acknowledged, ordered, answered, travelled } = this.#recorder.progress;
    const overtimeMs = members === 'founded' ? FOUNDED_OVERTIME_MS : OVERTIME_MS;
    if (nowMs >= this.#endMs + overtimeMs) return true;
    if (nowMs < this.#endMs || acknowledged < ACKNOWLEDGED_AT_LEAST) return false;
    if (answered < ANSWERED_AT_LEAST) return false;
    if (workloads.some(({ isForced }) => isForced) && ordered < ORDERED_AT_LEAST) return false;
    if (frontends > 1 && travelled === 0) return false;
    return this.#nemesis?.strikes.size === faults.length;
  }

  /** Everything is mended; where the plan says so, all but one replica first, or without one again. */
  async #heal(): Promise<void> {
    const nemesis = this.#nemesis;
    if (nemesis === null) return;
    const { members, healsInTwoSteps } = this.#plan;
    if (healsInTwoSteps && members === 'fixed') await this.#healAllButOne(nemesis);
    await this.#healAll(nemesis);
    if (members === 'fixed' || this.#problems.length > 0) return;
    if (healsInTwoSteps && this.#world.replicas.length >= 3) {
      // Who the members are must be clear before: of two that are left, one alone decides nothing.
      await this.#healAllButOne(nemesis);
      await this.#healAll(nemesis);
    }
    const { trouble, tookMs } = await shrinks(this.#world);
    if (trouble !== null) this.#problems.push(`nothing shrinks in ${tookMs} ms: ${trouble}`);
  }

  async #healAllButOne(nemesis: Nemesis): Promise<void> {
    const world = this.#world;
    const last = this.#random.pick(world.replicas);
    world.note(`all is mended, but ${last.name} stays away`);
    await nemesis.mendAll(last);
    if (last.isUp) await last.crash();
    const rest = world.replicas.filter((host) => host !== last);
    const circumstances = { hasLostDisks: this.#mayBeStuck(), isWhole: true };
    const { trouble } = await converge(world, rest, circumstances);
    if (trouble !== null) this.#problems.push(`without ${last.name}: ${trouble}`);
    await this.#workWithoutOne(last.name);
  }

  async #healAll(nemesis: Nemesis): Promise<void> {
    const world = this.#world;
    world.note('all is mended');
    await nemesis.mendAll(null);
    const circumstances = { hasLostDisks: this.#mayBeStuck(), isWhole: true };
    const { trouble, tookMs } = await converge(world, world.replicas, circumstances);
    this.#convergenceMs = Math.max(this.#convergenceMs, tookMs);
    if (trouble !== null) this.#problems.push(`no rest after ${tookMs} ms: ${trouble}`);
  }

  /** Updates get through while one replica is away; fresh queries may have to wait for it. */
  async #workWithoutOne(away: string): Promise<void> {
    const [player] = this.#players;
    const hasPrimary = canElect(
      this.#world,
      this.#world.replicas.filter(({ name }) => name !== away),
    );
    const mayFail = ({ kind, outcome }: HistoryOperation): boolean =>
      kind === 'query' || !hasPrimary || (outcome.kind === 'failed' && outcome.code === 'REFUSED');
    if (player === undefined) return;
    player.beginAnew();
    for (let left = STEPS_WITHOUT_ONE; left > 0; left--) {
      const step = this.#random.pick(this.#steps);
      if (!(await this.#mustSucceed(player, step, `without ${away}`, mayFail))) return;
    }
  }

  /** Where no disk was lost, all that any session was shown is still there: each is served. */
  async #serveEverybody(): Promise<void> {
    const [play] = this.#plays;
    for (const player of this.#players) {
      if (play === undefined || !player.host.isUp) continue;
      const serving = this.#mustSucceed(
        player,
        play.readAll,
        'a session was not served at the end',
      );
      if (!(await this.#world.until(serving))) return;
    }
  }

  async #readEverything(): Promise<void> {
    const [player] = this.#players;
    for (const { readAll } of this.#plays) {
      if (player === undefined) continue;
      const reading = this.#mustSucceed(player, readAll, 'while nothing was wrong');
      if (!(await this.#world.until(reading))) return;
    }
  }

  /** What only the users themselves see, each in a new session. */
  async #readOwn(): Promise<void> {
    for (const { readOwn } of this.#plays) {
      if (readOwn === undefined) continue;
      for (const player of this.#players) {
        player.beginAnew();
        const reading = this.#mustSucceed(player, readOwn, 'in the end');
        if (!(await this.#world.until(reading))) return;
      }
    }
  }

  /** Takes a step; a request of it that fails, and may not, is a problem. False when there was one. */
  async #mustSucceed(
    player: SimulatedPlayer,
    step: Step,
    when: string,
    mayFail: (operation: HistoryOperation) => boolean = () => false,
  ): Promise<boolean> {
    const before = this.#recorder.operations.length;
    await player.takeStep(step, FINAL_TIMEOUT_MS);
    for (const operation of this.#recorder.operations.slice(before)) {
      const { session, outcome } = operation;
      if (outcome.kind === 'answered' || outcome.kind === 'updated' || mayFail(operation)) continue;
      const what = `${operation.operation} of ${session} failed: ${outcome.message}`;
      this.#problems.push(`${when}: ${what}`);
      return false;
    }
    return true;
  }
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
