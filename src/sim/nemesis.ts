/**
 * Strikes with the faults of a plan until the run is over, each kind at least once, several at a time.
 * At the end it mends everything: whatever the cluster does not get over then is its own fault.
 */

import { FatalError, HearsayError } from '../base/errors.js';
import type { Random } from '../base/random.js';
import type { Client } from '../client/api.js';
import { becomes, type FaultKind, type Movable, type Scene } from './faults/fault.js';
import { leastReplicas, type Plan } from './plan.js';
import type { ReplicaHost } from './replica-host.js';
import type { World } from './world.js';

export interface NemesisInit {
  readonly world: World;
  readonly plan: Plan;
  readonly random: Random;
  readonly players: readonly Movable[];
  /** Tells replicas their status. */
  readonly operator: Client;
  readonly isOver: () => boolean;
  /** The run goes on only for what it has not shown yet. */
  readonly isOvertime: () => boolean;
  readonly note: (what: string) => void;
}

/** A replica that could not start is tried again after this long, ms. */
const START_AGAIN_MS = 300;

/** Whoever waits for its turn looks again after this long, ms. */
const TURN_MS = 50;

/** Replicas become members again within this long, ms, where nothing keeps them from it. */
const REST_MS = 10_000;

/** For an operator's request, ms; where it changes the members, all of them may have to be asked. */
const OPERATOR_MS = 1000;
const RETIRE_MS = 15_000;

export class Nemesis implements Scene {
  readonly world: World;
  readonly random: Random;
  readonly players: readonly Movable[];
  readonly note: (what: string) => void;
  readonly leastReplicas: number;
  /** How often each kind of fault has struck. */
  readonly strikes = new Map<string, number>();
  readonly #init: NemesisInit;
  /** Kinds that have not struck yet. */
  readonly #toStrike: Set<FaultKind>;
  /** The replica that has lost its disk and may not count again yet. */
  #loser: ReplicaHost | null = null;
  /** Replicas whose disk was lost or damaged, once or more often. */
  readonly #robbed = new Set<ReplicaHost>();
  #hasRetired = false;
  #retiring = 0;
  /** Faults under way, and whether one of them wants to be alone. */
  #underWay = 0;
  #isReserved = false;

  constructor(init: NemesisInit) {
    this.#init = init;
    this.world = init.world;
    this.random = init.random;
    this.players = init.players;
    this.note = init.note;
    this.#toStrike = new Set(init.plan.faults);
    const { faults, members } = init.plan;
    this.leastReplicas = Math.max(...faults.map((kind) => leastReplicas(kind, members)));
  }

  /** A replica has stopped by itself. Answers whether a fault explains that. */
  onHalt(host: ReplicaHost): boolean {
    if (host.writeFault !== null) return true;
    // Of two that have one identity one gives up; which one is looked into by the fault that made them.
    if (this.world.clones.some(({ replica }) => replica === host.replica)) return true;
    if (!this.#robbed.has(host)) return false;
    // What the damage took away is nowhere else: its operator puts the directory away.
    void this.#giveUpDisk(host).then(() => this.bringUp(host));
    return true;
  }

  /** Whether updates with one copy may be gone. */
  get hasLostDisks(): boolean {
    return this.#robbed.size > 0;
  }

  /** Whether they may be gone although somebody was shown them: replicas were given up that alone had them. */
  get hasRetired(): boolean {
    return this.#hasRetired;
  }

  async strikeUntilOver(): Promise<void> {
    const { plan, isOver, isOvertime } = this.#init;
    const isLoadOver = (): boolean => isOver() || isOvertime();
    const loops = Array.from({ length: plan.faultsAtOnce }, () => this.#strikeUntil(isLoadOver));
    await Promise.all(loops);
    // What has not struck yet may have been kept from it by others: now there is one at a time, or none.
    while (!isOver()) {
      await this.#rest();
      await this.#strikeOne([...this.#toStrike]);
    }
  }

  /** Nothing is under way: all run, and all are members, before the next one strikes. */
  async #rest(): Promise<void> {
    const { replicas } = this.world;
    for (const host of [...replicas]) await this.bringUp(host);
    await becomes(this, () => replicas.every(({ isMember }) => isMember), REST_MS);
  }

  async #strikeUntil(isOver: () => boolean): Promise<void> {
    const { faults } = this.#init.plan;
    while (!isOver()) await this.#strikeOne(this.#toStrike.size > 0 ? [...this.#toStrike] : faults);
  }

