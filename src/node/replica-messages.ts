/** Who may send a replica what, after the hello, and which records it takes from another replica. */

import { HearsayError } from '../base/errors.js';
import type { ReplicaEvent } from '../replica/events.js';
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
  forward: 'replica',
  forwarded: 'replica',
  'pre-vote': 'replica',
  vote: 'replica',
  'vote-answered': 'replica',
  prepare: 'replica',
  'prepare-ok': 'replica',
  nack: 'replica',
  'get-state': 'replica',
  state: 'replica',
};

type CoreMessage = Extract<ReplicaEvent, { kind: 'message' }>['message'];

/** What the driver hands on as it came. */
const FOR_CORE: Readonly<Record<CoreMessage['kind'], true>> = {
  query: true,
  cancel: true,
  heartbeat: true,
  gossip: true,
  'gossip-acknowledged': true,
  fetch: true,
  fetched: true,
  forwarded: true,
  'pre-vote': true,
  vote: true,
  'vote-answered': true,
  prepare: true,
  'prepare-ok': true,
  nack: true,
  'get-state': true,
  state: true,
};

export const isForCore = (message: Message): message is CoreMessage => message.kind in FOR_CORE;

/** Why a message is not taken, or null: it is somebody else's to send, or its records are not sound. */
export function refusalOfMessage(
  message: Message,
  from: Hello['role'],
  service: Pick<ServiceState, 'checkRecords' | 'checkEntries'>,
): HearsayError | null {
  if (SENDERS[message.kind] !== from) {
    const sender = from === 'frontend' ? 'a front end' : `a ${from}`;
    return new HearsayError('INVALID', `${message.kind} is not for ${sender} to send to a replica`);
  }
  try {
    if ('records' in message) service.checkRecords(message.records);
    if ('entries' in message) service.checkEntries(message.entries);
    return null;
  } catch (error) {
    if (error instanceof HearsayError) return error;
    throw error;
  }
}
