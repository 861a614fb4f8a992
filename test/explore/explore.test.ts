/** The explorer walks through tiny worlds, and finds what is wrong with cores that have a fault. */

import { expect } from 'chai';
import type { Cores } from '../../src/explore/cores.js';
import { type Violation, explore } from '../../src/explore/explore.js';
import { pathOf, tell, wordOf } from '../../src/explore/story.js';
import { World } from '../../src/explore/world.js';
import type { WorldDescription } from '../../src/explore/world-description.js';
import { WORLDS } from '../../src/explore/worlds.js';
import { PRODUCTION_CORES } from '../../src/explore/cores.js';
import {
  acknowledgesTooEarly,
  callsAnythingFresh,
  countsTwice,
  doesNotWait,
  FRESH_READ,
  neverGossips,
  ONE_UPDATE,
  READ_TWICE,
  UPDATE_AND_READ,
} from './support.js';

/** Walks through a world whose cores have a fault; answers what was found. */
function find(description: WorldDescription, cores: Cores): Violation {
  const { violation } = explore(description, { cores });
  if (violation === null) throw new Error('nothing was found');
  return violation;
}

describe('explorer', () => {
  const tiny: readonly (readonly [WorldDescription, number])[] = [
    [ONE_UPDATE, 100],
    [UPDATE_AND_READ, 2000],
    [{ ...ONE_UPDATE, name: 'tick', ticks: { times: 1, of: ['rm-1', 'fe-1'] } }, 2000],
  ];
  for (const [description, least] of tiny) {
    it(`comes to every state of ${description.name}, none broken`, function () {
      this.timeout(60_000);
      const found = explore(description);
      expect(found.violation?.faults ?? []).to.deep.equal([]);
      expect(found.isComplete).to.equal(true);
      expect(found.states).to.be.at.least(least);
      expect(found.transitions).to.be.at.least(found.states - 1);
      expect(found.ends).to.be.at.least(1);
      expect(found.depth).to.be.at.least(10);
    });
  }

  const compared: readonly WorldDescription[] = [
    UPDATE_AND_READ,
    { ...ONE_UPDATE, name: 'crash', crashes: { times: 1, of: ['rm-2'] } },
    { ...ONE_UPDATE, name: 'break', breaks: { times: 1, of: ['fe-1-rm-1'] } },
    { ...ONE_UPDATE, name: 'duplicate', duplicates: 1 },
  ];
  for (const description of compared) {
    it(`comes to the same ends of ${description.name} with every order tried`, function () {
      this.timeout(60_000);
      const reduced = explore(description);
      const whole = explore(description, { withoutReduction: true });
      for (const found of [reduced, whole]) {
        expect(found.violation?.faults ?? []).to.deep.equal([]);
        expect(found.isComplete).to.equal(true);
      }
      expect(reduced.ends).to.equal(whole.ends);
      expect(reduced.states).to.be.below(whole.states);
    });
  }

  it('leaves a world that is larger than it may be', () => {
    const found = explore(UPDATE_AND_READ, { maxStates: 100 });
    expect(found.isComplete).to.equal(false);
    expect(found.violation).to.equal(null);
  });
});

