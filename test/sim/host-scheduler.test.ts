import { expect } from 'chai';
import { HostScheduler } from '../../src/sim/host-scheduler.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import { MemoryWorld } from '../transport/memory-world.js';
import { bytes } from '../transport/support.js';

describe('HostScheduler', () => {
  let world: VirtualScheduler;
  let host: HostScheduler;
  let ran: string[];

  beforeEach(() => {
    world = new VirtualScheduler({ wallStartMs: 1_000_000 });
    host = new HostScheduler(world);
    ran = [];
  });

  /** Sets a timer that writes down what ran and when. */
  const set = (delayMs: number, what: string) =>
    host.after(delayMs, () => ran.push(`${world.monotonicMs()} ${what}`));

  it('runs timers like the world it is in, and cancels them', () => {
    set(10, 'late');
    const never = set(5, 'never');
    set(5, 'early');
    never.cancel();
    never.cancel();
    expect(world.pending).to.equal(2);
    world.runUntil(20);
    never.cancel();
    expect(ran).to.deep.equal(['5 early', '10 late']);
    expect(host.monotonicMs()).to.equal(20);
  });

  it('runs what came due while it was frozen when it goes on, in due order, then the rest', () => {
    set(30, 'third');
    set(10, 'first');
    set(100, 'in time');
    set(20, 'second');
    host.freeze();
    world.runUntil(50);
    expect(ran).to.deep.equal([]);
    expect(host.monotonicMs()).to.equal(50);
    host.thaw();
    world.runUntil(200);
    expect(ran).to.deep.equal(['50 first', '50 second', '50 third', '100 in time']);
  });

  it('keeps due order when the last timer comes due at the instant of going on', () => {
    world.after(20, () => host.thaw());
    set(10, 'first');
    set(20, 'second');
    host.freeze();
    world.runUntil(100);
    expect(ran).to.deep.equal(['20 first', '20 second']);
  });

  it('can be frozen again before late timers ran, which then wait on', () => {
    set(1, 'first');
    set(2, 'second');
    host.freeze();
    world.runUntil(10);
    host.thaw();
    world.runNext();
    host.freeze();
    world.runUntil(20);
    expect(ran).to.deep.equal(['10 first']);
    host.thaw();
    world.runUntil(30);
    expect(ran).to.deep.equal(['10 first', '20 second']);
  });

  it('lets a late timer be cancelled by the one before it', () => {
    let second = { cancel: () => {} };
    host.after(1, () => second.cancel());
    second = set(2, 'cancelled');
    host.freeze();
    world.runUntil(10);
    host.thaw();
    world.runUntil(20);
    expect(ran).to.deep.equal([]);
  });

  it('holds back a soon of before, and runs one that is set now after all that is due', () => {
    host.soon(() => ran.push('soon of before'));
    host.after(5, () => {
      ran.push('late');
      host.soon(() => ran.push('soon of now'));
    });
    set(6, 'later');
    host.freeze();
    world.runUntil(10);
    host.thaw();
    world.runUntil(10);
    expect(ran).to.deep.equal(['soon of before', 'late', '10 later', 'soon of now']);
  });

  it('goes on with input first, then late timers, then what the first input asked to run soon', async () => {
    const network = new MemoryWorld({ minDelayMs: 1, maxDelayMs: 1 });
    const process = new HostScheduler(network.scheduler);
    await network.network.transport('b').listen({
      address: 'b:1',
      onConnection: (connection) => {
        connection.accepted();
        connection.onFrame = (frame) => {
          ran.push(Buffer.from(frame).toString());
          process.soon(() => ran.push('flush'));
        };
      },
    });
    const here = await network.settledDial('a', 'b:1');
    process.after(5, () => ran.push('late timer'));
    network.network.freeze('b');
    process.freeze();
    here.send(bytes('one'));
    here.send(bytes('two'));
    await network.passMs(100);
    network.network.thaw('b');
    process.thaw();
    await network.passMs(0);
    expect(ran).to.deep.equal(['one', 'two', 'late timer', 'flush', 'flush']);
  });

  it('never runs a timer of a dead process, frozen or not, and sets none', () => {
    set(1, 'late');
    set(50, 'to come');
    host.freeze();
    world.runUntil(10);
    host.kill();
    host.thaw();
    set(1, 'of the dead').cancel();
    host.soon(() => ran.push('soon of the dead'));
    expect(world.pending).to.equal(0);
    world.runUntil(100);
    expect(ran).to.deep.equal([]);
  });

  it('may be killed by one of its own timers', () => {
    host.after(1, () => host.kill());
    set(1, 'after death');
    world.runUntil(10);
    expect(ran).to.deep.equal([]);
    expect(world.pending).to.equal(0);
  });

  it('has a wall clock that jumps, forward and back, while its timers go on', () => {
    set(10, 'in time');
    host.stepWallClock(5000);
    expect(host.wallMs()).to.equal(1_005_000);
    host.stepWallClock(-65_000);
    world.runUntil(10);
    expect(host.wallMs()).to.equal(940_010);
    expect(world.wallMs()).to.equal(1_000_010);
    expect(ran).to.deep.equal(['10 in time']);
  });

  it('has a wall clock that drifts, keeps what it drifted, and shows whole milliseconds', () => {
    expect(host.driftPpm).to.equal(0);
    world.runUntil(1000);
    host.driftPpm = 500;
    world.runUntil(1001);
    expect(host.wallMs()).to.equal(1_001_001);
    world.runUntil(11_000);
    expect(host.wallMs()).to.equal(1_011_005);
    host.driftPpm = -1000;
    world.runUntil(16_000);
    expect(host.wallMs()).to.equal(1_016_000);
    world.runUntil(16_001);
    expect(host.wallMs()).to.equal(1_016_000);
    host.driftPpm = 0;
    world.runUntil(1_016_001);
    expect(host.wallMs()).to.equal(2_016_000);
    expect(host.monotonicMs()).to.equal(1_016_001);
  });

  it('refuses a drift that stops time or is no whole number', () => {
    for (const ppm of [-1_000_000, 0.5, Number.NaN]) {
      expect(() => {
        host.driftPpm = ppm;
      }).to.throw('time stands');
    }
  });
});
