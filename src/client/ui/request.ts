/**
 * What the state asks of the world, and how a call is made: each has a number, by which its answer is
 * known. Calls that are recorded stand in the results, as line mode would take them.
 */

import type { Arguments, Consistency, OperationDescription } from '../../wire/messages.js';
import { type Pair, quoteWord } from '../words.js';
import type { SettableStatus } from './replicas/replicas.js';
import { EXCHANGES_KEPT, type State } from './state.js';

/** What an operation is to be called with. */
export interface Call {
  readonly id: number;
  readonly operation: OperationDescription;
  readonly args: Arguments;
}

export type Request =
  | { readonly kind: 'call'; readonly call: Call; readonly consistency: Consistency }
  /** Asks all parts what they say of themselves. */
  | { readonly kind: 'look'; readonly id: number; readonly afterMs: number }
  | {
      readonly kind: 'set-status';
      readonly id: number;
      readonly name: string;
      readonly value: SettableStatus;
    }
  | { readonly kind: 'redraw' | 'quit' };

/** The next state, and what is to be done outside, in this order. */
export interface Step {
  readonly state: State;
  readonly requests: readonly Request[];
}

/** A step that asks for nothing. */
export const only = (state: State): Step => ({ state, requests: [] });

/** Calls an operation; queries ask for the level that is set. */
export function call(state: State, operation: OperationDescription, args: Arguments): Step {
  const { nextId, consistency } = state;
  return {
    state: { ...state, nextId: nextId + 1 },
    requests: [{ kind: 'call', call: { id: nextId, operation, args }, consistency }],
  };
}

/** Calls an operation so that its answer will stand in the results; `pairs` are its words. */
export function callOnRecord(
  state: State,
  operation: OperationDescription,
  args: Arguments,
  pairs: readonly Pair[],
): Step {
  const words = pairs.map(([key, text]) => `${key}=${quoteWord(text)}`);
  const exchange = {
    id: state.nextId,
    operation,
    request: [operation.name, ...words].join(' '),
    consistency: state.consistency,
    outcome: { kind: 'waiting', seconds: 0 },
  } as const;
  const exchanges = [exchange, ...state.exchanges].slice(0, EXCHANGES_KEPT);
  return call({ ...state, exchanges, resultsScroll: 0 }, operation, args);
}

/** A step after another one; the world is asked for both. */
export function andThen(step: Step, next: (state: State) => Step): Step {
  const { state, requests } = next(step.state);
  return { state, requests: [...step.requests, ...requests] };
}