describe('explorer, with a fault put into a core', function () {
  this.timeout(60_000);

  it('finds an acknowledgement that does not wait for the disk', () => {
    const { faults } = find(ONE_UPDATE, acknowledgesTooEarly);
    expect(faults.join()).to.match(/rm-[12] sends acknowledged, which tells of what is not on its/);
  });

  it('finds an update that is on fewer disks than was said', () => {
    const { faults } = find(ONE_UPDATE, countsTwice);
    expect(faults).to.deep.equal(['session-1:1 was acknowledged with copies: 2 and is on 1 disks']);
  });

  it('finds an answer older than what its session has seen', () => {
    const { faults } = find(READ_TWICE, doesNotWait);
    expect(faults.join()).to.contain('session-2 is given an answer that does not cover its past');
  });

  it('finds a fresh answer that is not', () => {
    const { faults } = find({ ...FRESH_READ, replicas: 3 }, callsAnythingFresh);
    expect(faults.join()).to.contain('I8: a fresh answer lacks session-1:1');
  });

  it('finds replicas that never agree', () => {
    const { faults } = find(ONE_UPDATE, neverGossips);
    expect(faults.join()).to.match(/hold different updates, though there was no trouble/);
  });

  it('finds the same with every order tried, by a path as long or shorter', () => {
    const reduced = find(ONE_UPDATE, acknowledgesTooEarly);
    const whole = explore(ONE_UPDATE, { cores: acknowledgesTooEarly, withoutReduction: true });
    expect(whole.violation?.faults).to.deep.equal(reduced.faults);
    expect(whole.violation?.path.length).to.be.at.most(reduced.path.length);
  });
});

describe('story of a path', () => {
  it('is told again from one word, to the same end', () => {
    const { path, faults } = find(ONE_UPDATE, acknowledgesTooEarly);
    const world = new World(ONE_UPDATE, acknowledgesTooEarly);
    const word = wordOf(world, path);
    const again = pathOf(new World(ONE_UPDATE, acknowledgesTooEarly), word);
    expect(again).to.deep.equal(path);
    const first = tell(world, path);
    const second = tell(new World(ONE_UPDATE, acknowledgesTooEarly), again);
    expect(second).to.deep.equal(first);
    expect(first.lines.at(-1)).to.contain(`BROKEN: ${faults.at(-1)}`);
  });

  it('names who does what', () => {
    const world = new World(ONE_UPDATE, PRODUCTION_CORES);
    const { lines } = tell(world, pathOf(world, '0.0'));
    expect(lines.join('\n')).to.contain('session-1 makes its next call');
    expect(lines.join('\n')).to.contain('fe-1 gets from session-1: request 1, put as session-1:1');
    expect(lines.join('\n')).to.contain('sends rm-2: request 1, put as session-1:1, after nothing');
  });

  it('refuses a word that fits no path of the world', () => {
    const world = new World(ONE_UPDATE, PRODUCTION_CORES);
    for (const word of ['', '0.99', '0.x', '0..0']) {
      expect(() => pathOf(world, word)).to.throw(/of the path is ".*", and there are choices/);
    }
  });
});

describe('worlds', () => {
  it('have names of their own and name processes and connections that exist', () => {
    expect(new Set(WORLDS.map(({ name }) => name)).size).to.equal(WORLDS.length);
    for (const description of WORLDS) {
      const { members, pairs } = new World(description, PRODUCTION_CORES).topology;
      const { crashes, breaks, ticks, apart } = description;
      const isSet = (flag: 'mayCrash' | 'mayTick'): number =>
        members.filter((member) => member[flag]).length;
      expect(isSet('mayCrash'), description.name).to.equal(crashes?.of.length ?? 0);
      expect(isSet('mayTick'), description.name).to.equal(ticks?.of.length ?? 0);
      const { replicas, frontends, scripts, silences, lapses, cut, staysDown, slowDisks } =
        description;
      const whole = (replicas * (replicas - 1)) / 2 + frontends * (replicas + scripts.length);
      // Replicas that take part in elections meet once, also those that are apart from then on.
      const kept = pairs.filter(({ isApart }) => isApart).length;
      expect(pairs.length - kept, description.name).to.equal(whole - (apart?.length ?? 0));
      const breakable = pairs.filter(({ mayBreak }) => mayBreak).length;
      expect(breakable, description.name).to.equal(breaks?.of.length ?? 0);
      expect(pairs.filter(({ mayBeCut }) => mayBeCut).length).to.equal(cut?.length ?? 0);
      const names = members.map(({ name }) => name);
      const named = [silences?.of, lapses, staysDown, slowDisks].flatMap((list) => list ?? []);
      expect(names, description.name).to.include.members(named);
    }
  });
});
