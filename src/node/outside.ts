/**
 * The world outside the cluster, as a front end's lookups ask it: web addresses by HTTP, with Node's
 * own `fetch`. An answer of any status is an answer; everything else is an Error in words.
 */

import type { Outside } from '../service/contract.js';

/** A lookup's answers are a few KiB; more is a mistake or an attack. */
const BODY_BYTES = 64 * 1024;

/** What lookups may reach. `settings`: the service's settings, complete. */
export function httpOutside(settings: Outside['settings']): Outside {
  return { settings, get };
}

/** The time covers the whole answer, body and redirections included. */
async function get(url: string, timeoutMs: number): Promise<{ status: number; body: string }> {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new Error(`${url} is no address that begins with http:// or https://`);
  }
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    // oxlint-disable-next-line no-restricted-globals -- this is the port that stands for it elsewhere
    const response = await fetch(url, { signal, headers: { accept: 'application/json' } });
    return { status: response.status, body: await textOf(response) };
  } catch (cause) {
    throw new Error(signal.aborted ? `no answer within ${timeoutMs} ms` : wordsOf(cause), {
      cause,
    });
  }
}

/** The body as text; bytes count after decompression. Leaving the loop early gives up the connection. */
async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const chunks: AsyncIterable<Uint8Array> | null = response.body;
  for await (const chunk of chunks ?? []) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES) throw new Error(`the answer is larger than ${BODY_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** `fetch` says only that it failed; why, says what it was caused by. */
function wordsOf(error: unknown): string {
  const reason = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(reason instanceof Error)) return String(reason);
  const code = 'code' in reason && typeof reason.code === 'string' ? reason.code : '';
  return reason.message === '' ? `no connection (${code})` : reason.message;
}
