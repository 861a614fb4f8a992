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
  ChangeMembers,
  ClientLookup,
  ClientUpdate,
  FrontendHello,
  Message,
  OperationDescription,
} from '../../src/wire/messages.js';
import { passing } from '../sim/passing.js';

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
  let change: (request: ChangeMembers) => Message;
  /** A change of the members takes its time. */
  let answersAfterMs: number;

  beforeEach(async () => {
    scheduler = new VirtualScheduler();
    const random = new SeededRandom(1);
    const network = new MemoryNetwork({ scheduler, random });
    asked = [];
    answersAfterMs = 0;
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
            } else if (message.kind === 'change-members') {
              const told = change(message);
              scheduler.after(answersAfterMs, () => say(told));
            }
          }
        };
      },
    });
    const components = { scheduler, random, transport: network.transport('client') };
    client = new SessionClient(components, ['fe:1'], 'session-1' as SessionId, {});
    await until(client.ready());
  });

  const until = <Value>(promise: Promise<Value>): Promise<Value> => passing(scheduler, promise);

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

  describe('taking a replica out', () => {
    const fails = (code: 'UNAVAILABLE' | 'INVALID' | 'TIMEOUT') => (request: ChangeMembers) =>
      ({
        kind: 'failed',
        requestId: request.requestId,
        code,
        message: 'said so',
        definite: true,
      }) as const;
    const done = ({ requestId }: ChangeMembers) =>
      ({ kind: 'members-changed', requestId, epoch: 4, message: 'done' }) as const;
    const times = () => asked.filter(({ kind }) => kind === 'change-members').length;
    const failure = () => until(client.retire('rm-2').catch((error: unknown) => error));

    it('is asked again while nobody can, also where the one that was asked has left', async () => {
      change = (request) => (times() < 4 ? fails('UNAVAILABLE') : done)(request);
      expect(await until(client.retire('rm-2'))).to.deep.equal({ epoch: 4, message: 'done' });
      expect(times()).to.equal(4);
    });

    it('ends with what nobody can help', async () => {
      for (const code of ['INVALID', 'TIMEOUT'] as const) {
        asked = [];
        change = fails(code);
        expect(await failure()).to.include({ code, message: 'said so' });
        expect(times()).to.equal(1);
      }
    });

    it('ends some time', async () => {
      change = fails('UNAVAILABLE');
      expect(await failure()).to.include({ code: 'UNAVAILABLE', message: 'said so' });
      expect(times()).to.be.within(90, 102);
    });

    it('hears what the primary says shortly before the minute is over, also of a later attempt', async () => {
      answersAfterMs = 20_000;
      change = (request) => {
        if (times() < 2) return fails('UNAVAILABLE')(request);
        answersAfterMs = 56_000;
        return fails('TIMEOUT')(request);
      };
      expect(await failure()).to.include({ code: 'TIMEOUT', message: 'said so' });
    });
  });
});
