/**
 * The command line of chaos. Flags are a table, so that reading them, refusing wrong ones and the help
 * text cannot disagree. Pure: words in, options or a HearsayError INVALID out.
 */

import { parseArgs } from 'node:util';
import { HearsayError } from '../src/base/errors.js';
import { oneOf, wholeNumber } from '../src/launch/values.js';
import { alternatives, show } from '../src/service/messages.js';
import type { ServiceName } from '../src/sim/workloads/workload.js';

export interface ChaosOptions {
  readonly minutes: number;
  /** Decides which faults strike whom and what clients do; not when processes do what. */
  readonly seed: number;
  readonly replicas: number;
  readonly frontends: number;
  readonly clients: number;
  readonly service: ServiceName;
  /** Names of fault kinds. */
  readonly faults: readonly string[];
  /** Keep history, story, data and logs also when all went well. */
  readonly keep: boolean;
}

const SERVICES = ['kv', 'movies', 'hungry'] as const;

const SEED_MAX = 999_999_999;

/** Ten processes are started again in a minute at most: all replicas can be killed at once. */
const REPLICAS_MAX = 9;
const FRONTENDS_MAX = 9;
/** The workloads have names for so many users. */
const CLIENTS_MAX = 20;
const MINUTES_MAX = 24 * 60;

/** `0.4`, `20`. */
const MINUTES = /^[0-9]{1,4}(?:\.[0-9]{1,3})?$/;

interface Flag {
  /** Stands for the value in help; null for a switch. */
  readonly value: string | null;
  readonly about: string;
}

const FLAGS: Readonly<Record<string, Flag>> = {
  minutes: { value: 'N', about: 'how long faults strike, 0.4 for instance (default 2)' },
  seed: { value: 'N', about: 'decides which faults strike whom (default: drawn)' },
  replicas: { value: 'N', about: 'replicas (default 3)' },
  frontends: { value: 'N', about: 'front ends (default 2)' },
  clients: { value: 'N', about: 'clients (default 6)' },
  service: { value: SERVICES.join('|'), about: 'the service (default kv)' },
  faults: {
    value: 'NAME,…',
    about: 'kinds of faults (default: all that so many replicas survive)',
  },
  keep: { value: null, about: 'keep history, story, data and logs also when all went well' },
  help: { value: null, about: 'show this' },
};

/** A kind of fault, as far as it can be chosen. */
export interface FaultChoice {
  readonly name: string;
  readonly replicasAtLeast: number;
}

export interface ReadFlagsInit {
  /** All kinds of faults that can be had here. */
  readonly faults: readonly FaultChoice[];
  /** When no seed is given. */
  readonly drawSeed: () => number;
}

/** Null asks for help. Throws HearsayError INVALID, with a message for people. */
export function readFlags(words: readonly string[], init: ReadFlagsInit): ChaosOptions | null {
  const flags = collect(words);
  if (flags.has('help')) return null;
  const number = (name: string, byDefault: number, least: number, most: number): number =>
    wholeNumber(`--${name}`, flags.get(name) ?? String(byDefault), least, most);
  const service = oneOf('--service', flags.get('service') ?? 'kv', SERVICES);
  const replicas = number('replicas', 3, 1, REPLICAS_MAX);
  return {
    minutes: minutes(flags.get('minutes') ?? '2'),
    seed: flags.has('seed') ? number('seed', 0, 0, SEED_MAX) : init.drawSeed(),
    replicas,
    frontends: number('frontends', 2, 1, FRONTENDS_MAX),
    clients: number('clients', 6, 1, CLIENTS_MAX),
    service,
    faults: faults(flags.get('faults'), init.faults, replicas),
    keep: flags.has('keep'),
  };
}

export function helpText(faults: readonly FaultChoice[]): string {
  const rows = Object.entries(FLAGS).map(([name, { value, about }]) => ({
    left: `--${name}${value === null ? '' : ` ${value}`}`,
    about,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return [
    'usage: npm run chaos -- [FLAGS]',
    '',
    'A cluster of real processes under faults, with clients at work; checkers judge what they saw.',
    '',
    ...rows.map(({ left, about }) => `  ${left.padEnd(width)}  ${about}`),
    '',
    `Kinds of faults: ${faults.map(({ name }) => name).join(', ')}.`,
    'Exit status: 0 all promises held; 1 one was broken, or the run proved nothing; 2 wrong arguments.',
  ].join('\n');
}

/** The flags given, by name; a switch has the empty text. */
function collect(words: readonly string[]): Map<string, string> {
  const options = Object.fromEntries(
    Object.entries(FLAGS).map(([name, { value }]) => [
      name,
      { type: value === null ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...words],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') throw wrong(`${show(token.value)} is no flag`);
    const { name, value } = token;
    const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    if (flag === undefined) throw wrong(unknownFlag(token.rawName));
    if (flags.has(name)) throw wrong(`--${name} is given twice`);
    if (flag.value === null && value !== undefined) throw wrong(`--${name} takes no value`);
    if (flag.value !== null && (value === undefined || value === '' || value.startsWith('-'))) {
      throw wrong(`--${name} needs a value: --${name} ${flag.value}`);
    }
    flags.set(name, value ?? '');
  }
  return flags;
}

function minutes(text: string): number {
  const value = Number(text);
  if (MINUTES.test(text) && value > 0 && value <= MINUTES_MAX) return value;
  throw wrong(`--minutes must be a number above 0, at most ${MINUTES_MAX}, not ${show(text)}`);
}

function faults(
  text: string | undefined,
  known: readonly FaultChoice[],
  replicas: number,
): readonly string[] {
  const possible = known.filter(({ replicasAtLeast }) => replicas >= replicasAtLeast);
  if (text === undefined) return possible.map(({ name }) => name);
  const chosen = [...new Set(text.split(','))];
  for (const name of chosen) {
    if (possible.some((kind) => kind.name === name)) continue;
    const kind = known.find((each) => each.name === name);
    if (kind !== undefined) {
      throw wrong(`${name} takes ${kind.replicasAtLeast} replicas or more, not ${replicas}`);
    }
    const names = known.map((each) => each.name);
    throw wrong(`there is no fault ${show(name)}; ${alternatives(name, names)}`);
  }
  return chosen;
}

const unknownFlag = (typed: string): string =>
  `there is no flag ${typed}; ${alternatives(
    typed,
    Object.keys(FLAGS).map((name) => `--${name}`),
  )}`;

const wrong = (message: string): HearsayError =>
  new HearsayError('INVALID', `${message} (--help shows all flags)`);
