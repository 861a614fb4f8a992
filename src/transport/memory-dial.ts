/**
 * A dial in a network in memory, one trip there and one back. It ends once: in a connection, or in words
 * why not; never, when the process that dials dies first, and not before it goes on, when it is frozen.
 */

import type { Connection } from '../ports/transport.js';
import type { MemoryConnection, MemoryLink } from './memory-connection.js';
import { dialWords, timeoutWords } from './words.js';

/** What is found when a dial arrives: the dialling end of a new connection, nobody, or no way there. */
export type MemoryDialArrival = MemoryConnection | 'refused' | 'unheard';

export interface MemoryDialInit {
  /** The process that dials. */
  readonly from: { readonly host: string; readonly isAlive: boolean };
  /** For messages, in the form in which addresses are shown. */
  readonly address: string;
  readonly link: MemoryLink;
  readonly arrive: () => MemoryDialArrival;
}

/** Dials. Rejects with an Error whose message says why in words. */
export function dialInMemory(init: MemoryDialInit): Promise<Connection> {
  const { from, address, link, arrive } = init;
  const { dialMs } = link.limits;
  return new Promise((resolve, reject) => {
    let dialling: MemoryConnection | null = null;
    let isSettled = false;
    const settle = (): boolean => {
      const isFirst = !isSettled && from.isAlive;
      isSettled = true;
      deadline.cancel();
      return isFirst;
    };
    const fail = (words: string, cause?: Error): void => {
      if (!settle()) return;
      link.count('failedDials');
      dialling?.abandon();
      reject(new Error(words, cause === undefined ? {} : { cause }));
    };
    const failAfter = (delayMs: number, words: string, cause?: Error) =>
      link.scheduler.after(delayMs, () => link.at(from.host, () => fail(words, cause)));
    const deadline = failAfter(dialMs, timeoutWords(address, dialMs));
    link.scheduler.after(link.weather.drawDelayMs(), () => {
      if (isSettled || !from.isAlive) return;
      const found = arrive();
      if (found === 'unheard') return;
      if (found === 'refused') {
        const words = dialWords(address, 'ECONNREFUSED');
        failAfter(link.weather.drawDelayMs(), words, refused());
        return;
      }
      dialling = found;
      dialling.onClose = (words) => fail(words ?? dialWords(address, 'ECONNRESET'));
      dialling.onOpen = (connection) => {
        connection.onClose = () => {};
        if (settle()) resolve(connection);
      };
    });
  });
}

/** As the system says it. */
const refused = (): Error => Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
