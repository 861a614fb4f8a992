/**
 * What directed scenes of forced operations share: a cluster with a primary, clients whose requests are
 * written down, frames that are seen (and lost) on their way, and what must hold at the end: rest, equal
 * states, logs that agree on every disk, and a history in which every promise was kept.
 */

import { expect } from 'chai';
import { checkHistory } from '../../src/check/check-history.js';
import type { ClientOptions } from '../../src/client/api.js';
import { ForcedLog } from '../../src/log/forced-log.js';
import { makeComponents } from '../../src/sim/components.js';
import { converge } from '../../src/sim/liveness.js';
import type { SimulatedService } from '../../src/sim/play.js';
import { HistoryRecorder } from '../../src/sim/recorder.js';
import type { ReplicaHost } from '../../src/sim/replica-host.js';
import type { WorldInit } from '../../src/sim/world.js';
import { decodeGroup } from '../../src/wire/journal-group.js';
import type { ForcedAnswered } from '../../src/wire/forced-messages.js';
import type { Message } from '../../src/wire/messages.js';
import type { Caller } from './crowd.js';
import type { RawFrontend } from './raw-frontend.js';
import { TappedTransport } from '../../src/sim/tapped-transport.js';
import { World } from './world.js';

/** Between a fault and a primary that serves again: suspicion, two rounds of votes, the first entry. */
export const FAILOVER_MS = 10_000;

type SceneInit = Pick<WorldInit, 'seed' | 'replicas'> &
  Partial<Pick<WorldInit, 'frontends' | 'tuning' | 'snapshotEvery'>> & {
    /** @default kv */
    readonly service?: 'kv' | 'hungry';
  };

/** Asked of each frame of a host; false: it is lost. */
type Watch = (host: string, messages: readonly Message[]) => boolean;

export class ForcedScene {
  readonly world: World;
  readonly recorder: HistoryRecorder;
  /** What replicas send, and what they get. */
  onSend: Watch = () => true;
  onReceive: Watch = () => true;

  /** A cluster that has elected its first primary. */
  static async open(init: SceneInit): Promise<ForcedScene> {
    const name = init.service ?? 'kv';
    const { [name]: simulated } = (await makeComponents()).services;
    const scene = new ForcedScene({ ...init, service: name }, simulated);
    await scene.world.start();
    await scene.waitFor('a first primary', FAILOVER_MS, () => scene.primaries.length === 1);
    await scene.world.run(500);
    return scene;
  }

  private constructor(
    { service: name, ...init }: SceneInit & { readonly service: 'kv' | 'hungry' },
    { service, initialState, outside }: SimulatedService,
  ) {
    this.world = new World({
      frontends: 2,
      ...init,
      service,
      initialState,
      ...(outside === undefined ? {} : { outside }),
      wrapTransport: (host, transport) =>
        host.startsWith('rm-')
          ? new TappedTransport(transport, {
              onSend: (messages) => this.onSend(host, messages),
              onReceive: (messages) => this.onReceive(host, messages),
            })
          : transport,
    });
    this.recorder = new HistoryRecorder(name, () => this.world.scheduler.monotonicMs());
  }

  /** Replicas that take themselves for the primary. */
  get primaries(): readonly ReplicaHost[] {
    return this.world.replicas.filter(({ driver }) => driver?.report(false)['role'] === 'primary');
  }

  get primary(): ReplicaHost {
    const [only, ...others] = this.primaries;
    if (only === undefined || others.length > 0) {
      throw new Error(`there are ${this.primaries.length} primaries`);
    }
    return only;
  }

  /** All other replicas. */
  without(...away: readonly ReplicaHost[]): ReplicaHost[] {
    return this.world.replicas.filter((host) => !away.includes(host));
  }

  /** A client whose requests are written down, of these front ends (all when none is named). */
  async caller(frontends: readonly string[] = [], options: ClientOptions = {}): Promise<Caller> {
    const host = this.world.newClient(frontends, options);
    await this.world.until(host.client.ready());
    return { ...this.recorder.recording(host.client, host.name), host };
  }

