/**
 * What clients saw: the requests they sent, in the order of sending, and how each one ended. A history
 * is all that the checkers look at; simulator and chaos record it, and anybody else may write one.
 */

/** How a request ended, as its client was told. */
export type HistoryOutcome =
  /** The update was acknowledged, by so many durable copies. */
  | {
      readonly kind: 'updated';
      readonly copies: number;
      /** Of forced updates alone: what it came to, and its place in their one order, from 1. */
      readonly result?: unknown;
      readonly order?: number;
    }
  | {
      readonly kind: 'answered';
      readonly value: unknown;
      readonly guarantee: 'causal' | 'fresh';
      /** It reflects the one order of forced updates up to this place; none when left out. */
      readonly order?: number;
    }
  /** It certainly had no effect and never will have one. */
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      /** The refusal is the result of a forced update, which has this place in their one order. */
      readonly order?: number;
    }
  /** It may have had its effect, or have it later; also what was never answered. */
  | { readonly kind: 'unknown'; readonly code: string; readonly message: string };

/** One request of a client. */
export interface HistoryOperation {
  /** The client's session: an update's past is what its own session was told before it. */
  readonly session: string;
  readonly user: string;
  readonly kind: 'update' | 'query';
  readonly operation: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The front end in use when it was sent, and when it ended; null while there was none. */
  readonly sentTo: string | null;
  readonly answeredBy: string | null;
  /**
   * Places in the one order in which all requests were sent and all answers came; unique in a
   * history. `returned` is null when it never ended.
   */
  readonly called: number;
  readonly returned: number | null;
  /** The same as times, ms, for people. */
  readonly calledMs: number;
  readonly returnedMs: number | null;
  readonly outcome: HistoryOutcome;
  /** Asked after all faults had ended and everything was quiet: reflects all that was acknowledged. */
  readonly final: boolean;
}

export interface History {
  /** Says what operations mean: `kv`, `movies` or `hungry`. */
  readonly service: string;
  /** Updates with fewer copies may be gone: disks were lost. */
  readonly leastCopies: number;
  /**
   * Such updates may be taken back even from sessions that were shown them: replicas that alone held
   * them were retired (PROTOCOL D5). @default false
   */
  readonly takesBack?: boolean;
  /** In the order of `called`. */
  readonly operations: readonly HistoryOperation[];
  /** State hash of each replica once all was quiet, by name; empty when nobody looked. */
  readonly finalHashes: Readonly<Record<string, string>>;
}

/** What a checker found. */
export interface Violation {
  /** The promise that was broken, `read your writes`. */
  readonly promise: string;
  /** For people: names the operations, what was seen, and what had to be seen. */
  readonly words: string;
  /** Indexes into `operations` of those that form the violation. */
  readonly operations: readonly number[];
}
