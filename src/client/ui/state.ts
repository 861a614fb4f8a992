/**
 * All that the terminal client knows, as one immutable value. `update.ts` makes the next one from an
 * action, `frame.ts` draws it. What grows is bounded: exchanges and log lines forget the oldest first.
 */

import type { ErrorCode } from '../../base/errors.js';
import type { Consistency, OperationDescription } from '../../wire/messages.js';
import type { PlainTimestamp } from '../api.js';
import type { Role } from './line.js';
import type { Replicas } from './replicas/replicas.js';
import { initialShop, type Shop } from './shop/shop.js';
import { EMPTY_FIELD, type TextField } from './text-field.js';

/** In the order of their numbers, 1 to 4. */
export const PANELS = ['operations', 'form', 'results', 'log'] as const;
export type Panel = (typeof PANELS)[number];

/** Panels whose lines can be filtered. */
export type FilterPanel = Exclude<Panel, 'form'>;

/** Answers kept, and lines of the log: what a person may want to look back at. */
export const EXCHANGES_KEPT = 30;
export const LOG_LINES_KEPT = 2000;

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What has been typed for one operation; kept while others are looked at. */
export interface Draft {
  /** One for each argument, in their order. */
  readonly fields: readonly TextField[];
  /** The argument that is being typed. */
  readonly active: number;
  /** What is wrong, or null. */
  readonly note: string | null;
  /** The note asked whether empty texts are meant: Enter again sends them. */
  readonly confirmsEmpty: boolean;
}

export type Outcome =
  /** So many whole seconds by now. */
  | { readonly kind: 'waiting'; readonly seconds: number }
  | {
      readonly kind: 'value';
      readonly value: unknown;
      readonly guarantee: 'causal' | 'fresh';
      readonly timestamp: PlainTimestamp;
      readonly tookMs: number;
    }
  | {
      readonly kind: 'done';
      readonly result: unknown;
      readonly copies: number;
      readonly timestamp: PlainTimestamp;
      readonly tookMs: number;
    }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      /** It certainly had no effect. */
      readonly definite: boolean;
      readonly tookMs: number;
    };

/** One request and what came of it. */
export interface Exchange {
  readonly id: number;
  readonly operation: OperationDescription;
  /** As line mode would take it: `rate movieId=1 rating=4.5`. */
  readonly request: string;
  /** The level asked for; updates have none. */
  readonly consistency: Consistency;
  readonly outcome: Outcome;
}

export interface LogLine {
  readonly text: string;
  readonly role: Role;
}

export interface LogState {
  /** Oldest first. */
  readonly lines: readonly LogLine[];
  /** The view stands still while lines go on arriving. */
  readonly paused: boolean;
  /** Lines shown by the filter that came since the pause. */
  readonly unseen: number;
  /** Lines between the lowest one in view and the newest one. */
  readonly scroll: number;
  /** Cells that the view is moved to the right. */
  readonly shift: number;
}

export interface State {
  readonly size: Size;
  readonly user: string;
  readonly service: string;
  readonly operations: readonly OperationDescription[];
  /** The front end in use; null while there is none. */
  readonly frontend: string | null;
  /** What this session has seen or written. */
  readonly timestamp: PlainTimestamp;
  /** The level that the next queries ask for. */
  readonly consistency: Consistency;
  /** What the last answered query reached. */
  readonly guarantee: 'causal' | 'fresh' | null;
  /** Durable copies of the last update. */
  readonly copies: number | null;

  readonly screen: 'operations' | 'shop';
  /** What can be ordered and how far one is with it; null where the service has nothing to order. */
  readonly shop: Shop | null;

  readonly focus: Panel;
  /** The focused panel fills the screen. */
  readonly zoomed: boolean;
  /** How far help is scrolled; null while it is closed. */
  readonly help: number | null;
  /** The list of replicas; null while it is closed. */
  readonly replicas: Replicas | null;
  readonly filters: Readonly<Record<FilterPanel, string>>;
  /** The filter being typed, already in force. */
  readonly prompt: { readonly panel: FilterPanel; readonly field: TextField } | null;

  /** Name of the operation in the form; null when the filter shows none. */
  readonly selected: string | null;
  readonly drafts: ReadonlyMap<string, Draft>;
  /** Newest first. */
  readonly exchanges: readonly Exchange[];
  readonly nextId: number;
  /** Lines of results above the view. */
  readonly resultsScroll: number;
  /** Answers as JSON instead of tables. */
  readonly rawResults: boolean;
  readonly log: LogState;
}

export interface StateInit {
  readonly size: Size;
  readonly user: string;
  readonly service: string;
  readonly operations: readonly OperationDescription[];
  readonly frontend: string | null;
  readonly timestamp: PlainTimestamp;
}

export function initialState(init: StateInit): State {
  const shop = initialShop(init.operations);
  const state: State = {
    ...init,
    screen: shop === null ? 'operations' : 'shop',
    shop,
    consistency: 'auto',
    guarantee: null,
    copies: null,
    focus: 'operations',
    zoomed: false,
    help: null,
    replicas: null,
    filters: { operations: '', results: '', log: '' },
    prompt: null,
    selected: null,
    drafts: new Map(),
    exchanges: [],
    nextId: 1,
    resultsScroll: 0,
    rawResults: false,
    log: { lines: [], paused: false, unseen: 0, scroll: 0, shift: 0 },
  };
  return { ...state, selected: visibleOperations(state)[0]?.name ?? null };
}

/** Whether a text passes a filter: small and capital letters are the same to it. */
export const passes = (text: string, filter: string): boolean =>
  filter === '' || text.toLowerCase().includes(filter.toLowerCase());

/** The operations that pass the filter: queries, then updates, as the list shows them. */
export function visibleOperations({ operations, filters }: State): OperationDescription[] {
  const visible = operations.filter(({ name }) => passes(name, filters.operations));
  return [
    ...visible.filter(({ kind }) => kind === 'query'),
    ...visible.filter(({ kind }) => kind === 'update'),
  ];
}

export function selectedOperation({ operations, selected }: State): OperationDescription | null {
  return operations.find(({ name }) => name === selected) ?? null;
}

/** What has been typed for an operation so far. */
export function draftOf({ drafts }: State, operation: OperationDescription): Draft {
  return (
    drafts.get(operation.name) ?? {
      fields: operation.arguments.map(() => EMPTY_FIELD),
      active: 0,
      note: null,
      confirmsEmpty: false,
    }
  );
}
