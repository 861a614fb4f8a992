/**
 * Whether the cluster of a data folder is founded (PROTOCOL C, Bootstrap): `cluster.json` is written before
 * its founder starts, and says `founded` before anybody else does. From then on nobody founds there again,
 * whatever is missing: two clusters of one id would each think that they have everything. Whoever calls
 * this holds the folder's lock, so nobody else looks or writes between two steps.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FatalError } from '../base/errors.js';
import type { Random } from '../base/random.js';
import { hasCode, makeDirectory, writeFileAtomically } from '../storage/atomic-file.js';
import { lockFolder } from '../storage/level-database.js';

const CLUSTER_FILE = 'cluster.json';
/** What a replica's folder holds once it is made. */
const IDENTITY_FILE = 'hearsay.json';

/** Characters of a cluster's id: 36^20, so that no two are ever the same by chance. */
const CLUSTER_ID = 20;

/** The replica that founds: the others join it. */
const FOUNDER = 1;

export const replicaName = (number: number): string => `rm-${number}`;

interface ClusterFile {
  readonly clusterId: string;
  readonly founder: string;
  readonly founded: boolean;
}

/** Who founds a cluster, under which id, and whether that is done. */
export class Founding {
  readonly clusterId: string;
  /** Name of the replica that founds. */
  readonly founder: string;
  readonly #file: string | null;
  #isDone: boolean;

  /** `file` is where it is noted; null: nowhere. */
  constructor({ clusterId, founder, founded }: ClusterFile, file: string | null) {
    this.clusterId = clusterId;
    this.founder = founder;
    this.#isDone = founded;
    this.#file = file;
  }

  /** Of a cluster that keeps nothing. */
  static ephemeral(random: Random): Founding {
    return new Founding(drawn(random), null);
  }

  /** The first configuration is durable, and no replica may found this cluster again. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** To be called once the founder is there and before anybody writes; durable once it resolves. */
  async finish(): Promise<void> {
    const { clusterId, founder } = this;
    if (this.#file !== null) await writeCluster(this.#file, { clusterId, founder, founded: true });
    this.#isDone = true;
  }
}

/** Makes a data folder where it is missing and keeps other launchers out of it until the answer is called. Throws FatalError. */
export async function takeFolder(data: string): Promise<() => Promise<void>> {
  try {
    await makeDirectory(data);
  } catch (cause) {
    throw new FatalError(`cannot use the data directory ${data}: ${wordsOf(cause)}`, { cause });
  }
  return lockFolder(data);
}

/** What a data folder says of the cluster in it. */
export interface ClusterFolder {
  /** Null: its members were given by `--members`, once for all. */
  readonly founding: Founding | null;
  /** Numbers of the replicas that have a folder there, the lowest first. */
  readonly replicas: readonly number[];
}

/** Looks into a folder, and begins to found a cluster where there is none. Throws FatalError. */
export async function openClusterFolder(data: string, random: Random): Promise<ClusterFolder> {
  const replicas = replicasIn(data);
  const file = join(data, CLUSTER_FILE);
  const found = readCluster(file);
  if (found !== null) return { founding: new Founding(found, file), replicas };
  // What has no identity yet was never anybody's.
  const isMade = (number: number): boolean =>
    existsSync(join(data, replicaName(number), IDENTITY_FILE));
  if (replicas.some(isMade)) return { founding: null, replicas };
  const begun = drawn(random);
  await writeCluster(file, begun);
  return { founding: new Founding(begun, file), replicas };
}

const drawn = (random: Random): ClusterFile => ({
  clusterId: random.nonce(CLUSTER_ID),
  founder: replicaName(FOUNDER),
  founded: false,
});

/** Folders that were put away have other names. */
function replicasIn(data: string): number[] {
  const numbers = readdirSync(data).flatMap((name) => {
    const number = /^rm-([1-9][0-9]{0,3})$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  return numbers.sort((one, other) => one - other);
}

/** Null = there is none. */
function readCluster(file: string): ClusterFile | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return null;
    throw new FatalError(`cannot read ${file}: ${wordsOf(cause)}`, { cause });
  }
  const found = parseCluster(text);
  if (found !== null) return found;
  throw new FatalError(
    `${file} is damaged: put it back from a copy, or write ` +
      '{"clusterId":"ID","founder":"rm-1","founded":true} to it, with the id in hearsay.json of a replica there',
  );
}

function parseCluster(text: string): ClusterFile | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { clusterId, founder, founded } = value as Partial<Record<keyof ClusterFile, unknown>>;
  return typeof clusterId === 'string' &&
    typeof founder === 'string' &&
    typeof founded === 'boolean'
    ? { clusterId, founder, founded }
    : null;
}

async function writeCluster(file: string, cluster: ClusterFile): Promise<void> {
  const text = `${JSON.stringify(cluster, null, 2)}\n`;
  await writeFileAtomically(file, [Buffer.from(text)]).catch((cause: unknown) => {
    throw new FatalError(`cannot write ${file}: ${wordsOf(cause)}`, { cause });
  });
}

const wordsOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);
