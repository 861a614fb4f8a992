/**
 * Who is there: addresses of the replicas (for replicas and front ends) or of the front ends (for
 * clients) to begin with. Discovery only finds somebody to ask; who is a member, and which of two
 * processes of one name is the right one, the cluster decides.
 */

/** What a process makes known of itself. */
export interface Registration {
  readonly kind: 'replica' | 'frontend';
  readonly name: string;
  /** `HOST:PORT` where others reach it. */
  readonly address: string;
}

export interface Discovery {
  /**
   * `HOST:PORT` of those known now, without this process itself where that can be told. Read it again
   * before each attempt: it changes. Once it named somebody it is never empty again, since an address
   * that was right is a better guess than none.
   */
  addresses(): readonly string[];
  /**
   * Resolves once it has looked with success, or was closed: until then, that nobody is named means
   * nothing. Never rejects.
   */
  firstLook(): Promise<void>;
  /** Why nothing newer is known, in words for people; null when nothing is wrong. */
  readonly trouble: string | null;
  /** None of the addresses could be reached: looks again soon instead of at its usual time. */
  refresh(): void;
  /** Makes this process known, and keeps it known until `close`. Nothing to do for some kinds. */
  register(self: Registration): void;
  /** Stops looking, and takes back what was registered if that can be done within a second. */
  close(): Promise<void>;
}
