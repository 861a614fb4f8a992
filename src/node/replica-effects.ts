/** Carrying out what a step of the core wants done, in its order. */

import { unreachable } from '../base/assert.js';
import type { Name } from '../base/ids.js';
import type { UpdateBody } from '../log/record.js';
import type { ReplicaEffect } from '../replica/effects.js';
import type { LinkId } from '../replica/events.js';
import type { Message, Trace } from '../wire/messages.js';
import type { JournalItem } from './journal-writer.js';

/** What a driver does for its core. */
export interface Hands {
  send(link: LinkId, message: Message): void;
  write(item: JournalItem): void;
  apply(body: UpdateBody): void;
  read(effect: Extract<ReplicaEffect, { kind: 'read' }>): void;
  wakeAt(atMs: number): void;
  note(trace: Trace): void;
  probe(peer: Name): void;
  onRepaired(): void;
  onConfigured(): void;
  forget(beforeMs: number): void;
  hangUp(link: LinkId, message: string): void;
  keepUnsettled(bodies: readonly UpdateBody[]): void;
  end(effect: Extract<ReplicaEffect, { kind: 'end' }>): void;
  halt(message: string): void;
}

/** Answers the forced update to execute once all of these are done, or null. */
export function carryOut(effects: readonly ReplicaEffect[], hands: Hands): UpdateBody | null {
  let toExecute: UpdateBody | null = null;
  for (const effect of effects) {
    switch (effect.kind) {
      case 'send':
        hands.send(effect.link, effect.message);
        break;
      case 'append':
        hands.write({ kind: 'record', record: effect.record });
        break;
      case 'persist':
        hands.write({ kind: 'transition', transition: effect.transition });
        break;
      case 'apply':
        hands.apply(effect.body);
        break;
      case 'execute':
        toExecute = effect.body;
        break;
      case 'read':
        hands.read(effect);
        break;
      case 'wake':
        hands.wakeAt(effect.atMs);
        break;
      case 'trace':
        hands.note(effect.trace);
        break;
      case 'probe':
        hands.probe(effect.peer);
        break;
      case 'repaired':
        hands.onRepaired();
        break;
      case 'configured':
        hands.onConfigured();
        break;
      case 'forget':
        hands.forget(effect.beforeMs);
        break;
      case 'hang-up':
        hands.hangUp(effect.link, effect.message);
        break;
      case 'unsettled':
        hands.keepUnsettled(effect.bodies);
        break;
      case 'end':
        hands.end(effect);
        return null;
      case 'halt':
        hands.halt(effect.message);
        return null;
      default:
        unreachable(effect);
    }
  }
  return toExecute;
}
