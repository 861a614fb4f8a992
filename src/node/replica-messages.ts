/** Who may send a replica what, after the hello, and which records it takes from another replica. */

import { HearsayError } from '../base/errors.js';
import type { LinkId, ReplicaEvent } from '../replica/events.js';
import type { Forward } from '../wire/forced-messages.js';
import type { Hello, Message, MessageKind, Update } from '../wire/messages.js';
import type { ServiceState } from './service-state.js';

/** Kinds that are not named are for somebody else. */
const SENDERS: Readonly<Partial<Record<MessageKind, Hello['role']>>> = {
  update: 'frontend',
  query: 'frontend',
  cancel: 'frontend',
  'status-request': 'frontend',
  'set-status': 'frontend',
  watch: 'frontend',
  'change-members': 'frontend',
  recover: 'frontend',
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
  frozen: 'replica',
  'claim-granted': 'replica',
  'claim-refused': 'replica',
  retired: 'replica',
  handover: 'replica',
  'recover-halt': 'replica',
  'recover-halted': 'replica',
  'recover-release': 'replica',
  'get-snapshot': 'joiner',
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
  frozen: true,
  'claim-granted': true,
  'claim-refused': true,
  retired: true,
  handover: true,
  'change-members': true,
  recover: true,
  'recover-halt': true,
  'recover-halted': true,
  'recover-release': true,
};

export const isForCore = (message: Message): message is CoreMessage => message.kind in FOR_CORE;

/** An update as the core is told of it, checked. Throws HearsayError INVALID. */
export function updateEvent(
  service: Pick<ServiceState, 'bodyOf' | 'orderingOf'>,
  came: {
    readonly link: LinkId;
    readonly request: Update | Forward;
    readonly wallMs: number;
    readonly nowMs: number;
  },
): ReplicaEvent {
  const { request, ...rest } = came;
  const body = service.bodyOf(request);
  const ordering = service.orderingOf(request.operation) ?? 'causal';
  if (request.kind === 'update') return { kind: 'update', request, body, ordering, ...rest };
  if (ordering === 'forced') return { kind: 'forward', request, body, ...rest };
  throw new HearsayError('INVALID', `${request.operation} is not forced: no primary orders it`);
}

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
