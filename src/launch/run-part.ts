/**
 * The life of a replica's or front end's process: it serves until it is asked to end, or is no part of
 * its cluster any more. Its launcher, if it has one, holds the other end of a channel: when that closes the
 * launcher is gone and so is this process, within 5 s whatever hangs; and Ctrl-C in the terminal is the
 * launcher's to handle.
 */

import { FatalError } from '../base/errors.js';
import type { Running } from '../node/options.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { Obstacle, PartMessage } from './part.js';
import type { EndSignal } from './surroundings.js';

/** What is left of the 5 s is for the process itself to end. */
const ORPHAN_LIMIT_MS = 4500;

/** What the launcher may get round, by waiting or by choosing another port, by the system's code. */
const OBSTACLES: ReadonlyMap<unknown, Obstacle['kind']> = new Map([
  ['EADDRINUSE', 'address-in-use'],
  ['LEVEL_LOCKED', 'directory-in-use'],
]);

/** The channel to the launcher. */
export interface Launcher {
  /** Resolves once the message has left this process, or cannot. */
  tell(message: PartMessage): Promise<void>;
  onGone(listener: () => void): void;
}

export interface RunPartComponents {
  /** Null for a process that was started by hand. */
  readonly launcher: Launcher | null;
  readonly scheduler: Scheduler;
  readonly onEndSignal: (listener: (signal: EndSignal) => void) => void;
}

/** Starts to serve; calls `onRemoved` when somebody has taken it out of the cluster. */
export type StartServing = (onRemoved: () => void) => Promise<Running>;

/** Serves, and gives the exit status at the end. Throws what `start` throws, and what `close` throws. */
export async function runPart(
  start: StartServing,
  { launcher, scheduler, onEndSignal }: RunPartComponents,
): Promise<number> {
  const asked = new Promise<void>((resolve) => {
    onEndSignal((signal) => {
      if (signal !== 'SIGINT' || launcher === null) resolve();
    });
    launcher?.onGone(resolve);
  });
  const orphaned = new Promise<number>((resolve) => {
    launcher?.onGone(() => scheduler.after(ORPHAN_LIMIT_MS, () => resolve(0)));
  });
  return Promise.race([serve(start, asked, launcher), orphaned]);
}

async function serve(
  start: StartServing,
  asked: Promise<void>,
  launcher: Launcher | null,
): Promise<number> {
  let onRemoved: () => void = () => {};
  const removed = new Promise<'removed'>((resolve) => {
    onRemoved = () => resolve('removed');
  });
  const starting = start(onRemoved);
  let running: Running | void;
  try {
    running = await Promise.race([starting, asked]);
  } catch (error) {
    const obstacle = obstacleOf(error);
    if (obstacle === null || launcher === null) throw error;
    await launcher.tell({ kind: 'cannot-start', obstacle });
    return 4;
  }
  // Asked before it serves: nothing was promised to anyone, and what it writes survives a crash.
  if (running === undefined) return 0;
  await launcher?.tell({ kind: 'listening' });
  const why = await Promise.race([asked, removed]);
  await running.close();
  if (why === 'removed') await launcher?.tell({ kind: 'removed' });
  return 0;
}

/** Null for an error that the launcher cannot get round. */
function obstacleOf(error: unknown): Obstacle | null {
  if (!(error instanceof FatalError)) return null;
  for (let { cause } = error as Error; cause instanceof Error; { cause } = cause) {
    const kind = 'code' in cause ? OBSTACLES.get(cause.code) : undefined;
    if (kind !== undefined) return { kind, message: error.message };
  }
  return null;
}
