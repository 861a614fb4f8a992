/** What comes to a replica after the hello: checked, and handed to whoever it is for. */

import { HearsayError } from '../base/errors.js';
import type { Name } from '../base/ids.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { ReplicaEvent } from '../replica/events.js';
import type { Forward } from '../wire/forced-messages.js';
import type { GetSnapshot } from '../wire/membership-messages.js';
import type { Hello, Message, SetStatus, Update } from '../wire/messages.js';
import type { LinkId, Links } from './links.js';
import { isForCore, refusalOfMessage, updateEvent } from './replica-messages.js';
import { declined, type ServiceState } from './service-state.js';
import type { SnapshotDonor } from './snapshot-donor.js';
import type { StatusKeeper } from './status-keeper.js';
import type { Watchers } from './watchers.js';

export interface ReplicaReceptionInit {
  readonly name: Name;
  readonly scheduler: Scheduler;
  readonly service: ServiceState;
  readonly links: Links;
  readonly watchers: Watchers;
  readonly status: StatusKeeper;
  readonly donor: SnapshotDonor;
  /** Only a member gives its state to new replicas. */
  readonly isMember: () => boolean;
  /** What `hearsay status` shows of this replica. */
  readonly report: (withHash: boolean) => Record<string, unknown>;
  readonly handle: (event: ReplicaEvent) => void;
}

export class ReplicaReception {
  readonly #init: ReplicaReceptionInit;

  constructor(init: ReplicaReceptionInit) {
    this.#init = init;
  }

  onMessage(link: LinkId, message: Message, from: Hello['role']): void {
    const { service, links, watchers, scheduler, report, handle } = this.#init;
    const refusal = refusalOfMessage(message, from, service);
    if (refusal !== null) return links.reject(link, refusal);
    switch (message.kind) {
      case 'update':
      case 'forward':
        return this.#onUpdate(link, message);
      case 'status-request': {
        const { requestId, hash } = message;
        return links.send(link, { kind: 'status-report', requestId, report: report(hash) });
      }
      case 'set-status':
        return this.#setStatus(link, message);
      case 'watch':
        return message.on ? watchers.start(link) : watchers.stop(link);
      case 'get-snapshot':
        return this.#onGetSnapshot(link, message);
      default:
        // Others were refused above.
        if (isForCore(message)) {
          handle({ kind: 'message', link, message, nowMs: scheduler.monotonicMs() });
        }
    }
  }

  #onUpdate(link: LinkId, request: Update | Forward): void {
    const { service, links, scheduler, handle } = this.#init;
    const wallMs = scheduler.wallMs();
    try {
      handle(updateEvent(service, { link, request, wallMs, nowMs: scheduler.monotonicMs() }));
    } catch (error) {
      if (!(error instanceof HearsayError)) throw error;
      // The front end checked the same: only another version of the service gets here by forwarding.
      if (request.kind === 'forward') links.reject(link, error);
      else links.send(link, declined(request.requestId, error));
    }
  }

  #setStatus(link: LinkId, { requestId, value }: SetStatus): void {
    const { status, links, report } = this.#init;
    status.set(value);
    links.send(link, { kind: 'status-report', requestId, report: report(false) });
  }

  #onGetSnapshot(link: LinkId, message: GetSnapshot): void {
    const { name, links, donor, isMember } = this.#init;
    if (isMember()) return donor.onRequest(link, message);
    const words = `${name} is no member yet itself`;
    links.reject(link, new HearsayError('UNAVAILABLE', words));
  }
}
