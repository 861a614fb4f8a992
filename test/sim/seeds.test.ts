/**
 * The simulator plays 100 seeds, every promise is checked on each; and it is what it claims to be: equal
 * seeds give equal stories, every kind of fault strikes, paths that are rarely taken are taken. More
 * seeds: `hearsay sim --seeds 10000`. A seed that once failed stands below by its name.
 */

import { expect } from 'chai';
import { makeComponents } from '../../src/sim/components.js';
import { FAULT_KINDS } from '../../src/sim/faults.js';
import { drawPlan } from '../../src/sim/plan.js';
import { type PlayComponents, playSeed } from '../../src/sim/play.js';
import { resultOf, Summary } from '../../src/sim/summary.js';
import { WORKLOADS } from '../../src/sim/workloads/all.js';

const SEEDS = 100;

describe('100 seeds', function () {
  this.timeout(120_000);
  let components: PlayComponents;
  const summary = new Summary();
  before(async () => {
    components = await makeComponents();
  });

  for (let seed = 1; seed <= SEEDS; seed++) {
    it(`seed ${seed} keeps every promise`, async () => {
      const report = await playSeed(seed, components, { trace: false });
      summary.add(resultOf(report));
      expect(report.problems, `hearsay sim --seed ${seed}`).to.deep.equal([]);
    });
  }

  it('saw every kind of fault', () => {
    const struck = Object.keys(summary.figures.faults);
    expect(struck).to.have.members(FAULT_KINDS.map(({ name }) => name));
    const { lost, duplicated, reordered } = summary.figures.frames;
    for (const count of [lost, duplicated, reordered]) expect(count).to.be.greaterThan(SEEDS / 4);
  });

  it('played every workload, in clusters of every size', () => {
    const plans = Array.from({ length: SEEDS }, (_, index) => drawPlan(index + 1));
    const names = new Set(plans.flatMap(({ workloads }) => workloads.map(({ name }) => name)));
    expect([...names]).to.have.members(WORKLOADS.map(({ name }) => name));
    expect(new Set(plans.map(({ replicas }) => replicas))).to.have.property('size', 9);
    expect(new Set(plans.map(({ frontends }) => frontends))).to.have.property('size', 5);
    expect(Math.max(...plans.map(({ clients }) => clients))).to.be.greaterThan(15);
  });

  it('had more requests succeed than fail', () => {
    const { acknowledged, answered, failed, unknown } = summary.figures;
    expect(acknowledged + answered).to.be.greaterThan(10 * (failed + unknown));
  });
});

describe('a seed that once found a fault', function () {
  this.timeout(60_000);

  for (const [seed, fault] of [
    [8941, 'a fetch was asked for again, of which a cut had left nothing'],
    [9927, 'and again'],
    [2553, 'one side of a pair of connections kept the one that the other had dropped'],
    [8701, 'who left was the last to have what a member that was away lacked'],
    [5058, 'a copy took the place of its original, and was thrown away'],
  ] as const) {
    it(`${seed}: ${fault}`, async () => {
      const report = await playSeed(seed, await makeComponents(), { trace: false });
      expect(report.problems, `hearsay sim --seed ${seed}`).to.deep.equal([]);
    });
  }
});

describe('a seed', function () {
  this.timeout(60_000);

  for (const seed of [3, 7, 12]) {
    it(`tells the same story each time (${seed})`, async () => {
      const components = await makeComponents();
      const [first, second] = [
        await playSeed(seed, components, { trace: true }),
        await playSeed(seed, components, { trace: true }),
      ];
      expect(first.events.length).to.be.greaterThan(200);
      expect(JSON.stringify(second.events)).to.equal(JSON.stringify(first.events));
      expect(second.digest).to.equal(first.digest);
    });
  }

  it('goes the same way whether its story is told or not', async () => {
    const components = await makeComponents();
    const told = await playSeed(5, components, { trace: true });
    const untold = await playSeed(5, components, { trace: false });
    expect(untold.digest).to.equal(told.digest);
  });
});
