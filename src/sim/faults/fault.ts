/** What a fault is, and what it may use. */

import type { Random } from '../../base/random.js';
import type { ClientHost } from '../client-host.js';
import type { ReplicaHost } from '../replica-host.js';
import type { World } from '../world.js';

export interface FaultKind {
  readonly name: string;
  /** Clusters with fewer replicas do not survive it, or it makes no sense there. */
  readonly replicasAtLeast: number;
  /** It changes who the members are, or their identities: only where members may change. @default false */
  readonly isOfMembers?: boolean;
  /** Somebody becomes a member by it, or ceases to be one. @default false */
  readonly changesMembers?: boolean;
  /** A disk is lost by it. @default false */
  readonly robs?: boolean;
  /** No other fault is under way meanwhile. @default false */
  readonly isAlone?: boolean;
  /**
   * Strikes, and is over when the promise resolves. Answers false when nothing could be struck now:
   * such a strike does not count.
   */
  strike(scene: Scene): Promise<boolean>;
}

/** Who plays a client, as faults see it. */
export interface Movable {
  /** The machine it is on now; another one after it vanished. */
  readonly host: ClientHost;
  /** The client dies in the middle of what it does; another one takes its place. */
  vanish(): void;
}

/** Where faults strike. */
export interface Scene {
  readonly world: World;
  readonly random: Random;
  readonly players: readonly Movable[];
  /** So many replicas are needed for all faults to make sense: none leaves where no more are there. */
  readonly leastReplicas: number;
  /**
   * A disk may be lost: none is lost that has not been made up for. Whoever gets true loses one, and
   * nobody else may until that replica counts again (PROTOCOL A10), as a member where members change.
   */
  takeDiskLoss(host: ReplicaHost): boolean;
  /** Brings a replica that does not run back on whatever is on its disk. */
  bringUp(host: ReplicaHost): Promise<void>;
  /** One that is away may be retired: the others decide it, and all of them are there. */
  readonly mayRetire: boolean;
  /**
   * An operator retires it: it leaves when it has handed over, or it is given up. False when that is
   * not known to have happened; it may all the same, later.
   */
  retire(host: ReplicaHost, force: boolean): Promise<boolean>;
  /** Sets a replica's status by hand; false when it could not be reached. */
  setStatus(name: string, value: 'OVERLOADED' | 'OFFLINE' | 'auto'): Promise<boolean>;
  /** Tells the story. */
  note(what: string): void;
}

/** A replica that runs, or undefined when none does. */
export function someReplica({ world, random }: Scene): ReplicaHost | undefined {
  const running = world.replicas.filter((host) => host.driver !== null && !host.isFrozen);
  return running.length === 0 ? undefined : random.pick(running);
}

/** A whole number of milliseconds from `least` to `most`. */
export const drawMs = (random: Random, least: number, most: number): number =>
  least + random.below(most - least + 1);

/** Waits until something is so; false when it takes too long. */
export async function becomes(
  { world }: Scene,
  isSo: () => boolean,
  withinMs: number,
): Promise<boolean> {
  const endMs = world.scheduler.monotonicMs() + withinMs;
  while (!isSo()) {
    if (world.scheduler.monotonicMs() >= endMs) return false;
    await world.pause(50);
  }
  return true;
}
