/**
 * The next state after an action, and what is to be done outside: the only place where the state of the
 * terminal client moves. Pure, so that every key sequence can be a test.
 */

import type { Consistency, OperationDescription } from '../../wire/messages.js';
import type { Action } from './actions.js';
import { editForm, goToField, submit } from './form.js';
import { helpLines } from './help-pane.js';
import { insideOf, neighbour } from './layout.js';
import { noticeLine, visibleLog } from './log-pane.js';
import {
  chooseStatus,
  looked,
  moveChosen,
  openReplicas,
  setStatus,
  statusSet,
} from './replicas/replicas.js';
import { only, type Step } from './request.js';
import { resultLines } from './results-pane.js';
import { type Move, scrolled } from './scroll.js';
import { shopAnswered } from './shop/answered.js';
import { askAll } from './shop/calls.js';
import { isShopKey, onShopKey } from './shop/keys.js';
import {
  draftOf,
  LOG_LINES_KEPT,
  type LogLine,
  type Panel,
  passes,
  type State,
  selectedOperation,
  visibleOperations,
} from './state.js';
import { EMPTY_FIELD, editField, type TextField, textOf } from './text-field.js';

/** Cells that one key moves the log sideways. */
const SHIFT_CELLS = 8;

const NEXT_LEVEL: Readonly<Record<Consistency, Consistency>> = {
  auto: 'fresh',
  fresh: 'causal',
  causal: 'auto',
};

export function update(state: State, action: Action): Step {
  const { shop, replicas } = state;
  const isCovered = state.help !== null || replicas !== null;
  if (shop !== null && state.screen === 'shop' && !isCovered && isShopKey(action)) {
    return onShopKey(state, shop, action);
  }
  switch (action.kind) {
    case 'quit':
    case 'redraw':
      return { state, requests: [{ kind: action.kind }] };
    case 'run': {
      const operation = selectedOperation(state);
      return operation === null ? only(state) : submit(state, operation);
    }
    case 'started':
      return askAll(state);
    case 'open-replicas':
      return openReplicas(state);
    case 'set-status':
      return replicas === null ? only(state) : setStatus(state, replicas);
    case 'looked':
      return looked(state, action.id, action.answer);
    case 'answered': {
      const known = answered(state, action);
      return shop === null ? only(known) : shopAnswered(known, shop, action.id, action.outcome);
    }
    default:
      return only(next(state, action));
  }
}

/** Actions that may ask for something outside. */
type Asking =
  | 'run'
  | 'redraw'
  | 'quit'
  | 'started'
  | 'answered'
  | 'open-replicas'
  | 'set-status'
  | 'looked';

function next(state: State, action: Exclude<Action, { kind: Asking }>): State {
  switch (action.kind) {
    // Keys of the ordering screen mean nothing elsewhere.
    case 'go':
    case 'quantity':
    case 'empty-cart':
    case 'cancel-order':
    case 'refresh':
      return state;
    case 'switch-screen':
      return {
        ...state,
        screen: state.shop === null || state.screen === 'shop' ? 'operations' : 'shop',
      };
    case 'focus':
      return { ...state, focus: action.panel };
    case 'step':
      return stepFocus(state, action.by);
    case 'move':
      return move(state, action);
    case 'shift': {
      const shift = Math.max(0, state.log.shift + action.by * SHIFT_CELLS);
      return { ...state, log: { ...state.log, shift } };
    }
    case 'edit':
      if (state.prompt !== null) {
        return typeFilter(state, state.prompt.panel, editField(state.prompt.field, action.edit));
      }
      return withForm(state, (operation) => editForm(state, operation, action.edit));
    case 'choose-status':
      return state.replicas === null ? state : chooseStatus(state, state.replicas, action.by);
    case 'status-set':
      return statusSet(state, action.id, action);
    case 'back':
      return back(state);
    case 'open-filter': {
      if (state.focus === 'form') return state;
      return typeFilter(state, state.focus, {
        ...EMPTY_FIELD,
        before: state.filters[state.focus],
      });
    }
    case 'accept-filter':
      return { ...state, prompt: null };
    case 'cycle-level':
      return { ...state, consistency: NEXT_LEVEL[state.consistency] };
    case 'toggle-pause':
      return state.log.paused
        ? follow(state)
        : { ...state, log: { ...state.log, paused: true, unseen: 0 } };
    case 'toggle-zoom':
      return { ...state, zoomed: !state.zoomed };
    case 'toggle-raw':
      return { ...state, rawResults: !state.rawResults, resultsScroll: 0 };
    case 'toggle-help':
      return { ...state, help: state.help === null ? 0 : null };
    case 'resized':
      return { ...state, size: action.size };
    case 'frontend-changed':
      return append({ ...state, frontend: action.frontend }, [
        noticeLine(
          action.frontend === null
            ? 'this client lost its front end and looks for one'
            : `this client uses front end ${action.frontend}`,
        ),
      ]);
    case 'waited':
      return waited(state, action);
    case 'logged':
      return append(state, action.lines);
  }
}

