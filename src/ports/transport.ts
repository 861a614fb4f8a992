/**
 * Frames of bytes between processes, in order, over connections that may end at any time. What is in
 * a frame is none of the transport's business; limits on size, number and silence are.
 */

/** Why a side ends a connection; `message` is for the peer's log and for people. */
export interface CloseReason {
  readonly kind:
    | 'normal'
    | 'protocol-error'
    | 'too-large'
    | 'version'
    | 'overloaded'
    | 'going-away';
  readonly message: string;
}

/** One connection. The owner sets the handlers in the same turn in which it gets the connection. */
export interface Connection {
  /** Who is at the other end, for messages: an address. */
  readonly remote: string;
  /** Bytes accepted by `send` that have not left this process. */
  readonly bufferedBytes: number;
  onFrame: (frame: Uint8Array) => void;
  /** Called once; `error` says why, in words, when the end was not a normal one. */
  onClose: (error: string | null) => void;
  send(frame: Uint8Array): void;
  /** The peer has said a proper hello: this connection no longer counts as a silent one. */
  accepted(): void;
  /** Ends the connection after what was sent; `onClose` follows. */
  close(reason: CloseReason): void;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface ListenInit {
  /** `HOST:PORT`; port 0 takes any free one. */
  readonly address: string;
  readonly onConnection: (connection: Connection) => void;
  /** Answers GET requests on the same port; null = 404. */
  readonly onHttp?: (path: string) => Promise<HttpAnswer | null>;
  /** Told in words of what came that was wrong: text frames, too large ones, silence. */
  readonly onNuisance?: (what: string) => void;
}

export interface Listener {
  /** `HOST:PORT` as bound. */
  readonly address: string;
  close(): Promise<void>;
}

export interface Transport {
  /** Rejects with FatalError when the address cannot be bound (busy, not local, not allowed). */
  listen(init: ListenInit): Promise<Listener>;
  /**
   * Rejects with an Error whose message says why in words: refused, timed out. Where nobody listens at
   * the address, its `cause` is an Error with the code ECONNREFUSED.
   */
  dial(address: string): Promise<Connection>;
}

/** Dials an address, again and again after pauses, and hands over each connection that comes of it. */
export type KeepConnected = (
  address: string,
  onConnection: (connection: Connection) => void,
) => { stop(): void };
