/**
 * The command lines of replicas and front ends. What they are told of their cluster is checked here: its
 * members for ever (`--members`), or where it is found (`--join`, `--discover`), or that it begins
 * (`--init`).
 */

import { join } from 'node:path';
import type { FrontendOptions, ReplicaOptions } from '../node/options.js';
import {
  administrator,
  clockOffset,
  dataPlace,
  discovery,
  given,
  onOrOff,
  plainWords,
  required,
  settingsFor,
} from './flags.js';
import { DEFAULT_GOSSIP_INTERVAL_MS } from './forms.js';
import { usageError, type Words } from './read-words.js';
import * as values from './values.js';

/** The longest pause between two rounds of gossip that can be asked for, one hour. */
const GOSSIP_INTERVAL_MAX_MS = 3_600_000;

/** More versions than there will ever be. */
const VERSION_MAX = 1000;

export function readReplica(words: Words): ReplicaOptions {
  plainWords(words, 0);
  const name = values.name('--name', required(words, 'name'));
  const cluster = readCluster(words);
  if (cluster.members.length > 0 && !cluster.members.some((member) => member.name === name)) {
    throw usageError(words.command, `--members must name ${name}, this replica, as well`);
  }
  const place = dataPlace(words);
  if (place === null) throw usageError(words.command, 'replica needs --data DIR or --ephemeral');
  const data = place.kind === 'folder' ? place.path : null;
  const interval = words.flags.get('gossip-interval') ?? String(DEFAULT_GOSSIP_INTERVAL_MS);
  const versions = words.flags.get('versions');
  return {
    name,
    listen: values.address('--listen', required(words, 'listen')),
    advertise: advertised(words),
    service: required(words, 'service'),
    data,
    importFrom: words.flags.get('import') ?? null,
    ...cluster,
    ...founding(words, cluster, data !== null),
    ...(given(words, 'owns-all') ? { ownsAll: true } : {}),
    ...(versions === undefined ? {} : { versions: versionRange(versions) }),
    gossip: onOrOff(words, 'gossip'),
    gossipIntervalMs: values.wholeNumber('--gossip-interval', interval, 1, GOSSIP_INTERVAL_MAX_MS),
    logDirectory: words.flags.get('log-dir') ?? (data === null ? null : join(data, 'log')),
    gossipLog: onOrOff(words, 'gossip-log'),
    clockOffsetMs: clockOffset(words),
  };
}

export function readFrontend(words: Words): FrontendOptions {
  plainWords(words, 0);
  const name = values.name('--name', required(words, 'name'));
  const listen = values.address('--listen', required(words, 'listen'));
  const service = required(words, 'service');
  const cluster = readCluster(words);
  if (!isTold(cluster)) {
    throw usageError(words.command, 'frontend needs --join, --discover or --members');
  }
  return {
    name,
    listen,
    advertise: advertised(words),
    service,
    ...cluster,
    administrator: administrator(words),
    settings: settingsFor(words, service),
    logDirectory: words.flags.get('log-dir') ?? null,
    gossipLog: onOrOff(words, 'gossip-log'),
    clockOffsetMs: clockOffset(words),
  };
}

type Cluster = Required<Pick<ReplicaOptions, 'members' | 'join' | 'discover' | 'clusterId'>>;

/** How the cluster is found; in one way at most. */
function readCluster(words: Words): Cluster {
  const { command, flags } = words;
  const ways = ['members', 'join', 'discover'].filter((name) => flags.has(name));
  if (ways.length > 1) {
    const [one, other] = ways;
    throw usageError(command, `--${one} and --${other} do not go together: one of them is enough`);
  }
  const members = flags.get('members');
  const joined = flags.get('join');
  return {
    members: members === undefined ? [] : values.members('--members', members),
    join: joined === undefined ? [] : values.addresses('--join', joined),
    discover: discovery(words),
    clusterId: flags.get('cluster-id') ?? null,
  };
}

const isTold = ({ members, join, discover }: Cluster): boolean =>
  members.length > 0 || join.length > 0 || discover !== null;

/** What a replica does where it has no data yet. Data say by themselves whose they are. */
function founding(
  words: Words,
  cluster: Cluster,
  mayHaveData: boolean,
): Required<Pick<ReplicaOptions, 'init' | 'replace'>> {
  const { command } = words;
  const init = given(words, 'init');
  const replace = given(words, 'replace');
  if (!init && !mayHaveData && !isTold(cluster)) {
    throw usageError(command, 'replica needs --init, --join, --discover or --members');
  }
  if (cluster.members.length > 0 && (init || replace)) {
    const flag = init ? '--init' : '--replace';
    throw usageError(command, `--members fixes all members, so it does not go with ${flag}`);
  }
  if (replace && !isTold(cluster)) {
    throw usageError(
      command,
      '--replace needs --join or --discover: whose place, in which cluster',
    );
  }
  return { init, replace };
}

function versionRange(text: string): readonly [number, number] {
  const [low = '', high = low, ...more] = text.split(',');
  const lowest = values.wholeNumber('the lowest of --versions', low, 1, VERSION_MAX);
  const surplus = more.length === 0 ? high : text;
  return [lowest, values.wholeNumber('the highest of --versions', surplus, lowest, VERSION_MAX)];
}

function advertised({ flags }: Words): string | null {
  const address = flags.get('advertise');
  return address === undefined ? null : values.address('--advertise', address);
}
