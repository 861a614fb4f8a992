/**
 * From the words of a command line to a command: pure, so that tables of words and what comes of them
 * test it all. Everything wrong is a HearsayError INVALID that says what was expected instead.
 */

import { HearsayError } from '../base/errors.js';
import { LIMITS } from '../base/limits.js';
import { EVENT_FORMATS } from '../observe/formatter.js';
import { alternatives, show } from '../service/messages.js';
import type { SimCommand } from '../sim/options.js';
import type {
  CheckCommand,
  ClientCommand,
  Command,
  ImportCommand,
  LogCommand,
  OperationCommand,
  RecoverCommand,
  RetireCommand,
  StatusCommand,
  UpCommand,
} from './command.js';
import {
  administrator,
  dataPlace,
  frontends,
  given,
  onOrOff,
  plainWords,
  required,
  settingsFor,
} from './flags.js';
import {
  COMMANDS,
  type CommandName,
  DEFAULT_SERVICE,
  DEFAULT_TIMEOUT_MS,
  FRONTENDS_MAX,
  REPLICAS_MAX,
} from './forms.js';
import { readFrontend, readReplica } from './part-arguments.js';
import { readWords, usageError, type Words } from './read-words.js';
import * as values from './values.js';

const SEED_MAX = 999_999_999;
const SEEDS_MAX = 10_000_000;

/** More threads are no faster, and each holds a database for every replica it plays. */
const JOBS_MAX = 64;

const READERS: Readonly<Record<CommandName, (words: Words) => Command>> = {
  up: readUp,
  replica: (words) => ({ kind: 'replica', options: readReplica(words) }),
  frontend: (words) => ({ kind: 'frontend', options: readFrontend(words) }),
  client: readClient,
  query: (words) => readOperation('query', words),
  update: (words) => readOperation('update', words),
  status: readStatus,
  retire: readRetire,
  recover: readRecover,
  log: readLog,
  import: readImport,
  sim: readSim,
  check: readCheck,
};

/** Reads what follows the program's name. Throws HearsayError INVALID, with a message for people. */
export function readCommand(argv: readonly string[]): Command {
  const [first, ...rest] = argv;
  if (first === undefined) {
    throw new HearsayError('INVALID', 'a command is missing; "hearsay help" shows them all');
  }
  if (first === '--version') return { kind: 'version' };
  if (first === 'help' || first === '--help' || first === '-h') {
    const [about] = rest;
    return { kind: 'help', command: about === undefined ? null : commandNamed(about) };
  }
  const command = commandNamed(first);
  const words = readWords(command, rest);
  return words.wantsHelp ? { kind: 'help', command } : READERS[command](words);
}

function commandNamed(name: string): CommandName {
  const found = COMMANDS.find((known) => known === name);
  if (found !== undefined) return found;
  throw new HearsayError(
    'INVALID',
    `there is no command ${show(name)}; ${alternatives(name, COMMANDS)}`,
  );
}

function readUp(words: Words): UpCommand {
  const [frontendCount = '1', replicaCount = '3', user] = plainWords(words, 3);
  const service = words.flags.get('service') ?? DEFAULT_SERVICE;
  return {
    kind: 'up',
    frontends: values.wholeNumber('FE, the number of front ends,', frontendCount, 1, FRONTENDS_MAX),
    replicas: values.wholeNumber('RM, the number of replicas,', replicaCount, 1, REPLICAS_MAX),
    user: user ?? null,
    service,
    importFrom: words.flags.get('import') ?? null,
    data: dataPlace(words) ?? { kind: 'default' },
    administrator: administrator(words),
    settings: settingsFor(words, service),
    withClient: !given(words, 'no-client'),
    restart: !given(words, 'no-restart'),
    gossipLog: onOrOff(words, 'gossip-log'),
    json: given(words, 'json'),
  };
}

function readClient(words: Words): ClientCommand {
  const [user] = plainWords(words, 1);
  return {
    kind: 'client',
    user: user ?? null,
    frontends: frontends(words),
    json: given(words, 'json'),
  };
}

