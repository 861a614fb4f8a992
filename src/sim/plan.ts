/**
 * What a seed stands for: sizes, workloads, kinds of faults and their rates, all drawn from it (swarm
 * testing: each run leaves most kinds of faults out, so that those it has can go far).
 */

import { type Random, SeededRandom } from '../base/random.js';
import type { MemoryNetworkInit } from '../transport/memory-transport.js';
import { FAULT_KINDS, type FaultKind } from './faults.js';
import { WORKLOADS } from './workloads/all.js';
import type { ServiceName, Workload } from './workloads/workload.js';

export interface Plan {
  readonly seed: number;
  readonly service: ServiceName;
  /** Given at the start for ever, or founded by one whom others join and leave. */
  readonly members: 'fixed' | 'founded';
  readonly replicas: number;
  readonly frontends: number;
  readonly clients: number;
  readonly workloads: readonly Workload[];
  readonly faults: readonly FaultKind[];
  /** Faults that may be under way at one time. */
  readonly faultsAtOnce: number;
  /** Between two faults, ms at most. */
  readonly calmMs: number;
  /** How long clients play under faults, ms; longer when too little succeeds. */
  readonly loadMs: number;
  /** Between two steps of a client, ms at most. */
  readonly thinkMs: number;
  readonly timeoutMs: number;
  readonly gossipIntervalMs: number;
  readonly snapshotEvery: number;
  /** Records that a log keeps for a member that lacks them; null: as in production. */
  readonly logLimit: number | null;
  readonly network: MemoryNetworkInit;
  /** Heals all but one replica first, and requires progress of the rest. */
  readonly healsInTwoSteps: boolean;
}

/** Sizes that cost much are drawn less often. */
const REPLICAS = [1, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9];
/** Of clusters whose members change, at the beginning. */
const FOUNDED = [1, 1, 2, 2, 3, 3, 3, 3, 3, 4, 4, 5, 5, 6, 7];
/** kv shows most, and costs least. */
const SERVICES = ['movies', 'hungry', 'hungry', 'kv', 'kv', 'kv', 'kv'] as const;
const CLIENTS_MOST = 20;
const FRONTENDS_MOST = 5;

/** What one client alone thinks at most between two steps; with many, each thinks longer. */
const THINK_MS = [10, 25, 60];

export function drawPlan(seed: number): Plan {
  const random = new SeededRandom(seed).child('plan');
  const members = random.chance(2, 3) ? 'founded' : 'fixed';
  const replicas = random.pick(members === 'founded' ? FOUNDED : REPLICAS);
  const service = random.pick(SERVICES);
  const fitting = WORKLOADS.filter((workload) => workload.service === service);
  const clients = 1 + smaller(random, CLIENTS_MOST);
  const minDelayMs = 1 + random.below(3);
  return {
    seed,
    service,
    members,
    replicas,
    frontends: 1 + smaller(random, FRONTENDS_MOST),
    clients,
    workloads: someOf(random, fitting, fitting.length),
    faults: drawFaults(random, members, replicas),
    faultsAtOnce: 1 + random.below(3),
    calmMs: random.pick([100, 300, 800]),
    loadMs: 2000 + random.below(2500),
    thinkMs: clients * random.pick(THINK_MS),
    timeoutMs: random.pick([1500, 3000, 6000]),
    gossipIntervalMs: random.pick([200, 1000]),
    snapshotEvery: random.pick([5, 30, 50_000]),
    logLimit: members === 'founded' ? random.pick([null, 40, 200]) : null,
    network: { minDelayMs, maxDelayMs: minDelayMs + random.pick([0, 2, 15]) },
    healsInTwoSteps: replicas >= 3 && random.chance(1, 4),
  };
}

/** Where members change, one kind of change at least. */
function drawFaults(
  random: Random,
  members: Plan['members'],
  replicas: number,
): readonly FaultKind[] {
  const possible = FAULT_KINDS.filter((kind) => replicas >= leastReplicas(kind, members));
  const ofMembers = possible.filter(({ isOfMembers }) => isOfMembers === true);
  const others = possible.filter(({ isOfMembers }) => isOfMembers !== true);
  if (members === 'fixed') return someOf(random, others, 6);
  return [...someOf(random, ofMembers, 2), ...someOf(random, others, 3)];
}

/** A kind of fault makes sense, and is survived, with so many replicas. */
export function leastReplicas(kind: FaultKind, members: Plan['members']): number {
  // Of two members no majority is left to replace the one that lost its disk: that takes a person.
  const leastToReplace = members === 'founded' && kind.robs === true ? 3 : 1;
  return Math.max(kind.replicasAtLeast, leastToReplace);
}

/** One line for people. */
export function describePlan(plan: Plan): string {
  const { members, replicas, frontends, clients, service, workloads, faults } = plan;
  const are = members === 'founded' ? 'founded' : 'given';
  return (
    `${replicas} replicas (${are}), ${frontends} front ends, ${clients} clients of ${service}: ` +
    `${workloads.map(({ name }) => name).join(', ')}; faults: ` +
    `${faults.map(({ name }) => name).join(', ')} (${plan.faultsAtOnce} at once, every ` +
    `${plan.calmMs} ms at most) for ${plan.loadMs} ms`
  );
}

/** Below `bound`, small numbers more often. */
const smaller = (random: Random, bound: number): number =>
  Math.min(random.below(bound), random.below(bound));

/** 1 to `most` of `items`, in a drawn order. */
function someOf<Item>(random: Random, items: readonly Item[], most: number): Item[] {
  const left = [...items];
  const count = 1 + random.below(Math.min(most, left.length));
  return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)).flat();
}
