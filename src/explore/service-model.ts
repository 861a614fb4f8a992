/**
 * The smallest service in which order, loss and repetition show: keys whose latest stamp wins, a counter,
 * and the set of updates executed. It checks as it goes that nothing is executed twice, and nothing
 * before what its session had seen when it was sent: an update carries that as the argument `past`.
 */

import type { UpdateBody } from '../log/record.js';
import { stampText } from '../timestamp/stamp.js';
import type { Outcome, Query } from '../wire/messages.js';

/** What a query answers. */
export interface ModelAnswer {
  readonly value: string | number | null;
  /** Every update that the state has executed, by `session:n`. */
  readonly applied: readonly string[];
}

export class ServiceModel {
  readonly applied = new Set<string>();
  readonly #values = new Map<string, { readonly stamp: string; readonly value: string }>();
  #count = 0;

  /** Executes an update; answers what is wrong with that, or null. */
  apply(body: UpdateBody): string | null {
    const id = `${body.session}:${body.n}`;
    const { past, key, value } = body.args;
    const missing = (past as string[]).filter((update) => !this.applied.has(update));
    const isRepeated = this.applied.has(id);
    this.applied.add(id);
    if (body.operation === 'add') this.#count++;
    else this.#put(body, String(key), String(value));
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
    return `${values.sort().join()} count=${this.#count} of ${[...this.applied].sort().join()}`;
  }

  #put(body: UpdateBody, key: string, value: string): void {
    const stamp = stampText(body.stamp, body.session, body.digest);
    const held = this.#values.get(key);
    if (held === undefined || held.stamp < stamp) this.#values.set(key, { stamp, value });
  }
}
