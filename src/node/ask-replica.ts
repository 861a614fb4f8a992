/** Asking at an address which replica is there, and to which cluster it belongs. */

import { HearsayError } from '../base/errors.js';
import type { Name } from '../base/ids.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { Transport } from '../ports/transport.js';
import type { Service } from '../service/define.js';
import { PROTOCOL_VERSIONS } from '../wire/codec.js';
import type { JoinerHello, ReplicaHello } from '../wire/messages.js';
import { Conversation } from './conversation.js';
import { serviceIdentity } from './handshake.js';

/** How long a replica may take to answer a hello. */
const HELLO_MS = 3000;

export interface Asker {
  readonly transport: Transport;
  readonly scheduler: Scheduler;
  readonly service: Service;
  readonly name: Name;
  /** Of the data that it was given, or null. */
  readonly initialHash: string | null;
  /** It takes the place of a dead member of its name. */
  readonly replaces: boolean;
  /** The only cluster to join, or null for any: replicas of others answer UNAVAILABLE. */
  readonly clusterId: string | null;
}

/** It answered, and will not talk: who is there has said why. */
export class Refusal extends HearsayError {}

export interface Introduced {
  readonly conversation: Conversation;
  readonly hello: ReplicaHello;
}

/** Rejects with Refusal, or with another Error where nobody answers; the conversation has ended then. */
export async function askReplica(asker: Asker, address: string): Promise<Introduced> {
  const { transport, scheduler } = asker;
  const conversation = await Conversation.begin(transport, scheduler, address);
  try {
    conversation.say(joinerHello(asker));
    const answer = await conversation.hear(HELLO_MS);
    if (answer.kind === 'hello' && answer.role === 'replica')
      return { conversation, hello: answer };
    if (answer.kind === 'rejected') throw new Refusal(answer.code, answer.message);
    throw new Refusal('INVALID', 'no replica is there');
  } catch (error) {
    conversation.close('no answer that helps');
    throw error;
  }
}

const joinerHello = ({ name, service, initialHash, replaces, clusterId }: Asker): JoinerHello => ({
  ...{ kind: 'hello', role: 'joiner', protocol: PROTOCOL_VERSIONS },
  ...{ name, initialHash, replaces, clusterId },
  ...serviceIdentity(service),
});
