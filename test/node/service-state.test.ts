/** What another replica may bring here: nothing that cannot be executed, and nothing in the wrong log. */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import type { UpdateBody } from '../../src/log/record.js';
import { ServiceState } from '../../src/node/service-state.js';
import type { StateDatabase } from '../../src/ports/database.js';
import { kv } from '../../src/service/kv/kv.js';
import type { Forward } from '../../src/wire/forced-messages.js';
import type { Update } from '../../src/wire/messages.js';
import { aBody, aNoOp, anUpdateEntry, aRecord, ORIGINS, session } from '../log/support.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';

const [ORIGIN] = ORIGINS as [(typeof ORIGINS)[0]];

/** Checking looks at no state. */
const state = new ServiceState(kv, {} as StateDatabase);

const CAUSAL: UpdateBody = { ...aBody(0, 1), operation: 'set', args: { key: 'k', value: 1 } };
const FORCED: UpdateBody = { ...aBody(0, 2), operation: 'put', args: { key: 'k', value: 1 } };

const record = (body: UpdateBody) => aRecord(ORIGIN, 3, body);
const entry = (body: UpdateBody) => anUpdateEntry(7, { body });

/** The message of the HearsayError INVALID that is thrown. */
function refusalOf(check: () => void): string {
  try {
    check();
  } catch (error) {
    expect(error).to.be.instanceOf(HearsayError).with.property('code', 'INVALID');
    return (error as HearsayError).message;
  }
  throw new Error('it was not refused');
}

describe('ServiceState', () => {
  it('takes causal records, and aliases, which have no body', () => {
    const { session: by, n, digest } = FORCED;
    const alias = { ...record(CAUSAL), body: undefined, id: { session: by, n, digest } };
    state.checkRecords([record(CAUSAL), alias]);
  });

  it('takes forced entries, and no-ops', () => {
    state.checkEntries([aNoOp(6), entry(FORCED)]);
  });

  it('refuses a forced update as a record: replicas would not agree on its place', () => {
    const message = refusalOf(() => state.checkRecords([record(CAUSAL), record(FORCED)]));
    expect(message).to.contain(`${ORIGIN}:3`).and.contain('put is not causal');
  });

  it('refuses a causal update as an entry of the one order', () => {
    const message = refusalOf(() => state.checkEntries([entry(FORCED), entry(CAUSAL)]));
    expect(message).to.contain('!:7').and.contain('set is not forced');
  });

  it('refuses what cannot be executed at all, in either', () => {
    for (const change of [{ operation: 'nonsense' }, { args: { key: 7 } }]) {
      const inRecord = refusalOf(() => state.checkRecords([record({ ...CAUSAL, ...change })]));
      expect(inRecord).to.contain('cannot be executed here');
      const inEntry = refusalOf(() => state.checkEntries([entry({ ...FORCED, ...change })]));
      expect(inEntry).to.contain('cannot be executed here');
    }
  });

  it('gives a request and its retry by another way one body, and another request another one', () => {
    const what = { operation: 'put', args: { key: 'k', value: { a: 1, b: 2 } }, user: 'ann' };
    const who = { session: session(1), n: 1, stamp: { physicalMs: 5, logical: 0 } };
    const how = { answered: 0, prev: VectorTimestamp.zero, timeoutMs: 1000 };
    const request: Update = { kind: 'update', requestId: 1, holders: [], ...who, ...what, ...how };
    const body = state.bodyOf(request);
    const args = { value: { b: 2, a: 1 }, key: 'k' };
    const forward: Forward = { kind: 'forward', wallMs: 7, hops: 1, ...who, ...how, ...what, args };
    expect(state.bodyOf(forward)).to.deep.equal(body);
    for (const change of [{ user: 'bob' }, { args: { key: 'k', value: 2 } }]) {
      expect(state.bodyOf({ ...request, ...change }).digest).not.to.equal(body.digest);
    }
    refusalOf(() => state.bodyOf({ ...request, args: {} }));
  });
});
