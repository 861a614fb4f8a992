/** Which replicas a request goes to: a session keeps its pair, and trouble is avoided where it can be. */

import { expect } from 'chai';
import type { SessionId } from '../../src/base/ids.js';
import { TestFrontend, asked, others, pairOf, reply } from './support.js';

const sessionOf = (number: number): SessionId => `session-${number}` as SessionId;

/** The two replicas that a session's update goes to. */
const pairAt = (frontend: TestFrontend, session?: SessionId): [number, number] =>
  pairOf(asked(frontend.update(session === undefined ? {} : { session }), 'update'));

describe('routing at the front end', () => {
  it('keeps a session at its pair: for updates, queries, and at any front end', () => {
    for (let number = 1; number <= 20; number++) {
      const session = sessionOf(number);
      const frontend = new TestFrontend({ members: 5 });
      const pair = pairAt(frontend, session);
      expect(pairAt(frontend, session)).to.deep.equal(pair);
      expect(asked(frontend.query({ session }), 'query')).to.deep.equal(pair);
      expect(pairAt(new TestFrontend({ members: 5 }), session)).to.deep.equal(pair);
    }
  });

  it('spreads sessions over all replicas', () => {
    const firsts = new Map<number, number>();
    const pairs = new Set<string>();
    const frontend = new TestFrontend({ members: 5 });
    for (let number = 1; number <= 500; number++) {
      const [first, second] = pairAt(frontend, sessionOf(number));
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
      pairs.add(`${first} ${second}`);
    }
    expect(pairs.size).to.equal(20);
    expect([...firsts.values()].every((count) => count >= 60 && count <= 140)).to.equal(true);
  });

  it('moves only the sessions of a replica that is away, and back again', () => {
    const frontend = new TestFrontend({ members: 5 });
    const sessions = Array.from({ length: 50 }, (_, i) => sessionOf(i));
    const before = sessions.map((session) => pairAt(frontend, session));
    frontend.down(2);
    for (const [i, session] of sessions.entries()) {
      const stayed = (before[i] ?? []).filter((number) => number !== 2);
      const now = pairAt(frontend, session);
      expect(now).to.include.members(stayed);
      expect(now).to.not.include(2);
    }
    frontend.up(2);
    expect(sessions.map((session) => pairAt(frontend, session))).to.deep.equal(before);
  });

  it('asks ACTIVE replicas before OVERLOADED ones', () => {
    const frontend = new TestFrontend();
    const [first, second] = pairAt(frontend);
    const [third] = others(3, first, second) as [number];
    frontend.status(first, 'OVERLOADED');
    expect(pairAt(frontend)).to.deep.equal([second, third]);
    frontend.status(second, 'OVERLOADED');
    expect(pairAt(frontend)).to.deep.equal([third, first]);
    frontend.status(first, 'ACTIVE');
    expect(pairAt(frontend)).to.deep.equal([first, third]);
  });

  it('takes all OVERLOADED for all ACTIVE', () => {
    const frontend = new TestFrontend();
    const pair = pairAt(frontend);
    for (const number of [1, 2, 3]) frontend.status(number, 'OVERLOADED');
    expect(pairAt(frontend)).to.deep.equal(pair);
  });

  it('asks silent replicas last, after OVERLOADED ones', () => {
    const frontend = new TestFrontend();
    const [first, second] = pairAt(frontend);
    const [third] = others(3, first, second) as [number];
    frontend.hushed.add(first);
    frontend.wait(1900);
    expect(pairAt(frontend)).to.deep.equal([first, second]);
    frontend.status(third, 'OVERLOADED');
    frontend.wait(200);
    expect(pairAt(frontend)).to.deep.equal([second, third]);
  });

  it('asks a silent replica where nothing else is left, and at once when it speaks again', () => {
    const frontend = new TestFrontend({ members: 1 });
    frontend.hushed.add(1);
    frontend.wait(3000);
    expect(asked(frontend.update(), 'update')).to.deep.equal([1]);
    const three = new TestFrontend();
    const pair = pairAt(three);
    three.hushed.add(pair[0]);
    three.wait(3000);
    expect(pairAt(three)).to.not.include(pair[0]);
    three.hushed.clear();
    three.wait(100);
    expect(pairAt(three)).to.deep.equal(pair);
  });

  it('never asks OFFLINE replicas', () => {
    const frontend = new TestFrontend();
    const [first, second] = pairAt(frontend);
    const [third] = others(3, first, second) as [number];
    frontend.status(first, 'OFFLINE');
    frontend.status(second, 'OFFLINE');
    expect(asked(frontend.query({ timeoutMs: 60_000 }), 'query')).to.deep.equal([third]);
    const later = frontend.wait(1000);
    expect(asked(later, 'query')).to.not.include(first);
    expect(asked(later, 'update')).to.not.include(second);
  });

  it('asks elsewhere at once when a replica that was asked goes OFFLINE, and takes its answer all the same', () => {
    const frontend = new TestFrontend();
    const [first, second] = pairAt(frontend);
    const third = others(3, first, second);
    expect(asked(frontend.status(first, 'OFFLINE'), 'update')).to.deep.equal(third);
    expect(asked(frontend.status(first, 'OFFLINE'), 'update')).to.deep.equal([]);
    frontend.acknowledges(first);
    expect(reply(frontend.acknowledges(second), 'updated').copies).to.equal(2);
  });

  it('asks a replica again at once that declined while it was OFFLINE', () => {
    const frontend = new TestFrontend({ members: 1 });
    frontend.update();
    expect(asked(frontend.declines(1, 'UNAVAILABLE'), 'update')).to.deep.equal([]);
    frontend.status(1, 'OFFLINE');
    expect(asked(frontend.status(1, 'ACTIVE'), 'update')).to.deep.equal([1]);
  });

  it('never asks replicas that are not connected', () => {
    const frontend = new TestFrontend({ up: [] });
    expect(asked([...frontend.query(), ...frontend.wait(1000)], 'query')).to.deep.equal([]);
    expect(asked(frontend.up(2), 'query')).to.deep.equal([2]);
  });

  it('takes a new connection for the end of the one before', () => {
    const frontend = new TestFrontend({ members: 1 });
    frontend.update();
    expect(asked(frontend.up(1), 'update')).to.deep.equal([1]);
    expect(frontend.state.replicaByLink.size).to.equal(1);
  });
});
