/** Who may send a replica what, after the hello, and which records it takes from another replica. */

import { HearsayError } from '../base/errors.js';
import type { Hello, Message, MessageKind } from '../wire/messages.js';
import type { ServiceState } from './service-state.js';

/** Kinds that are not named are for somebody else. */
const SENDERS: Readonly<Partial<Record<MessageKind, Hello['role']>>> = {
  update: 'frontend',
  query: 'frontend',
  cancel: 'frontend',
  'status-request': 'frontend',
  'set-status': 'frontend',
  watch: 'frontend',
  heartbeat: 'replica',
  gossip: 'replica',
  'gossip-acknowledged': 'replica',
  fetch: 'replica',
  fetched: 'replica',
};

/** Why a message is not taken, or null: it is somebody else's to send, or its records are not sound. */
export function refusalOfMessage(
  message: Message,
  from: Hello['role'],
  service: Pick<ServiceState, 'checkRecords'>,
): HearsayError | null {
  if (SENDERS[message.kind] !== from) {
    const sender = from === 'frontend' ? 'a front end' : `a ${from}`;
    return new HearsayError('INVALID', `${message.kind} is not for ${sender} to send to a replica`);
  }
  if (message.kind !== 'gossip' && message.kind !== 'fetched') return null;
  try {
    service.checkRecords(message.records);
    return null;
  } catch (error) {
    if (error instanceof HearsayError) return error;
    throw error;
  }
}
