/** What a fault is, and what it may use. */

import type { Random } from '../../src/base/random.js';
import type { ChaosCluster } from '../cluster.js';
import type { PartProcess } from '../part-process.js';

export interface FaultKind {
  /** For command line and report. */
  readonly name: string;
  /** Clusters with fewer replicas do not survive it, or it makes no sense there. */
  readonly replicasAtLeast: number;
  /**
   * Strikes, cures itself, and is over when the promise resolves. Answers false when nothing could be
   * struck now: such a strike does not count.
   */
  strike(scene: Scene): Promise<boolean>;
}

/** A client at play, as faults see it. */
export interface Movable {
  /** As its links know it. */
  readonly name: string;
  /** It dies in the middle of what it does; another session takes its place. */
  vanish(): void;
}

/** Where faults strike. */
export interface Scene {
  readonly cluster: ChaosCluster;
  readonly random: Random;
  readonly players: readonly Movable[];
  /** Lasts so long, or until the run is over. */
  readonly pause: (ms: number) => Promise<void>;
  /** Tells the story. */
  readonly note: (what: string) => void;
  /**
   * Parts that no other fault works on, for this one alone until `work` is over. Answers what `work`
   * answers, or false when it asks for more starts than may be now, or one of the parts is taken.
   */
  withParts(
    parts: readonly PartProcess[],
    starts: number,
    work: () => Promise<boolean>,
  ): Promise<boolean>;
  /** The replica that says it is the primary; null when nobody who can be asked knows of one. */
  findPrimary(): Promise<PartProcess | null>;
  /** Starts a part that does not run. */
  start(part: PartProcess, ...words: readonly string[]): void;
  /**
   * A disk may be lost: none is lost that has not been made up for. Whoever gets true loses one, and
   * nobody else may until that replica counts again.
   */
  takeDiskLoss(replica: PartProcess): boolean;
}

/** A whole number of milliseconds from `least` to `most`. */
export const drawMs = (random: Random, least: number, most: number): number =>
  least + random.below(most - least + 1);
