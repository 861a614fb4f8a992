/**
 * Builds a replica or a front end out of the real adapters: sockets, files, clocks, SQLite. Everything
 * below this file takes them as ports.
 */

import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pino } from 'pino';
import { FatalError, HearsayError } from '../base/errors.js';
import { isName, type Name, NAME_FORM } from '../base/ids.js';
import { formatTraceJson } from '../observe/json.js';
import type { EventSink } from '../ports/event-sink.js';
import type { ReplicaPlace } from '../ports/replica-place.js';
import type { KeepConnected } from '../ports/transport.js';
import { DEFAULT_TUNING } from '../replica/state.js';
import type { Service } from '../service/define.js';
import { type OpenComponents, openDiscovery } from '../discovery/open.js';
import { SeedList } from '../discovery/seed-list.js';
import type { Discovery } from '../ports/discovery.js';
import { serviceByName } from '../service/registry.js';
import { settingsOf } from '../service/settings.js';
import { makeDirectory } from '../storage/atomic-file.js';
import { MemoryPlace } from '../storage/memory-place.js';
import { ReplicaDirectory } from '../storage/replica-directory.js';
import { RotatingFile } from '../storage/rotating-file.js';
import { openSqlDatabase } from '../storage/sql-database.js';
import { keepConnected } from '../transport/dialer.js';
import { WebSocketTransport } from '../transport/ws-transport.js';
import type { MemberAddress } from '../wire/messages.js';
import { announceReadiness } from './announce.js';
import { FrontendDriver } from './frontend-driver.js';
import { httpAnswers } from './http.js';
import { prepareInitialState } from './initial-state.js';
import type { Address, FrontendOptions, ReplicaOptions, Running } from './options.js';
import { httpOutside } from './outside.js';
import { type LifeCluster, ReplicaLife } from './replica-life.js';
import { RealScheduler, SystemRandom } from './system.js';

/** Cluster versions that this program can run (PROTOCOL I). */
const CLUSTER_VERSIONS = [1, 2] as const;

/** A process is ready after this long even where others are missing. */
const READY_PATIENCE_MS = 3000;

/** A running replica tells its owner how it ended by itself. */
export interface RunInit {
  /** The process must end with this error's exit status; to print it is left to whoever is told. */
  readonly onHalt: (error: FatalError | HearsayError) => void;
  /** An operator removed this replica from its cluster: exit status 0. */
  readonly onRemoved: () => void;
}

/**
 * Starts a replica; resolves once it serves, or waits for a cluster that it can join.
 * Rejects with FatalError or HearsayError INVALID.
 */