function readOperation(kind: 'query' | 'update', words: Words): OperationCommand {
  const [operation, ...rest] = words.plain;
  if (operation === undefined) throw usageError(words.command, `${kind} needs the name of one`);
  const minCopies = values.oneOf('--min-copies', words.flags.get('min-copies') ?? '1', ['1', '2']);
  const consistency = words.flags.get('consistency') ?? 'auto';
  const timeout = words.flags.get('timeout') ?? String(DEFAULT_TIMEOUT_MS);
  return {
    kind,
    operation,
    words: rest,
    user: words.flags.get('user') ?? '',
    frontends: frontends(words),
    json: given(words, 'json'),
    options: {
      consistency: values.oneOf('--consistency', consistency, ['causal', 'fresh', 'auto']),
      minCopies: minCopies === '2' ? 2 : 1,
      timeoutMs: values.wholeNumber('--timeout', timeout, 1, LIMITS.timeoutMs),
    },
  };
}

function readStatus(words: Words): StatusCommand {
  const [name, value] = plainWords(words, 2);
  const looks = {
    kind: 'status',
    frontends: frontends(words),
    json: given(words, 'json'),
  } as const;
  if (name === undefined) return { ...looks, set: null };
  const choices = ['active', 'overloaded', 'offline', 'random', 'auto'] as const;
  if (value === undefined) {
    throw usageError(
      words.command,
      `which status ${name} is to have is missing: ${choices.join('|')}`,
    );
  }
  const chosen = values.oneOf('the status', value.toLowerCase(), choices);
  return { ...looks, set: { name: values.name('NAME', name), value: STATUS_WORDS[chosen] } };
}

const STATUS_WORDS = {
  active: 'ACTIVE',
  overloaded: 'OVERLOADED',
  offline: 'OFFLINE',
  random: 'random',
  auto: 'auto',
} as const;

function readRetire(words: Words): RetireCommand {
  const [name] = plainWords(words, 1);
  if (name === undefined) {
    throw usageError(words.command, 'the name of the replica to retire is missing');
  }
  return {
    kind: 'retire',
    name: values.name('NAME', name),
    force: given(words, 'force'),
    frontends: frontends(words),
    json: given(words, 'json'),
  };
}

function readRecover(words: Words): RecoverCommand {
  plainWords(words, 0);
  const abort = words.flags.get('abort') ?? null;
  const named = (flag: 'survivors' | 'lost'): string[] =>
    required(words, flag)
      .split(',')
      .map((name) => values.name(`--${flag}`, name));
  if (abort === null && !given(words, 'force')) {
    throw usageError(words.command, 'what the lost replicas alone held will be lost: say --force');
  }
  return {
    kind: 'recover',
    survivors: abort === null || given(words, 'survivors') ? named('survivors') : [],
    lost: abort === null ? named('lost') : [],
    abort,
    frontends: frontends(words),
    json: given(words, 'json'),
  };
}

function readLog(words: Words): LogCommand {
  plainWords(words, 0);
  const format = words.flags.get('format') ?? 'text';
  return {
    kind: 'log',
    frontends: frontends(words),
    format: values.oneOf('--format', format, EVENT_FORMATS),
  };
}

function readImport(words: Words): ImportCommand {
  const [folder] = plainWords(words, 1);
  if (folder === undefined) throw usageError(words.command, 'the folder to import is missing');
  return {
    kind: 'import',
    folder,
    data: required(words, 'data'),
    service: words.flags.get('service') ?? DEFAULT_SERVICE,
  };
}

function readSim(words: Words): SimCommand {
  plainWords(words, 0);
  const number = (name: string, ifMissing: string, least: number, most: number): number =>
    values.wholeNumber(`--${name}`, words.flags.get(name) ?? ifMissing, least, most);
  const seeds = number('seeds', '1', 1, SEEDS_MAX);
  const format = words.flags.get('format') ?? 'text';
  const ofOneSeed = ['trace', 'format', 'history'].find((name) => given(words, name));
  if (seeds > 1 && ofOneSeed !== undefined) {
    throw usageError(words.command, `--${ofOneSeed} is for one seed, not for --seeds ${seeds}`);
  }
  return {
    kind: 'sim',
    from: number('seed', '1', 0, SEED_MAX),
    seeds,
    jobs: given(words, 'jobs') ? number('jobs', '', 1, JOBS_MAX) : null,
    keepGoing: given(words, 'keep-going'),
    trace:
      given(words, 'trace') || given(words, 'format')
        ? values.oneOf('--format', format, EVENT_FORMATS)
        : null,
    history: words.flags.get('history') ?? null,
    json: given(words, 'json'),
  };
}

function readCheck(words: Words): CheckCommand {
  const [file] = plainWords(words, 1);
  if (file === undefined) throw usageError(words.command, 'the file to check is missing');
  return { kind: 'check', file, json: given(words, 'json') };
}
