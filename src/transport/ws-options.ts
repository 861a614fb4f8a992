/**
 * How the ws library is told of our bounds, the same for both sides of a connection, and what it is
 * made to say when it closes one.
 */

import { WebSocket } from 'ws';
import { LIMITS } from '../base/limits.js';
import type { TransportLimits } from './transport-limits.js';

/** RFC 6455's code for a type of data that is not accepted: text, here. */
export const UNSUPPORTED_DATA = 1003;

/** The smallest pieces, in bytes, in which the reads of one message may come, on average. */
const CHUNK_BYTES = 256;

/** The ws library closes on broken frames by itself, with a bare code: this adds words to the code. */
class ExplainingWebSocket extends WebSocket {
  override close(code?: number, data?: string | Buffer): void {
    super.close(code, data ?? (code === undefined ? undefined : EXPLANATIONS[code]));
  }
}

const EXPLANATIONS: Readonly<Record<number, string>> = {
  1002: 'broken WebSocket frame (RFC 6455)',
  1007: 'text that is no UTF-8',
  1008: 'a message in too many pieces',
  1009: 'the message is larger than what is read here',
};

/** Options for both sides. Synchronous events: frames that came with one read share one turn. */
function commonOptions(limits: TransportLimits) {
  return {
    perMessageDeflate: false,
    allowSynchronousEvents: true,
    maxPayload: limits.frameBytes,
    maxFragments: LIMITS.frameFragments,
    maxBufferedChunks: Math.ceil(limits.frameBytes / CHUNK_BYTES) + 1,
    closeTimeout: limits.closeMs,
  };
}

export function serverOptions(limits: TransportLimits) {
  return {
    ...commonOptions(limits),
    noServer: true,
    clientTracking: false,
    WebSocket: ExplainingWebSocket,
  } as const;
}

/** Begins to dial; the caller listens for `open` and `error`. */
export function openWebSocket(url: string, limits: TransportLimits): WebSocket {
  return new ExplainingWebSocket(url, { ...commonOptions(limits), followRedirects: false });
}