export async function runReplica(options: ReplicaOptions, init: RunInit): Promise<Running> {
  const service = serviceOf(options.service);
  const name = nameOf(options.name);
  const random = new SystemRandom();
  const scheduler = new RealScheduler(options.clockOffsetMs);
  const sinks = await openSinks(options);
  const transport = new WebSocketTransport();
  const loopDelay = monitorEventLoopDelay({ resolution: 20 });
  loopDelay.enable();
  const { data, importFrom } = options;
  let life: ReplicaLife | null = null;
  let stopAnnouncing = (): void => {};
  let opened: { readonly waitsFor: string | null } | null = null;
  const waitsFor = (): string | null => (opened === null ? 'its start' : opened.waitsFor);
  const isReady = readiness(
    scheduler,
    () => waitsFor() === null,
    () => life?.isOfUse === true,
  );
  const discovery = discoveryOf(options, {
    scheduler,
    random,
    say: (level, words) => sinks.sink.say(level, words),
  });
  let released: Promise<void> | null = null;
  const release = (): Promise<void> => {
    released ??= (async () => {
      loopDelay.disable();
      await discovery?.close();
      await sinks.close();
    })();
    return released;
  };
  const halt = async (error: FatalError | HearsayError): Promise<void> => {
    stopAnnouncing();
    sinks.keep('error', error.message);
    try {
      // The process may end at once: what it says last is in its file first.
      await sinks.close();
    } finally {
      init.onHalt(error);
      await release();
    }
  };
  try {
    life = await ReplicaLife.start(
      {
        scheduler,
        random,
        transport,
        keepConnected: keepConnectedWith(transport, scheduler, random),
        place: data === null ? new MemoryPlace() : placeIn(data, service, name),
        openDatabase: openSqlDatabase,
        service,
        sink: sinks.sink,
        loopDelayMs: () => {
          const delayMs = loopDelay.percentile(99) / 1e6;
          loopDelay.reset();
          return delayMs;
        },
      },
      {
        name,
        cluster: clusterWanted(options, discovery),
        versions: options.versions ?? CLUSTER_VERSIONS,
        listen: options.listen,
        advertise: options.advertise,
        pid: process.pid,
        initial: () => prepareInitialState({ service, data, importFrom, onProgress: () => {} }),
        expectsInitial: importFrom !== null,
        tuning: {
          ...DEFAULT_TUNING,
          gossip: options.gossip,
          gossipIntervalMs: options.gossipIntervalMs,
          recoversPair: options.ownsAll === true,
          trace: options.gossipLog === 'on',
        },
        onHttp: httpAnswers(name, isReady, () => life?.driver?.figures ?? {}, waitsFor),
        onOpen: (begun) => {
          opened = begun;
        },
        onRemoved: () => {
          stopAnnouncing();
          void release();
          init.onRemoved();
        },
        onHalt: (error) => void halt(error),
      },
    );
  } catch (error) {
    await release();
    throw error;
  }
  const running = life;
  const address = options.advertise ?? running.address;
  discovery?.register({ kind: 'replica', name, address });
  stopAnnouncing = announceReadiness({ address, isReady, waitsFor }, { scheduler, ...sinks });
  const ending = async (how: Promise<void>): Promise<void> => {
    stopAnnouncing();
    await how;
    await release();
  };
  return {
    address: running.address,
    isReady,
    close: () => ending(running.drain()),
    kill: () => ending(running.kill()),
  };
}

function placeIn(data: string, service: Service, name: Name): ReplicaPlace {
  return new ReplicaDirectory({ path: join(data, name), service: service.name, name });
}

function clusterWanted(options: ReplicaOptions, seeds: Discovery | null): LifeCluster {
  const { members, init = false, replace = false, clusterId = null } = options;
  if (members.length > 0) return { kind: 'fixed', members: membersOf(members) };
  return { kind: 'founded', founds: init, seeds, replaces: replace, clusterId };
}

/** Starts a front end; resolves once it serves. Rejects with FatalError or HearsayError. */
export async function runFrontend(options: FrontendOptions): Promise<Running> {
  const service = serviceOf(options.service);
  const settings = settingsOf(service, options.settings);
  const name = nameOf(options.name);
  const scheduler = new RealScheduler(options.clockOffsetMs);
  const random = new SystemRandom();
  const transport = new WebSocketTransport();
  const sinks = await openSinks(options);
  const discovery = discoveryOf(options, {
    scheduler,
    random,
    say: (level, words) => sinks.sink.say(level, words),
  });
  if (discovery === null && options.members.length === 0) {
    throw new HearsayError(
      'INVALID',
      'a front end needs members, or addresses of replicas to join',
    );
  }
  const waitsFor = (): string | null => driver.waitsFor;
  const isReady = readiness(
    scheduler,
    () => waitsFor() === null,
    () => driver.reachableReplicas > 0,
  );
  const driver: FrontendDriver = new FrontendDriver(
    {
      scheduler,
      random,
      transport,
      keepConnected: keepConnectedWith(transport, scheduler, random),
      ...(discovery === null ? {} : { discovery }),
      service,
      outside: httpOutside(settings),
      sink: sinks.sink,
    },
    {
      name,
      members: membersOf(options.members),
      clusterId: options.clusterId ?? null,
      listen: options.listen,
      advertise: options.advertise ?? null,
      pid: process.pid,
      trace: options.gossipLog === 'on',
      administrator: options.administrator,
      onHttp: httpAnswers(name, isReady, () => driver.figures, waitsFor),
    },
  );
  const release = async (): Promise<void> => {
    await discovery?.close();
    await sinks.close();
  };
  try {
    await driver.start();
  } catch (error) {
    await release();
    throw error;
  }
  const address = options.advertise ?? driver.address;
  discovery?.register({ kind: 'frontend', name, address });
  const stopAnnouncing = announceReadiness({ address, isReady, waitsFor }, { scheduler, ...sinks });
  const close = async (): Promise<void> => {
    stopAnnouncing();
    await driver.close();
    await release();
  };
  return { address: driver.address, isReady, close, kill: close };
}

