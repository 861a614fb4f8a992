/** Who may send a replica what, and what its core hears of it. */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import type { UpdateBody } from '../../src/log/record.js';
import { isForCore, refusalOfMessage, updateEvent } from '../../src/node/replica-messages.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { Forward } from '../../src/wire/forced-messages.js';
import type { Hello, Message, MessageKind, Update } from '../../src/wire/messages.js';
import { aBody, aNoOp } from '../log/support.js';
import { KINDS } from '../wire/arbitraries.js';

const FROM_FRONTENDS: readonly MessageKind[] = [
  ...(['update', 'query', 'cancel', 'change-members', 'recover'] as const),
  ...(['status-request', 'set-status', 'watch'] as const),
];
const FROM_REPLICAS: readonly MessageKind[] = [
  ...(['heartbeat', 'gossip', 'gossip-acknowledged', 'fetch', 'fetched'] as const),
  ...(['forward', 'forwarded', 'pre-vote', 'vote', 'vote-answered'] as const),
  ...(['prepare', 'prepare-ok', 'nack', 'get-state', 'state', 'handover'] as const),
  ...(['frozen', 'claim-granted', 'claim-refused', 'retired'] as const),
  ...(['recover-halt', 'recover-halted', 'recover-release'] as const),
];
const SENT: Readonly<Record<Hello['role'], readonly MessageKind[]>> = {
  client: [],
  frontend: FROM_FRONTENDS,
  replica: FROM_REPLICAS,
  joiner: ['get-snapshot'],
};

/** Those that the driver must look at before, or in place of the core. */
const FOR_DRIVER: readonly MessageKind[] = [
  ...(['update', 'forward'] as const),
  ...(['status-request', 'set-status', 'watch'] as const),
];

/** A message of this kind, as far as these functions look at it. */
const message = (kind: MessageKind, fields: object = {}): Message =>
  ({ kind, ...fields }) as unknown as Message;

const takesAll = { checkRecords() {}, checkEntries() {} };

describe('messages to a replica', () => {
  it('are taken from those whose business they are', () => {
    for (const kind of KINDS) {
      for (const role of ['client', 'frontend', 'replica', 'joiner'] as const) {
        const refusal = refusalOfMessage(message(kind), role, takesAll);
        if (SENT[role].includes(kind)) expect(refusal, `${kind} from a ${role}`).to.equal(null);
        else {
          expect(refusal, `${kind} from a ${role}`).to.be.instanceOf(HearsayError);
          expect(refusal?.code).to.equal('INVALID');
          expect(refusal?.message).to.contain(kind);
        }
      }
    }
  });

  it('go to the core as they came, unless the driver has something to do first', () => {
    const taken = [...FROM_FRONTENDS, ...FROM_REPLICAS];
    const expected = taken.filter((kind) => !FOR_DRIVER.includes(kind));
    const forCore = KINDS.filter((kind) => isForCore(message(kind)));
    expect(forCore).to.have.members(expected);
  });

  it('are refused where what they bring cannot be executed', () => {
    const unsound = new HearsayError('INVALID', 'record !:1 cannot be executed here');
    const refuse = (): void => {
      throw unsound;
    };
    const entries = [aNoOp(1)];
    const carriers: [MessageKind, object, 'checkRecords' | 'checkEntries'][] = [
      ['gossip', { records: [] }, 'checkRecords'],
      ['fetched', { records: [], entries: [] }, 'checkRecords'],
      ['fetched', { records: [], entries }, 'checkEntries'],
      ['prepare', { entries }, 'checkEntries'],
      ['state', { entries }, 'checkEntries'],
    ];
    for (const [kind, fields, check] of carriers) {
      const service = { ...takesAll, [check]: refuse };
      expect(refusalOfMessage(message(kind, fields), 'replica', service)).to.equal(unsound);
      expect(refusalOfMessage(message(kind, fields), 'replica', takesAll)).to.equal(null);
    }
  });

  it('do not hide a mistake of the service', () => {
    const broken = (): void => {
      throw new TypeError('not our fault');
    };
    const service = { ...takesAll, checkEntries: broken };
    expect(() =>
      refusalOfMessage(message('prepare', { entries: [] }), 'replica', service),
    ).to.throw(TypeError);
  });
});

const BODY: UpdateBody = aBody(0, 1);

/** A service in which `put` is forced and `set` is causal; all arguments are right but none. */
const service = {
  bodyOf: ({ args }: Update | Forward): UpdateBody => {
    if (Object.keys(args).length === 0) throw new HearsayError('INVALID', 'key is missing');
    return BODY;
  },
  orderingOf: (operation: string) => (operation === 'put' ? ('forced' as const) : 'causal'),
};

describe('an update as the core hears of it', () => {
  const { session, n, stamp, user } = BODY;
  const common = { session, n, stamp, user, answered: 0, timeoutMs: 1000, args: { key: 'k' } };
  const past = { prev: VectorTimestamp.zero };
  const update = (operation: string): Update => ({
    ...{ kind: 'update', requestId: 1, holders: [] },
    ...common,
    ...past,
    operation,
  });
  const forward = (operation: string): Forward => ({
    ...{ kind: 'forward', wallMs: 1900, hops: 1 },
    ...common,
    ...past,
    operation,
  });
  const came = { link: 5, wallMs: 2000, nowMs: 1000 };

  it('has its ordering and its checked body', () => {
    for (const [operation, ordering] of [
      ['set', 'causal'],
      ['put', 'forced'],
    ] as const) {
      const request = update(operation);
      expect(updateEvent(service, { request, ...came })).to.deep.equal({
        ...{ kind: 'update', request, body: BODY, ordering },
        ...came,
      });
    }
  });

  it('comes from another replica as a forward, if it is forced', () => {
    const request = forward('put');
    expect(updateEvent(service, { request, ...came })).to.deep.equal({
      ...{ kind: 'forward', request, body: BODY },
      ...came,
    });
    const causal = forward('set');
    expect(() => updateEvent(service, { request: causal, ...came })).to.throw(
      HearsayError,
      'set is not forced',
    );
  });

  it('is refused with wrong arguments', () => {
    for (const request of [update('put'), forward('put')]) {
      const wrong = { request: { ...request, args: {} }, ...came };
      expect(() => updateEvent(service, wrong)).to.throw(HearsayError, 'key is missing');
    }
  });
});
