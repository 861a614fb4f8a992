/** Everything that can happen to the state: what keys mean, and what comes from outside. */

import type { ClusterStatus, PlainTimestamp } from '../api.js';
import type { SettableStatus } from './replicas/replicas.js';
import type { Page } from './shop/shop.js';
import type { LogLine, Outcome, Panel, Size } from './state.js';
import type { Edit } from './text-field.js';

/** What a key can mean. */
export type KeyAction =
  | { readonly kind: 'focus'; readonly panel: Panel }
  /** To the next field or panel, or back. */
  | { readonly kind: 'step'; readonly by: 1 | -1 }
  /** The selection, the field or the view of the focused panel: by lines, by pages, or to its end. */
  | { readonly kind: 'move'; readonly by: 1 | -1; readonly unit: 'line' | 'page' | 'end' }
  | { readonly kind: 'shift'; readonly by: 1 | -1 }
  | { readonly kind: 'edit'; readonly edit: Edit }
  /** Runs what the form says. */
  | { readonly kind: 'run' }
  /** Closes what is open; else goes back to the operations. */
  | { readonly kind: 'back' }
  | { readonly kind: 'open-filter' }
  | { readonly kind: 'accept-filter' }
  | { readonly kind: 'cycle-level' }
  | { readonly kind: 'toggle-pause' }
  | { readonly kind: 'toggle-zoom' }
  | { readonly kind: 'toggle-raw' }
  | { readonly kind: 'toggle-help' }
  /** To the ordering screen, or to all operations. */
  | { readonly kind: 'switch-screen' }
  /** To a page of the ordering screen. */
  | { readonly kind: 'go'; readonly page: Page }
  /** More or less of the chosen dish. */
  | { readonly kind: 'quantity'; readonly by: 1 | -1 | 'none' }
  | { readonly kind: 'empty-cart' | 'cancel-order' | 'refresh' }
  /** The list of replicas, over everything else. */
  | { readonly kind: 'open-replicas' }
  /** Another status to set for the chosen replica. */
  | { readonly kind: 'choose-status'; readonly by: 1 | -1 }
  | { readonly kind: 'set-status' }
  /** Draws everything again, where something else has written on the screen. */
  | { readonly kind: 'redraw' }
  | { readonly kind: 'quit' };

export type Action =
  | KeyAction
  /** The first one: what the screen shows can be asked for. */
  | { readonly kind: 'started' }
  | { readonly kind: 'resized'; readonly size: Size }
  | { readonly kind: 'frontend-changed'; readonly frontend: string | null }
  /** A request is still under way after so many whole seconds. */
  | { readonly kind: 'waited'; readonly id: number; readonly seconds: number }
  /** A request is over; `timestamp` is what the session has seen by then. */
  | {
      readonly kind: 'answered';
      readonly id: number;
      readonly outcome: Exclude<Outcome, { kind: 'waiting' }>;
      readonly timestamp: PlainTimestamp;
    }
  /** What the parts of the cluster say of themselves, or why that is not known. */
  | { readonly kind: 'looked'; readonly id: number; readonly answer: ClusterStatus | Error }
  /** A replica has another status now; or the error says why not. */
  | {
      readonly kind: 'status-set';
      readonly id: number;
      readonly name: string;
      readonly value: SettableStatus;
      readonly error: string | null;
    }
  /** New lines of the log, oldest first. */
  | { readonly kind: 'logged'; readonly lines: readonly LogLine[] };
