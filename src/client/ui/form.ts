/**
 * The form of an operation: typing into its fields, and making a request of what was typed. What has
 * been typed is kept by operation, so the ordering screen and the list of operations share it.
 */

import { HearsayError } from '../../base/errors.js';
import { readArguments } from '../../service/arguments.js';
import type { OperationDescription } from '../../wire/messages.js';
import type { Pair } from '../words.js';
import { callOnRecord, only, type Step } from './request.js';
import { type Draft, draftOf, type State } from './state.js';
import { type Edit, editField, textOf } from './text-field.js';

export function editForm(state: State, operation: OperationDescription, edit: Edit): State {
  return withDraft(state, operation, (draft) => ({
    ...draft,
    fields: draft.fields.map((field, index) =>
      index === draft.active ? editField(field, edit) : field,
    ),
    note: null,
    confirmsEmpty: false,
  }));
}

/** Goes to another field; one that does not exist changes nothing. */
export function goToField(state: State, operation: OperationDescription, index: number): State {
  return withDraft(state, operation, (draft) =>
    index in draft.fields ? { ...draft, active: index } : draft,
  );
}

/** Notes in the form why its operation was not done, and goes to the field that the note names first. */
export function noteProblem(state: State, operation: OperationDescription, note: string): State {
  const words = note.split(/\W+/);
  const names = operation.arguments.map(({ name }) => name);
  const named = words.find((word) => names.includes(word));
  return withDraft(state, operation, (draft) => ({
    ...draft,
    note,
    confirmsEmpty: false,
    active: named === undefined ? draft.active : names.indexOf(named),
  }));
}

/** Takes the form as a request, or notes in it what is missing or cannot be read. */
export function submit(state: State, operation: OperationDescription): Step {
  const draft = draftOf(state, operation);
  const texts = draft.fields.map(textOf);
  const noted = (problem: Partial<Draft>): Step =>
    only(withDraft(state, operation, () => ({ ...draft, confirmsEmpty: false, ...problem })));

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
    const sent = withDraft(state, operation, () => ({
      ...draft,
      note: null,
      confirmsEmpty: false,
    }));
    return callOnRecord(sent, operation, args, pairs);
  } catch (error) {
    if (!(error instanceof HearsayError)) throw error;
    return noted({ active: firstUnreadable(operation, pairs), note: error.message });
  }
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

function withDraft(
  state: State,
  operation: OperationDescription,
  change: (draft: Draft) => Draft,
): State {
  const drafts = new Map(state.drafts).set(operation.name, change(draftOf(state, operation)));
  return { ...state, drafts };
}
