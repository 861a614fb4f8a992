/** Reading command lines: tables of words, and the command or the message that comes of them. */

import { join } from 'node:path';
import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { readCommand } from '../../src/launch/arguments.js';
import { COMMANDS, FORMS } from '../../src/launch/forms.js';
import { helpOn, overview } from '../../src/launch/usage.js';

const read = (line: string) => readCommand(line.split(' ').filter((word) => word !== ''));

const UP = {
  kind: 'up',
  frontends: 1,
  replicas: 3,
  user: null,
  service: 'movies',
  importFrom: null,
  data: { kind: 'default' },
  administrator: 'admin',
  settings: {},
  withClient: true,
  restart: true,
  gossipLog: 'on',
  json: false,
};

const OPERATION = {
  kind: 'query',
  operation: 'average',
  words: [],
  user: '',
  frontends: ['ws://127.0.0.1:7100'],
  json: false,
  options: { consistency: 'auto', minCopies: 1, timeoutMs: 10_000 },
};

const PLAIN = 'replica --name rm-1 --listen 127.0.0.1:7200 --service kv';
const REPLICA = `${PLAIN} --members`;
const FRONTEND = 'frontend --name fe-1 --listen 127.0.0.1:7100 --service kv';
const HUNGRY = 'frontend --name fe-1 --listen 127.0.0.1:7100 --service hungry';

/** What a replica is told of its cluster where nothing is said. */
const CLUSTER = {
  members: [],
  join: [],
  discover: null,
  init: false,
  replace: false,
  clusterId: null,
};

const FOUNDED = {
  name: 'rm-1',
  listen: '127.0.0.1:7200',
  advertise: null,
  service: 'kv',
  data: null,
  importFrom: null,
  ...CLUSTER,
  gossip: 'on',
  gossipIntervalMs: 1000,
  logDirectory: null,
  gossipLog: 'on',
  clockOffsetMs: 0,
};

