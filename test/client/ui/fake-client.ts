/**
 * A client without a cluster: a few operations like those of movies, answered from memory, and a gossip
 * log that moves with each update. Tests of line mode and of the terminal client run on it.
 */

import { HearsayError } from '../../../src/base/errors.js';
import type {
  Client,
  ClusterStatus,
  MemberStatus,
  PlainTimestamp,
} from '../../../src/client/api.js';
import type {
  ArgumentDescription,
  OperationDescription,
  TraceEvent,
} from '../../../src/wire/messages.js';

const argument = (
  name: string,
  reads: ArgumentDescription['reads'],
  required: boolean,
  type: string,
  about = '',
): ArgumentDescription => ({ name, reads, required, type, about });

const MOVIE = argument('movieId', 'json', true, 'a whole number from 1', 'the film');
const LIMIT = argument('limit', 'json', false, 'a whole number from 1 to 1000', 'how many at most');

const DESCRIBED: readonly Pick<OperationDescription, 'name' | 'kind' | 'about' | 'arguments'>[] = [
  {
    name: 'average',
    kind: 'query',
    about: 'Mean of all ratings of a movie, and how many there are; the mean of none is null',
    arguments: [MOVIE],
  },
  {
    name: 'search',
    kind: 'query',
    about: 'Movies whose title contains a text and that have a genre, by movie number',
    arguments: [
      argument('title', 'string', false, '1 to 255 characters', 'part of the title'),
      argument('genre', 'string', false, 'the name of one genre', 'the whole name'),
      LIMIT,
    ],
  },
  { name: 'genres', kind: 'query', about: 'All genres', arguments: [] },
  {
    name: 'rate',
    kind: 'update',
    about: 'Sets your rating of a movie',
    arguments: [MOVIE, argument('rating', 'json', true, '0.5 to 5 in steps of 0.5', 'stars')],
  },
  {
    name: 'tag',
    kind: 'update',
    about: 'Gives a movie a tag of yours',
    arguments: [MOVIE, argument('tag', 'string', true, '1 to 255 printable characters')],
  },
];

export const OPERATIONS: readonly OperationDescription[] = DESCRIBED.map((operation) => ({
  ...operation,
  ordering: operation.kind === 'query' ? null : 'causal',
  anonymous: false,
  hasCheck: false,
  hasLookup: false,
  administrator: false,
}));

const ORIGINS = ['rm-1.x7~3f', 'rm-2.k2~90', 'rm-3.q9~1c'] as const;

/** One that can be asked, as every test may change it. */
export const MEMBER: MemberStatus = {
  name: 'rm-1',
  id: 'rm-1.x7',
  origin: 'rm-1.x7~3f',
  address: '127.0.0.1:7200',
  pid: 4242,
  status: { value: 'ACTIVE', source: 'auto' },
  replicaTS: {},
  valueTS: {},
  stateHash: null,
  logRecords: 9,
  lagRecords: 0,
  counted: true,
  role: 'primary',
  view: { n: 7, owner: 'rm-1.x7' },
  mayVote: true,
  epoch: 3,
  waitsFor: null,
  clockAheadMs: null,
};

const MEMBERS: readonly MemberStatus[] = [
  MEMBER,
  { ...MEMBER, name: 'rm-2', role: 'backup', address: '127.0.0.1:7201' },
  {
    ...MEMBER,
    ...{ name: 'rm-3', address: '127.0.0.1:7202', id: null, origin: null, pid: null },
    ...{ role: null, view: null, mayVote: null, epoch: null, counted: null, lagRecords: null },
    status: { value: 'UNREACHABLE', source: 'auto' },
  },
];

export class FakeClient implements Client {
  readonly user = '42';
  readonly service = 'movies';
  readonly operations = OPERATIONS;
  frontend: string | null = 'ws://127.0.0.1:7100';
  timestamp: PlainTimestamp = {};
  /** The requests that came, as text. */
  readonly asked: string[] = [];
  /** Answers the next requests instead of the data, first one first. */
  readonly scripted: (() => unknown)[] = [];
  readonly ratings = new Map<number, number>([[1, 4]]);
  members: readonly MemberStatus[] = MEMBERS;
  readonly #watchers = new Set<(event: TraceEvent) => void>();
  readonly #frontendWatchers = new Set<(frontend: string | null) => void>();

  query: Client['query'] = (operation, args = {}, options = {}) => {
    this.asked.push(`${operation} ${JSON.stringify(args)} ${options.consistency ?? 'default'}`);
    return answer(() => ({
      value: this.#value(operation, args),
      guarantee: options.consistency === 'causal' ? 'causal' : 'fresh',
      timestamp: this.timestamp,
    }));
  };

