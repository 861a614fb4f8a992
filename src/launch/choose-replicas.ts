/**
 * Which replicas a cluster on this machine has: those that have a folder are the truth, the number that
 * was asked for is a wish (PROTOCOL C, Whole restart). Pure.
 */

import { FatalError } from '../base/errors.js';
import { REPLICAS_MAX } from './forms.js';
import { type ClusterFolder, replicaName } from './founding.js';

export interface ChosenReplicas {
  /** Numbers of those to start, the lowest first. */
  readonly replicas: readonly number[];
  /** Numbers of those to take out again once all are there, the highest first. */
  readonly surplus: readonly number[];
  /** What is different from what was asked for, in words; null = nothing. */
  readonly notice: string | null;
}

/** `place` names the folder in messages. Throws FatalError where there are more than can be started. */
export function chooseReplicas(
  wanted: number,
  { replicas: earlier, founding }: ClusterFolder,
  place: string,
): ChosenReplicas {
  const highest = earlier.at(-1) ?? 0;
  if (highest > REPLICAS_MAX) {
    throw new FatalError(
      `${place} holds rm-${highest}, and at most ${REPLICAS_MAX} replicas can be started: choose another --data`,
    );
  }
  if (founding === null) {
    const replicas = numbersTo(highest);
    const members = replicas.map(replicaName).join(', ');
    const notice =
      `the members of the cluster in ${place} were fixed by an earlier version and stay ${members}; ` +
      'another --data makes one that can grow and shrink';
    return { replicas, surplus: [], notice };
  }
  if (earlier.length > wanted) {
    const notice =
      `${place} holds ${earlier.length} replicas: all of them are started, then those with the ` +
      'highest numbers are taken out, one by one';
    return { replicas: earlier, surplus: earlier.slice(wanted).reverse(), notice };
  }
  const free = numbersTo(REPLICAS_MAX).filter((number) => !earlier.includes(number));
  const added = free.slice(0, wanted - earlier.length);
  const replicas = [...earlier, ...added].sort((one, other) => one - other);
  return { replicas, surplus: [], notice: null };
}

const numbersTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
