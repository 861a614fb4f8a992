/**
 * What a command has around it: streams, signals, time, and the way to a front end. main.ts builds the
 * real ones; tests hand in their own.
 */

import type { Readable, Writable } from 'node:stream';
import type { Random } from '../base/random.js';
import type { Client, ClientOptions } from '../client/api.js';
import type { Scheduler } from '../ports/scheduler.js';

/** Signals by which a person, a system or a closed terminal ends a process. */
export const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof END_SIGNALS)[number];

export type MaybeTerminal = { readonly isTTY?: boolean };

export type Connect = (urls: readonly string[], options?: ClientOptions) => Promise<Client>;

/** The full-screen client, while it has the terminal. */
export interface Terminal {
  notice(text: string): void;
  close(): void;
}

export interface Surroundings {
  readonly stdin: Readable & MaybeTerminal;
  readonly stdout: Writable & MaybeTerminal;
  readonly stderr: Writable & MaybeTerminal;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly connect: Connect;
  /** Null where there is no terminal to draw on. `onQuit` is called once, when the user leaves. */
  readonly openTerminal: (client: Client, onQuit: () => void) => Promise<Terminal | null>;
  /** Takes these signals over from the system; without a listener they end the process. */
  readonly onEndSignal: (listener: (signal: EndSignal) => void) => void;
  /** The reader of standard output is gone: nothing more can be told it. */
  readonly onOutputClosed: (listener: () => void) => void;
}
