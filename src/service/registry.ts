/** The services that can be chosen by name. */

import { HearsayError } from '../base/errors.js';
import type { Service } from './define.js';
import { hungry } from './hungry/hungry.js';
import { kv } from './kv/kv.js';
import { alternatives, show } from './messages.js';
import { movies } from './movies/movies.js';

export const services: ReadonlyMap<string, Service> = new Map(
  [movies, kv, hungry].map((service) => [service.name, service]),
);

/** Throws HearsayError INVALID, naming those there are, when there is no service of that name. */
export function serviceByName(name: string): Service {
  const service = services.get(name);
  if (service !== undefined) return service;
  const there = alternatives(name, [...services.keys()]);
  throw new HearsayError('INVALID', `there is no service ${show(name)}; ${there}`);
}