  update: Client['update'] = (operation, args = {}) => {
    this.asked.push(`${operation} ${JSON.stringify(args)}`);
    return answer(() => {
      const result = this.scripted.shift()?.() ?? null;
      const { movieId, rating } = args;
      if (operation === 'rate' && typeof rating === 'number' && rating > 5) {
        throw new HearsayError('INVALID', `rating must be 0.5 to 5 in steps of 0.5, not ${rating}`);
      }
      if (operation === 'rate') this.ratings.set(Number(movieId), Number(rating));
      this.#spread(operation);
      return { result, copies: 2, timestamp: this.timestamp };
    });
  };

  status: Client['status'] = () =>
    Promise.resolve({
      clusterId: 'c1',
      epoch: 3,
      view: { n: 7, owner: 'rm-1.x7' },
      members: this.members,
      frontends: [{ name: 'fe-1', address: 'ws://127.0.0.1:7100', pid: 1 }],
    } satisfies ClusterStatus);

  setStatus: Client['setStatus'] = (name, value) =>
    answer(() => {
      const member = this.members.find((each) => each.name === name);
      if (member === undefined || member.pid === null) {
        throw new HearsayError('UNAVAILABLE', `${name} cannot be reached`);
      }
      const shown = value === 'random' || value === 'auto' ? 'ACTIVE' : value;
      const source = value === 'random' || value === 'auto' ? value : 'hand';
      this.members = this.members.map((each) =>
        each === member ? { ...each, status: { value: shown, source } } : each,
      );
    });

  retire: Client['retire'] = () => Promise.resolve({ epoch: 2, message: 'it is retired' });

  recover: Client['recover'] = () => Promise.resolve({ epoch: 2, message: 'it has recovered' });

  watch: Client['watch'] = (listener) => {
    this.#watchers.add(listener);
    return () => void this.#watchers.delete(listener);
  };

  onFrontend: Client['onFrontend'] = (listener) => {
    this.#frontendWatchers.add(listener);
    return () => void this.#frontendWatchers.delete(listener);
  };

  close = (): Promise<void> => Promise.resolve();

  moveTo(frontend: string | null): void {
    this.frontend = frontend;
    for (const tell of this.#frontendWatchers) tell(frontend);
  }

  emit(event: TraceEvent): void {
    for (const tell of this.#watchers) tell(event);
  }

  #value(operation: string, args: Readonly<Record<string, unknown>>): unknown {
    const scripted = this.scripted.shift();
    if (scripted !== undefined) return scripted();
    switch (operation) {
      case 'average': {
        const rating = this.ratings.get(Number(args.movieId));
        if (rating === undefined) {
          throw new HearsayError('REFUSED', `there is no movie ${Number(args.movieId)}`);
        }
        return { mean: rating, count: 1 };
      }
      case 'search':
        return FILMS.slice(0, typeof args.limit === 'number' ? args.limit : 20);
      default:
        return ['Adventure', 'Animation', 'Comedy'];
    }
  }

  /** One more update of rm-1, executed there and told to the others. */
  #spread(operation: string): void {
    const count = (this.timestamp[ORIGINS[0]] ?? 0) + 1;
    const before = { [ORIGINS[0]]: count - 1, [ORIGINS[1]]: 3 };
    const after = { ...before, [ORIGINS[0]]: count };
    const at = 1_700_000_000_000 + 1000 * count;
    const id = `V1StGXR8_Z5jdHi6B-myT:${count}`;
    this.timestamp = after;
    this.emit({ at, host: 'rm-1', event: `executed ${operation}`, id, before, after });
    this.emit({ at: at + 2, host: 'rm-1', event: 'gossip sent', to: 'rm-2', after });
    this.emit({ at: at + 4, host: 'rm-2', event: 'gossip received', from: 'rm-1', before, after });
  }
}

const FILMS = [
  ['Toy Story (1995)', 'Adventure', 'Animation', 'Children', 'Comedy', 'Fantasy'],
  ['Jumanji (1995)', 'Adventure', 'Children', 'Fantasy'],
  ['Amélie (Fabuleux destin d’Amélie Poulain, Le) (2001)', 'Comedy', 'Romance'],
  ['千と千尋の神隠し (2001)', 'Animation', 'Fantasy'],
  ['{bold}Tags{/bold} and \u001b[31mescapes (2020)', 'Horror'],
].map(([title, ...genres], index) => ({ movieId: index + 1, title, genres }));

function answer<Result>(make: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    resolve(make());
  });
}
