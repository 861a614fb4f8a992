/**
 * The small HTTP side of a listener: health checks and metrics. One request a connection, GET only, no
 * bodies read; every answer says its length and ends the connection.
 */

import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpAnswer } from '../ports/transport.js';

const plain = (status: number, body: string): HttpAnswer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${body}\n`,
});

const NOT_FOUND = plain(404, 'nothing here under this path');
const ONLY_GET = plain(405, 'only GET is answered here');
const FAILED = plain(500, 'the answer could not be made; the log says why');

/** Answers one request by `onHttp`; never rejects. A failed answer is 500, and `onFailure` is told. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  onHttp: (path: string) => Promise<HttpAnswer | null>,
  onFailure: (path: string, error: unknown) => void,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  let answer = ONLY_GET;
  if (request.method === 'GET') {
    try {
      answer = (await onHttp(path)) ?? NOT_FOUND;
    } catch (error) {
      onFailure(path, error);
      answer = FAILED;
    }
  }
  response.writeHead(answer.status, headersOf(answer));
  response.end(answer.body);
}

/** Answers on a bare socket, where no request could be read or an upgrade is refused; then ends it. */
export function answerSocket(socket: Duplex, status: number, words: string): void {
  const answer = plain(status, words);
  const headers = Object.entries(headersOf(answer)).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers, '', ''].join('\r\n');
  socket.once('finish', () => socket.destroy());
  socket.end(head + answer.body);
}

function headersOf(answer: HttpAnswer): Record<string, string | number> {
  return {
    'Content-Type': answer.contentType,
    'Content-Length': Buffer.byteLength(answer.body),
    'Cache-Control': 'no-store',
    Connection: 'close',
  };
}
