import { expect } from 'chai';
import fc from 'fast-check';
import { SeededRandom } from '../../src/base/random.js';
import type { Connection, Listener } from '../../src/ports/transport.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import { type Dialer, keepConnected, nextPauseMs } from '../../src/transport/dialer.js';
import { MemoryNetwork, type MemoryTransport } from '../../src/transport/memory-transport.js';
import { bytes, turn } from './support.js';

describe('keepConnected', () => {
  const ADDRESS = 'b:7200';
  let scheduler: VirtualScheduler;
  let network: MemoryNetwork;
  let client: MemoryTransport;
  let dialer: Dialer;
  let connections: Connection[];
  let ends: (string | null)[];
  let frames: string[];
  /** When each dial failed, and why. */
  let failures: { atMs: number; error: string }[];
  let served: Connection[];

  beforeEach(() => {
    scheduler = new VirtualScheduler();
    const random = new SeededRandom(3);
    network = new MemoryNetwork(
      { scheduler, random: random.child('network') },
      { minDelayMs: 1, maxDelayMs: 1 },
    );
    client = network.transport('a');
    [connections, ends, frames, failures, served] = [[], [], [], [], []];
    dialer = keepConnected({
      transport: client,
      address: ADDRESS,
      scheduler,
      random: random.child('dialer'),
      onConnection: (connection) => {
        connections.push(connection);
        connection.onFrame = (frame) => frames.push(Buffer.from(frame).toString());
        connection.onClose = (error) => ends.push(error);
      },
      onFailure: (error) => failures.push({ atMs: scheduler.monotonicMs(), error }),
    });
  });

  afterEach(() => dialer.stop());

  function serve(): Promise<Listener> {
    return network.transport('b').listen({
      address: ADDRESS,
      onConnection: (connection) => {
        connection.accepted();
        connection.onFrame = (frame) => connection.send(frame);
        served.push(connection);
      },
    });
  }

  async function passMs(durationMs: number): Promise<void> {
    const untilMs = scheduler.monotonicMs() + durationMs;
    for (;;) {
      await turn();
      const dueMs = scheduler.nextDueMs();
      if (dueMs === null || dueMs > untilMs) break;
      scheduler.runNext();
    }
    scheduler.runUntil(untilMs);
  }

  it('hands over a connection that works, also when its handlers change later', async () => {
    await serve();
    await passMs(50);
    const connection = connections[0] as Connection;
    expect(connection.remote).to.equal(ADDRESS);
    connection.send(bytes('one'));
    await passMs(50);
    connection.onFrame = (frame) => frames.push(`changed ${Buffer.from(frame).toString()}`);
    connection.onClose = (error) => ends.push(`changed ${error}`);
    connection.send(bytes('two'));
    await passMs(50);
    expect(frames).to.deep.equal(['one', 'changed two']);
    served[0]?.close({ kind: 'normal', message: '' });
    await passMs(5000);
    expect(ends).to.deep.equal(['changed null']);
    expect(connections).to.have.length(2);
  });

  it('dials until somebody listens, with pauses from 100 ms to 2 s that grow and differ', async () => {
    await passMs(30_000);
    const gaps = failures.slice(1).map(({ atMs }, i) => atMs - (failures[i]?.atMs ?? 0));
    // Each gap is a pause and the two trips of the dial, 1 ms each.
    for (const gap of gaps) expect(gap).to.be.within(102, 2002);
    expect(Math.max(...gaps)).to.be.greaterThan(1000);
    expect(new Set(gaps).size).to.be.greaterThan(gaps.length / 2);
    expect(failures[0]).to.deep.equal({ atMs: 2, error: `nothing listens at ${ADDRESS}` });
    await serve();
    await passMs(2002);
    expect(connections).to.have.length(1);
  });

  it('comes back after the connection was reset', async () => {
    await serve();
    await passMs(50);
    network.crash('b');
    await serve();
    await passMs(2100);
    expect(ends).to.deep.equal(['the connection was reset by the peer']);
    expect(connections).to.have.length(2);
  });

  it('starts with short pauses again after a connection that lived, not after one that did not', async () => {
    await passMs(60_000);
    const listener = await serve();
    await passMs(2002);
    const afterMs = async () => {
      const count = connections.length;
      const sinceMs = scheduler.monotonicMs();
      while (connections.length === count) await passMs(1);
      return scheduler.monotonicMs() - sinceMs;
    };
    const flapping: number[] = [];
    for (let i = 0; i < 30; i++) {
      served.at(-1)?.close({ kind: 'overloaded', message: 'full' });
      flapping.push(await afterMs());
    }
    expect(Math.max(...flapping)).to.be.greaterThan(1000);
    const lived: number[] = [];
    for (let i = 0; i < 30; i++) {
      await passMs(2100);
      served.at(-1)?.close({ kind: 'overloaded', message: 'full' });
      lived.push(await afterMs());
    }
    expect(Math.max(...lived)).to.be.at.most(310);
    expect(connections).to.have.length(61);
    void listener.close();
  });

  it('ends its connection when stopped and dials no more', async () => {
    await serve();
    await passMs(50);
    dialer.stop();
    await passMs(10_000);
    expect(ends).to.deep.equal([null]);
    expect([connections.length, served.length]).to.deep.equal([1, 1]);
  });

  it('can be stopped while it dials: a connection that still comes is closed at once', async () => {
    await serve();
    dialer.stop();
    await passMs(10_000);
    expect([connections.length, served.length]).to.deep.equal([0, 1]);
    expect(served[0]?.bufferedBytes).to.equal(0);
    expect(scheduler.pending).to.equal(0);
  });

  it('can be stopped in a pause', async () => {
    await passMs(10);
    expect(failures).to.have.length(1);
    dialer.stop();
    await passMs(60_000);
    expect(failures).to.have.length(1);
    expect(scheduler.pending).to.equal(0);
  });
});

describe('nextPauseMs', () => {
  it('lies between the bounds and at most three times the last pause', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 100, max: 2000 }), (seed, lastMs) => {
        const pauseMs = nextPauseMs(new SeededRandom(seed), lastMs, 100, 2000);
        expect(pauseMs).to.be.within(100, Math.min(2000, 3 * lastMs));
      }),
    );
  });
});
