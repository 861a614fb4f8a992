/** Drives the terminal client's state without a terminal: keys by name in, screens as text out. */

import { frameOf } from '../../../src/client/ui/frame.js';
import { actionOf, type Key } from '../../../src/client/ui/keymap.js';
import { plainText, type Role } from '../../../src/client/ui/line.js';
import type { Request } from '../../../src/client/ui/request.js';
import { initialState, type Outcome, type Size, type State } from '../../../src/client/ui/state.js';
import { update } from '../../../src/client/ui/update.js';
import { OPERATIONS } from './fake-client.js';

export const SMALL: Size = { columns: 80, rows: 24 };

export function startState(size: Size = SMALL): State {
  return initialState({
    size,
    user: '42',
    service: 'movies',
    operations: OPERATIONS,
    frontend: 'ws://127.0.0.1:7100',
    timestamp: {},
  });
}

/** What a terminal says for a key; a single character types itself. */
export function keyOf(name: string): Key {
  if (name === 'space') return { name, character: ' ' };
  const named = /^[A-Z]$/.test(name) ? `S-${name.toLowerCase()}` : name;
  return { name: named, character: name.length === 1 ? name : '' };
}

/** The state after keys, and all that was asked for on the way. */
export function press(state: State, ...keys: string[]): { state: State; requests: Request[] } {
  const requests: Request[] = [];
  let now = state;
  for (const key of keys) {
    const action = actionOf(keyOf(key), now);
    if (action === null) continue;
    const step = update(now, action);
    now = step.state;
    requests.push(...step.requests);
  }
  return { state: now, requests };
}

export const pressed = (state: State, ...keys: string[]): State => press(state, ...keys).state;

/** Keys that type a text. */
export const typing = (text: string): string[] =>
  Array.from(text, (character) => (character === ' ' ? 'space' : character));

/** The state after the answer to request `id`. */
export function answered(
  state: State,
  id: number,
  outcome: Exclude<Outcome, { kind: 'waiting' }>,
): State {
  const timestamp = 'timestamp' in outcome ? outcome.timestamp : state.timestamp;
  return update(state, { kind: 'answered', id, outcome, timestamp }).state;
}

export function logged(state: State, ...texts: string[]): State {
  const lines = texts.map((text) => ({ text, role: 'plain' as const }));
  return update(state, { kind: 'logged', lines }).state;
}

/** The screen as text, without the blanks at the end of lines. */
export const screenOf = (state: State): string =>
  frameOf(state)
    .map((line) => plainText(line).trimEnd())
    .join('\n');

/** The texts on the screen that are in a role. */
export const textsIn = (state: State, role: Role): string[] =>
  frameOf(state)
    .flat()
    .filter((span) => span.role === role)
    .map(({ text }) => text.trim());
