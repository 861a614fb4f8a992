import { expect } from 'chai';
import { Watchers } from '../../src/node/watchers.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';

const PERIOD_MS = 100;

describe('those who watch the gossip log', () => {
  /** A process that has noted 25 events; what it sent, as `LINK EVENT`. */
  function open() {
    const scheduler = new VirtualScheduler();
    const sent: string[] = [];
    const watchers = new Watchers({
      host: 'rm-1',
      scheduler,
      send: (link, { events }) => sent.push(...events.map(({ event }) => `${link} ${event}`)),
    });
    for (let i = 1; i <= 25; i++) watchers.add({ event: `old ${i}` }, i);
    return { scheduler, sent, watchers };
  }

  const pass = (scheduler: VirtualScheduler, ms = PERIOD_MS): void =>
    scheduler.runUntil(scheduler.monotonicMs() + ms);

  it('get the recent events first, then what comes, each once', () => {
    const { scheduler, sent, watchers } = open();
    watchers.start(1);
    expect(sent).to.have.length(25);
    watchers.add({ event: 'new' }, 30);
    watchers.start(2);
    pass(scheduler);
    expect(sent.filter((line) => line.startsWith('1 '))).to.have.length(26);
    expect(sent.filter((line) => line === '2 new')).to.have.length(1);
    expect(sent).to.have.length(52);
  });

  it('get the recent events once a tenth of a second, however often they switch off and on', () => {
    const { scheduler, sent, watchers } = open();
    for (let i = 0; i < 100; i++) {
      watchers.start(1);
      watchers.stop(1);
    }
    watchers.start(1);
    expect(sent).to.have.length(25);
    watchers.add({ event: 'new' }, 30);
    pass(scheduler);
    expect(sent.slice(25)).to.deep.equal(['1 new']);
    watchers.stop(1);
    watchers.start(1);
    expect(sent, 'later they do').to.have.length(52);
    pass(scheduler);
    expect(scheduler.nextDueMs(), 'no timer is left').to.equal(null);
  });
});
