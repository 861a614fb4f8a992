/**
 * The commands and their flags as tables: reading a command line, telling what is wrong with it, and
 * the help text all come from here, so that none of them can name a flag that another does not know.
 */

import { services } from '../service/registry.js';
import { isWebAddress } from '../service/settings.js';
import { either } from './values.js';

export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  /** What stands for the value in help, `DIR`; null for a switch, which takes none. */
  readonly value: string | null;
  readonly about: string;
}

export type CommandName =
  | 'up'
  | 'replica'
  | 'frontend'
  | 'client'
  | 'query'
  | 'update'
  | 'status'
  | 'retire'
  | 'recover'
  | 'log'
  | 'import'
  | 'sim'
  | 'check';

export interface CommandForm {
  /** The words that are no flags, as help shows them. */
  readonly words: string;
  readonly about: string;
  readonly flags: readonly Flag[];
  /** What else there is to say, a line each. */
  readonly notes: readonly string[];
}

/** How many parts one `up` starts: more of them are no better protection, and share one machine. */
export const FRONTENDS_MAX = 16;
export const REPLICAS_MAX = 16;

/** Users of the MovieLens data: `up` and `client` draw one of them when none is named. */
export const DRAWN_USERS = 610;

export const DEFAULT_FRONTEND = 'ws://127.0.0.1:7100';
export const DEFAULT_TIMEOUT_MS = 10_000;
export const DEFAULT_GOSSIP_INTERVAL_MS = 1000;
export const DEFAULT_SERVICE = 'movies';
export const DEFAULT_ADMINISTRATOR = 'admin';

const flag = (name: string, value: string | null, about: string): Flag => ({ name, value, about });

const SERVICE_NAMES = either([...services.keys()]);
const SERVICE = flag(
  'service',
  'NAME',
  `the service: ${SERVICE_NAMES} (default ${DEFAULT_SERVICE})`,
);
const GOSSIP_LOG = flag('gossip-log', 'on|off', 'write NAME.gossip.jsonl (default on)');
const FRONTEND = flag(
  'frontend',
  'URL,…',
  `front ends to use, in this order (default ${DEFAULT_FRONTEND})`,
);
const DISCOVER = flag(
  'discover',
  'WHERE',
  'finds the cluster: dns://NAME:PORT or etcd://HOST:PORT/PREFIX',
);
const FRONTENDS: readonly Flag[] = [FRONTEND, DISCOVER];
const JSON_LINES = flag('json', null, 'line mode prints JSON objects instead of bare values');

const PART_FLAGS: readonly Flag[] = [
  flag('name', 'NAME', 'its name: rm-1, fe-1 …'),
  flag('listen', 'HOST:PORT', 'where it listens; port 0 takes any free one'),
  flag('advertise', 'HOST:PORT', 'where others reach it, if that is not where it listens'),
  flag('service', 'NAME', `the service: ${SERVICE_NAMES}`),
];

const MEMBERS = flag(
  'members',
  'NAME=HOST:PORT,…',
  'all replicas of a cluster whose members never change',
);
const JOIN = flag('join', 'HOST:PORT,…', 'replicas of the cluster, as many as are known');

/** Somebody else's cluster may be where one's own was to be: hearsay up, which draws the id, says which. */
const CLUSTER_ID = flag('cluster-id', 'ID', 'have to do with this cluster only (for hearsay up)');

const CLOCK_OFFSET = flag(
  'clock-offset',
  'MS',
  'its clock is this wrong, to try that out; slow: --clock-offset=-MS',
);

const ADMINISTRATOR = flag(
  'admin',
  'USER',
  `the user who may do what is for the administrator (default ${DEFAULT_ADMINISTRATOR})`,
);

/** The flag of a setting of a service's lookups: `postcodesIo` is given as `--postcodes-io`. */
export const settingFlag = (setting: string): string =>
  setting.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The settings of all services, by name. */