/**
 * Ready means that nothing is missing for the best service; a process that waits in vain for the others
 * to be there serves as well as it can, and then that is what it is ready for, if it is of use at all.
 */
function readiness(
  scheduler: RealScheduler,
  isComplete: () => boolean,
  isOfUse: () => boolean = () => true,
): () => boolean {
  const contentAtMs = scheduler.monotonicMs() + READY_PATIENCE_MS;
  return () => isComplete() || (isOfUse() && scheduler.monotonicMs() >= contentAtMs);
}

/** Where a process looks for replicas; null where it is given all members, or nowhere to look. */
function discoveryOf(
  { members, join: seeds = [], discover = null }: ReplicaOptions | FrontendOptions,
  components: OpenComponents,
): Discovery | null {
  if (members.length > 0) return null;
  if (discover !== null) return openDiscovery(discover, 'replica', components);
  return seeds.length > 0 ? new SeedList(seeds) : null;
}

function keepConnectedWith(
  transport: WebSocketTransport,
  scheduler: RealScheduler,
  random: SystemRandom,
): KeepConnected {
  return (address, onConnection) =>
    keepConnected({ transport, address, scheduler, random, onConnection });
}

interface Sinks {
  readonly sink: EventSink;
  /** Into the file alone, where there is one. */
  readonly keep: EventSink['say'];
  close(): Promise<void>;
}

/** The process's log and its gossip log, as files; without a folder, warnings go to stderr. Details never do. */
async function openSinks(
  options: Pick<ReplicaOptions, 'name' | 'logDirectory' | 'gossipLog' | 'speaks'>,
): Promise<Sinks> {
  const { name, logDirectory, gossipLog, speaks = false } = options;
  const print: EventSink['say'] = (level, message) => {
    if (level === 'detail' || (level === 'info' && !speaks)) return;
    process.stderr.write(`${name}: ${message}\n`);
  };
  if (logDirectory === null) {
    return { sink: { trace: () => {}, say: print }, keep: () => {}, close: async () => {} };
  }
  await makeDirectory(logDirectory).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FatalError(`cannot use the log directory ${logDirectory}: ${why}`, { cause });
  });
  const onLoss = (message: string): void => {
    process.stderr.write(`${name}: ${message}\n`);
  };
  const path = (suffix: string): string => join(logDirectory, `${name}${suffix}.jsonl`);
  const words = new RotatingFile({ path: path(''), onLoss });
  const gossip = gossipLog === 'on' ? new RotatingFile({ path: path('.gossip'), onLoss }) : null;
  const logger = pino(
    { base: { name }, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write: (line: string) => words.append(line.trimEnd()),
    },
  );
  const keep: EventSink['say'] = (level, message) =>
    logger[level === 'detail' ? 'info' : level](message);
  return {
    keep,
    sink: {
      trace: (trace, atMs) => gossip?.append(formatTraceJson(trace, name, atMs)),
      say: (level, message) => {
        keep(level, message);
        if (speaks) print(level, message);
      },
    },
    close: async () => {
      await words.close();
      await gossip?.close();
    },
  };
}

function membersOf(addresses: readonly Address[]): MemberAddress[] {
  return addresses.map(({ name, address }) => ({ name: nameOf(name), address }));
}

const serviceOf = (service: string | Service): Service =>
  typeof service === 'string' ? serviceByName(service) : service;

function nameOf(text: string): Name {
  if (isName(text)) return text;
  throw new HearsayError('INVALID', `"${text}" is no name: it takes ${NAME_FORM}`);
}
