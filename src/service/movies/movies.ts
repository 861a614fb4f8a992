/**
 * The service movies: titles, and what their viewers think of them, on MovieLens tables (DESIGN
 * section 5). The user is a number, as in MovieLens.
 */

import { defineService } from '../define.js';
import { USER } from './forms.js';
import * as queries from './queries.js';
import { SCHEMA, VISIBLE_STATE } from './schema.js';
import { seedMovies } from './seed.js';
import * as updates from './updates.js';

export const movies = defineService({
  name: 'movies',
  version: 1,
  schema: { causal: SCHEMA },
  visibleState: VISIBLE_STATE,
  user: USER,
  seed: seedMovies,
  forget: updates.forget,
  queries: {
    average: queries.average,
    rating: queries.rating,
    ratings: queries.ratings,
    movie: queries.movie,
    search: queries.search,
    top: queries.top,
    tags: queries.tags,
  },
  updates: {
    create: updates.create,
    update: updates.update,
    delete: updates.remove,
    rate: updates.rate,
    tag: updates.tag,
    untag: updates.untag,
  },
});
