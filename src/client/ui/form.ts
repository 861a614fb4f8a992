/** The form: typing into its fields, and making a request of what was typed. */

import { HearsayError } from '../../base/errors.js';
import { readArguments } from '../../service/arguments.js';
import type { OperationDescription } from '../../wire/messages.js';
import { type Pair, quoteWord } from '../words.js';
import { type Draft, draftOf, EXCHANGES_KEPT, type State, selectedOperation } from './state.js';
import { type Edit, editField, textOf } from './text-field.js';

/** What an operation is to be called with. */
export interface Call {
  readonly id: number;
  readonly operation: OperationDescription;
  readonly args: Readonly<Record<string, unknown>>;
}

export function editForm(state: State, edit: Edit): State {
  return withDraft(state, (draft) => ({
    ...draft,
    fields: draft.fields.map((field, index) =>
      index === draft.active ? editField(field, edit) : field,
    ),
    note: null,
    confirmsEmpty: false,
  }));
}

/** Goes to another field; one that does not exist changes nothing. */
export function goToField(state: State, index: number): State {
  return withDraft(state, (draft) => (index in draft.fields ? { ...draft, active: index } : draft));
}

/** The number of the field being typed and how many there are. */
export function fieldPosition(state: State): { readonly active: number; readonly count: number } {
  const operation = selectedOperation(state);
  if (operation === null) return { active: 0, count: 0 };
  return { active: draftOf(state, operation).active, count: operation.arguments.length };
}

/** Takes the form as a request, or notes in it what is missing or cannot be read. */
export function submit(state: State): { readonly state: State; readonly call: Call | null } {
  const operation = selectedOperation(state);
  if (operation === null) return { state, call: null };
  const draft = draftOf(state, operation);
  const texts = draft.fields.map(textOf);
  const noted = (problem: Partial<Draft>) => ({
    state: withDraft(state, () => ({ ...draft, confirmsEmpty: false, ...problem })),
    call: null,
  });

  const missing = operation.arguments.findIndex(
    ({ required, reads }, index) => required && reads === 'json' && texts[index] === '',
  );
  const needed = operation.arguments[missing];
  if (needed !== undefined) {
    return noted({ active: missing, note: `${needed.name} is needed: ${needed.type}` });
  }
  const empty = operation.arguments.findIndex(
    ({ required }, index) => required && texts[index] === '',
  );
  if (empty >= 0 && !draft.confirmsEmpty) {
    const note = `${operation.arguments[empty]?.name} is empty: Enter again sends it so`;
    return noted({ active: empty, note, confirmsEmpty: true });
  }
  const pairs = operation.arguments.flatMap(({ name, required }, index): Pair[] => {
    const text = texts[index] ?? '';
    return text === '' && !required ? [] : [[name, text]];
  });
  try {
    const args = readArguments(operation, pairs);
    return request(
      withDraft(state, () => ({ ...draft, note: null, confirmsEmpty: false })),
      { id: state.nextId, operation, args },
      pairs,
    );
  } catch (error) {
    if (!(error instanceof HearsayError)) throw error;
    return noted({ active: firstUnreadable(operation, pairs), note: error.message });
  }
}

function request(
  state: State,
  call: Call,
  pairs: readonly Pair[],
): { readonly state: State; readonly call: Call } {
  const words = pairs.map(([key, text]) => `${key}=${quoteWord(text)}`);
  const exchange = {
    id: call.id,
    operation: call.operation,
    request: [call.operation.name, ...words].join(' '),
    consistency: state.consistency,
    outcome: { kind: 'waiting' },
  } as const;
  return {
    state: {
      ...state,
      exchanges: [exchange, ...state.exchanges].slice(0, EXCHANGES_KEPT),
      nextId: call.id + 1,
      resultsScroll: 0,
    },
    call,
  };
}

/** The field whose text cannot be read by itself. */
function firstUnreadable(operation: OperationDescription, pairs: readonly Pair[]): number {
  const wrong = pairs.find((pair) => {
    try {
      readArguments(operation, [pair]);
      return false;
    } catch {
      return true;
    }
  });
  return Math.max(
    0,
    operation.arguments.findIndex(({ name }) => name === wrong?.[0]),
  );
}

function withDraft(state: State, change: (draft: Draft) => Draft): State {
  const operation = selectedOperation(state);
  if (operation === null) return state;
  const drafts = new Map(state.drafts).set(operation.name, change(draftOf(state, operation)));
  return { ...state, drafts };
}
