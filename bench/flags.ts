/**
 * The benchmark's command line. Flags are a table, so that reading them, refusing wrong ones and the help
 * text cannot disagree. Pure: words in, options or a HearsayError INVALID out.
 */

import { HearsayError } from '../src/base/errors.js';
import { oneOf, wholeNumber } from '../src/launch/values.js';
import { alternatives, show } from '../src/service/messages.js';
import { SHAPES, type Shape, WORKLOAD_NAMES, type WorkloadName } from './plan.js';

export interface BenchOptions {
  /** Length of each measurement, after its warm-up. */
  readonly seconds: number;
  /** Requests under way at once, a run each. */
  readonly inFlight: readonly number[];
  readonly workloads: readonly WorkloadName[];
  /** Null: one session a request for every workload, and pipelined sessions for updates as well. */
  readonly shape: Shape | null;
  readonly gossipLog: 'on' | 'off';
  /** Client processes that share the requests. */
  readonly drivers: number;
  readonly seed: number;
  /** Where the journals are for the time of the run; null = the system's folder for temporary files. */
  readonly data: string | null;
  /** Where each process leaves its CPU profile; null = none are taken. */
  readonly profile: string | null;
  readonly json: JsonPlace;
}

/** Where the results go as JSON, besides the table. */
export type JsonPlace =
  | { readonly kind: 'nowhere' }
  /** The table goes to standard error then. */
  | { readonly kind: 'stdout' }
  | { readonly kind: 'file'; readonly path: string };

export type BenchCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'micro' }
  | { readonly kind: 'cluster'; readonly options: BenchOptions };

interface Flag {
  /** Stands for the value in help; null for a switch. */
  readonly value: string | null;
  readonly about: string;
  /** Without a value it means something, too. */
  readonly valueIsOptional?: boolean;
}

const FLAGS: Readonly<Record<string, Flag>> = {
  seconds: { value: 'N', about: 'length of each measurement (default 3)' },
  'in-flight': { value: 'N,…', about: 'requests under way at once (default 1,16,64,256)' },
  only: { value: 'NAME,…', about: `of ${WORKLOAD_NAMES.join(', ')} (default all)` },
  sessions: {
    value: 'single|pipelined',
    about: 'one session a request, or 4 pipelined sessions (default: updates with both)',
  },
  'gossip-log': { value: 'on|off', about: 'let all parts write their gossip log (default off)' },
  drivers: { value: 'N', about: 'client processes that share the requests (default 1)' },
  seed: { value: 'N', about: 'of the keys that are drawn (default 1)' },
  data: { value: 'DIR', about: 'where the journals are while it runs (default: temporary files)' },
  profile: { value: 'DIR', about: 'leave a CPU profile of every process there, and sum them up' },
  json: {
    value: '[FILE]',
    about: 'results as JSON into FILE, or to standard output',
    valueIsOptional: true,
  },
  micro: { value: null, about: 'codec, digest, replica core and kv by themselves, in one thread' },
  help: { value: null, about: 'show this' },
};

const SECONDS_MAX = 600;
/** Each request of the single shape has a connection; the front end takes not many more. */
const IN_FLIGHT_MAX = 1000;
const DRIVERS_MAX = 8;
const SEED_MAX = 999_999_999;

/** Throws HearsayError INVALID, with a message for people. */
export function readFlags(words: readonly string[]): BenchCommand {
  const flags = collect(words);
  if (flags.has('help')) return { kind: 'help' };
  if (flags.has('micro')) {
    if (flags.size > 1) throw wrong('--micro takes no other flags');
    return { kind: 'micro' };
  }
  const number = (name: string, byDefault: number, least: number, most: number): number =>
    wholeNumber(`--${name}`, flags.get(name) ?? String(byDefault), least, most);
  const shape = flags.get('sessions');
  const inFlight = flags.get('in-flight') ?? '1,16,64,256';
  const only = flags.get('only') ?? WORKLOAD_NAMES.join(',');
  const options: BenchOptions = {
    seconds: number('seconds', 3, 1, SECONDS_MAX),
    inFlight: inFlight.split(',').map((n) => wholeNumber('--in-flight', n, 1, IN_FLIGHT_MAX)),
    workloads: only.split(',').map((name) => oneOf('--only', name, WORKLOAD_NAMES)),
    shape: shape === undefined ? null : oneOf('--sessions', shape, SHAPES),
    gossipLog: oneOf('--gossip-log', flags.get('gossip-log') ?? 'off', ['on', 'off']),
    drivers: number('drivers', 1, 1, DRIVERS_MAX),
    seed: number('seed', 1, 0, SEED_MAX),
    data: flags.get('data') ?? null,
    profile: flags.get('profile') ?? null,
    json: jsonPlace(flags.get('json')),
  };
  return { kind: 'cluster', options };
}

export function helpText(): string {
  const rows = Object.entries(FLAGS).map(([name, { value, about }]) => ({
    left: `--${name}${value === null ? '' : ` ${value}`}`,
    about,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return [
    'usage: npm run bench -- [FLAGS]',
    '',
    'Starts 3 replicas and a front end as processes of their own, with journals on disk, drives them',
    'through the client library and prints what that took. Runs on Linux, for it reads /proc.',
    '',
    ...rows.map(({ left, about }) => `  ${left.padEnd(width)}  ${about}`),
  ].join('\n');
}

/** The flags given, by name; a switch, or a flag without the value it could have, has the empty text. */
function collect(words: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [, name, inline] = /^--([^=]+)(?:=(.*))?$/.exec(word) ?? [];
    if (name === undefined) throw wrong(`${show(word)} is no flag`);
    const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    if (flag === undefined) throw wrong(unknownFlag(name));
    if (flags.has(name)) throw wrong(`--${name} is given twice`);
    if (flag.value === null && inline !== undefined) throw wrong(`--${name} takes no value`);
    const hasNext = left[0] !== undefined && !left[0].startsWith('--');
    const takesNext = flag.value !== null && inline === undefined && hasNext;
    const value = inline ?? (takesNext ? left.shift() : undefined) ?? '';
    if (flag.value !== null && value === '' && flag.valueIsOptional !== true) {
      throw wrong(`--${name} needs a value: --${name} ${flag.value}`);
    }
    flags.set(name, value);
  }
  return flags;
}

function jsonPlace(path: string | undefined): JsonPlace {
  if (path === undefined) return { kind: 'nowhere' };
  return path === '' ? { kind: 'stdout' } : { kind: 'file', path };
}

const unknownFlag = (name: string): string => {
  const known = Object.keys(FLAGS).map((each) => `--${each}`);
  return `there is no flag --${name}; ${alternatives(`--${name}`, known)}`;
};

const wrong = (message: string): HearsayError =>
  new HearsayError('INVALID', `${message} (--help shows all flags)`);
