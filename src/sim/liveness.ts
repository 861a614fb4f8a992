/**
 * What must come about by itself once nothing is wrong any more: requests end, replicas agree, nobody
 * waits for anything. All times are virtual.
 */

import type { ReplicaFigures } from '../node/replica-report.js';
import type { ReplicaHost } from './replica-host.js';
import type { World } from './world.js';

/** After the last fault everything is quiet and equal within this long, ms. */
export const CONVERGENCE_MS = 30_000;

/** Origins are closed each 10 s where all members are there, and dropped soon after that, ms. */
const SHRINK_MS = 40_000;

export interface Circumstances {
  /** What only a lost disk held is waited for by those who know of it (known gaps). */
  readonly hasLostDisks: boolean;
  /** No link is cut: every front end must reach every replica. */
  readonly isWhole: boolean;
}

/** How often it is looked at, ms. */
const LOOK_EVERY_MS = 250;

/**
 * Waits until these replicas hold and have executed the same, count for fresh queries where all members
 * run, and nothing waits anywhere. Answers what was still wrong when the time was up, or null, and how
 * long it took.
 */
export async function converge(
  world: World,
  hosts: readonly ReplicaHost[],
  circumstances: Circumstances,
): Promise<{ readonly trouble: string | null; readonly tookMs: number }> {
  const beganMs = world.scheduler.monotonicMs();
  for (;;) {
    const tookMs = world.scheduler.monotonicMs() - beganMs;
    const trouble = unrest(world, hosts, circumstances);
    if (trouble === null || tookMs >= CONVERGENCE_MS) return { trouble, tookMs };
    await world.pause(LOOK_EVERY_MS);
  }
}

/** What keeps the cluster from being quiet, or null when it is. */
function unrest(
  world: World,
  hosts: readonly ReplicaHost[],
  { hasLostDisks, isWhole }: Circumstances,
): string | null {
  const allRun = world.replicas.every(({ driver }) => driver !== null);
  const seen = new Map<string, string>();
  const views = new Set<string>();
  const strangers = membersTrouble(hosts, allRun);
  if (strangers !== null) return strangers;
  for (const { name, driver } of hosts) {
    if (driver === null) return `${name} does not run`;
    const queues = queuesOf(driver.figures, hasLostDisks);
    if (queues !== null) return `${name} has ${queues}`;
    if (allRun && !driver.isCounted) return `${name} does not count for fresh queries`;
    const { replicaTS, valueTS, view } = driver.report(false);
    views.add(JSON.stringify(view));
    for (const timestamp of [replicaTS, valueTS]) seen.set(sorted(timestamp), name);
  }
  if (seen.size > 1) {
    const words = [...seen].map(([timestamp, name]) => `${name} ${timestamp}`);
    return `timestamps differ: ${words.join('; ')}`;
  }
  if (canElect(world, hosts)) {
    if (views.size > 1) return `they are in different views: ${[...views].join(' ')}`;
    const primaries = hosts.filter(({ driver }) => driver?.report(false)['role'] === 'primary');
    if (primaries.length !== 1) return `${primaries.length} of them are primaries`;
    // What is ordered and not committed is decided by whoever leads next: later, and then it executes.
    const undecided = hosts.find(({ driver }) => hasUndecided(driver?.figures));
    if (undecided !== undefined) return `${undecided.name} has entries that are not committed`;
  }
  for (const { name, driver } of world.frontends) {
    const pending = driver?.figures.pendingRequests ?? 0;
    if (pending > 0) return `${name} has ${pending} requests pending`;
    const reached = driver?.reachableReplicas ?? 0;
    if (isWhole && reached < hosts.length)
      return `${name} reaches ${reached} of ${hosts.length} replicas`;
  }
  return null;
}

/**
 * All that run are members, say so under one configuration, and nothing of a change is under way. Where
 * one is away, it may have been given up.
 */
function membersTrouble(hosts: readonly ReplicaHost[], allRun: boolean): string | null {
  const epochs = new Set<unknown>();
  for (const { name, driver } of hosts) {
    if (driver === null) return `${name} does not run`;
    const { epoch, isMember, members, waitsFor } = driver.report(false);
    epochs.add(epoch);
    if (isMember !== true) return `${name} is no member`;
    if (epoch === 0) return `${name} does not count: its claim is not granted`;
    if (waitsFor !== null) return `${name} waits for ${JSON.stringify(waitsFor)}`;
    const names = (members as readonly { readonly name: string }[]).map((member) => member.name);
    const gone = names.find((each) => !hosts.some((host) => host.name === each));
    if (allRun && gone !== undefined) return `${gone} is a member and not there`;
  }
  return epochs.size === 1 ? null : `they speak of epochs ${[...epochs].join(' ')}`;
}

/**
 * Once nothing changes for a while, timestamps name no more than the starts that run, and logs hold no
 * more than what somebody may still lack. Answers what is too long, or null.
 */
export async function shrinks(
  world: World,
): Promise<{ readonly trouble: string | null; readonly tookMs: number }> {
  const beganMs = world.scheduler.monotonicMs();
  for (;;) {
    const tookMs = world.scheduler.monotonicMs() - beganMs;
    const trouble = remains(world);
    if (trouble === null || tookMs >= SHRINK_MS) return { trouble, tookMs };
    await world.pause(LOOK_EVERY_MS);
  }
}

function remains({ replicas }: World): string | null {
  const origins = new Set(replicas.map(({ driver }) => driver?.report(false)['origin']));
  for (const { name, driver } of replicas) {
    const { valueTS } = driver?.report(false) ?? {};
    const closed = Object.keys((valueTS ?? {}) as Record<string, number>).find(
      (origin) => !origin.startsWith('!') && !origins.has(origin),
    );
    if (closed !== undefined) return `timestamps of ${name} still name ${closed}`;
  }
  return null;
}

/** Whoever has forgotten what it promised may vote again only once all members are there. */
export function canElect({ replicas }: World, hosts: readonly ReplicaHost[]): boolean {
  const voters = hosts.filter(({ driver }) => driver?.report(false)['mayVote'] === true);
  return voters.length > replicas.length / 2;
}

const hasUndecided = (figures: ReplicaFigures | undefined): boolean =>
  figures !== undefined && figures.forcedEntries > figures.forcedCommitted;

const REQUESTS = ['waitingRequests', 'unacknowledgedUpdates', 'forcedPending'] as const;

/** Records whose predecessors were on a lost disk only are waited for until settling comes (known gaps). */
const RECORDS = ['earlyRecords', 'outstandingFetches'] as const;

/** What waits at a replica, in words, or null. */
function queuesOf(figures: ReplicaFigures, hasLostDisks: boolean): string | null {
  const queues = hasLostDisks ? REQUESTS : [...REQUESTS, ...RECORDS];
  const queue = queues.find((name) => figures[name] > 0);
  return queue === undefined ? null : `${figures[queue]} ${queue}`;
}

const sorted = (timestamp: unknown): string =>
  Object.entries(timestamp as Record<string, number>)
    .map(([origin, count]) => `${origin}:${count}`)
    .toSorted()
    .join(' ');
