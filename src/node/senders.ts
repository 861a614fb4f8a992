/** Who sends a replica which message, after the hello. Kinds that are not named are for somebody else. */

import type { Hello, MessageKind } from '../wire/messages.js';

export const REPLICA_SENDERS: Readonly<Partial<Record<MessageKind, Hello['role']>>> = {
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
