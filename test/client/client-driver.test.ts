/** The client library over a network in memory, at a front end whose every answer is scripted. */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import type { Name, Origin, SessionId } from '../../src/base/ids.js';
import { SeededRandom } from '../../src/base/random.js';
import { SessionClient } from '../../src/client/client-driver.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { MemoryNetwork } from '../../src/transport/memory-transport.js';
import { decodeFrame, encodeFrames, PROTOCOL_VERSIONS } from '../../src/wire/codec.js';
import type {
  ClientLookup,
  ClientUpdate,
  FrontendHello,
  Message,
  OperationDescription,
} from '../../src/wire/messages.js';

const place = VectorTimestamp.of([['!0' as Origin, 7]]);

const operation = (name: string, hasLookup: boolean): OperationDescription => ({
  name,
  kind: 'update',
  about: '',
  arguments: [],
  anonymous: true,
  hasCheck: false,
  ordering: 'forced',
  hasLookup,
  administrator: false,
});

const HELLO: FrontendHello = {
  kind: 'hello',
  role: 'frontend',
  protocol: PROTOCOL_VERSIONS,
  name: 'fe-1' as Name,
  address: 'fe:1',
  cluster: {
    clusterId: 'c',
    generation: 0,
    epoch: 1,
    service: 'shop',
    serviceVersion: [1, 1],
    schemaHash: '',
  },
  operations: [operation('order', false), operation('register', true)],
};

type Request = ClientUpdate | ClientLookup;

describe('the client library', () => {
  let scheduler: VirtualScheduler;
  let client: SessionClient;
  let asked: Message[];
  let answer: (request: Request) => Message;

  beforeEach(async () => {
    scheduler = new VirtualScheduler();
    const random = new SeededRandom(1);
    const network = new MemoryNetwork({ scheduler, random });
    asked = [];
    await network.transport('fe').listen({
      address: 'fe:1',
      onNuisance: () => {},
      onConnection: (connection) => {
        const say = (message: Message): void => {
          for (const frame of encodeFrames([message])) connection.send(frame);
        };
        connection.onFrame = (frame) => {
          for (const message of decodeFrame(frame)) {
            asked.push(message);
            if (message.kind === 'hello') {
              connection.accepted();
              say(HELLO);
            } else if (message.kind === 'client-update' || message.kind === 'client-lookup') {
              say(answer(message));
            }
          }
        };
      },
    });
    const components = { scheduler, random, transport: network.transport('client') };
    client = new SessionClient(components, ['fe:1'], 'session-1' as SessionId, {});
    await until(client.ready());
  });

  /** Virtual time passes until this is settled. */
  async function until<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isSettled || scheduler.nextDueMs() === null) return promise;
      scheduler.runNext();
    }
  }

  const updated = (requestId: number, fields: object): Message => ({
    kind: 'updated',
    requestId,
    copies: 2,
    timestamp: place,
    latest: { physicalMs: 1, logical: 0 },
    result: null,
    ...fields,
  });

  it('gives the result of a forced update', async () => {
    answer = ({ requestId }) => updated(requestId, { result: { orderId: 5 } });
    expect(await until(client.update('order'))).to.deep.equal({
      result: { orderId: 5 },
      copies: 2,
      timestamp: { '!0': 7 },
    });
  });

  it('says when the result is not kept any more', async () => {
    answer = ({ requestId }) => updated(requestId, { repeated: true });
    expect(await until(client.update('order'))).to.include({ result: null, repeated: true });
  });

  it('tells a refusal with its place in the order', async () => {
    const refusal = { code: 'REFUSED', message: 'sold out', definite: true } as const;
    answer = ({ requestId }) => ({ kind: 'failed', requestId, ...refusal, timestamp: place });
    const error: unknown = await until(client.update('order')).catch((error: unknown) => error);
    expect(error).to.be.instanceOf(HearsayError).and.include(refusal);
    expect(error).to.have.deep.property('timestamp', { '!0': 7 });
    expect(client.timestamp).to.deep.equal({ '!0': 7 });
  });

  it('has the front end look up what an operation needs, where it says that there is something', async () => {
    answer = (request) =>
      request.kind === 'client-lookup'
        ? { kind: 'looked-up', requestId: request.requestId, args: { found: true } }
        : updated(request.requestId, { result: request.args });
    const { result } = await until(client.update('register', { found: false }));
    expect(result).to.deep.equal({ found: true });
    expect((await until(client.update('order', { found: false }))).result).to.deep.equal({
      found: false,
    });
    const kinds = asked.map(({ kind }) => kind);
    expect(kinds).to.deep.equal(['hello', 'client-lookup', 'client-update', 'client-update']);
  });
});
