/**
 * What a front end refuses by itself, before anything is sent to a replica: operations that there are
 * none of, and those of the administrator when somebody else asks.
 */

import { assert } from '../base/assert.js';
import { HearsayError } from '../base/errors.js';
import type { Service } from '../service/define.js';
import { show } from '../service/messages.js';
import type {
  ClientLookup,
  ClientQuery,
  ClientUpdate,
  Failed,
  OperationDescription,
} from '../wire/messages.js';

export type ClientRequest = ClientUpdate | ClientQuery | ClientLookup;

/** The answer to a request of which nothing was sent. */
export const refusalOf = (requestId: number, { code, message }: HearsayError): Failed => ({
  kind: 'failed',
  requestId,
  code,
  message,
  definite: true,
});

export class RequestCheck {
  readonly #service: Service;
  readonly #administrator: string;
  readonly #operations: ReadonlyMap<string, OperationDescription>;

  constructor(service: Service, administrator: string) {
    this.#service = service;
    this.#administrator = administrator;
    this.#operations = new Map(service.operations.map((each) => [each.name, each]));
  }

  /**
   * The operation that is asked for. Throws HearsayError INVALID when there is none of that name and
   * kind, or nothing to look up for it; UNAUTHORIZED when it is not for this user.
   */
  operationOf({ kind, operation, args, user }: ClientRequest): OperationDescription {
    const wanted = kind === 'client-query' ? 'query' : 'update';
    const found = this.#operations.get(operation);
    // Unknown here means unknown everywhere. The service knows best which name was perhaps meant.
    if (found?.kind !== wanted) this.#service.parse(wanted, operation, args, user);
    assert(found?.kind === wanted, `${operation} is not among the operations, but was parsed`);
    if (found.administrator && user !== this.#administrator) {
      const message =
        `${operation} is for the administrator only, who is ${show(this.#administrator)} at this ` +
        `front end (its --admin says so), not ${show(user)}`;
      throw new HearsayError('UNAUTHORIZED', message);
    }
    if (kind === 'client-lookup' && !found.hasLookup) {
      const message = `nothing is looked up for ${operation}: send the update itself`;
      throw new HearsayError('INVALID', message);
    }
    return found;
  }
}
