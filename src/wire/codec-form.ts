/** What a codec of one kind of message is. */

import type { Field } from './fields.js';
import type { MessageKind, MessageOf } from './messages.js';

export interface Codec<Kind extends MessageKind> {
  /** Stands for the kind on the wire. */
  readonly number: number;
  readonly body: Field<Omit<MessageOf<Kind>, 'kind'>>;
}
