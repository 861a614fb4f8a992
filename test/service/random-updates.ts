/** Random updates of each service for the convergence kit: few users, movies and keys, so they meet. */

import type { Random } from '../../src/base/random.js';
import type { RandomUpdate } from '../../src/service/convergence.js';

export function randomMoviesUpdate(random: Random): RandomUpdate {
  const user = String(1 + random.below(3));
  // The last one is no movie: `apply` must take it all the same.
  const movieId = random.pick([1, 29, 4242]);
  const operation = random.pick(['create', 'update', 'delete', 'rate', 'tag', 'untag']);
  switch (operation) {
    case 'delete':
      return { operation, user, args: { movieId } };
    case 'tag':
    case 'untag':
      return { operation, user, args: { movieId, tag: random.pick(['pixar', 'dark']) } };
    default:
      return { operation, user, args: { movieId, rating: (1 + random.below(10)) / 2 } };
  }
}

const CHANGES = [1, -1, 7, 2 ** 32 - 1, -(2 ** 32), Number.MAX_SAFE_INTEGER];

const VALUES = [null, 1, 'x', { b: 1, a: [] }];

/** Half causal and half forced, on the same keys: the key spaces are separate. */
export function randomKvUpdate(random: Random): RandomUpdate {
  const key = random.pick(['a', 'b', 'é']);
  const operation = random.pick(['set', 'delete', 'add', 'put', 'cas', 'stock', 'take']);
  return { operation, user: '', args: { key, ...randomKvArguments(random, operation) } };
}

function randomKvArguments(random: Random, operation: string): RandomUpdate['args'] {
  switch (operation) {
    case 'set':
    case 'put':
      return { value: random.pick(VALUES) };
    case 'cas':
      return { expected: random.pick(VALUES), value: random.pick(VALUES) };
    case 'add':
      return { amount: random.pick(CHANGES) };
    case 'stock':
    case 'take':
      return { amount: random.below(5) };
    default:
      return {};
  }
}
