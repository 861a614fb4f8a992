/**
 * Random use of a cluster under random faults, and what must hold afterwards (DESIGN section 7). All
 * from one seed. The faults stop before the end: then everything must be answered and agree.
 */

import { HearsayError } from '../../src/base/errors.js';
import { type Random, SeededRandom } from '../../src/base/random.js';
import type { Client } from '../../src/client/api.js';
import { kv } from '../../src/service/kv/kv.js';
import { World } from './world.js';

export interface HistoryInit {
  readonly seed: number;
  readonly replicas: number;
  readonly frontends: number;
  readonly clients: number;
  /** How long the load and the faults last, virtual ms. */
  readonly loadMs: number;
  readonly faults: boolean;
}

/** Counted, because a run in which nothing happened proves nothing. */
export interface HistoryReport {
  readonly violations: string[];
  acknowledged: number;
  unknown: number;
  queries: number;
  fresh: number;
  crashes: number;
  frontendCrashes: number;
  cuts: number;
  lost: number;
}

interface Writer {
  readonly number: number;
  readonly client: Client;
  /** Fresh keys this client was told are written, with their values. */
  readonly written: Map<string, number>;
  /** The last value of its own register it was told of, and the last it tried. */
  acknowledgedRegister: number;
  triedRegister: number;
  /** Adds to the shared counter that were acknowledged, and that may have happened. */
  added: number;
  maybeAdded: number;
}

const QUIET_MS = 30_000;

export async function playHistory(init: HistoryInit): Promise<HistoryReport> {
  const { seed, replicas, frontends } = init;
  const world = new World({ seed, service: kv, replicas, frontends });
  const random = new SeededRandom(seed).child('history');
  const report: HistoryReport = {
    violations: [],
    acknowledged: 0,
    unknown: 0,
    queries: 0,
    fresh: 0,
    crashes: 0,
    frontendCrashes: 0,
    cuts: 0,
    lost: 0,
  };
  await world.start();
  const writers: Writer[] = [];
  for (let number = 1; number <= init.clients; number++) {
    writers.push({
      number,
      client: await world.client(),
      written: new Map(),
      acknowledgedRegister: 0,
      triedRegister: 0,
      added: 0,
      maybeAdded: 0,
    });
  }
  const endMs = world.scheduler.monotonicMs() + init.loadMs;
  const isOver = (): boolean => world.scheduler.monotonicMs() >= endMs;
  const work = writers.map((writer) => useCluster(world, writer, random, report, isOver));
  const trouble = init.faults ? causeFaults(world, random, report, isOver) : Promise.resolve();
  await world.until(Promise.all([...work, trouble]));
  await heal(world);
  await world.run(QUIET_MS);
  await judge(world, writers, report);
  report.lost = world.network.statistics.lost;
  for (const { client } of writers) await world.until(client.close());
  await world.close();
  return report;
}

/** One client: writes, adds, and reads back what it was told. */
async function useCluster(
  world: World,
  writer: Writer,
  random: Random,
  report: HistoryReport,
  isOver: () => boolean,
): Promise<void> {
  const own = random.child(`client-${writer.number}`);
  const { client, number } = writer;
  const timeoutMs = 4000;
  while (!isOver()) {
    await world.pause(own.below(30));
    try {
      switch (own.below(5)) {
        case 0: {
          const key = `fresh-${number}-${writer.written.size + report.unknown}-${own.below(1e6)}`;
          await client.update('set', { key, value: number }, { timeoutMs });
          writer.written.set(key, number);
          break;
        }
        case 1: {
          writer.triedRegister++;
          const value = writer.triedRegister;
          await client.update('set', { key: `register-${number}`, value }, { timeoutMs });
          writer.acknowledgedRegister = value;
          break;
        }
        case 2:
          writer.maybeAdded++;
          await client.update('add', { key: 'counter', amount: 1 }, { timeoutMs });
          writer.added++;
          break;
        default:
          await readBack(writer, own, report, timeoutMs);
          continue;
      }
      report.acknowledged++;
    } catch (error) {
      if (!(error instanceof HearsayError) || error.definite) {
        if (!(error instanceof HearsayError) || error.code === 'INVALID') {
          report.violations.push(`client ${number}: ${String(error)}`);
        }
      } else report.unknown++;
    }
  }
}

