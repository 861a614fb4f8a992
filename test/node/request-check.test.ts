/** What a front end refuses by itself. */

import { expect } from 'chai';
import type { SessionId } from '../../src/base/ids.js';
import { HearsayError } from '../../src/base/errors.js';
import { type ClientRequest, RequestCheck } from '../../src/node/request-check.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { PLACES } from '../world/places.js';

const asked = {
  requestId: 1,
  session: 'session-1' as SessionId,
  prev: VectorTimestamp.zero,
  args: {},
  timeoutMs: 1000,
};

function request(kind: ClientRequest['kind'], operation: string, user = 'ann'): ClientRequest {
  const stamp = { physicalMs: 1, logical: 0 };
  switch (kind) {
    case 'client-query':
      return { kind, ...asked, operation, user, consistency: 'auto' };
    case 'client-lookup':
      return { kind, ...asked, operation, user };
    case 'client-update':
      return {
        ...{ kind, ...asked, operation, user },
        ...{ n: 1, answered: 0, attempt: 1, minCopies: 1, stamp },
      };
  }
}

describe('a request of a client', () => {
  const check = new RequestCheck(PLACES, 'root');
  const refusal = (request: ClientRequest): HearsayError => {
    try {
      check.operationOf(request);
    } catch (error) {
      if (error instanceof HearsayError) return error;
      throw error;
    }
    throw new Error('it was not refused');
  };

  it('goes on when its operation is there', () => {
    expect(check.operationOf(request('client-query', 'place')).name).to.equal('place');
    expect(check.operationOf(request('client-update', 'move')).ordering).to.equal('causal');
    expect(check.operationOf(request('client-lookup', 'move')).hasLookup).to.equal(true);
  });

  for (const kind of ['client-query', 'client-update', 'client-lookup'] as const) {
    it(`is INVALID when there is no such operation: ${kind}`, () => {
      const error = refusal(request(kind, 'mvoe'));
      expect(error).to.include({ code: 'INVALID' });
      expect(error.message).to.match(/"mvoe"; did you mean move/);
    });
  }

  it('is INVALID when the operation is of the other kind', () => {
    expect(refusal(request('client-query', 'move')).message).to.contain('move is an update');
    for (const kind of ['client-update', 'client-lookup'] as const) {
      expect(refusal(request(kind, 'place')).message).to.contain('place is a query');
    }
  });

  it('is INVALID when nothing is to be looked up for it', () => {
    const error = refusal(request('client-lookup', 'rename', 'root'));
    expect(error).to.include({ code: 'INVALID' });
    expect(error.message).to.contain('nothing is looked up for rename');
  });

  for (const [kind, operation] of [
    ['client-update', 'rename'],
    ['client-update', 'evict'],
    ['client-lookup', 'evict'],
  ] as const) {
    it(`is left to the administrator: ${kind} ${operation}`, () => {
      const error = refusal(request(kind, operation));
      expect(error).to.include({ code: 'UNAUTHORIZED', definite: true });
      expect(error.message).to.match(/administrator only, who is "root" .*--admin.* not "ann"/);
      expect(check.operationOf(request(kind, operation, 'root')).name).to.equal(operation);
    });
  }
});
