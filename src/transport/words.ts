/**
 * What goes wrong between two machines, in words for people: every transport says the same thing the
 * same way. Text that comes from the peer is data: cut to length and freed of control characters.
 */

import type { CloseReason } from '../ports/transport.js';

/** Close codes (RFC 6455, section 7.4.1; from 4000 on they are ours). */
export const CLOSE_CODES: Readonly<Record<CloseReason['kind'], number>> = {
  normal: 1000,
  'going-away': 1001,
  'protocol-error': 1002,
  'too-large': 1009,
  overloaded: 1013,
  version: 4001,
};

/** Bytes of UTF-8 that a close frame holds beside its code. */
const CLOSE_MESSAGE_BYTES = 123;

/** `text` without control characters, cut to what a close frame holds. */
export function closeMessage(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
  let bytes = 0;
  let shortened = '';
  for (const character of clean) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (bytes > CLOSE_MESSAGE_BYTES) break;
    shortened += character;
  }
  return shortened;
}

/** What `onClose` is told at the side that closed: nothing when the end was an ordinary one. */
export function ownCloseWords(reason: CloseReason): string | null {
  return isOrdinary(CLOSE_CODES[reason.kind]) ? null : reason.message;
}

/** What `onClose` is told at the other side, which received this close code and message. */
export function peerCloseWords(code: number, message: string): string | null {
  if (isOrdinary(code)) return null;
  const said = closeMessage(message);
  return `the peer closed the connection (code ${code})${said === '' ? '' : `: ${said}`}`;
}

/** A peer that leaves, for good or to start again, is no error. */
function isOrdinary(code: number): boolean {
  return code === CLOSE_CODES.normal || code === CLOSE_CODES['going-away'];
}

/** A connection that ended without goodbye; `errorCode` as the system names it, such as ECONNRESET. */
export function lostWords(errorCode: string | null): string {
  if (errorCode === null) return NO_GOODBYE_WORDS;
  return errorCode === 'ECONNRESET' || errorCode === 'EPIPE'
    ? RESET_WORDS
    : `the connection broke (${errorCode})`;
}

const NO_GOODBYE_WORDS = 'the connection ended without goodbye: the peer died or was cut off';
const RESET_WORDS = 'the connection was reset by the peer';

/** So a connection ends whose other side was killed or interrupted: nothing that anybody has to see to. */
export const isDeparture = (words: string): boolean =>
  words === NO_GOODBYE_WORDS || words === RESET_WORDS;

/** A peer that answers no ping. */
export const SILENT_PEER_WORDS =
  'the peer gave no sign of life for too long: it is dead or cut off';

/** Why nobody could be reached at `address`. */
export function dialWords(address: string, errorCode: string): string {
  switch (errorCode) {
    case 'ECONNREFUSED':
      return `nothing listens at ${address}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `no host of that name: ${address}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no route to ${address}`;
    case 'ECONNRESET':
      return `${address} broke off while the connection was being made`;
    case 'ETIMEDOUT':
      return timeoutWords(address);
    default:
      return `cannot reach ${address} (${errorCode})`;
  }
}

/** Why a dial was given up; `limitMs` in milliseconds, where this process set the limit. */
export function timeoutWords(address: string, limitMs?: number): string {
  return `${address} did not answer${limitMs === undefined ? ' in time' : ` within ${limitMs} ms`}`;
}

/** Why `address` cannot be listened on, and what to do. */
export function listenWords(address: string, errorCode: string): string {
  switch (errorCode) {
    case 'EADDRINUSE':
      return `${address} is in use by another process: stop that one or choose another port`;
    case 'EADDRNOTAVAIL':
      return `${address} is no address of this machine: listen on one of its own, such as 127.0.0.1`;
    case 'EACCES':
      return `not allowed to listen on ${address}: choose a port from 1024 upward`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `cannot listen on ${address}: no host of that name`;
    default:
      return `cannot listen on ${address} (${errorCode})`;
  }
}

/** The system's name of an error (ECONNREFUSED), or its message where it has none. */
export function errorCodeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : closeMessage(error.message);
}