/** The state with another form; the same one where no operation is selected. */
function withForm(state: State, change: (operation: OperationDescription) => State): State {
  const operation = selectedOperation(state);
  return operation === null ? state : change(operation);
}

function stepFocus(state: State, by: 1 | -1): State {
  const operation = selectedOperation(state);
  const { active, fields } =
    operation === null ? { active: 0, fields: [] } : draftOf(state, operation);
  if (operation !== null && state.focus === 'form' && active + by in fields) {
    return goToField(state, operation, active + by);
  }
  const focus = neighbour(state.focus, by);
  if (operation === null || focus !== 'form') return { ...state, focus };
  // Coming from above one begins with the first field, from below with the last.
  return { ...goToField(state, operation, by === 1 ? 0 : fields.length - 1), focus };
}

function back(state: State): State {
  if (state.help !== null) return { ...state, help: null };
  if (state.replicas !== null) return { ...state, replicas: null };
  if (state.prompt !== null) return withFilter({ ...state, prompt: null }, state.prompt.panel, '');
  if (state.focus !== 'form' && state.filters[state.focus] !== '') {
    return withFilter(state, state.focus, '');
  }
  return state.zoomed ? { ...state, zoomed: false } : { ...state, focus: 'operations' };
}

function typeFilter(state: State, panel: Exclude<Panel, 'form'>, field: TextField): State {
  return withFilter({ ...state, prompt: { panel, field } }, panel, textOf(field));
}

/** A filter in force: the view starts anew, and what is selected is among what is shown. */
function withFilter(state: State, panel: Exclude<Panel, 'form'>, filter: string): State {
  const filtered = { ...state, filters: { ...state.filters, [panel]: filter } };
  switch (panel) {
    case 'operations': {
      const visible = visibleOperations(filtered);
      const stays = visible.some(({ name }) => name === state.selected);
      return stays ? filtered : { ...filtered, selected: visible[0]?.name ?? null };
    }
    case 'results':
      return { ...filtered, resultsScroll: 0 };
    case 'log':
      return { ...filtered, log: { ...state.log, scroll: 0, unseen: 0 } };
  }
}

function move(state: State, action: Move): State {
  if (state.help !== null) {
    const rows = state.size.rows - 4;
    const length = helpLines(state, state.size.columns - 2).length;
    return { ...state, help: scrolled(state.help, action, rows, length - rows) };
  }
  if (state.replicas !== null) return moveChosen(state, state.replicas, action);
  switch (state.focus) {
    case 'operations': {
      const visible = visibleOperations(state);
      const present = visible.findIndex(({ name }) => name === state.selected);
      const { rows } = insideOf(state, 'operations');
      const index = scrolled(Math.max(0, present), action, rows, visible.length - 1);
      return { ...state, selected: visible[index]?.name ?? null };
    }
    case 'form':
      return withForm(state, (operation) =>
        goToField(state, operation, draftOf(state, operation).active + action.by),
      );
    case 'results': {
      const { columns, rows } = insideOf(state, 'results');
      const most = resultLines(state, columns).length - rows;
      return { ...state, resultsScroll: scrolled(state.resultsScroll, action, rows, most) };
    }
    case 'log': {
      if (action.unit === 'end' && action.by === 1) return follow(state);
      const { rows } = insideOf(state, 'log');
      const most = visibleLog(state).length - rows;
      const upward: Move = { ...action, by: action.by === 1 ? -1 : 1 };
      const scroll = scrolled(state.log.scroll, upward, rows, most);
      return { ...state, log: { ...state.log, paused: true, scroll } };
    }
  }
}

function follow(state: State): State {
  return { ...state, log: { ...state.log, paused: false, unseen: 0, scroll: 0 } };
}

function append(state: State, added: readonly LogLine[]): State {
  const { log } = state;
  const lines = [...log.lines, ...added].slice(-LOG_LINES_KEPT);
  if (!log.paused) return { ...state, log: { ...log, lines } };
  // The view stands still: as many lines are below it now as came to be shown.
  const shown = added.filter(({ text }) => passes(text, state.filters.log)).length;
  return {
    ...state,
    log: { ...log, lines, unseen: log.unseen + shown, scroll: log.scroll + shown },
  };
}

function waited(state: State, { id, seconds }: Extract<Action, { kind: 'waited' }>): State {
  const { shop } = state;
  return {
    ...state,
    exchanges: state.exchanges.map((exchange) =>
      exchange.id === id ? { ...exchange, outcome: { kind: 'waiting', seconds } } : exchange,
    ),
    shop: shop?.sent?.id === id ? { ...shop, sent: { ...shop.sent, seconds } } : shop,
  };
}

function answered(
  state: State,
  { id, outcome, timestamp }: Extract<Action, { kind: 'answered' }>,
): State {
  return {
    ...state,
    timestamp,
    exchanges: state.exchanges.map((exchange) =>
      exchange.id === id ? { ...exchange, outcome } : exchange,
    ),
    guarantee: outcome.kind === 'value' ? outcome.guarantee : state.guarantee,
    copies: outcome.kind === 'done' ? outcome.copies : state.copies,
  };
}
