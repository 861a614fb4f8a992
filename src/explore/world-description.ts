/** What a small world is made of, and the trouble that may strike it. */

import type { ScriptCall } from './client-process.js';

/** One kind of trouble: how often it may strike in a run, and whom. */
export interface Trouble {
  readonly times: number;
  readonly of: readonly string[];
}

export interface WorldDescription {
  readonly name: string;
  readonly about: string;
  readonly replicas: number;
  readonly frontends: number;
  /** The program of each client. */
  readonly scripts: readonly (readonly ScriptCall[])[];
  /** The front end that each client goes to first, counted from 0; without it all go to the first one. */
  readonly homes?: readonly number[];
  /** Processes that crash and start again. */
  readonly crashes?: Trouble;
  /** Connections that break, as `fe-1-rm-1`: who dials comes first. */
  readonly breaks?: Trouble;
  /**
   * Connections that are never made, by the same names: a partition that does not heal. Where there is a
   * primary, replicas meet once before.
   */
  readonly apart?: readonly string[];
  /** Messages that come twice, of any connection. */
  readonly duplicates?: number;
  /** Timers that go off, each moving the time to its own. */
  readonly ticks?: Trouble;
  /**
   * There is a primary at the beginning, the first replica; and clocks are the processes' own: the timers
   * of one go off whatever the others have seen of time.
   */
  readonly forced?: true;
  /** Replicas that hear nobody for long enough: all that their timers do until then, as one event. */
  readonly silences?: Trouble;
  /** Of these, those that get as far as not having heard of a primary lately. */
  readonly lapses?: readonly string[];
  /** Connections that are cut off all at once, and cannot be made again while there is trouble. */
  readonly cut?: readonly string[];
  /** Processes that stay down once they have crashed, while there is trouble. */
  readonly staysDown?: readonly string[];
  /** Replicas whose disks take their time; without it all do. Others' have at once what is written. */
  readonly slowDisks?: readonly string[];
  /**
   * The members at the beginning are the first so many replicas, and others can be: those behind them wait
   * to join. Without it the members are all replicas, for ever. With it there is a primary as well.
   */
  readonly founders?: number;
  /**
   * What the first replica, or another that leads, is brought to do about its members, and how often: once
   * for the change, once more for it to wait no longer for those who have not reported.
   */
  readonly changes?: Trouble & { readonly retire?: string };
  /** Takes minutes, or gigabytes. */
  readonly isLarge?: true;
}
