/**
 * Which events send a message and which receive one: what ShiViz draws as an arrow. Sender and receiver
 * note the same id; both make the same key from it, and the arrow runs from the event that sends a key
 * to the event that receives it. Events without id, and those not named here, are local ones. An id must
 * not be used for another message later, not even after a restart: the arrow would run to the wrong end.
 */

import type { TraceEvent } from '../wire/messages.js';

export interface Messages {
  readonly sends: readonly string[];
  readonly receives: readonly string[];
}

/**
 * What `event` of `host` sends and receives:
 *
 * | sent by | received by | id |
 * | --- | --- | --- |
 * | `gossip sent` | `gossip received` | number of the message |
 * | `fetch sent` | `fetch answered` | number of the fetch |
 * | `fetch answered` | `fetch received` | number of the fetch |
 * | `update X` to replicas | `accepted X`, `update waits` | update id |
 * | `executed X` (it is acknowledged then) | `update X done` from replicas | update id |
 * | `query X`, `check X` to replicas | `query X`, `check X`, `query waits` | request number |
 * | `query X`, `check X` from a front end | `query X done`, `check X done` from a replica | same |
 */
export function messagesOf(event: TraceEvent, host: string): Messages {
  const { id } = event;
  if (id === undefined) return NONE;
  const from = event.from?.split(' ') ?? [];
  const to = event.to?.split(' ') ?? [];
  const words = event.event.split(' ');
  const subject = words[0] ?? '';
  const isDone = words.at(-1) === 'done';

  const sends: string[] = [];
  const receives: string[] = [];
  const send = (kind: string, receivers: readonly string[]): void => {
    for (const receiver of receivers) sends.push(keyOf(kind, host, receiver, id));
  };
  const receive = (kind: string, senders: readonly string[]): void => {
    for (const sender of senders) receives.push(keyOf(kind, sender, host, id));
  };

  switch (subject) {
    case 'gossip':
      send('gossip', to);
      receive('gossip', from);
      break;
    case 'fetch':
      if (words[1] === 'answered') {
        receive('fetch', to);
        send('fetched', to);
      } else {
        send('fetch', to);
        receive('fetched', from);
      }
      break;
    case 'update':
    case 'accepted':
      if (isDone)
        for (const replica of from) receives.push(keyOf('acknowledged', replica, ANY, id));
      else {
        send('update', to);
        receive('update', from);
      }
      break;
    case 'executed':
      sends.push(keyOf('acknowledged', host, ANY, id));
      break;
    case 'query':
    case 'check':
      if (isDone) receive('answer', from);
      else {
        send('query', to);
        receive('query', from);
        if (words[1] !== 'waits') send('answer', from);
      }
      break;
    default:
      break;
  }
  return { sends, receives };
}

const NONE: Messages = { sends: [], receives: [] };

/** Any front end: a retry of an update may be acknowledged to another one than the first sending. */
const ANY = '*';

const keyOf = (kind: string, from: string, to: string, id: string): string =>
  `${kind} ${from} ${to} ${id}`;
