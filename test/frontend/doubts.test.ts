/** Requests in odd moments: refusals that pass, lost disks, promises that cannot be kept, forged pasts. */

import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import type { Origin } from '../../src/base/ids.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import {
  asked,
  cancelled,
  others,
  pairOf,
  replies,
  reply,
  sends,
  TestFrontend,
  ts,
} from './support.js';

describe('a replica that declined for the time being', () => {
  it('is asked again a second later, with an update that nobody took', () => {
    const frontend = new TestFrontend();
    const [first, second] = pairOf(asked(frontend.update(), 'update'));
    const [third] = others(3, first, second) as [number];
    for (const number of [first, second, third]) frontend.declines(number, 'UNAVAILABLE');
    expect(asked(frontend.wait(900), 'update')).to.deep.equal([]);
    expect(asked(frontend.wait(200), 'update').slice(0, 2)).to.deep.equal([first, second]);
    frontend.acknowledges(first);
    expect(reply(frontend.acknowledges(second), 'updated').copies).to.equal(2);
  });

  it('is asked again with a query', () => {
    const frontend = new TestFrontend({ members: 2 });
    for (const number of pairOf(asked(frontend.query(), 'query'))) {
      frontend.declines(number, 'OVERLOADED');
    }
    const again = asked(frontend.wait(1100), 'query');
    expect(again).to.have.length(2);
    reply(frontend.answers(again[0] as number), 'answered');
  });

  it('is not asked a third time while it works on the second', () => {
    const frontend = new TestFrontend({ members: 1 });
    frontend.query();
    frontend.declines(1, 'UNAVAILABLE');
    expect(asked(frontend.wait(4000), 'query')).to.deep.equal([1]);
  });

  it('is not asked again where it said that nobody can take it', () => {
    const frontend = new TestFrontend({ members: 2, up: [1] });
    frontend.update();
    expect(reply(frontend.declines(1, 'INVALID'), 'failed').code).to.equal('INVALID');
    expect(asked(frontend.wait(3000), 'update')).to.deep.equal([]);
  });
});

describe('copies', () => {
  it('of a disk that was lost since do not count', () => {
    const frontend = new TestFrontend({ members: 2 });
    frontend.update();
    frontend.acknowledges(1);
    frontend.hushed.add(2);
    frontend.down(1);
    expect(asked(frontend.up(1, 'd2'), 'update'), 'it is sent there again').to.deep.equal([1]);
    expect(replies(frontend.acknowledges(1, { timestamp: ts({ 1: 9 }) }))).to.deep.equal([]);
    const done = reply(frontend.acknowledges(2), 'updated');
    expect(done.copies).to.equal(2);
    expect(done.timestamp, 'the record of the lost disk is not told').to.deep.equal(ts({ 1: 9 }));
  });

  it('of a replica that only started again count once', () => {
    const frontend = new TestFrontend({ members: 2 });
    frontend.update();
    frontend.acknowledges(1);
    frontend.down(1);
    frontend.up(1);
    expect(reply(frontend.acknowledges(2), 'updated').copies).to.equal(2);
  });

  it('more than there are members are refused at once, and nothing is sent', () => {
    const frontend = new TestFrontend({ members: 1 });
    const effects = frontend.update({ minCopies: 2 });
    expect(asked(effects, 'update')).to.deep.equal([]);
    const failed = reply(effects, 'failed');
    expect(failed).to.include({ code: 'INVALID', definite: true });
    expect(failed.message).to.include('1 replica');
    const later = reply(frontend.update({ minCopies: 2, attempt: 2 }), 'failed');
    expect(later.definite, 'an earlier attempt may have gone elsewhere').to.equal(false);
  });
});

describe('an update that was sent once', () => {
  it('is not certain to be without effect, though its replica came back OFFLINE', () => {
    const frontend = new TestFrontend({ members: 1 });
    frontend.update({ timeoutMs: 1000 });
    frontend.status(1, 'OFFLINE');
    frontend.down(1);
    expect(asked(frontend.up(1), 'update')).to.deep.equal([]);
    expect(reply(frontend.wait(1100), 'failed').definite).to.equal(false);
  });
});

describe('an update that a replica found too old to know', () => {
  it('is not certain to be without effect, though that replica refuses it later', () => {
    const frontend = new TestFrontend({ members: 1 });
    frontend.update();
    const failed = reply(frontend.declines(1, 'EXPIRED'), 'failed');
    expect(failed).to.include({ code: 'EXPIRED', definite: false });

    const three = new TestFrontend();
    const [first, second] = pairOf(asked(three.update(), 'update'));
    const [third] = others(3, first, second) as [number];
    three.declines(first, 'EXPIRED');
    three.down(first);
    three.up(first);
    for (const number of [second, third])
      expect(replies(three.declines(number, 'INVALID'))).to.deep.equal([]);
    expect(reply(three.declines(first, 'INVALID'), 'failed')).to.include({ definite: false });
  });
});

describe('a pause of the front end itself', () => {
  it('is not taken for silence of the replicas: what they said may wait to be read', () => {
    const frontend = new TestFrontend({ members: 2 });
    const [first, second] = pairOf(asked(frontend.update(), 'update'));
    frontend.acknowledges(first);
    frontend.nowMs += 3000;
    expect(replies(frontend.step({ kind: 'tick' })), 'not content with one copy').to.deep.equal([]);
    expect(reply(frontend.acknowledges(second), 'updated').copies).to.equal(2);
  });

  it('is not forgiven to a replica that stays silent afterwards', () => {
    const frontend = new TestFrontend({ members: 2 });
    const [first, second] = pairOf(asked(frontend.update({ timeoutMs: 20_000 }), 'update'));
    frontend.acknowledges(first);
    frontend.hushed.add(second);
    frontend.nowMs += 3000;
    frontend.step({ kind: 'tick' });
    expect(reply(frontend.wait(2500), 'updated').copies).to.equal(1);
  });
});

describe('a client that goes away', () => {
  it('has its waiting queries cancelled at the replicas', () => {
    const frontend = new TestFrontend();
    const pair = pairOf(asked(frontend.query(), 'query'));
    const ids = pair.map((number) => `${number}:${frontend.lastRequest(number)}`);
    frontend.step({ kind: 'client-down', client: 1 });
    expect(cancelled(frontend.flush())).to.have.members(ids);
  });
});

describe('a past that grew past the bound', () => {
  const long = VectorTimestamp.of(
    Array.from({ length: LIMITS.timestampEntries }, (_, i) => [`rm-9.forged~${i}` as Origin, 1]),
  );

  it('is refused for certain: no replica reads a longer timestamp', () => {
    for (const past of [{ prev: long }, { prev: ts({}), alternative: long }]) {
      const frontend = new TestFrontend();
      const pair = pairOf(asked(frontend.query({ ...past, consistency: 'fresh' }), 'query'));
      frontend.collected(pair[0], { replicaTimestamp: ts({ 1: 1 }) });
      const effects = frontend.collected(pair[1], { replicaTimestamp: ts({ 2: 1 }) });
      expect(sends(effects, 'query')).to.deep.equal([]);
      const failed = reply(effects, 'failed');
      expect(failed).to.include({ code: 'TOO_LARGE', definite: true });
      expect(failed.message).to.include(String(LIMITS.timestampEntries));
    }
  });
});
