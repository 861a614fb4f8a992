/**
 * The list of replicas, which opens over everything else: what each part of the cluster says of itself,
 * asked again and again while the list is open, and a status that can be set for the chosen replica.
 * Invariant: answers count only for the list that asked, known by its number.
 */

import type { ClusterStatus } from '../../api.js';
import { only, type Step } from '../request.js';
import { clamp, type Move, scrolled } from '../scroll.js';
import type { State } from '../state.js';

/** What can be set, in the order in which it is offered. */
export const STATUSES = ['ACTIVE', 'OVERLOADED', 'OFFLINE', 'random', 'auto'] as const;
export type SettableStatus = (typeof STATUSES)[number];

/** Between an answer and the next question, ms: a person sees a change at once. */
const ASK_AGAIN_MS = 1000;

export interface Replicas {
  readonly id: number;
  /** Null until somebody has answered. */
  readonly status: ClusterStatus | null;
  /** Name of the chosen replica; null while none is known. */
  readonly chosen: string | null;
  /** What Enter sets. */
  readonly value: SettableStatus;
  /** Why the last question had no answer; null: it had one. */
  readonly failure: string | null;
  /** What came of the last wish. */
  readonly note: { readonly text: string; readonly role: 'good' | 'bad' | 'faint' } | null;
}

export function openReplicas(state: State): Step {
  const id = state.nextId;
  const replicas: Replicas = {
    ...{ id, status: null, failure: null },
    ...{ chosen: null, value: 'ACTIVE', note: null },
  };
  return {
    state: { ...state, nextId: id + 1, replicas },
    requests: [{ kind: 'look', id, afterMs: 0 }],
  };
}

/** The cluster has answered; an error says why it has not. */
export function looked(state: State, id: number, answer: ClusterStatus | Error): Step {
  const { replicas } = state;
  if (replicas === null || replicas.id !== id) return only(state);
  const requests = [{ kind: 'look', id, afterMs: ASK_AGAIN_MS }] as const;
  if (answer instanceof Error) {
    return { state: { ...state, replicas: { ...replicas, failure: answer.message } }, requests };
  }
  const names = answer.members.map(({ name }) => name);
  const stays = replicas.chosen !== null && names.includes(replicas.chosen);
  const chosen = stays ? replicas.chosen : (names[0] ?? null);
  const known = { ...replicas, status: answer, failure: null, chosen };
  return { state: { ...state, replicas: known }, requests };
}

export function moveChosen(state: State, replicas: Replicas, action: Move): State {
  const names = replicas.status?.members.map(({ name }) => name) ?? [];
  const present = Math.max(0, names.indexOf(replicas.chosen ?? ''));
  const index = scrolled(present, action, state.size.rows, names.length - 1);
  return { ...state, replicas: { ...replicas, chosen: names[index] ?? null, note: null } };
}

export function chooseStatus(state: State, replicas: Replicas, by: 1 | -1): State {
  const index = clamp(STATUSES.indexOf(replicas.value) + by, 0, STATUSES.length - 1);
  const value = STATUSES[index] ?? replicas.value;
  return { ...state, replicas: { ...replicas, value, note: null } };
}

export function setStatus(state: State, replicas: Replicas): Step {
  const { id, chosen: name, value } = replicas;
  if (name === null) return only(state);
  const note = { text: `asking ${name} to be ${value} …`, role: 'faint' } as const;
  return {
    state: { ...state, replicas: { ...replicas, note } },
    requests: [{ kind: 'set-status', id, name, value }],
  };
}

/** A replica has taken its status, or `error` says why not. */
export function statusSet(
  state: State,
  id: number,
  done: { readonly name: string; readonly value: SettableStatus; readonly error: string | null },
): State {
  const { replicas } = state;
  if (replicas === null || replicas.id !== id) return state;
  const { name, value, error } = done;
  const note =
    error === null
      ? ({ text: `${name}: ${MEANING[value]}`, role: 'good' } as const)
      : ({ text: `${name} is not ${value}: ${error}`, role: 'bad' } as const);
  return { ...state, replicas: { ...replicas, note } };
}

/** What a replica does with a status, in words. */
export const MEANING: Readonly<Record<SettableStatus, string>> = {
  ACTIVE: 'says that it is active, however busy it is',
  OVERLOADED: 'says that it is overloaded: front ends ask others first',
  OFFLINE: 'takes no requests; it still gossips and votes',
  random: 'changes its status by chance, to try that out',
  auto: 'says how it really is',
};
