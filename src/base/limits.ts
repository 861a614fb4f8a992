/**
 * Every bound in one place: docs/limits.md has a row for each and is checked against this file.
 * A constant's comment says its reason and, where there is one, its formula.
 */

export const LIMITS = {
  /** One WebSocket message. Larger ones are refused by their header, before they are read. */
  frameBytes: 4 * 1024 * 1024,
  /** One encoded protocol message; several fit into a frame. */
  messageBytes: 1024 * 1024,
  /** Messages in one frame: bounds what one frame can cost to handle. */
  frameMessages: 4096,
  /** A text in a message that is no argument: user, operation name, address, error message. */
  stringLength: 1024,
  /** Arguments of one operation, encoded: kv values are 64 KiB, plus key and shape. */
  argumentBytes: 128 * 1024,
  /** The result of a forced update as JSON, in UTF-16 units: it is kept and sent again until it is known. */
  resultLength: 256 * 1024,
  /** Entries of a timestamp: three members restarted 341 times each. Closing of origins lifts it. */
  timestampEntries: 1024,
  /** Front ends that are named to others: with the longest names and addresses they fit into one message. */
  frontendsTold: 256,
  /** Lists and maps within each other in arguments. */
  nesting: 64,
  /** The same in a frame: an answer may wrap stored arguments a few times, a frame wraps an answer. */
  frameNesting: 128,
  /** Records in one gossip or fetch message: about 100 bytes each. */
  gossipRecords: 2000,
  /** Encoded size at which a gossip message is full, whatever its number of records. */
  gossipBytes: 512 * 1024,
  /** A piece of a snapshot that a new replica is sent: one message. */
  snapshotPartBytes: 512 * 1024,
  /** Records that came before what they depend on and wait in memory; more are dropped, to be fetched. */
  earlyRecords: 20_000,
  /**
   * Records of the update log that a replica holds, about 600 bytes each, before the primary retires the
   * members that lack the oldest of them; at twice as many it takes no new updates: OVERLOADED.
   */
  logRecords: 250_000,
  /** Requests that wait at a replica for an update they depend on; beyond: OVERLOADED. */
  waitingRequests: 10_000,
  /** Requests in hand beyond which an OVERLOADED replica takes no query: twice what makes it OVERLOADED. */
  queueForQueries: 2000,
  /** Recoveries that were ended, of which a replica tells each peer that connects: one at a time is begun. */
  plansGivenUp: 16,
  /** Forced updates that a replica was asked for and has not answered; beyond: OVERLOADED. */
  pendingForced: 10_000,
  /** Of those, at a primary, the ones that wait for an update they depend on; beyond: OVERLOADED. */
  parkedForced: 1000,
  /** Forced updates that are ordered and not committed: together they fit into one message. */
  uncommittedEntries: 256,
  uncommittedBytes: 256 * 1024,
  /** Requests a front end has under way; beyond: OVERLOADED. */
  frontendRequests: 20_000,
  /**
   * Requests one client connection has under way; beyond: OVERLOADED. One whose timestamp has n entries
   * counts as 1 + n / 16, rounded down, since all of them are kept until it ends: 4 MiB a connection.
   */
  connectionRequests: 4096,
  /** Lookups outside the cluster that a front end has under way; beyond: OVERLOADED. */
  lookups: 64,
  /** Those of one client connection. They take seconds, and an update needs one. */
  connectionLookups: 8,
  /** Connections a listener holds. At the bound the oldest that said no hello goes first. */
  connections: 4096,
  /** A connection without hello is closed after this long. */
  helloMs: 5000,
  /** Connections that said no hello yet, and health checks, for which accepted ones leave room. */
  newcomers: 64,
  /** Bytes a connection may send before its hello is accepted: a hello with a full timestamp, doubled. */
  helloBytes: 128 * 1024,
  /** Header of one HTTP request. */
  httpHeaderBytes: 8 * 1024,
  /** Pieces that one WebSocket message may come in: frameBytes / 4 KiB, what some libraries write at once. */
  frameFragments: 1024,
  /** A peer that sends nothing, not even an answer to a ping, is taken for dead after this long. */
  deadPeerMs: 10_000,
  /** A dialled peer that has not finished the handshake by then counts as unreachable. */
  dialMs: 5000,
  /** A closed connection waits this long for the peer's goodbye, then it is cut. */
  closeMs: 2000,
  /** The shortest and the longest pause before a lost connection is dialled again. */
  reconnectMinMs: 100,
  reconnectMaxMs: 2000,
  /** Bytes a slow reader may leave unread before its connection is closed. */
  bufferedBytes: 32 * 1024 * 1024,
  /** Longest deadline a request may name. */
  timeoutMs: 60_000,
  /** A stamp this far ahead of the replica's clock is refused (PROTOCOL A8). */
  stampAheadMs: 60_000,
} as const;
