import { expect } from 'chai';
import { RealScheduler, SystemRandom } from '../../src/node/system.js';

describe('RealScheduler', () => {
  const scheduler = new RealScheduler();

  it('runs a timer once, and not before its time', async () => {
    const sinceMs = scheduler.monotonicMs();
    await new Promise<void>((resolve) => scheduler.after(20, resolve));
    // setTimeout may fire up to a millisecond early.
    expect(scheduler.monotonicMs() - sinceMs).to.be.at.least(19);
  });

  it('does not run what was cancelled', async () => {
    let ran = false;
    scheduler
      .after(1, () => {
        ran = true;
      })
      .cancel();
    await new Promise<void>((resolve) => scheduler.after(20, resolve));
    expect(ran).to.equal(false);
  });

  it('does not fire at once what is due in many years', async () => {
    let ran = false;
    const timer = scheduler.after(2 ** 40, () => {
      ran = true;
    });
    await new Promise<void>((resolve) => scheduler.after(20, resolve));
    timer.cancel();
    expect(ran).to.equal(false);
  });

  it('runs soon after what is going on, before any timer that is set then', async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      scheduler.soon(() => {
        order.push('soon');
        resolve();
      });
      order.push('now');
      void Promise.resolve().then(() => order.push('promise'));
    });
    expect(order).to.deep.equal(['now', 'promise', 'soon']);
  });

  it('knows the date', () => {
    expect(scheduler.wallMs()).to.be.within(Date.now() - 60_000, Date.now() + 60_000);
  });

  it('has a clock that can be wrong', () => {
    const slowMs = new RealScheduler(-3_600_000).wallMs() + 3_600_000;
    expect(slowMs).to.be.within(Date.now() - 60_000, Date.now() + 60_000);
  });
});

describe('SystemRandom', () => {
  it('draws evenly, past the end of its buffer', () => {
    const random = new SystemRandom().child('anything');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const draw = random.below(10);
      counts[draw] = (counts[draw] ?? 0) + 1;
    }
    // 10,000 each, standard deviation 95: ten of them off is no chance.
    for (const count of counts) expect(count).to.be.within(9000, 11_000);
  });

  it('gives nonces that differ', () => {
    const random = new SystemRandom();
    const nonces = new Set(Array.from({ length: 5000 }, () => random.nonce(12)));
    expect(nonces.size).to.equal(5000);
    for (const nonce of nonces) expect(nonce).to.match(/^[a-z0-9]{12}$/);
  });
});
