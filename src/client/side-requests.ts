/**
 * Requests about the cluster: they change nothing in the session, are sent once and to one front end,
 * and end with its answer, with the connection, or with their time.
 */

import { HearsayError } from '../base/errors.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { FrontendMessage } from './frontend-connection.js';

/** Their numbers are above those of the session. */
const FIRST = 2 ** 40;

interface SideRequest {
  readonly resolve: (value: never) => void;
  readonly reject: (error: HearsayError) => void;
  readonly timer: TimerHandle;
}

export interface SideRequestsInit {
  readonly scheduler: Scheduler;
  readonly send: (message: FrontendMessage) => void;
}

export class SideRequests {
  readonly #init: SideRequestsInit;
  readonly #open = new Map<number, SideRequest>();
  #next = FIRST;

  constructor(init: SideRequestsInit) {
    this.#init = init;
  }

  /** Sends what `make` gives; resolves with what is answered. Rejects with HearsayError. */
  ask<Result>(make: (requestId: number) => FrontendMessage, timeoutMs: number): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const requestId = this.#next++;
      const timer = this.#init.scheduler.after(timeoutMs, () => {
        this.#open.delete(requestId);
        reject(new HearsayError('TIMEOUT', 'the front end did not answer in time'));
      });
      this.#open.set(requestId, { resolve, reject, timer });
      this.#init.send(make(requestId));
    });
  }

  answer(requestId: number, value: unknown): void {
    this.#take(requestId)?.resolve(value as never);
  }

  /** Answers whether it was a request of this kind. */
  fail(requestId: number, error: HearsayError): boolean {
    const request = this.#take(requestId);
    request?.reject(error);
    return request !== null;
  }

  /** The connection they were sent on has ended. */
  failAll(why: string): void {
    for (const id of [...this.#open.keys()]) this.fail(id, new HearsayError('UNAVAILABLE', why));
  }

  #take(requestId: number): SideRequest | null {
    const request = this.#open.get(requestId);
    if (request === undefined) return null;
    this.#open.delete(requestId);
    request.timer.cancel();
    return request;
  }
}
