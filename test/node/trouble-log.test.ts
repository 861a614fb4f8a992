/** What is said of troubles with connections, and how often. */

import { expect } from 'chai';
import { type LinkTrouble, TroubleLog } from '../../src/node/trouble-log.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';

describe('the log of troubles with connections', () => {
  let scheduler: VirtualScheduler;
  let said: string[];
  let log: TroubleLog;

  beforeEach(() => {
    scheduler = new VirtualScheduler();
    said = [];
    log = new TroubleLog(scheduler, { say: (level, line) => said.push(`${level} ${line}`) });
  });

  const pass = (ms: number): void => scheduler.runUntil(scheduler.monotonicMs() + ms);

  const trouble = (place: string, words: string, level: LinkTrouble['level'] = 'warn') => ({
    ...{ level, place, words },
    line: `${place}: ${words}`,
  });

  it('does not say the same of one place again within a minute', () => {
    for (let second = 0; second < 59; second++) {
      log.tell(trouble('rm-1', 'away'));
      log.tell(trouble('rm-2', 'away'));
      pass(1000);
    }
    expect(said).to.deep.equal(['warn rm-1: away', 'warn rm-2: away']);
    pass(1000);
    log.tell(trouble('rm-1', 'away'));
    expect(said).to.have.length(3);
  });

  it('says it again once something else was said of it', () => {
    for (const words of ['away', 'away', 'full', 'away']) log.tell(trouble('rm-1', words));
    expect(said).to.deep.equal(['warn rm-1: away', 'warn rm-1: full', 'warn rm-1: away']);
  });

  it('counts what is left out, and ordinary life leaves no warning out', () => {
    for (let port = 1; port <= 60; port++) log.tell(trouble(`h:${port}`, 'gone', 'detail'));
    log.tell(trouble('h:1', 'broken'));
    expect(said).to.have.length(51);
    expect(said.at(-1)).to.equal('warn h:1: broken');
    pass(1000);
    expect(said.slice(51)).to.deep.equal(['detail 10 more such lines within 1000 ms are left out']);
  });

  it('remembers a bounded number of places', () => {
    for (let place = 0; place < 65; place++) {
      log.tell(trouble(`h:${place}`, 'gone'));
      pass(100);
    }
    said = [];
    log.tell(trouble('h:64', 'gone'));
    log.tell(trouble('h:0', 'gone'));
    expect(said).to.deep.equal(['warn h:0: gone']);
  });
});
