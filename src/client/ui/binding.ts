/** What a keymap is made of. */

import type { KeyAction } from './actions.js';
import type { Panel } from './state.js';
import type { Edit } from './text-field.js';

/**
 * Where a key is pressed: in a panel, on a page of the ordering screen (at its tip, text is typed), in
 * the line that takes a filter, in the list of replicas, or in help.
 */
export type Context =
  | Panel
  | 'menu'
  | 'checkout'
  | 'tip'
  | 'orders'
  | 'details'
  | 'prompt'
  | 'replicas'
  | 'help';

export interface Binding {
  readonly keys: readonly string[];
  /** How people know them: `Tab`, `Ctrl-C`. */
  readonly shown: string;
  readonly about: string;
  readonly action: KeyAction;
  /** One word for the bar at the bottom; null for keys that only help tells. */
  readonly brief: string | null;
}

export interface Section {
  readonly title: string;
  readonly contexts: readonly Context[];
  readonly bindings: readonly Binding[];
}

/** `keys` are their names with blanks between. */
export function bind(
  keys: string,
  shown: string,
  about: string,
  action: KeyAction,
  brief: string | null = null,
): Binding {
  return { keys: keys.split(' '), shown, about, action, brief };
}

export function move(by: 1 | -1, unit: 'line' | 'page' | 'end'): KeyAction {
  return { kind: 'move', by, unit };
}

export function edit(kind: Exclude<Edit['kind'], 'insert'>): KeyAction {
  return { kind: 'edit', edit: { kind } };
}
