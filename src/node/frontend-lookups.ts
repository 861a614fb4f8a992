/**
 * The lookups of a front end: what clients' updates need from outside the cluster. Each is answered by
 * its deadline, and what is found later is dropped. It takes up room until it has really ended: a
 * client that goes away, or gives it a millisecond, cannot have more of them under way than others.
 */

import { HearsayError } from '../base/errors.js';
import { LIMITS } from '../base/limits.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { Outside } from '../service/contract.js';
import type { Service } from '../service/define.js';
import { checkArguments } from '../wire/arguments.js';
import type { ClientLookup, Failed, LookedUp } from '../wire/messages.js';
import type { LinkId } from './links.js';
import { refusalOf } from './request-check.js';

export interface FrontendLookupsInit {
  readonly service: Pick<Service, 'lookUp'>;
  readonly outside: Outside;
  readonly scheduler: Scheduler;
  /** Drops what is for a client that is gone. */
  readonly send: (link: LinkId, message: LookedUp | Failed) => void;
}

interface Lookup {
  readonly client: LinkId;
  readonly timer: TimerHandle;
  isAnswered: boolean;
}

export class FrontendLookups {
  readonly #init: FrontendLookupsInit;
  readonly #underWay = new Set<Lookup>();

  constructor(init: FrontendLookupsInit) {
    this.#init = init;
  }

  /** Looks up what the request names; its answer goes out by `send`. */
  ask(client: LinkId, request: ClientLookup): void {
    const { scheduler, send } = this.#init;
    const { requestId, operation, timeoutMs } = request;
    if (!this.#hasRoomFor(client)) {
      const message = 'too many lookups are under way at this front end; try again later';
      return send(client, refusalOf(requestId, new HearsayError('OVERLOADED', message)));
    }
    const answer = (message: LookedUp | Failed): void => {
      if (!lookup.isAnswered) send(client, message);
      lookup.isAnswered = true;
    };
    const timer = scheduler.after(timeoutMs, () => {
      const message = `what ${operation} needs from outside was not found within ${timeoutMs} ms`;
      answer(refusalOf(requestId, new HearsayError('TIMEOUT', message)));
    });
    const lookup: Lookup = { client, timer, isAnswered: false };
    this.#underWay.add(lookup);
    void this.#lookUp(request).then((message) => {
      timer.cancel();
      this.#underWay.delete(lookup);
      answer(message);
    });
  }

  /** Answers nobody any more. */
  close(): void {
    for (const lookup of this.#underWay) {
      lookup.isAnswered = true;
      lookup.timer.cancel();
    }
  }

  #hasRoomFor(client: LinkId): boolean {
    if (this.#underWay.size >= LIMITS.lookups) return false;
    const own = [...this.#underWay].filter((lookup) => lookup.client === client);
    return own.length < LIMITS.connectionLookups;
  }

  async #lookUp({ requestId, operation, args, user }: ClientLookup): Promise<LookedUp | Failed> {
    const { service, outside } = this.#init;
    try {
      const complete = await service.lookUp(operation, args, user, outside);
      checkArguments(complete);
      return { kind: 'looked-up', requestId, args: complete };
    } catch (error) {
      if (!(error instanceof HearsayError)) throw error;
      return refusalOf(requestId, error);
    }
  }
}