export const SETTING_NAMES: ReadonlySet<string> = new Set(
  [...services.values()].flatMap(({ settings }) => Object.keys(settings)),
);

const SETTINGS: readonly Flag[] = [...services.values()].flatMap(({ name, settings }) =>
  Object.entries(settings).map(([setting, { default: usual, about }]) => {
    const value = isWebAddress(usual) ? 'URL' : 'TEXT';
    return flag(settingFlag(setting), value, `${name}: ${about} (default ${usual})`);
  }),
);

const LOG_DIRECTORY = flag('log-dir', 'DIR', 'where NAME.jsonl and NAME.gossip.jsonl go');

const OPERATION_FORM = {
  words: 'NAME key=value…',
  flags: [
    flag('user', 'USER', 'who asks'),
    ...FRONTENDS,
    flag('json', null, 'print an object with timestamp, guarantee or copies; also errors'),
    flag('consistency', 'causal|fresh|auto', 'queries: how fresh the answer is (default auto)'),
    flag('min-copies', '1|2', 'updates: an error with fewer durable copies (default 1)'),
    flag('timeout', 'MS', `longest time to wait (default ${DEFAULT_TIMEOUT_MS})`),
  ],
  notes: [
    'Text arguments are taken as they are, all others are JSON.',
    'Exit status: 0 done; 1 refused; 2 wrong arguments; 3 not answered, may be tried again.',
  ],
};

