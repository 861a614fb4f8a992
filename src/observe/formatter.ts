/** One interface for the three forms of `hearsay log --format`. */

import type { TraceEvent } from '../wire/messages.js';
import { formatJson } from './json.js';
import { ShivizLog } from './shiviz.js';
import { formatText } from './text.js';

export const EVENT_FORMATS = ['text', 'json', 'shiviz'] as const;
export type EventFormat = (typeof EVENT_FORMATS)[number];

/** Turns events into output. What it answers is to be printed at once, with an end of line after it. */
export interface EventFormatter {
  add(event: TraceEvent): string | null;
  /** Call it once, after the last event: what was held back. */
  end(): string | null;
}

/**
 * `text` and `json` give a line for each event. `shiviz` holds everything back: which process knew what
 * is certain only at the end. So `hearsay log --format shiviz` gathers the recent events and the live
 * ones until it is interrupted or its input ends, and prints the log then.
 */
export function createFormatter(format: EventFormat): EventFormatter {
  switch (format) {
    case 'text':
      return { add: formatText, end: () => null };
    case 'json':
      return { add: formatJson, end: () => null };
    case 'shiviz': {
      const log = new ShivizLog();
      return {
        add(event) {
          log.add(event);
          return null;
        },
        end: () => log.print(),
      };
    }
  }
}
