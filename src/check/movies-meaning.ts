/**
 * What operations of the service movies mean. The rating of a movie by a user is a register; what it was
 * before the history is learnt from the answers alone. A tag of a movie is a register where only one
 * user of the history wrote it and an answer once showed that nobody else's is there: `tags` counts
 * users. Totals (`average`, `top`) are left to the state hashes, which contain them.
 */

import type { History, HistoryOperation } from './history.js';
import { identityOf, type Meaning, MeaningBuilder } from './meaning.js';
import { oddAnswer } from './words.js';

const NONE = 'null';
const ABSENT = '0';
const PRESENT = '1';

export function moviesMeaning(history: History): Meaning {
  const { operations } = history;
  const builder = new MeaningBuilder(history);
  const ratings = new Ratings(builder);
  const tags = new Tags(builder);
  operations.forEach((operation, index) => {
    if (operation.kind === 'update') collectUpdate(operation, index, ratings, tags, builder);
  });
  operations.forEach((operation) => {
    if (operation.kind !== 'query' || operation.outcome.kind !== 'answered') return;
    if (operation.operation === 'rating') ratings.of(operation.user, operation.args['movieId']);
    else if (operation.operation === 'tags') tags.learn(operation, operation.outcome.value);
  });
  tags.finish(operations);
  operations.forEach((operation, index) => {
    if (operation.kind !== 'query' || operation.outcome.kind !== 'answered') return;
    const isUnderstood = readAnswer(
      operation,
      index,
      operation.outcome.value,
      ratings,
      tags,
      builder,
    );
    if (!isUnderstood) builder.violations.push(oddAnswer(operations, index));
  });
  return builder.finish();
}

function collectUpdate(
  { operation, user, args }: HistoryOperation,
  index: number,
  ratings: Ratings,
  tags: Tags,
  builder: MeaningBuilder,
): void {
  switch (operation) {
    case 'create':
    case 'update':
    case 'rate':
      builder.write(index, ratings.of(user, args['movieId']), identityOf(args['rating']));
      break;
    case 'delete':
      builder.write(index, ratings.of(user, args['movieId']), NONE);
      break;
    case 'tag':
    case 'untag':
      tags.write(index, user, args);
      break;
    default:
      builder.note(`${operation} was not checked: the checkers do not know it`);
  }
}

/** False when the answer has a form that the operation never gives. */
function readAnswer(
  { operation, user, args }: HistoryOperation,
  index: number,
  value: unknown,
  ratings: Ratings,
  tags: Tags,
  builder: MeaningBuilder,
): boolean {
  switch (operation) {
    case 'rating':
      if (value !== null && typeof value !== 'number') return false;
      builder.read(index, ratings.of(user, args['movieId']), identityOf(value));
      return true;
    case 'ratings': {
      const shown = shownBy(value, 'movieId', 'rating');
      if (shown === undefined) return false;
      for (const [movieId, register] of ratings.ofUser(
        identityOf(args['userId'] ?? Number(user)),
      )) {
        builder.read(index, register, identityOf(shown.get(movieId) ?? null));
      }
      return true;
    }
    case 'tags': {
      const shown = shownBy(value, 'tag', 'count');
      if (shown === undefined) return false;
      for (const [tag, register] of tags.ofMovie(args['movieId'])) {
        builder.read(index, register, identityOf(shown.get(tag) ?? 0));
      }
      return true;
    }
    case 'average':
    case 'top':
      builder.note(`${operation} was not checked here: state hashes contain the totals`);
      return true;
    case 'movie':
    case 'search':
      return true;
    default:
      builder.note(`${operation} was not checked: the checkers do not know it`);
      return true;
  }
}

/** Rows of an answer as a map from the identity of one field to another field. */
function shownBy(
  value: unknown,
  name: string,
  field: string,
): ReadonlyMap<string, unknown> | undefined {
  if (!Array.isArray(value)) return undefined;
  const shown = new Map<string, unknown>();
  for (const row of value as readonly unknown[]) {
    if (typeof row !== 'object' || row === null) return undefined;
    const fields = row as Readonly<Record<string, unknown>>;
    shown.set(identityOf(fields[name]), fields[field]);
  }
  return shown;
}

/** The registers of ratings that were written, or asked for one by one. */
class Ratings {
  readonly #builder: MeaningBuilder;
  readonly #byUser = new Map<string, Map<string, number>>();

  constructor(builder: MeaningBuilder) {
    this.#builder = builder;
  }

  of(user: string, movieId: unknown): number {
    const movie = identityOf(movieId);
    let movies = this.#byUser.get(user);
    if (movies === undefined) this.#byUser.set(user, (movies = new Map<string, number>()));
    let register = movies.get(movie);
    if (register === undefined) {
      register = this.#builder.register(`the rating of movie ${movie} by user ${user}`, null);
      movies.set(movie, register);
    }
    return register;
  }

  ofUser(user: string): Iterable<readonly [string, number]> {
    return this.#byUser.get(user) ?? [];
  }
}

interface Tag {
  readonly movie: string;
  readonly tag: string;
  readonly users: Set<string>;
  readonly writes: { readonly operation: number }[];
  wasAbsent: boolean;
}

class Tags {
  readonly #builder: MeaningBuilder;
  readonly #byMovie = new Map<string, Map<string, Tag>>();
  readonly #registers = new Map<string, Map<string, number>>();

  constructor(builder: MeaningBuilder) {
    this.#builder = builder;
  }

  write(operation: number, user: string, args: HistoryOperation['args']): void {
    const movie = identityOf(args['movieId']);
    const text = args['tag'];
    // The service trims tags, and shows them trimmed.
    const tag = identityOf(typeof text === 'string' ? text.trim() : text);
    let tags = this.#byMovie.get(movie);
    if (tags === undefined) this.#byMovie.set(movie, (tags = new Map<string, Tag>()));
    let entry = tags.get(tag);
    if (entry === undefined) {
      entry = { movie, tag, users: new Set(), writes: [], wasAbsent: false };
      tags.set(tag, entry);
    }
    entry.users.add(user);
    entry.writes.push({ operation });
  }

  /** An answer without a tag shows that nobody outside of the history has given it. */
  learn({ args }: HistoryOperation, value: unknown): void {
    const shown = shownBy(value, 'tag', 'count');
    if (shown === undefined) return;
    for (const [tag, entry] of this.#byMovie.get(identityOf(args['movieId'])) ?? []) {
      if (!shown.has(tag)) entry.wasAbsent = true;
    }
  }

  finish(operations: readonly HistoryOperation[]): void {
    let leftOut = 0;
    for (const [movie, tags] of this.#byMovie) {
      const registers = new Map<string, number>();
      for (const { tag, users, writes, wasAbsent } of tags.values()) {
        if (users.size > 1 || !wasAbsent) {
          leftOut++;
          continue;
        }
        const register = this.#builder.register(`tag ${tag} of movie ${movie}`, null);
        registers.set(tag, register);
        for (const { operation } of writes) {
          const isTag = operations[operation]?.operation === 'tag';
          this.#builder.write(operation, register, isTag ? PRESENT : ABSENT);
        }
      }
      this.#registers.set(movie, registers);
    }
    if (leftOut > 0) {
      this.#builder.note(
        `tags left out: ${leftOut}, which several users wrote or which were never shown to be absent`,
      );
    }
  }

  ofMovie(movieId: unknown): Iterable<readonly [string, number]> {
    return this.#registers.get(identityOf(movieId)) ?? [];
  }
}