export const FORMS: Readonly<Record<CommandName, CommandForm>> = {
  up: {
    words: '[FE] [RM] [USER]',
    about: 'starts a cluster on this machine and a client for it in this terminal',
    flags: [
      SERVICE,
      flag('import', 'DIR', 'build the initial state from this folder (MovieLens)'),
      flag('data', 'DIR', 'where replicas keep their data (default data/SERVICE/)'),
      flag('ephemeral', null, 'keep nothing: all is gone at the end'),
      flag('no-client', null, 'no client: run until SIGINT (Ctrl-C), SIGTERM or SIGHUP'),
      flag('no-restart', null, 'leave parts that end as they are'),
      ADMINISTRATOR,
      ...SETTINGS,
      GOSSIP_LOG,
      JSON_LINES,
    ],
    notes: [
      `FE front ends (1 to ${FRONTENDS_MAX}, default 1), RM replicas (1 to ${REPLICAS_MAX}, default 3),`,
      `USER the client's user (default: one of 1 to ${DRAWN_USERS}, drawn).`,
    ],
  },
  replica: {
    words: '',
    about: 'runs one replica',
    flags: [
      ...PART_FLAGS,
      flag('init', null, 'found a cluster, unless one answers at --join or --discover'),
      JOIN,
      DISCOVER,
      MEMBERS,
      flag('replace', null, 'without data: take the place of a dead replica of its name'),
      flag('owns-all', null, 'for `up`: it owns the data of all replicas, so what is gone is gone'),
      flag('data', 'DIR', 'keeps its data in DIR/NAME/'),
      flag('ephemeral', null, 'keeps nothing'),
      flag('import', 'DIR', 'build the initial state from this folder'),
      flag('gossip', 'on|off', 'send gossip; off leaves fetching on demand only (default on)'),
      flag(
        'gossip-interval',
        'MS',
        `time between two rounds of periodic gossip (default ${DEFAULT_GOSSIP_INTERVAL_MS})`,
      ),
      GOSSIP_LOG,
      flag('log-dir', 'DIR', `${LOG_DIRECTORY.about} (default DATA/log)`),
      CLOCK_OFFSET,
      flag('versions', 'LOW,HIGH', 'cluster versions it can run, to try an upgrade (default all)'),
      CLUSTER_ID,
    ],
    notes: [
      'The first replica of a cluster is started with --init, every other one with --join (or',
      '--discover). Its data says that it belongs to the cluster: started again, it goes on.',
    ],
  },
  frontend: {
    words: '',
    about: 'runs one front end',
    flags: [
      ...PART_FLAGS,
      JOIN,
      DISCOVER,
      MEMBERS,
      ADMINISTRATOR,
      ...SETTINGS,
      GOSSIP_LOG,
      flag('log-dir', 'DIR', `${LOG_DIRECTORY.about} (default: no files)`),
      CLOCK_OFFSET,
      CLUSTER_ID,
    ],
    notes: [],
  },
  client: {
    words: '[USER]',
    about: 'opens a client: full screen in a terminal, line by line otherwise',
    flags: [...FRONTENDS, JSON_LINES],
    notes: [`USER defaults to one of 1 to ${DRAWN_USERS}, drawn.`],
  },
  query: { ...OPERATION_FORM, about: 'asks one query' },
  update: { ...OPERATION_FORM, about: 'carries out one update' },
  status: {
    words: '[NAME active|overloaded|offline|random|auto]',
    about: 'shows every part of the cluster; with words, first sets the status of a replica',
    flags: [...FRONTENDS, flag('json', null, 'print one JSON object')],
    notes: ['Reads the whole state of every replica to compare them.'],
  },
  retire: {
    words: 'NAME',
    about: 'takes a replica out of the cluster for good, whether it is alive or gone',
    flags: [
      flag('force', null, 'also where something may be lost by it, or while it is running'),
      ...FRONTENDS,
      flag('json', null, 'print one JSON object'),
    ],
    notes: [
      'One that is alive hands over what it holds, moves its data to NAME.retired-DATE and ends.',
      'Exit status: 0 it is out; 2 there is none of that name; 3 not known, may be tried again.',
    ],
  },
  recover: {
    words: '',
    about: 'goes on without a majority of the replicas that is gone for good',
    flags: [
      flag('force', null, 'needed: what the lost replicas alone held is lost'),
      flag(
        'survivors',
        'NAME,…',
        'the replicas that are left; the first goes on, the others join it',
      ),
      flag('lost', 'NAME,…', 'all others: none of them may ever come back as it was'),
      flag('abort', 'PLAN', 'ends a recovery that was begun and not completed'),
      ...FRONTENDS,
      flag('json', null, 'print one JSON object'),
    ],
    notes: [
      'Where a majority is left, retire the others one by one instead: nothing is lost then.',
    ],
  },
  log: {
    words: '',
    about: 'follows updates, queries, gossip and fetches of the cluster, until Ctrl-C',
    flags: [
      ...FRONTENDS,
      flag('format', 'text|json|shiviz', 'for people, for programs, or for ShiViz (default text)'),
    ],
    notes: ['shiviz prints everything at the end: stop it with Ctrl-C.'],
  },
  import: {
    words: 'DIR',
    about: 'checks a folder of initial data and builds its initial state, offline',
    flags: [SERVICE, flag('data', 'DIR', 'the data directory to build it in')],
    notes: [],
  },
  sim: {
    words: '',
    about: 'plays whole clusters under faults in virtual time, and checks every promise',
    flags: [
      flag('seed', 'N', 'play this one: the number decides everything (default 1)'),
      flag('seeds', 'COUNT', 'play so many, beginning with --seed, until one fails'),
      flag('jobs', 'N', 'threads (default: one a processor)'),
      flag('keep-going', null, 'go on after a seed that failed'),
      flag('trace', null, "print one seed's story"),
      flag('format', 'text|json|shiviz', 'of the story: for people, for programs, for ShiViz'),
      flag('history', 'FILE', 'write what the clients of one seed saw, for hearsay check'),
      flag('json', null, 'print what came of it as one JSON object'),
    ],
    notes: ['Exit status: 0 all promises held; 1 a seed failed.'],
  },
  check: {
    words: 'FILE',
    about: 'looks for broken promises in a recorded history',
    flags: [flag('json', null, 'print one JSON object')],
    notes: ['Exit status: 0 all promises held; 1 one was broken.'],
  },
};

/** In the order in which help shows them. */
export const COMMANDS = Object.keys(FORMS) as readonly CommandName[];