  async #strikeOne(kinds: readonly FaultKind[]): Promise<void> {
    await this.world.pause(1 + this.random.below(this.#init.plan.calmMs));
    if (kinds.length === 0) return;
    await this.#keepEnough();
    const kind = this.random.pick(kinds);
    if (!(await this.#strikeInTurn(kind))) return;
    this.#toStrike.delete(kind);
    this.strikes.set(kind.name, (this.strikes.get(kind.name) ?? 0) + 1);
  }

  /** One that was retired while it was away, and heard of it in time, does not come back. */
  async #keepEnough(): Promise<void> {
    const { world } = this;
    if (this.#init.plan.members === 'fixed' || world.replicas.length >= this.leastReplicas) return;
    await this.bringUp(world.addReplica());
  }

  /** One that wants to be alone waits for the others, and they for it. */
  async #strikeInTurn(kind: FaultKind): Promise<boolean> {
    if (this.#isReserved) return false;
    if (kind.isAlone === true) {
      this.#isReserved = true;
      while (this.#underWay > 0) await this.world.pause(TURN_MS);
    }
    this.#underWay++;
    try {
      return await kind.strike(this);
    } finally {
      this.#underWay--;
      if (kind.isAlone === true) this.#isReserved = false;
    }
  }

  /** All faults end; all replicas but `except` run when it resolves. */
  async mendAll(except: ReplicaHost | null): Promise<void> {
    const { world } = this;
    const clients = this.players.map(({ host }) => host);
    world.network.mendAll();
    Object.assign(world.network.conditions, world.normalConditions);
    for (const clone of [...world.clones]) await clone.crash();
    for (const host of [...world.replicas, ...world.frontends, ...clients]) host.thaw();
    for (const host of world.frontends) if (!host.isUp) await host.start();
    for (const host of [...world.replicas]) {
      host.setNormalSpeed();
      host.crashAfter(Number.POSITIVE_INFINITY);
      host.writeFault = null;
      host.readFault = null;
      if (host === except) continue;
      await this.bringUp(host);
      await this.setStatus(host.name, 'auto');
    }
  }

  /** The replica that lost its disk has made up for it. */
  #forgetLoss(): void {
    const isBack = this.#init.plan.members === 'fixed' || this.#loser?.isMember === true;
    if (isBack && this.#loser?.driver?.isCounted === true) this.#loser = null;
  }

  takeDiskLoss(host: ReplicaHost): boolean {
    const { members } = this.#init.plan;
    this.#forgetLoss();
    // Until it counts again the same replica may lose its disk once more: nothing more is lost with it.
    if (this.#loser === host) return true;
    // Two that cannot report what they held are one too many for a settlement: that takes an operator.
    const isSettling = this.#retiring > 0 || !this.world.survivesLoss;
    // Nor must a disk be lost that alone has what was acknowledged: others have left, or are away.
    if (members === 'founded' && (isSettling || !this.world.mayLose(host))) return false;
    if (this.#loser !== null) return false;
    this.#loser = host;
    this.#robbed.add(host);
    return true;
  }

  async bringUp(host: ReplicaHost): Promise<void> {
    for (;;) {
      if (host.isUp) return;
      if (!this.world.isWanted(host)) return;
      try {
        return await host.start();
      } catch (error) {
        if (!(error instanceof FatalError)) throw error;
        this.note(`${host.name} cannot start: ${error.message}`);
        // A disk that cannot be used now is not a disk that is lost.
        if (host.readFault !== null || host.writeFault !== null) return;
        if (this.world.clones.includes(host)) return;
        await this.#giveUpDisk(host);
      }
    }
  }

  get mayRetire(): boolean {
    this.#forgetLoss();
    const isOther = this.#retiring > 0 || this.#loser !== null;
    return (
      !isOther && this.world.survivesLoss && this.world.replicas.every((host) => host.isMember)
    );
  }

  async retire(host: ReplicaHost, force: boolean): Promise<boolean> {
    this.#forgetLoss();
    if (this.#loser !== null) return false;
    this.#hasRetired = true;
    this.#retiring++;
    const { memberId } = host;
    try {
      await this.#askToRetire(host, force);
      // Nobody may have been left to answer.
      return memberId !== null && !this.world.isMember(memberId);
    } finally {
      this.#retiring--;
    }
  }

  async #askToRetire(host: ReplicaHost, force: boolean): Promise<void> {
    const { operator } = this.#init;
    const tooLate = this.world.pause(RETIRE_MS).then(() => null);
    const done = operator.retire(host.replica, { force }).then(
      ({ message }) => message,
      (error: unknown) => {
        if (error instanceof HearsayError) return error;
        throw error;
      },
    );
    const outcome = await Promise.race([done, tooLate]);
    const isDone = typeof outcome === 'string';
    const why = outcome instanceof HearsayError ? outcome.message : 'nobody answered';
    this.note(isDone ? `retired: ${outcome}` : `nobody knows of a retired ${host.name}: ${why}`);
  }

  async setStatus(name: string, value: 'OVERLOADED' | 'OFFLINE' | 'auto'): Promise<boolean> {
    const { operator } = this.#init;
    const tooLate = this.world.pause(OPERATOR_MS).then(() => false);
    const done = operator.setStatus(name, value).then(
      () => true,
      (error: unknown) => {
        if (error instanceof HearsayError) return false;
        throw error;
      },
    );
    return Promise.race([done, tooLate]);
  }

  /** What an operator does with a directory that a replica refuses: puts it away, when that is safe. */
  async #giveUpDisk(host: ReplicaHost): Promise<void> {
    await this.world.pause(START_AGAIN_MS);
    if (!host.isUp && this.takeDiskLoss(host)) host.loseDisk();
  }
}