/** Reads its own register, or another one's, and a fresh key: never anything older than told. */
async function readBack(
  writer: Writer,
  random: Random,
  report: HistoryReport,
  timeoutMs: number,
): Promise<void> {
  const consistency = random.pick(['causal', 'fresh', 'auto'] as const);
  const least = writer.acknowledgedRegister;
  const key = `register-${writer.number}`;
  const answer = await writer.client.query('get', { key }, { consistency, timeoutMs });
  report.queries++;
  if (answer.guarantee === 'fresh') report.fresh++;
  const seen = Number(answer.value ?? 0);
  if (seen < least || seen > writer.triedRegister) {
    report.violations.push(
      `client ${writer.number} wrote ${least} and read ${seen} (${consistency})`,
    );
  }
}

async function causeFaults(
  world: World,
  random: Random,
  report: HistoryReport,
  isOver: () => boolean,
): Promise<void> {
  const own = random.child('faults');
  while (!isOver()) {
    await world.pause(20 + own.below(400));
    switch (own.below(6)) {
      case 0:
      case 1: {
        const { name, driver } = own.pick(world.replicas);
        if (driver === null) break;
        report.crashes++;
        await world.crash(name);
        await world.pause(own.below(800));
        await restart(world, name);
        break;
      }
      case 2: {
        if (!own.chance(1, 4)) break;
        for (const { name, driver } of world.replicas) {
          if (driver === null) continue;
          report.crashes++;
          await world.crash(name);
        }
        await world.pause(own.below(300));
        for (const { name } of world.replicas) await restart(world, name);
        break;
      }
      case 3: {
        const { name } = own.pick(world.frontends);
        report.frontendCrashes++;
        world.crashFrontend(name);
        await world.pause(own.below(500));
        await world.startFrontend(name);
        break;
      }
      default: {
        const from = own.pick([...world.replicas, ...world.frontends]).name;
        const to = own.pick(world.replicas).name;
        if (from === to) break;
        report.cuts++;
        const breakAfterMs = 200 + own.below(2000);
        world.network.cut(from, to, { breakAfterMs });
        if (own.chance(2, 3)) world.network.cut(to, from, { breakAfterMs });
        await world.pause(own.below(1500));
        world.network.mend(from, to);
        world.network.mend(to, from);
      }
    }
  }
}

async function heal(world: World): Promise<void> {
  world.network.mendAll();
  for (const { name, driver } of world.replicas) {
    if (driver === null) await world.until(restart(world, name));
  }
}

/** Starting awaits the disk, which only virtual time moves: the world's loop does that. */
const restart = (world: World, name: string): Promise<void> => world.startReplica(name);

/** Once quiet: nothing lost, nothing twice, equal states, every promise still kept. */
async function judge(
  world: World,
  writers: readonly Writer[],
  report: HistoryReport,
): Promise<void> {
  const { violations } = report;
  for (const halted of world.halted) violations.push(`halted: ${halted}`);
  const hashes = new Set(world.stateHashes());
  if (hashes.size !== 1) violations.push(`states differ: ${[...hashes].join(', ')}`);
  const reader = await world.client();
  const read = async (operation: string, key: string): Promise<unknown> =>
    (await world.until(reader.query(operation, { key }, { consistency: 'fresh' }))).value;
  for (const writer of writers) {
    for (const [key, value] of writer.written) {
      const found = await read('get', key);
      if (found !== value) violations.push(`${key} was acknowledged and reads ${String(found)}`);
    }
    const register = Number((await read('get', `register-${writer.number}`)) ?? 0);
    if (register < writer.acknowledgedRegister) {
      violations.push(`register ${writer.number}: ${register} < ${writer.acknowledgedRegister}`);
    }
  }
  const least = writers.reduce((sum, { added }) => sum + added, 0);
  const most = writers.reduce((sum, { maybeAdded }) => sum + maybeAdded, 0);
  const counter = Number(await read('count', 'counter'));
  if (counter < least || counter > most) {
    violations.push(`counter is ${counter}, must be ${least} to ${most}`);
  }
  await world.until(reader.close());
}
