/**
 * What replicas must not say, looked at as they say it, in clusters whose members change:
 * - I25: nobody counts but a member whose claim is granted: a label is that of a configuration that is
 *   committed and has its teller among its members, and a start tells none that is below those before it.
 * - I26: of one identity one process counts at any time: once a later start has told a label, no earlier
 *   one does, nor another one of the same number.
 * - I23: whoever knows that records are void shows none of them.
 * - I22 by way of cluster-book.ts: who acknowledged which update in which epoch.
 */

import type { MemberId } from '../../base/ids.js';
import type { Transport } from '../../ports/transport.js';
import type { Boot } from '../../wire/membership-messages.js';
import type { Message } from '../../wire/messages.js';
import { type Tap, TappedTransport } from '../tapped-transport.js';
import type { LogAudit } from './log-audit.js';

/** What the last start of an identity that told a label has told. */
interface Told {
  boot: Boot;
  epoch: number;
  /** The greatest label that earlier starts told. */
  before: number;
}

export class WireAudit {
  /** What was wrong, in words, each once. */
  readonly troubles = new Set<string>();
  readonly #disks: LogAudit;
  /** By identity. */
  readonly #told = new Map<MemberId, Told>();

  constructor(disks: LogAudit) {
    this.#disks = disks;
  }

  /** The transport of a replica's process, listened to. */
  listenTo(transport: Transport): Transport {
    return new TappedTransport(transport, () => this.#tap());
  }

  #tap(): Tap {
    let self: { readonly member: MemberId; readonly boot: Boot } | null = null;
    const updates = new Map<number, string>();
    return {
      onReceive: (messages) => {
        for (const message of messages) {
          if (message.kind !== 'update') continue;
          updates.set(message.requestId, `${message.session}:${message.n}`);
        }
        return true;
      },
      onSend: (messages) => {
        for (const message of messages) {
          if (message.kind === 'hello' && message.role === 'replica') {
            self = { member: message.memberId, boot: message.boot };
          }
          const epoch = labelOf(message);
          if (self === null || epoch === 0) continue;
          const update =
            message.kind === 'acknowledged' ? updates.get(message.requestId) : undefined;
          const trouble =
            this.#labelTrouble(self.member, self.boot, epoch) ??
            this.#voidTrouble(self.member, message) ??
            (update === undefined
              ? null
              : this.#disks.book.acknowledge(update, self.member, epoch));
          if (trouble !== null) this.troubles.add(`${trouble} (in ${message.kind})`);
        }
        return true;
      },
    };
  }

  #voidTrouble(member: MemberId, message: Message): string | null {
    if (message.kind !== 'answer') return null;
    const shown = this.#disks.voidShown(member, message.valueTimestamp);
    return shown === null ? null : `I23: ${member} shows ${shown}`;
  }

  #labelTrouble(member: MemberId, boot: Boot, epoch: number): string | null {
    const configuration = this.#disks.book.configuration(epoch);
    if (configuration === undefined) {
      return `I25: ${member} tells epoch ${epoch}, which nobody knows to be committed`;
    }
    if (!configuration.members.some(({ id }) => id === member)) {
      return `I25: ${member} tells epoch ${epoch}, of which it is no member`;
    }
    const told = this.#told.get(member) ?? { boot, epoch, before: 0 };
    this.#told.set(member, told);
    const isOther = boot.nonce !== told.boot.nonce;
    if (isOther) told.before = Math.max(told.before, told.epoch);
    if (epoch < told.before) {
      return `I25: ${member} tells epoch ${epoch} after an earlier start told ${told.before}`;
    }
    if (boot.number < told.boot.number || (isOther && boot.number === told.boot.number)) {
      return `I26: start ${boot.number} (${boot.nonce}) of ${member} counts after start ${told.boot.number} (${told.boot.nonce}) did`;
    }
    told.boot = boot;
    // What is said at one instant goes out by several connections, one after the other.
    told.epoch = isOther ? epoch : Math.max(told.epoch, epoch);
    return null;
  }
}

/** The label in a message; 0 where there is none. */
function labelOf(message: Message): number {
  switch (message.kind) {
    case 'acknowledged':
    case 'answer':
    case 'collected':
    case 'heartbeat':
    case 'gossip':
    case 'fetched':
      return message.epoch;
    default:
      return 0;
  }
}
