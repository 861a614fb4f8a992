import { expect } from 'chai';
import { SeededRandom } from '../../src/base/random.js';
import { ProcessStatus } from '../../src/node/process-status.js';
import { StatusKeeper } from '../../src/node/status-keeper.js';
import { ClockWatch } from '../../src/node/clock-watch.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';

const CALM = { loopDelayMs: 5, queueLength: 0 };
const LOOK_MS = 300;

/** A replica whose load is the test's to say, looked at each 300 ms. */
class Looked {
  readonly status = new ProcessStatus(new SeededRandom(1));
  nowMs = 0;

  /** For so long the load is this; answers the values it went through. */
  load(ms: number, load: Partial<typeof CALM>): string[] {
    const values: string[] = [];
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += LOOK_MS) {
      if (this.status.look({ ...CALM, ...load }, this.nowMs)) {
        values.push(this.status.current.value);
      }
    }
    return values;
  }
}

describe('the status of a process', () => {
  for (const high of [{ loopDelayMs: 201 }, { queueLength: 1001 }]) {
    const what = Object.keys(high).join();
    it(`is OVERLOADED once ${what} was high for 2 s, and ACTIVE after 5 s at half of that`, () => {
      const looked = new Looked();
      expect(looked.load(1800, high)).to.deep.equal([]);
      expect(looked.load(600, high)).to.deep.equal(['OVERLOADED']);
      const lower = { loopDelayMs: 101, queueLength: 501 };
      expect(looked.load(20_000, lower)).to.deep.equal([]);
      const half = { loopDelayMs: 100, queueLength: 500 };
      expect(looked.load(4800, half)).to.deep.equal([]);
      expect(looked.load(600, half)).to.deep.equal(['ACTIVE']);
    });
  }

  it('is not moved by a load that is high for a moment, again and again', () => {
    const looked = new Looked();
    for (let i = 0; i < 20; i++) {
      expect(looked.load(1500, { queueLength: 5000 })).to.deep.equal([]);
      expect(looked.load(300, {})).to.deep.equal([]);
    }
  });

  it('by hand holds whatever the load is, until it is measured again', () => {
    const looked = new Looked();
    looked.status.set('OFFLINE', 0);
    expect(looked.load(10_000, { queueLength: 5000 })).to.deep.equal([]);
    expect(looked.status.current).to.deep.equal({ value: 'OFFLINE', source: 'hand' });
    looked.status.set('auto', looked.nowMs);
    expect(looked.status.current).to.deep.equal({ value: 'ACTIVE', source: 'auto' });
    expect(looked.load(3000, { queueLength: 5000 })).to.deep.equal(['OVERLOADED']);
  });

  it('by chance goes on changing, to each value, after 3 to 10 s', () => {
    const looked = new Looked();
    looked.status.set('random', 0);
    const seen = new Set([looked.status.current.value]);
    let changes = 0;
    for (let minute = 0; minute < 10; minute++) {
      const values = looked.load(60_000, {});
      changes += values.length;
      for (const value of values) seen.add(value as 'ACTIVE');
      expect(looked.status.current.source).to.equal('random');
    }
    expect([...seen]).to.have.members(['ACTIVE', 'OVERLOADED', 'OFFLINE']);
    // Each draw is another value than the one before.
    expect(changes).to.be.within(600 / 10, 600 / 3);
  });

  it('of one that is about to end is OFFLINE, whatever is wanted or measured', () => {
    const looked = new Looked();
    looked.status.leave();
    expect(looked.status.current).to.deep.equal({ value: 'OFFLINE', source: 'auto' });
    looked.status.set('ACTIVE', 0);
    looked.status.set('random', 0);
    expect(looked.load(60_000, {})).to.deep.equal([]);
    expect(looked.status.current).to.deep.equal({ value: 'OFFLINE', source: 'auto' });
  });
});

describe('a keeper of a status', () => {
  it('looks by itself, and tells each change', () => {
    const scheduler = new VirtualScheduler();
    const told: string[] = [];
    let queueLength = 0;
    const keeper = new StatusKeeper({
      scheduler,
      random: new SeededRandom(1),
      load: () => ({ loopDelayMs: 0, queueLength }),
      onChange: ({ value, source }) => told.push(`${value} ${source}`),
    });
    keeper.start();
    queueLength = 2000;
    scheduler.runUntil(scheduler.monotonicMs() + 5000);
    queueLength = 0;
    scheduler.runUntil(scheduler.monotonicMs() + 10_000);
    keeper.set('OFFLINE');
    keeper.leave();
    keeper.stop();
    scheduler.runUntil(scheduler.monotonicMs() + 60_000);
    expect(told).to.deep.equal(['OVERLOADED auto', 'ACTIVE auto', 'OFFLINE hand', 'OFFLINE auto']);
  });
});

describe('a watch on the clock', () => {
  it('tells the clock each second, and people once when it is wrong, changes, and is right again', () => {
    const scheduler = new VirtualScheduler();
    const said: string[] = [];
    let clocks = 0;
    let aheadMs: number | null = null;
    const watch = new ClockWatch({
      scheduler,
      name: 'rm-2',
      onClock: () => clocks++,
      aheadMs: () => aheadMs,
      say: (level, message) => said.push(`${level}: ${message}`),
    });
    watch.start();
    const during = (ahead: number | null, ms: number): string[] => {
      aheadMs = ahead;
      scheduler.runUntil(scheduler.monotonicMs() + ms);
      return said.splice(0);
    };
    expect(during(null, 5000)).to.deep.equal([]);
    expect(during(10_000, 5000)).to.deep.equal([]);
    // After a pause, old heartbeats make a clock seem wrong at one look.
    expect(during(40_000, 1000)).to.deep.equal([]);
    expect(during(0, 3000)).to.deep.equal([]);
    expect(during(30_000, 60_000)).to.deep.equal([
      "warn: the clock of rm-2 is 30 s ahead of the other members'; set it right",
    ]);
    expect(during(35_000, 60_000)).to.deep.equal([]);
    expect(during(-3_600_000, 60_000)).to.deep.equal([
      "warn: the clock of rm-2 is 3600 s behind the other members'; set it right",
    ]);
    expect(during(-20, 60_000)).to.deep.equal([
      "info: the clock of rm-2 agrees with the other members' again",
    ]);
    expect(clocks).to.be.within(250, 256);
    watch.stop();
    scheduler.runUntil(scheduler.monotonicMs() + 10_000);
    expect(clocks).to.be.below(257);
  });
});
