/** Lookups at a front end: each is answered once, in its time, and only so many are under way. */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { LIMITS } from '../../src/base/limits.js';
import { FrontendLookups } from '../../src/node/frontend-lookups.js';
import type { Service } from '../../src/service/define.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import type { Arguments, ClientLookup, Failed, LookedUp } from '../../src/wire/messages.js';

const OUTSIDE = { get: () => Promise.reject(new Error('nobody there')), settings: {} };

type Sent = readonly [link: number, message: LookedUp | Failed];

/** Lookups whose ends the test decides, in the order in which they began. */
class Lookups {
  readonly scheduler = new VirtualScheduler();
  readonly sent: Sent[] = [];
  readonly begun: unknown[][] = [];
  readonly lookups: FrontendLookups;
  readonly #ends: { found(args: Arguments): void; failed(error: unknown): void }[] = [];
  #nextRequestId = 1;

  constructor() {
    const lookUp: Service['lookUp'] = (...asked) => {
      this.begun.push(asked);
      return new Promise((found, failed) => this.#ends.push({ found, failed }));
    };
    this.lookups = new FrontendLookups({
      service: { lookUp },
      outside: OUTSIDE,
      scheduler: this.scheduler,
      send: (link, message) => this.sent.push([link, message]),
    });
  }

  ask(link: number, fields: Partial<ClientLookup> = {}): void {
    this.lookups.ask(link, {
      kind: 'client-lookup',
      requestId: this.#nextRequestId++,
      operation: 'register',
      args: { postcode: 'a' },
      user: 'ann',
      timeoutMs: 5000,
      ...fields,
    });
  }

  async found(index: number, args: Arguments): Promise<void> {
    this.#ends[index]?.found(args);
    await settled();
  }

  async failed(index: number, error: unknown): Promise<void> {
    this.#ends[index]?.failed(error);
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a lookup at a front end', () => {
  it('is answered with the complete arguments', async () => {
    const world = new Lookups();
    world.ask(3);
    expect(world.begun).to.deep.equal([['register', { postcode: 'a' }, 'ann', OUTSIDE]]);
    await world.found(0, { postcode: 'A', latitude: 1.5 });
    expect(world.sent).to.deep.equal([
      [3, { kind: 'looked-up', requestId: 1, args: { postcode: 'A', latitude: 1.5 } }],
    ]);
    expect(world.scheduler.pending).to.equal(0);
  });

  it('that fails is told with its code, and certain: nothing was sent', async () => {
    const world = new Lookups();
    world.ask(3);
    await world.failed(0, new HearsayError('UNAVAILABLE', 'nobody can be asked'));
    const failed = { code: 'UNAVAILABLE', message: 'nobody can be asked', definite: true };
    expect(world.sent).to.deep.equal([[3, { kind: 'failed', requestId: 1, ...failed }]]);
  });

  it('whose answer could not travel is told as too large', async () => {
    const world = new Lookups();
    world.ask(3);
    await world.found(0, { text: 'x'.repeat(LIMITS.argumentBytes) });
    expect(world.sent[0]?.[1]).to.include({ kind: 'failed', code: 'TOO_LARGE', definite: true });
  });

  it('is told as TIMEOUT at its deadline, and what comes later is dropped', async () => {
    const world = new Lookups();
    world.ask(3, { timeoutMs: 700 });
    world.scheduler.runUntil(699);
    expect(world.sent).to.deep.equal([]);
    world.scheduler.runUntil(700);
    expect(world.sent[0]?.[1]).to.include({ kind: 'failed', code: 'TIMEOUT', definite: true });
    await world.found(0, {});
    expect(world.sent).to.have.length(1);
  });

  it('is answered no more once the front end stops, and keeps no process alive', async () => {
    const world = new Lookups();
    world.ask(3);
    world.lookups.close();
    expect(world.scheduler.pending).to.equal(0);
    await world.found(0, {});
    expect(world.sent).to.deep.equal([]);
  });
});

describe('lookups at a front end', () => {
  const refused = ({ sent }: Lookups): readonly number[] =>
    sent.flatMap(([link, message]) =>
      message.kind === 'failed' && message.code === 'OVERLOADED' && message.definite ? [link] : [],
    );

  it('are so many for one connection', async () => {
    const world = new Lookups();
    for (let n = 0; n < LIMITS.connectionLookups; n++) world.ask(3);
    expect(refused(world)).to.deep.equal([]);
    world.ask(3);
    world.ask(4);
    expect(refused(world)).to.deep.equal([3]);
    await world.found(0, {});
    world.ask(3);
    expect(refused(world)).to.deep.equal([3]);
  });

  it('are so many for all connections', async () => {
    const world = new Lookups();
    for (let link = 0; link < LIMITS.lookups; link++) world.ask(link);
    expect(refused(world)).to.deep.equal([]);
    world.ask(1000);
    expect(refused(world)).to.deep.equal([1000]);
    await world.failed(0, new HearsayError('INVALID', 'no such postcode'));
    world.ask(1000);
    expect(refused(world)).to.deep.equal([1000]);
  });

  it('count until they have ended, however little time their clients gave them', async () => {
    const world = new Lookups();
    for (let n = 0; n < LIMITS.connectionLookups; n++) world.ask(3, { timeoutMs: 1 });
    world.scheduler.runUntil(1000);
    world.ask(3);
    expect(refused(world)).to.deep.equal([3]);
    expect(world.begun).to.have.length(LIMITS.connectionLookups);
  });
});
