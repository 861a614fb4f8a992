/** A process tells the one who started it what it waits for, and when it is ready. */

import type { EventSink } from '../ports/event-sink.js';
import type { Scheduler } from '../ports/scheduler.js';

/** A process that is ready by the first look has waited for nothing worth a line. */
const LOOK_EVERY_MS = 1000;

/** What it waits for may change with each look: one line in so many looks. */
const LOOKS_A_LINE = 5;

export interface Announced {
  /** `HOST:PORT`. */
  readonly address: string;
  readonly isReady: () => boolean;
  readonly waitsFor: () => string | null;
}

/** Looks until it is ready; gives a function that ends that. */
export function announceReadiness(
  { address, isReady, waitsFor }: Announced,
  { scheduler, sink }: { readonly scheduler: Scheduler; readonly sink: EventSink },
): () => void {
  let said: string | null = null;
  let looks = 0;
  const look = (): void => {
    if (isReady()) return sink.say('info', `is ready at ws://${address}`);
    const reason = waitsFor();
    if (reason !== null && reason !== said && looks % LOOKS_A_LINE === 0) {
      said = reason;
      sink.say('info', `waits for ${reason}`);
    }
    looks++;
    timer = scheduler.after(LOOK_EVERY_MS, look);
  };
  let timer = scheduler.after(LOOK_EVERY_MS, look);
  return () => timer.cancel();
}
