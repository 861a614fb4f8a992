/** A part of a local cluster, one replica or front end, and the child process that runs it. */

export interface Part {
  readonly name: string;
  /** `HOST:PORT`, the same over all its starts: the other parts were told it. */
  readonly address: string;
  /** The command line of its next start: that of a replica changes once its cluster is founded. */
  readonly words: readonly string[];
}

/** How a process ended: by itself with a status, or by a signal. */
export interface Ending {
  readonly exitStatus: number | null;
  readonly signal: string | null;
}

/** Why a part could not start, where time or another port may help. */
export interface Obstacle {
  readonly kind: 'address-in-use' | 'directory-in-use';
  /** For people. */
  readonly message: string;
}

/** What a part tells its launcher, over the channel between the two processes. */
export type PartMessage =
  /** It has bound its address: who answers there is this process. */
  | { readonly kind: 'listening' }
  /** It ends because of this, and prints nothing: the launcher may get round it. */
  | { readonly kind: 'cannot-start'; readonly obstacle: Obstacle }
  /** It is no part of the cluster any more, as somebody wished, and ends for good. */
  | { readonly kind: 'removed' };

/** The launcher's side. `onEnd` comes last, and once. */
export interface PartObserver {
  onMessage(message: PartMessage): void;
  /** A line of what it printed: it prints only what somebody has to know. */
  onLine(line: string): void;
  onEnd(ending: Ending): void;
}

export interface PartProcess {
  readonly pid: number;
  /** Asks it to end. */
  terminate(): void;
  /** Ends it at once. */
  kill(): void;
}

export type StartPart = (part: Part, observer: PartObserver) => PartProcess;

/** Null when it is ready, else what it still waits for, in words. */
export type AskWhetherReady = (part: Part) => Promise<string | null>;

export function describeEnding({ exitStatus, signal }: Ending): string {
  return signal === null ? `ended with exit status ${exitStatus}` : `was ended by ${signal}`;
}
