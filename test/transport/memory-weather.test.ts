import { expect } from 'chai';
import { SeededRandom } from '../../src/base/random.js';
import type { Connection } from '../../src/ports/transport.js';
import { MemoryWeather, type NetworkConditions } from '../../src/transport/memory-conditions.js';
import { numbered, TwoHosts } from './memory-two-hosts.js';
import { bytes } from './support.js';

describe('a network in memory, in bad weather', () => {
  const sendNumbers = (from: Connection, count: number): void => {
    for (let n = 0; n < count; n++) from.send(bytes(`${n}`));
  };

  it('loses frames, and the connection lives on', async () => {
    const hosts = await TwoHosts.open();
    const [here] = await hosts.connect();
    hosts.network.conditions.lossPerMille = 300;
    sendNumbers(here, 1000);
    await hosts.passMs(1000);
    const { statistics } = hosts.network;
    expect(statistics.lost).to.be.within(200, 400);
    expect(hosts.log).to.have.length(1000 - statistics.lost);
    const order = hosts.log.map((line) => Number(line.slice(2)));
    expect(order).to.deep.equal([...order].sort((a, b) => a - b));
    hosts.network.conditions.lossPerMille = 0;
    hosts.log.length = 0;
    sendNumbers(here, 10);
    await hosts.passMs(1000);
    expect(hosts.log).to.deep.equal(numbered(10));
    expect(statistics).to.include({ broken: 0, duplicated: 0, reordered: 0 });
  });

  it('takes no lost frame for the gap of a cut that was mended', async () => {
    const hosts = await TwoHosts.open();
    const [here] = await hosts.connect();
    hosts.network.conditions.lossPerMille = 1000;
    here.send(bytes('lost'));
    hosts.network.conditions.lossPerMille = 0;
    hosts.network.cut('a', 'b', { breakAfterMs: 1000 });
    hosts.network.mend('a', 'b');
    await hosts.passMs(2000);
    expect(hosts.log).to.deep.equal([]);
  });

  it('delivers frames twice', async () => {
    const hosts = await TwoHosts.open();
    const [here] = await hosts.connect();
    hosts.network.conditions.duplicatePerMille = 1000;
    sendNumbers(here, 50);
    expect(here.bufferedBytes).to.equal(2 * (10 + 40 * 2));
    await hosts.passMs(1000);
    expect(hosts.log).to.deep.equal(numbered(50).flatMap((line) => [line, line]));
    expect(here.bufferedBytes).to.equal(0);
    expect(hosts.network.statistics).to.include({ duplicated: 50, delivered: 102, reordered: 0 });
  });

  it('lets frames fall behind later ones, and loses none', async () => {
    const hosts = await TwoHosts.open();
    const [here] = await hosts.connect();
    hosts.network.conditions.reorderPerMille = 100;
    for (let n = 0; n < 200; n++) {
      here.send(bytes(`${n}`));
      await hosts.passMs(5);
    }
    await hosts.passMs(1000);
    expect(hosts.log).to.have.members(numbered(200));
    let newest = -1;
    let overtaken = 0;
    for (const line of hosts.log) {
      const n = Number(line.slice(2));
      if (n < newest) overtaken += 1;
      newest = Math.max(n, newest);
    }
    expect(overtaken).to.be.within(5, 40);
    expect(hosts.network.statistics).to.include({ reordered: overtaken, lost: 0 });
    expect(here.bufferedBytes).to.equal(0);
  });

  it('spares the first frame each way', async () => {
    const hosts = await TwoHosts.open({ lossPerMille: 1000 });
    const [here, there] = await hosts.connect();
    here.send(bytes('second'));
    there.send(bytes('second'));
    await hosts.passMs(1000);
    expect(hosts.log).to.deep.equal([]);
    expect(hosts.network.statistics.lost).to.equal(2);
  });

  it('keeps order when delays become shorter while frames are on their way', async () => {
    const hosts = await TwoHosts.open({ minDelayMs: 500, maxDelayMs: 900 });
    const [here] = await hosts.connect();
    sendNumbers(here, 20);
    Object.assign(hosts.network.conditions, { minDelayMs: 1, maxDelayMs: 1 });
    here.send(bytes('20'));
    await hosts.passMs(2000);
    expect(hosts.log).to.deep.equal(numbered(21));
  });

  it('draws nothing for faults that are off', () => {
    const conditions: NetworkConditions = {
      minDelayMs: 1,
      maxDelayMs: 9,
      lossPerMille: 0,
      duplicatePerMille: 0,
      reorderPerMille: 0,
    };
    const random = new SeededRandom(3);
    const weather = new MemoryWeather(conditions, random);
    for (const fault of ['lossPerMille', 'duplicatePerMille', 'reorderPerMille'] as const) {
      expect(weather.strikes(fault)).to.equal(false);
    }
    expect(random.below(1_000_000)).to.equal(new SeededRandom(3).below(1_000_000));
    conditions.lossPerMille = 1000;
    expect(weather.strikes('lossPerMille')).to.equal(true);
  });

  it('is the same for the same seed', async () => {
    const run = async (seed: number): Promise<string> => {
      const bad = { lossPerMille: 100, duplicatePerMille: 100, reorderPerMille: 100 };
      const hosts = await TwoHosts.open({ maxDelayMs: 50, ...bad }, seed);
      const [here, there] = await hosts.connect();
      for (let n = 0; n < 40; n++) {
        here.send(bytes(`${n} at ${hosts.scheduler.monotonicMs()}`));
        there.send(bytes(`${n}`));
        await hosts.passMs(7);
      }
      await hosts.passMs(1000);
      return [...hosts.log, JSON.stringify(hosts.network.statistics)].join('\n');
    };
    expect(await run(11)).to.equal(await run(11));
    expect(await run(11)).not.to.equal(await run(12));
  });

  it('refuses delays of which none fits', async () => {
    const hosts = await TwoHosts.open();
    const [here] = await hosts.connect();
    hosts.network.conditions.minDelayMs = 10;
    expect(() => here.send(bytes('when?'))).to.throw('delays from 10 to 3 ms');
  });
});