  /** Lets time pass until something is so; fails when it is not within so much virtual time. */
  async waitFor(what: string, withinMs: number, isSo: () => boolean): Promise<void> {
    const { world } = this;
    const endMs = world.scheduler.monotonicMs() + withinMs;
    const watch = async (): Promise<void> => {
      while (!isSo()) {
        if (world.scheduler.monotonicMs() >= endMs) throw new Error(`${what} did not come about`);
        await world.pause(1);
      }
    };
    await world.until(watch());
  }

  /** No frame gets through between these, in either direction; nobody is told. */
  cut(ones: readonly ReplicaHost[], others: readonly ReplicaHost[]): void {
    for (const one of ones) for (const other of others) this.#link(one, other, 'cut');
  }

  mend(ones: readonly ReplicaHost[], others: readonly ReplicaHost[]): void {
    for (const one of ones) for (const other of others) this.#link(one, other, 'mend');
  }

  /** Nothing gets from the first to the second. */
  cutOneWay(from: string, to: string): void {
    this.world.network.cut(from, to, { breakAfterMs: null });
  }

  /** The forced log as it is on a disk. */
  diskLog({ disk }: ReplicaHost): ForcedLog {
    const log = new ForcedLog();
    for (const group of disk?.groups ?? []) {
      for (const transition of decodeGroup(group).transitions) log.apply(transition);
    }
    return log;
  }

  /** Dies at this instant, after everything that happens at it. */
  crashSoon(host: ReplicaHost): void {
    this.world.scheduler.after(0, () => void host.crash());
  }

  async bringUp(...hosts: readonly ReplicaHost[]): Promise<void> {
    for (const host of hosts) if (!host.isUp) await this.world.until(host.start());
  }

  /** Everything is mended, and `read` asks for all that was written: no promise was broken. */
  async expectPromisesKept(
    what: string,
    read: (reader: Caller) => Promise<unknown>,
  ): Promise<void> {
    const { world, recorder } = this;
    world.network.mendAll();
    for (const host of world.replicas) {
      host.thaw();
      host.setNormalSpeed();
    }
    await this.bringUp(...world.replicas);
    const resting = converge(world, world.replicas, { hasLostDisks: false, isWhole: false });
    const { trouble } = await world.until(resting);
    expect(trouble, what).to.equal(null);
    expect(world.brokenRules(), what).to.deep.equal([]);
    expect(new Set(Object.values(world.stateHashes())), what).to.have.property('size', 1);
    recorder.markFinal();
    const before = recorder.operations.length;
    await world.until(read(await this.caller([], { user: 'reader' })));
    for (const { outcome } of recorder.operations.slice(before)) {
      expect(outcome, what).to.include({ kind: 'answered', guarantee: 'fresh' });
    }
    const { violations } = checkHistory(
      recorder.history({ leastCopies: 1, finalHashes: world.stateHashes() }),
    );
    expect(violations, what).to.deep.equal([]);
    expect(world.halted, what).to.deep.equal([]);
  }

  #link(one: ReplicaHost, other: ReplicaHost, what: 'cut' | 'mend'): void {
    const { network } = this.world;
    for (const [from, to] of [
      [one.name, other.name],
      [other.name, one.name],
    ] as const) {
      if (what === 'cut') network.cut(from, to, { breakAfterMs: null });
      else network.mend(from, to);
    }
  }
}

/** Views that have begun so far. */
export const viewsOf = ({ world }: ForcedScene): number =>
  world.events.filter(({ event }) => event === 'is primary').length;

/** What a replica has answered to the forced updates of a front end. */
export const answersTo = ({ received }: RawFrontend): ForcedAnswered[] =>
  ofKind(received, 'forced-answered');

/** The messages of one kind in a frame. */
export const ofKind = <Kind extends Message['kind']>(
  messages: readonly Message[],
  kind: Kind,
): Extract<Message, { kind: Kind }>[] =>
  messages.flatMap((message) =>
    message.kind === kind ? [message as Extract<Message, { kind: Kind }>] : [],
  );
