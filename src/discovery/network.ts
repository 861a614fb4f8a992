/** The real resolver and HTTP, as src/discovery's adapters take them. */

import { lookup } from 'node:dns/promises';
import { dialWords, errorCodeOf, lostWords } from '../transport/words.js';
import type { Lookup } from './dns-name.js';
import type { PostJson } from './etcd-gateway.js';

/** As the system does it for everybody else: hosts file, search domains, A and AAAA. */
export const lookupHost: Lookup = async (host) => {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new Error(dialWords(host, errorCodeOf(cause)), { cause });
  }
};

export const postJson: PostJson = async (url, body, signal) => {
  const { host } = new URL(url);
  const headers = { 'content-type': 'application/json' };
  try {
    const response = await fetch(url, { method: 'POST', body, headers, signal });
    return { status: response.status, body: piecesOf(response) };
  } catch (cause) {
    throw new Error(dialWords(host, codeOf(cause)), { cause });
  }
};

async function* piecesOf(response: Response): AsyncIterable<Uint8Array> {
  const pieces: AsyncIterable<Uint8Array> | null = response.body;
  try {
    yield* pieces ?? [];
  } catch (cause) {
    throw new Error(lostWords(codeOf(cause)), { cause });
  }
}

/** `fetch` says only that it failed; why, says what it was caused by. */
const codeOf = (error: unknown): string =>
  errorCodeOf(error instanceof Error ? (error.cause ?? error) : error);