describe('reading a command line', () => {
  const understood: Readonly<Record<string, object>> = {
    up: UP,
    'up 2 4 42': { ...UP, frontends: 2, replicas: 4, user: '42' },
    'up 16 16': { ...UP, frontends: 16, replicas: 16 },
    'up 1 3 anna --service kv': { ...UP, user: 'anna', service: 'kv' },
    'up 1 3 anna --service hungry --admin boss --postcodes-io http://h:1 --getthedata=http://h:2': {
      ...UP,
      user: 'anna',
      service: 'hungry',
      administrator: 'boss',
      settings: { postcodesIo: 'http://h:1', getthedata: 'http://h:2' },
    },
    'up --data d 2 --import=m': {
      ...UP,
      frontends: 2,
      data: { kind: 'folder', path: 'd' },
      importFrom: 'm',
    },
    'up --ephemeral --no-client --no-restart --gossip-log off --json': {
      ...UP,
      data: { kind: 'ephemeral' },
      withClient: false,
      restart: false,
      gossipLog: 'off',
      json: true,
    },
    'query average movieId=1': { ...OPERATION, words: ['movieId=1'] },
    'update add key=a amount=-5 --min-copies 2 --timeout 60000 --user u --json': {
      ...OPERATION,
      kind: 'update',
      operation: 'add',
      words: ['key=a', 'amount=-5'],
      user: 'u',
      json: true,
      options: { consistency: 'auto', minCopies: 2, timeoutMs: 60_000 },
    },
    'query get key=a --consistency fresh --frontend ws://127.0.0.1:7101,[::1]:7102': {
      ...OPERATION,
      operation: 'get',
      words: ['key=a'],
      frontends: ['ws://127.0.0.1:7101', 'ws://[::1]:7102'],
      options: { consistency: 'fresh', minCopies: 1, timeoutMs: 10_000 },
    },
    'query get -- key=--x': { ...OPERATION, operation: 'get', words: ['key=--x'] },
    client: { kind: 'client', user: null, frontends: ['ws://127.0.0.1:7100'], json: false },
    'client 42 --frontend h:1 --json': {
      kind: 'client',
      user: '42',
      frontends: ['ws://h:1'],
      json: true,
    },
    status: { kind: 'status', set: null, frontends: ['ws://127.0.0.1:7100'], json: false },
    'status rm-2 offline --json': {
      kind: 'status',
      set: { name: 'rm-2', value: 'OFFLINE' },
      frontends: ['ws://127.0.0.1:7100'],
      json: true,
    },
    'status rm-2 random': {
      kind: 'status',
      set: { name: 'rm-2', value: 'random' },
      frontends: ['ws://127.0.0.1:7100'],
      json: false,
    },
    'status --discover dns://h:7100': {
      kind: 'status',
      set: null,
      frontends: ['dns://h:7100'],
      json: false,
    },
    'client --discover h:1,h:2': {
      kind: 'client',
      user: null,
      frontends: ['ws://h:1', 'ws://h:2'],
      json: false,
    },
    'retire rm-3': {
      kind: 'retire',
      name: 'rm-3',
      force: false,
      frontends: ['ws://127.0.0.1:7100'],
      json: false,
    },
    'retire rm-3 --force --json --frontend h:1': {
      kind: 'retire',
      name: 'rm-3',
      force: true,
      frontends: ['ws://h:1'],
      json: true,
    },
    'recover --abort plan-1': {
      kind: 'recover',
      survivors: [],
      lost: [],
      abort: 'plan-1',
      frontends: ['ws://127.0.0.1:7100'],
      json: false,
    },
    'recover --abort plan-1 --survivors rm-1': {
      kind: 'recover',
      survivors: ['rm-1'],
      lost: [],
      abort: 'plan-1',
      frontends: ['ws://127.0.0.1:7100'],
      json: false,
    },
    'log --format shiviz': {
      kind: 'log',
      frontends: ['ws://127.0.0.1:7100'],
      format: 'shiviz',
    },
    'import folder --data d': { kind: 'import', folder: 'folder', data: 'd', service: 'movies' },
    [`${REPLICA} rm-1=127.0.0.1:7200,rm-2=h:7201 --data d`]: {
      kind: 'replica',
      options: {
        name: 'rm-1',
        listen: '127.0.0.1:7200',
        advertise: null,
        service: 'kv',
        data: 'd',
        importFrom: null,
        ...CLUSTER,
        members: [
          { name: 'rm-1', address: '127.0.0.1:7200' },
          { name: 'rm-2', address: 'h:7201' },
        ],
        gossip: 'on',
        gossipIntervalMs: 1000,
        logDirectory: join('d', 'log'),
        gossipLog: 'on',
        clockOffsetMs: 0,
      },
    },
    [`${REPLICA} rm-1=h:1 --ephemeral --advertise h:1 --gossip off --gossip-interval 50 --log-dir l --import m --clock-offset=-3600000`]:
      {
        kind: 'replica',
        options: {
          name: 'rm-1',
          listen: '127.0.0.1:7200',
          advertise: 'h:1',
          service: 'kv',
          data: null,
          importFrom: 'm',
          ...CLUSTER,
          members: [{ name: 'rm-1', address: 'h:1' }],
          gossip: 'off',
          gossipIntervalMs: 50,
          logDirectory: 'l',
          gossipLog: 'on',
          clockOffsetMs: -3_600_000,
        },
      },
    [`${PLAIN} --ephemeral --init`]: {
      kind: 'replica',
      options: { ...FOUNDED, init: true },
    },
    // Its data, if there are any, say to which cluster it belongs.
    [`${PLAIN} --data d --log-dir l`]: {
      kind: 'replica',
      options: { ...FOUNDED, data: 'd', logDirectory: 'l' },
    },
    [`${PLAIN} --ephemeral --init --join a:1,b:2 --cluster-id c`]: {
      kind: 'replica',
      options: { ...FOUNDED, init: true, join: ['a:1', 'b:2'], clusterId: 'c' },
    },
    [`${PLAIN} --ephemeral --join a:1 --replace --versions 1,2`]: {
      kind: 'replica',
      options: { ...FOUNDED, join: ['a:1'], replace: true, versions: [1, 2] },
    },
    [`${PLAIN} --ephemeral --discover etcd://h:2379/movies --init`]: {
      kind: 'replica',
      options: { ...FOUNDED, init: true, discover: 'etcd://h:2379/movies' },
    },
    [`${FRONTEND} --join a:1,b:2 --gossip-log off --clock-offset 90`]: {
      kind: 'frontend',
      options: {
        name: 'fe-1',
        listen: '127.0.0.1:7100',
        advertise: null,
        service: 'kv',
        members: [],
        join: ['a:1', 'b:2'],
        discover: null,
        clusterId: null,
        administrator: 'admin',
        settings: {},
        logDirectory: null,
        gossipLog: 'off',
        clockOffsetMs: 90,
      },
    },
    [`${HUNGRY} --members rm-1=a:1 --advertise h:9 --admin boss --getthedata http://h:1`]: {
      kind: 'frontend',
      options: {
        name: 'fe-1',
        listen: '127.0.0.1:7100',
        service: 'hungry',
        members: [{ name: 'rm-1', address: 'a:1' }],
        join: [],
        discover: null,
        clusterId: null,
        advertise: 'h:9',
        administrator: 'boss',
        settings: { getthedata: 'http://h:1' },
        logDirectory: null,
        gossipLog: 'on',
        clockOffsetMs: 0,
      },
    },
    help: { kind: 'help', command: null },
    '--help': { kind: 'help', command: null },
    'help status': { kind: 'help', command: 'status' },
    'up 1 --help': { kind: 'help', command: 'up' },
    'log -h': { kind: 'help', command: 'log' },
    '--version': { kind: 'version' },
  };
  for (const [line, command] of Object.entries(understood)) {
    it(`understands: ${line}`, () => {
      expect(read(line)).to.deep.equal(command);
    });
  }

  const refused: Readonly<Record<string, string>> = {
    '': 'a command is missing',
    upp: 'there is no command "upp"; did you mean up',
    restore: 'there is no command "restore"; ',
    retire: 'the name of the replica to retire is missing',
    'retire RM3': 'NAME must be a lower-case letter',
    'retire rm-3 rm-4': '"rm-4" is one word too many',
    'client --discover nowhere://h': 'nowhere:// is not known',
    'client --discover dns://h:1 --frontend h:1': '--discover finds the front ends',
    'help upp': 'there is no command "upp"',
    'up 0 4': 'FE, the number of front ends, must be a whole number from 1 to 16, not "0"',
    'up a b': 'FE, the number of front ends, must be a whole number from 1 to 16, not "a"',
    'up 2 0': 'RM, the number of replicas, must be a whole number from 1 to 16, not "0"',
    'up 17': 'from 1 to 16, not "17"',
    'up 1 17': 'from 1 to 16, not "17"',
    'up 1.5': 'not "1.5"',
    'up 1e1': 'not "1e1"',
    'up -1 4': 'up has no flag -1',
    'up 1 3 42 43': '"43" is one word too many',
    'up --imprt x': 'up has no flag --imprt; did you mean --import?',
    'up --Data x': 'did you mean --data?',
    'up --data': '--data needs a value: --data DIR',
    'up --data=': '--data needs a value',
    'up --data --ephemeral': '--data needs a value',
    'up --data a --data b': '--data is given twice',
    'up --ephemeral --data a': '--ephemeral keeps nothing, so it does not go with --data',
    'up --no-client=yes': '--no-client takes no value, not "yes"',
    'up --gossip-log maybe': '--gossip-log must be on or off, not "maybe"',
    'up --getthedata http://h:1': 'service movies has no use for --getthedata',
    'up --service films --getthedata http://h:1': 'there is no service "films"',
    [`${FRONTEND} --join h:1 --postcodes-io http://h:1`]:
      'service kv has no use for --postcodes-io',
    [`${HUNGRY} --join h:1 --postcodes-io nowhere`]:
      '--postcodes-io must be an address such as https://api.postcodes.io, not "nowhere"',
    [`${REPLICA} rm-1=h:1 --ephemeral --admin boss`]: 'replica has no flag --admin',
    'up --admin=': '--admin needs a value: --admin USER',
    query: 'query needs the name of one',
    'query get key=a --timeout 0': '--timeout must be a whole number from 1 to 60000, not "0"',
    'query get key=a --timeout 60001': 'not "60001"',
    'query get key=a --consistency stale': 'must be causal, fresh or auto, not "stale"',
    'update set key=a --min-copies 3': '--min-copies must be 1 or 2, not "3"',
    'query get --frontend nowhere': '--frontend must be HOST:PORT',
    'query get --frontend a:1,a:1': '--frontend names a:1 twice',
    'query get --frontend h:65536': '--frontend must be HOST:PORT',
    'client 1 2': '"2" is one word too many',
    'status rm-1': 'active|overloaded|offline|random|auto',
    'status rm-1 asleep': 'must be active, overloaded, offline, random or auto, not "asleep"',
    'status RM1 auto': 'NAME must be a lower-case letter',
    'log --format xml': '--format must be text, json or shiviz, not "xml"',
    'log now': '"now" is one word too many',
    'import --data d': 'the folder to import is missing',
    'import folder': 'import needs --data DIR',
    [`${REPLICA} rm-2=h:1 --data d`]: '--members must name rm-1, this replica, as well',
    [`${REPLICA} rm-1=h:1`]: 'replica needs --data DIR or --ephemeral',
    [`${REPLICA} rm-1=h:1,rm-1=h:2 --data d`]: '--members names rm-1 twice',
    [`${REPLICA} rm-1=h:1,rm-2=h:1 --data d`]: '--members names h:1 twice',
    [`${REPLICA} h:1 --data d`]: '--members must be NAME=HOST:PORT,…, not "h:1"',
    [`${REPLICA} rm-1=h:1 --data d --gossip-interval 0`]:
      '--gossip-interval must be a whole number',
    [`${FRONTEND} --join h:1 --clock-offset soon`]:
      '--clock-offset must be a whole number from -315360000000 to 315360000000, not "soon"',
    [`${FRONTEND} --join h:1 --clock-offset 315360000001`]: 'not "315360000001"',
    [`${FRONTEND} --join h:1 --clock-offset=-0`]: 'not "-0"',
    'replica --listen h:1': 'replica needs --name NAME',
    [`${PLAIN} --ephemeral`]: 'replica needs --init, --join, --discover or --members',
    [`${PLAIN} --ephemeral --join h:1 --discover dns://h:1`]:
      '--join and --discover do not go together',
    [`${REPLICA} rm-1=h:1 --ephemeral --join h:1`]: '--members and --join do not go together',
    [`${REPLICA} rm-1=h:1 --ephemeral --init`]: 'it does not go with --init',
    [`${REPLICA} rm-1=h:1 --ephemeral --replace`]: 'it does not go with --replace',
    [`${PLAIN} --ephemeral --init --replace`]: '--replace needs --join or --discover',
    [`${PLAIN} --ephemeral --join h:1 --versions 2,1`]:
      'the highest of --versions must be a whole number from 2 to 1000, not "1"',
    [`${PLAIN} --ephemeral --join h:1 --versions 1,2,3`]: 'not "1,2,3"',
    [FRONTEND]: 'frontend needs --join, --discover or --members',
    [`${FRONTEND} --members rm-1=h:1 --join h:1`]: '--members and --join do not go together',
  };
  for (const [line, message] of Object.entries(refused)) {
    it(`refuses: ${line}`, () => {
      expect(() => read(line))
        .to.throw(HearsayError, message)
        .with.property('code', 'INVALID');
    });
  }
});

describe('help', () => {
  it('names every command', () => {
    for (const command of COMMANDS) expect(overview()).to.match(new RegExp(`^ +${command} `, 'm'));
  });

  for (const command of COMMANDS) {
    it(`names every flag of ${command}`, () => {
      const text = helpOn(command);
      for (const { name } of FORMS[command].flags) {
        expect(text).to.match(new RegExp(`^ +--${name}\\b`, 'm'));
      }
    });

    it(`of ${command} fits into 100 columns`, () => {
      for (const line of helpOn(command).split('\n')) expect(line.length).to.be.at.most(100);
    });
  }
});
