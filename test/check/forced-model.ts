/**
 * A service with forced updates that keeps every promise, and clients at work on it: what comes out is a
 * history that the checkers must accept. One sequence of updates; requests overlap, outcomes get lost,
 * and what was lost may still take effect much later. Places are skipped now and then.
 */

import { SeededRandom } from '../../src/base/random.js';
import type { History, HistoryOperation, HistoryOutcome } from '../../src/check/history.js';

type Args = Readonly<Record<string, unknown>>;

/** What a forced update came to. */
export type ModelResult =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'refused' };

export interface ModelRequest {
  readonly operation: string;
  readonly args: Args;
}

/** A service as simple as can be; states are never changed. */
export interface ModelService<State> {
  readonly name: string;
  readonly initial: State;
  apply(
    state: State,
    request: ModelRequest,
    user: string,
  ): { readonly state: State; readonly result: ModelResult };
  read(state: State, request: ModelRequest, user: string): unknown;
  /** Draws what a user asks for; `told` are the results that this user got. */
  drawUpdate(random: SeededRandom, told: readonly unknown[], user: string): ModelRequest;
  drawQuery(random: SeededRandom): ModelRequest;
  /** Asked by each user at the end. */
  readonly finalQueries: readonly ModelRequest[];
}

export interface ForcedModelOptions {
  readonly seed: number;
  readonly operations: number;
  readonly users: number;
  /** In percent of all updates. */
  readonly lost: number;
}

type Writable<Record> = { -readonly [Key in keyof Record]: Record[Key] };

interface User {
  readonly name: string;
  /** As far as its session has seen the order. */
  seen: number;
  readonly told: unknown[];
  isBusy: boolean;
}

interface Open {
  readonly operation: Writable<HistoryOperation>;
  readonly user: User;
  readonly isLost: boolean;
  outcome: HistoryOutcome | null;
}

export function forcedModelHistory<State>(
  service: ModelService<State>,
  options: ForcedModelOptions,
): History {
  return new ForcedModel(service, options).run();
}

class ForcedModel<State> {
  readonly #service: ModelService<State>;
  readonly #options: ForcedModelOptions;
  readonly #random: SeededRandom;
  readonly #users: readonly User[];
  readonly #operations: Writable<HistoryOperation>[] = [];
  readonly #open: Open[] = [];
  /** By place. */
  readonly #states: State[];
  #acknowledged = 0;
  #clock = 0;

  constructor(service: ModelService<State>, options: ForcedModelOptions) {
    this.#service = service;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#states = [service.initial];
    this.#users = Array.from({ length: options.users }, (_, index) => {
      return { name: `user-${index}`, seen: 0, told: [], isBusy: false };
    });
  }

  run(): History {
    const random = this.#random;
    while (this.#operations.length < this.#options.operations) {
      const idle = this.#users.filter(({ isBusy }) => !isBusy);
      if (idle.length > 0 && random.chance(1, 2)) this.#begin(random.pick(idle));
      else if (this.#open.length > 0) this.#goOn(random.below(this.#open.length));
    }
    while (this.#open.length > 0) this.#goOn(0);
    for (const user of this.#users) {
      for (const request of this.#service.finalQueries) this.#ask(user, request, true);
    }
    return {
      service: this.#service.name,
      leastCopies: 2,
      operations: this.#operations,
      finalHashes: {},
    };
  }

  get #place(): number {
    return this.#states.length - 1;
  }

  #begin(user: User): void {
    const random = this.#random;
    if (random.chance(2, 5)) {
      this.#ask(user, this.#service.drawQuery(random), false);
      return;
    }
    const request = this.#service.drawUpdate(random, user.told, user.name);
    const operation = this.#add(user, 'update', request, false);
    const isLost = random.below(100) < this.#options.lost;
    // Whose answer is lost goes on to something else.
    user.isBusy = !isLost;
    this.#open.push({ operation, user, isLost, outcome: null });
  }

  #goOn(index: number): void {
    const open = this.#open[index];
    if (open === undefined) return;
    const { operation, user, isLost } = open;
    if (isLost && this.#random.chance(1, 3)) {
      this.#open.splice(index, 1);
      return;
    }
    if (open.outcome === null) {
      open.outcome = this.#execute(operation, user);
      if (this.#random.chance(1, 3)) return;
    }
    this.#open.splice(index, 1);
    if (isLost) return;
    user.isBusy = false;
    this.#end(operation, open.outcome);
    user.seen = Math.max(user.seen, placeOf(open.outcome));
    this.#acknowledged = Math.max(this.#acknowledged, placeOf(open.outcome));
    if (open.outcome.kind === 'updated') user.told.push(open.outcome.result);
  }

  #execute(operation: HistoryOperation, { name }: User): HistoryOutcome {
    if (this.#random.chance(1, 8)) this.#states.push(this.#state());
    const { state, result } = this.#service.apply(this.#state(), operation, name);
    this.#states.push(state);
    const order = this.#place;
    return result.kind === 'value'
      ? { kind: 'updated', copies: 2, result: result.value, order }
      : { kind: 'failed', code: 'REFUSED', message: '', order };
  }

  #state(place = this.#place): State {
    return this.#states[place] ?? this.#service.initial;
  }

  #ask(user: User, request: ModelRequest, final: boolean): void {
    const random = this.#random;
    const operation = this.#add(user, 'query', request, final);
    const isFresh = random.chance(1, 3);
    const least = Math.max(user.seen, isFresh || final ? this.#acknowledged : 0);
    const order = least + random.below(this.#place - least + 1);
    const value = this.#service.read(this.#state(order), request, user.name);
    user.seen = order;
    const guarantee = isFresh ? 'fresh' : 'causal';
    this.#end(operation, { kind: 'answered', value, guarantee, order });
  }

  #add(
    { name }: User,
    kind: HistoryOperation['kind'],
    { operation, args }: ModelRequest,
    final: boolean,
  ): Writable<HistoryOperation> {
    const frontEnd = `fe-${this.#random.below(2)}`;
    const added: Writable<HistoryOperation> = {
      session: name,
      user: name,
      kind,
      operation,
      args,
      sentTo: frontEnd,
      answeredBy: frontEnd,
      called: this.#clock++,
      returned: null,
      calledMs: this.#clock,
      returnedMs: null,
      outcome: { kind: 'unknown', code: 'TIMEOUT', message: '' },
      final,
    };
    this.#operations.push(added);
    return added;
  }

  #end(operation: Writable<HistoryOperation>, outcome: HistoryOutcome): void {
    operation.returned = this.#clock++;
    operation.returnedMs = operation.returned;
    operation.outcome = outcome;
  }
}

const placeOf = (outcome: HistoryOutcome): number =>
  'order' in outcome ? (outcome.order ?? 0) : 0;
