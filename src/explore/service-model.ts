/**
 * The smallest service in which order, loss and repetition show: keys whose latest stamp wins, a counter,
 * and the set of updates executed; by forced operations, one thing that can be taken once, and a key of
 * which each write tells what was there before. It checks as it goes that nothing is executed twice, and
 * nothing before what its session had seen when it was sent: an update carries that as the argument `past`.
 */

import type { UpdateBody } from '../log/record.js';
import type { ForcedResult } from '../log/results-table.js';
import { stampText } from '../timestamp/stamp.js';
import { bodyDigest } from '../wire/digest.js';
import type { Forward } from '../wire/forced-messages.js';
import type { Outcome, Query, Update } from '../wire/messages.js';

/** What a query answers. */
export interface ModelAnswer {
  readonly value: string | number | null;
  /** Every update that the state has executed, by `session:n`. */
  readonly applied: readonly string[];
}

/** What whoever takes the one thing is told; nobody else may be. */
export const TOOK_IT = 'took it';

const FORCED: ReadonlySet<string> = new Set(['take', 'set']);

export const orderingOf = (operation: string): 'causal' | 'forced' =>
  FORCED.has(operation) ? 'forced' : 'causal';

export class ServiceModel {
  readonly applied = new Set<string>();
  readonly #values = new Map<string, { readonly stamp: string; readonly value: string }>();
  #count = 0;
  #stock = 1;
  #setting = 'nothing';

  /** Executes a causal update; answers what is wrong with that, or null. */
  apply(body: UpdateBody): string | null {
    const { key, value } = body.args;
    if (body.operation === 'add') this.#count++;
    else this.#put(body, String(key), String(value));
    return this.#enter(body);
  }

  /** Executes a forced update; answers what came of it, and what is wrong with that. */
  execute(body: UpdateBody): { readonly result: ForcedResult; readonly fault: string | null } {
    return { result: this.#force(body), fault: this.#enter(body) };
  }

  #force({ operation, args }: UpdateBody): ForcedResult {
    if (operation === 'set') {
      const value = this.#setting;
      this.#setting = String(args['value']);
      return { kind: 'value', value };
    }
    if (this.#stock === 0) return { kind: 'refused', message: 'it is gone' };
    this.#stock--;
    return { kind: 'value', value: TOOK_IT };
  }

  #enter({ session, n, args }: UpdateBody): string | null {
    const id = `${session}:${n}`;
    const missing = (args['past'] as string[]).filter((update) => !this.applied.has(update));
    const isRepeated = this.applied.has(id);
    this.applied.add(id);
    if (isRepeated) return `${id} takes effect a second time`;
    if (missing.length > 0)
      return `${id} is executed before ${missing.join(', ')}, which it depends on`;
    return null;
  }

  /** Answers a query, or says whether the precondition of `create` holds. */
  read(query: Query): Outcome {
    const key = String(query.args['key']);
    const held = this.#values.get(key);
    if (query.precondition !== null) {
      return held === undefined
        ? { kind: 'holds' }
        : { kind: 'refused', message: `${key} is there already` };
    }
    const value = query.operation === 'count' ? this.#count : (held?.value ?? null);
    const answer: ModelAnswer = { value, applied: [...this.applied].sort() };
    return { kind: 'value', value: answer };
  }

  /** The visible state as text. */
  text(): string {
    const values = [...this.#values].map(([key, { stamp, value }]) => `${key}=${value}@${stamp}`);
    const all = [...this.applied].sort().join();
    return `${values.sort().join()} count=${this.#count} ${this.forcedText()} of ${all}`;
  }

  /** The part of the state that forced updates make, as text. */
  forcedText(): string {
    return `stock=${this.#stock} setting=${this.#setting}`;
  }

  #put(body: UpdateBody, key: string, value: string): void {
    const stamp = stampText(body.stamp, body.session, body.digest);
    const held = this.#values.get(key);
    if (held === undefined || held.stamp < stamp) this.#values.set(key, { stamp, value });
  }
}

/** As the driver makes it: the digest is computed here, none is trusted (PROTOCOL A6). */
export function bodyOf({ session, n, stamp, operation, args, user }: Update | Forward): UpdateBody {
  const digest = bodyDigest(operation, args, user, stamp, session);
  return { session, n, stamp, operation, args, user, digest };
}
