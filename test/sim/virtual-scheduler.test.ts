import { expect } from 'chai';
import fc from 'fast-check';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';

describe('VirtualScheduler', () => {
  it('runs timers in the order of their due time, equal ones in the order of setting', () => {
    const timer = fc.record({ delayMs: fc.nat(20), cancel: fc.boolean() });
    fc.assert(
      fc.property(fc.array(timer, { maxLength: 300 }), (timers) => {
        const scheduler = new VirtualScheduler();
        const ran: number[] = [];
        const handles = timers.map(({ delayMs }, i) =>
          scheduler.after(delayMs, () => {
            expect(scheduler.monotonicMs()).to.equal(delayMs);
            ran.push(i);
          }),
        );
        for (const [i, { cancel }] of timers.entries()) if (cancel) handles[i]?.cancel();
        const expected = timers
          .map((one, i) => ({ ...one, i }))
          .filter(({ cancel }) => !cancel)
          .sort((one, other) => one.delayMs - other.delayMs || one.i - other.i)
          .map(({ i }) => i);
        expect(scheduler.pending).to.equal(expected.length);
        scheduler.runUntil(20);
        expect(ran).to.deep.equal(expected);
        expect(scheduler.pending).to.equal(0);
      }),
    );
  });

  it('moves time only when stepped, and never back', () => {
    const scheduler = new VirtualScheduler({ wallStartMs: 1_000_000 });
    scheduler.after(30, () => {});
    expect(scheduler.nextDueMs()).to.equal(30);
    expect(scheduler.monotonicMs()).to.equal(0);
    expect(scheduler.runNext()).to.equal(true);
    expect([scheduler.monotonicMs(), scheduler.wallMs()]).to.deep.equal([30, 1_000_030]);
    expect(scheduler.runNext()).to.equal(false);
    scheduler.runUntil(100);
    scheduler.runUntil(50);
    expect(scheduler.monotonicMs()).to.equal(100);
    scheduler.after(-5, () => {});
    expect(scheduler.nextDueMs()).to.equal(100);
  });

  it('runs what a timer sets, when it is due in time', () => {
    const scheduler = new VirtualScheduler();
    const ran: string[] = [];
    scheduler.after(10, () => {
      ran.push('first');
      scheduler.soon(() => ran.push('soon'));
      scheduler.after(5, () => ran.push('in time'));
      scheduler.after(11, () => ran.push('too late'));
    });
    scheduler.after(10, () => ran.push('second'));
    scheduler.runUntil(20);
    expect(ran).to.deep.equal(['first', 'second', 'soon', 'in time']);
    expect(scheduler.pending).to.equal(1);
  });

  it('takes a cancel twice, or after the run, as nothing', () => {
    const scheduler = new VirtualScheduler();
    const done = scheduler.after(1, () => {});
    const cancelled = scheduler.after(2, () => expect.fail('it was cancelled'));
    scheduler.after(3, () => {});
    scheduler.runNext();
    done.cancel();
    cancelled.cancel();
    cancelled.cancel();
    expect(scheduler.pending).to.equal(1);
    expect(scheduler.nextDueMs()).to.equal(3);
  });

  it('can cancel a timer that is due at the same moment', () => {
    const scheduler = new VirtualScheduler();
    scheduler.after(1, () => later.cancel());
    const later = scheduler.after(1, () => expect.fail('it was cancelled'));
    scheduler.runUntil(1);
    expect(scheduler.pending).to.equal(0);
  });

  it('stays fast with very many timers that are cancelled long before they are due', () => {
    const scheduler = new VirtualScheduler();
    let ran = 0;
    for (let i = 0; i < 300_000; i++) {
      const deadline = scheduler.after(60_000, () => expect.fail('it was cancelled'));
      scheduler.after(i % 7, () => {
        ran += 1;
      });
      deadline.cancel();
      if (i % 100 === 99) scheduler.runUntil(scheduler.monotonicMs() + 7);
    }
    expect(ran).to.equal(300_000);
    expect(scheduler.pending).to.equal(0);
  });

  it('refuses a delay that is no number', () => {
    expect(() => new VirtualScheduler().after(Number.NaN, () => {})).to.throw('not NaN');
  });
});
