/**
 * The one error class that users meet, and the one table of its codes (docs/errors.md repeats it and is
 * checked against it). A code is *definite* when the operation certainly had no effect; everything else
 * means "unknown: retry with the same update id" (PROTOCOL A7). Doubt means indefinite.
 */

interface ErrorRule {
  /** The operation certainly had no effect and will have none. */
  readonly definite: boolean;
  /** Sending the same request again, unchanged, may succeed. */
  readonly retriable: boolean;
  /** Exit status of the command line (DESIGN section 4). */
  readonly exitStatus: 1 | 2 | 3 | 4;
}

export const ERROR_CODES = {
  INVALID: { definite: true, retriable: false, exitStatus: 2 },
  REFUSED: { definite: true, retriable: false, exitStatus: 1 },
  UNAVAILABLE: { definite: false, retriable: true, exitStatus: 3 },
  TIMEOUT: { definite: false, retriable: true, exitStatus: 3 },
  UNAUTHORIZED: { definite: true, retriable: false, exitStatus: 1 },
  TOO_LARGE: { definite: true, retriable: false, exitStatus: 2 },
  OVERLOADED: { definite: false, retriable: true, exitStatus: 3 },
  EXPIRED: { definite: false, retriable: false, exitStatus: 1 },
  VERSION: { definite: true, retriable: false, exitStatus: 3 },
} as const satisfies Record<string, ErrorRule>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error that says what was wrong and what to do; `code` is stable, the message is for people. */
export class HearsayError extends Error {
  override readonly name = 'HearsayError';
  readonly code: ErrorCode;
  /** The operation certainly had no effect. */
  readonly definite: boolean;
  /** The same request may succeed when it is sent again. */
  readonly retriable: boolean;
  /** The place of a refusal in the order of forced updates, counts by origin; null for all others. */
  readonly timestamp: Readonly<Record<string, number>> | null;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cause?: unknown;
      definite?: boolean;
      timestamp?: Readonly<Record<string, number>>;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.definite = options.definite ?? ERROR_CODES[code].definite;
    this.retriable = ERROR_CODES[code].retriable;
    this.timestamp = options.timestamp ?? null;
  }
}

/** A process cannot start or go on (exit status 4): port, lock, foreign or damaged data, failed write. */
export class FatalError extends Error {
  override readonly name = 'FatalError';
  readonly exitStatus = 4;

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
  }
}
