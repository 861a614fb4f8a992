/** The load, on virtual time: it keeps its requests under way and counts those of the measurement. */

import { expect } from 'chai';
import { Load } from '../../bench/load.js';
import type { Requester } from '../../bench/workloads.js';
import { SeededRandom } from '../../src/base/random.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';

const CLIENT = {} as Requester;
const LATENCY_MS = 10;

/** Requests take 10 ms; `fails` says which of them, counted from 0. */
function start(inFlight: number, fails: (request: number) => boolean = () => false) {
  const scheduler = new VirtualScheduler({ wallStartMs: 0 });
  const counts = { sent: 0, underWay: 0, most: 0 };
  const request = async () => {
    const number = counts.sent++;
    counts.most = Math.max(counts.most, ++counts.underWay);
    await new Promise<void>((resolve) => {
      scheduler.after(LATENCY_MS, resolve);
    });
    counts.underWay--;
    if (fails(number)) throw new Error(`request ${number % 2} failed`);
    return number % 4 === 0 ? ('causal-only' as const) : ('right' as const);
  };
  const random = new SeededRandom(1);
  const load = new Load({ request, clients: [CLIENT, CLIENT], inFlight }, scheduler, random);
  return { scheduler, counts, load };
}

/** Lets virtual time pass, and all that is awaited go on in between. */
async function runFor(scheduler: VirtualScheduler, forMs: number): Promise<void> {
  const endMs = scheduler.monotonicMs() + forMs;
  do {
    await new Promise((resolve) => setImmediate(resolve));
    scheduler.runUntil(Math.min(scheduler.nextDueMs() ?? endMs, endMs));
  } while (scheduler.monotonicMs() < endMs);
  await new Promise((resolve) => setImmediate(resolve));
}

describe('bench load', () => {
  it('counts what is answered between measure and stop', async () => {
    const { scheduler, counts, load } = start(8);
    await runFor(scheduler, 25);
    load.measure();
    await runFor(scheduler, 100);
    const stopping = load.stop();
    await runFor(scheduler, 100);
    const measured = await stopping;
    expect(measured.operations).to.equal(80);
    expect(measured.seconds).to.equal(0.1);
    expect(measured.causalOnly).to.equal(20);
    expect(measured.errors).to.equal(0);
    expect(counts).to.deep.include({ most: 8, underWay: 0 });
  });

  it('counts errors apart, tells each message once, and does not ask in a busy loop', async () => {
    const { scheduler, counts, load } = start(4, () => true);
    await runFor(scheduler, 1000);
    const stopping = load.stop();
    await runFor(scheduler, 1000);
    const measured = await stopping;
    expect(measured.operations).to.equal(0);
    expect(measured.errors).to.be.within(100, counts.sent);
    expect(measured.errorMessages).to.have.members(['request 0 failed', 'request 1 failed']);
    // Each takes 10 ms and is followed by a pause of 20.
    expect(counts.sent).to.be.at.most(4 * 34);
  });
});
