import { expect } from 'chai';
import type { Connection } from '../../src/ports/transport.js';
import type { MemoryTransport } from '../../src/transport/memory-transport.js';
import { transportContract } from '../contract/transport-contract.js';
import { MemoryWorld } from './memory-world.js';
import { bytes } from './support.js';

transportContract('MemoryTransport', async (limits) => {
  const world = new MemoryWorld({ limits });
  return {
    server: world.network.transport('server'),
    client: world.network.transport('client'),
    anyAddress: 'server:0',
    until: (condition, what) => world.until(condition, what),
    settle: () => world.passMs(100),
    close: async () => {},
  };
});

describe('MemoryNetwork', () => {
  const ADDRESS = 'b:7200';
  let world: MemoryWorld;
  let a: MemoryTransport;
  let log: string[];
  let served: Connection[];

  beforeEach(() => start(new MemoryWorld({ minDelayMs: 2, maxDelayMs: 9 })));

  async function start(newWorld: MemoryWorld): Promise<void> {
    world = newWorld;
    a = world.network.transport('a');
    log = [];
    await serve(world.network.transport('b'));
  }

  async function serve(transport: MemoryTransport): Promise<void> {
    served = [];
    await transport.listen({
      address: ADDRESS,
      onConnection: (connection) => {
        connection.accepted();
        served.push(connection);
        own('b', connection);
      },
    });
  }

  function own(who: string, connection: Connection): void {
    const note = (what: string) => log.push(`${world.scheduler.monotonicMs()} ${who} ${what}`);
    connection.onFrame = (frame) => note(Buffer.from(frame).toString());
    connection.onClose = (error) => note(`closed: ${error}`);
  }

  async function connect(): Promise<[here: Connection, there: Connection]> {
    let connection: Connection | undefined;
    void a.dial(ADDRESS).then((dialled) => {
      connection = dialled;
      own('a', dialled);
    });
    await world.until(() => connection !== undefined, 'connected');
    const there = served.at(-1);
    if (connection === undefined || there === undefined) throw new Error('waited for it above');
    return [connection, there];
  }

  async function failureOf(promise: Promise<unknown>): Promise<string> {
    let message: string | undefined;
    promise.catch((error: Error) => {
      message = error.message;
    });
    await world.until(() => message !== undefined, 'the promise is rejected');
    return message ?? '';
  }

  const happened = () => log.map((line) => line.replace(/^\d+ /, ''));

  it('copies frames on sending', async () => {
    const [here] = await connect();
    const frame = bytes('before');
    here.send(frame);
    frame.fill(0);
    await world.passMs(100);
    expect(happened()).to.deep.equal(['b before']);
  });

  it('does the same for the same seed, and something else for another one', async () => {
    const run = async (seed: number) => {
      await start(new MemoryWorld({ minDelayMs: 1, maxDelayMs: 50 }, seed));
      const [here, there] = await connect();
      for (let i = 0; i < 20; i++) {
        here.send(bytes(`ping ${i}`));
        there.send(bytes(`pong ${i}`));
        await world.passMs(10);
      }
      await world.passMs(100);
      expect(log).to.have.length(40);
      return log.join('\n');
    };
    expect(await run(1)).to.equal(await run(1));
    expect(await run(1)).not.to.equal(await run(2));
  });

  it('loses what crosses a cut link in its direction, and nothing in the other', async () => {
    const [here, there] = await connect();
    here.send(bytes('under way'));
    world.network.cut('a', 'b', { breakAfterMs: null });
    here.send(bytes('lost'));
    there.send(bytes('arrives'));
    await world.passMs(60_000);
    expect(happened()).to.deep.equal(['a arrives']);
    world.network.mend('a', 'b');
    here.send(bytes('after'));
    await world.passMs(100);
    expect(happened()).to.deep.equal(['a arrives', 'b after']);
    expect(world.network.statistics).to.include({ lost: 2, delivered: 2, broken: 0 });
  });

  it('breaks connections over a cut link at both sides after the time given', async () => {
    await connect();
    world.network.cut('b', 'a', { breakAfterMs: 10_000 });
    await world.passMs(9_999);
    expect(log).to.deep.equal([]);
    await world.passMs(1);
    const dead = 'closed: the peer gave no sign of life for too long: it is dead or cut off';
    expect(happened()).to.have.members([`a ${dead}`, `b ${dead}`]);
    expect(world.network.statistics.broken).to.equal(2);
  });

  it('spares connections of a cut that was mended in time, unless they lost something', async () => {
    const [here] = await connect();
    const [other] = await connect();
    world.network.cut('a', 'b', { breakAfterMs: 10_000 });
    other.send(bytes('lost'));
    await world.passMs(1000);
    world.network.mend('a', 'b');
    await world.passMs(20_000);
    here.send(bytes('alive'));
    await world.passMs(100);
    expect(happened().filter((line) => line.startsWith('b'))).to.deep.equal([
      'b closed: the peer gave no sign of life for too long: it is dead or cut off',
      'b alive',
    ]);
  });

  it('is not fooled by a second cut when the first one would have broken connections', async () => {
    await connect();
    world.network.cut('a', 'b', { breakAfterMs: 10_000 });
    await world.passMs(1000);
    world.network.mendAll();
    await world.passMs(8000);
    world.network.cut('a', 'b', { breakAfterMs: 10_000 });
    await world.passMs(9000);
    expect(log).to.deep.equal([]);
    await world.passMs(1000);
    expect(log).to.have.length(2);
  });

  for (const [from, to] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    it(`lets dials time out while ${from} to ${to} is cut, and leaves no half connection`, async () => {
      world.network.cut(from, to, { breakAfterMs: null });
      const { helloMs } = world.network.limits;
      expect(await failureOf(a.dial(ADDRESS))).to.equal(`${ADDRESS} did not answer within 5000 ms`);
      await world.passMs(2 * helloMs);
      for (const connection of served) connection.send(bytes('to nobody'));
      expect(world.network.statistics.failedDials).to.equal(1);
      world.network.mendAll();
      await connect();
    });
  }

  it('resets the connections of a host that crashes, which itself hears nothing more', async () => {
    const [here] = await connect();
    const pending = a.dial(ADDRESS).then(() => log.push('a dial of the dead settled'));
    pending.catch(() => log.push('a dial of the dead failed'));
    world.network.crash('a');
    here.send(bytes('a dead process sends nothing'));
    await world.passMs(60_000);
    expect(happened()).to.deep.equal(['b closed: the connection was reset by the peer']);
    expect(await failureOf(a.listen({ address: 'a:7200', onConnection: () => {} }))).to.contain(
      'has crashed',
    );
  });

  it('refuses dials to a crashed host until a new process listens there', async () => {
    world.network.crash('b');
    expect(await failureOf(a.dial(ADDRESS))).to.equal(`nothing listens at ${ADDRESS}`);
    await serve(world.network.transport('b'));
    const [here] = await connect();
    here.send(bytes('hello again'));
    await world.passMs(100);
    expect(happened()).to.deep.equal(['b hello again']);
  });

  it('tells peers of a crash behind a cut link only by silence', async () => {
    const [, there] = await connect();
    world.network.cut('b', 'a', { breakAfterMs: null });
    world.network.crash('b');
    await world.passMs(world.network.limits.deadPeerMs - 1);
    expect(log).to.deep.equal([]);
    await world.passMs(1);
    expect(log).to.have.length(1);
    expect(there.bufferedBytes).to.equal(0);
  });

  it('ends the connection of a peer that leaves too much unread', async () => {
    await start(
      new MemoryWorld({
        minDelayMs: 5,
        maxDelayMs: 5,
        limits: { bufferedBytes: 100, frameBytes: 60 },
      }),
    );
    const [here] = await connect();
    here.send(new Uint8Array(50));
    here.send(new Uint8Array(50));
    expect(here.bufferedBytes).to.equal(100);
    await world.passMs(0);
    expect(log).to.deep.equal([]);
    here.send(new Uint8Array(1));
    expect(happened()).to.deep.equal([
      'a closed: the peer reads too slowly: it has left more than 100 bytes unread',
    ]);
    await world.passMs(100);
    expect(happened().at(-1)).to.match(/^b closed: the connection ended without goodbye/);
  });

  it('says so when its owner was given no turn to set handlers', async () => {
    await world.network.transport('c').listen({
      address: 'c:1',
      onConnection: (connection) => connection.send(bytes('hello')),
    });
    void a.dial('c:1');
    expect(() => world.scheduler.runUntil(1000)).to.throw('before its owner set onFrame');
  });
});
