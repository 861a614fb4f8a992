/** Updates at the front end: whom they go to, when they are answered, and what an error says. */

import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import {
  TestFrontend,
  asked,
  clientUpdate,
  nameOf,
  others,
  pairOf,
  replies,
  reply,
  sends,
  ts,
} from './support.js';

/** A front end of three replicas that has an update under way; `first` and `second` were sent it. */
function updating(fields: Parameters<TestFrontend['update']>[0] = {}) {
  const frontend = new TestFrontend();
  const [first, second] = pairOf(asked(frontend.update(fields), 'update'));
  const [third] = others(3, first, second) as [number];
  return { frontend, first, second, third };
}

describe('an update at the front end', () => {
  it('goes to two replicas at once, told of each other', () => {
    const frontend = new TestFrontend();
    const prev = ts({ 3: 7 });
    const sent = sends(frontend.update({ n: 4, answered: 3, prev, timeoutMs: 1000 }), 'update');
    const [first, second] = pairOf(sent.map(({ to }) => to));
    expect(first).not.to.equal(second);
    for (const { message } of sent) {
      expect(message).to.deep.include({
        session: 'session-1',
        n: 4,
        answered: 3,
        operation: 'set',
        user: 'ann',
        holders: [nameOf(first), nameOf(second)],
        timeoutMs: 900,
      });
      expect(message.prev.equals(prev)).to.equal(true);
    }
  });

  it('is answered when two members hold it, with the timestamps of both records', () => {
    const { frontend, first, second } = updating({ requestId: 9 });
    const timestamp = ts({ [second]: 5 });
    const latest = { physicalMs: 7777, logical: 1 };
    expect(replies(frontend.acknowledges(second, { timestamp, latest }))).to.deep.equal([]);
    const updated = reply(frontend.acknowledges(first), 'updated');
    expect(updated).to.deep.include({ requestId: 9, copies: 2, result: null });
    expect(updated.latest.physicalMs, 'the greatest stamp of both').to.be.at.least(
      latest.physicalMs,
    );
    // The one of the replica whose name comes first, whichever answered first.
    const told = [updated.timestamp, updated.alternative];
    expect(first < second ? told[1] : told[0]).to.equal(timestamp);
    expect(frontend.state.pending.size).to.equal(0);
  });

  it('counts one member once, however often it acknowledges', () => {
    const { frontend, first, second } = updating();
    frontend.acknowledges(first);
    expect(replies(frontend.acknowledges(first))).to.deep.equal([]);
    expect(reply(frontend.acknowledges(second), 'updated').copies).to.equal(2);
  });

  it('takes no notice of what comes after the answer', () => {
    const { frontend, first, second } = updating();
    frontend.acknowledges(first);
    frontend.acknowledges(second);
    expect(frontend.acknowledges(first)).to.deep.equal([]);
    expect(frontend.declines(second, 'INVALID')).to.deep.equal([]);
  });

  it('goes to another replica when one goes down, and to one that comes up', () => {
    const { frontend, first, second, third } = updating();
    expect(asked(frontend.down(first), 'update')).to.deep.equal([third]);
    expect(asked(frontend.down(second), 'update')).to.deep.equal([]);
    expect(asked(frontend.up(first), 'update')).to.deep.equal([first]);
    frontend.acknowledges(third);
    expect(reply(frontend.acknowledges(first), 'updated').copies).to.equal(2);
  });

  it('goes to another replica when one declines', () => {
    const { frontend, first, second, third } = updating();
    expect(asked(frontend.declines(second, 'OVERLOADED'), 'update')).to.deep.equal([third]);
    frontend.acknowledges(first);
    expect(reply(frontend.acknowledges(third), 'updated').copies).to.equal(2);
  });

  it('goes to a third replica after 150 ms without an answer, not before', () => {
    const { frontend, first, third } = updating();
    frontend.acknowledges(first);
    expect(asked(frontend.wait(140), 'update')).to.deep.equal([]);
    expect(asked(frontend.wait(60), 'update')).to.deep.equal([third]);
    expect(asked(frontend.wait(500), 'update')).to.deep.equal([]);
    expect(reply(frontend.acknowledges(third), 'updated').copies).to.equal(2);
  });

  it('waits longer before a third is asked where replicas are slow', () => {
    const frontend = new TestFrontend();
    for (let n = 1; n <= 20; n++) {
      const [first, second] = pairOf(asked(frontend.update({ requestId: n, n }), 'update'));
      frontend.wait(100);
      frontend.acknowledges(first);
      frontend.acknowledges(second);
    }
    frontend.update({ requestId: 21, n: 21 });
    expect(asked(frontend.wait(290), 'update')).to.deep.equal([]);
    expect(asked(frontend.wait(100), 'update')).to.have.length(1);
  });

  it('does not wait longer because others had to be asked in place of one that stands still', () => {
    const frontend = new TestFrontend();
    for (let n = 1; n <= 8; n++) {
      const [first] = pairOf(asked(frontend.update({ requestId: n, n }), 'update'));
      frontend.acknowledges(first);
      const [third] = asked(frontend.wait(200), 'update');
      if (third === undefined) throw new Error(`nobody was asked in time for update ${n}`);
      expect(reply(frontend.acknowledges(third), 'updated').copies).to.equal(2);
    }
  });

  it('never waits longer than a second before another one is asked', () => {
    const frontend = new TestFrontend();
    for (let n = 1; n <= 3; n++) {
      const [first, second] = pairOf(asked(frontend.update({ requestId: n, n }), 'update'));
      frontend.wait(400);
      frontend.acknowledges(first);
      frontend.acknowledges(second);
    }
    const [first] = pairOf(asked(frontend.update({ requestId: 4, n: 4 }), 'update'));
    frontend.acknowledges(first);
    expect(asked(frontend.wait(1010), 'update')).to.have.length(1);
  });

  it('is answered with one copy when only one replica is left', () => {
    const { frontend, first, second, third } = updating();
    frontend.acknowledges(first);
    frontend.down(third);
    expect(reply(frontend.down(second), 'updated').copies).to.equal(1);
  });

  it('does not wait for a silent replica alone', () => {
    const { frontend, first, second, third } = updating();
    frontend.down(third);
    frontend.acknowledges(first);
    frontend.hushed.add(second);
    expect(replies(frontend.wait(1900))).to.deep.equal([]);
    expect(reply(frontend.wait(300), 'updated').copies).to.equal(1);
  });

  it('is answered with one copy at the deadline when the second did not come in time', () => {
    const { frontend, first } = updating({ timeoutMs: 1000 });
    frontend.acknowledges(first);
    expect(replies(frontend.wait(990))).to.deep.equal([]);
    expect(reply(frontend.wait(100), 'updated').copies).to.equal(1);
  });

  it('fails at the deadline when two copies were asked for and one is there, outcome unknown', () => {
    const frontend = new TestFrontend({ up: [2] });
    frontend.update({ minCopies: 2, timeoutMs: 1000 });
    expect(replies(frontend.acknowledges(2))).to.deep.equal([]);
    expect(replies(frontend.wait(990))).to.deep.equal([]);
    const failed = reply(frontend.wait(100), 'failed');
    expect(failed).to.deep.include({ code: 'UNAVAILABLE', definite: false });
    expect(failed.message).to.contain('durable at 1 replica, 2 were asked for');
    expect(failed.message).to.contain('1 of 3 replicas can be reached, not rm-1, rm-3');
  });

  it('takes the second copy from a replica that comes up in time', () => {
    const frontend = new TestFrontend({ up: [2] });
    frontend.update({ minCopies: 2, timeoutMs: 1000 });
    frontend.acknowledges(2);
    expect(asked(frontend.up(3), 'update')).to.deep.equal([3]);
    expect(reply(frontend.acknowledges(3), 'updated').copies).to.equal(2);
  });

  it('is not sent while all replicas are OFFLINE, and the error says so for certain', () => {
    const frontend = new TestFrontend();
    for (const number of [1, 2, 3]) frontend.status(number, 'OFFLINE');
    expect(asked(frontend.update({ timeoutMs: 1000 }), 'update')).to.deep.equal([]);
    const effects = frontend.wait(1100);
    expect(asked(effects, 'update')).to.deep.equal([]);
    const failed = reply(effects, 'failed');
    expect(failed).to.deep.include({ code: 'UNAVAILABLE', definite: true });
    expect(failed.message).to.contain('0 of 3 replicas can be reached');
    expect(failed.message).to.contain('rm-2 (OFFLINE)');
  });

  it('goes out when a replica becomes ACTIVE in time', () => {
    const frontend = new TestFrontend({ members: 1 });
    frontend.status(1, 'OFFLINE');
    frontend.update();
    expect(asked(frontend.status(1, 'ACTIVE'), 'update')).to.deep.equal([1]);
  });

  it('that could not be sent is not certain to be without effect on a later attempt', () => {
    const frontend = new TestFrontend({ up: [] });
    frontend.update({ attempt: 2, timeoutMs: 1000 });
    expect(reply(frontend.wait(1100), 'failed').definite).to.equal(false);
  });

  it('that was sent and never answered has an unknown outcome', () => {
    const { frontend } = updating({ timeoutMs: 1000 });
    const failed = reply(frontend.wait(1100), 'failed');
    expect(failed).to.deep.include({ code: 'UNAVAILABLE', definite: false });
  });

  it('tells at the deadline what replicas said', () => {
    const { frontend, first, second, third } = updating({ timeoutMs: 1000 });
    frontend.declines(first, 'OVERLOADED', 'too much to do');
    frontend.declines(second, 'OVERLOADED');
    frontend.declines(third, 'OVERLOADED');
    const failed = reply(frontend.wait(1100), 'failed');
    expect(failed).to.deep.include({
      code: 'OVERLOADED',
      message: 'too much to do',
      definite: false,
    });
  });

  it('of a single replica is answered by that one', () => {
    const frontend = new TestFrontend({ members: 1 });
    const sent = sends(frontend.update(), 'update');
    expect(sent.map(({ to, message }) => [to, message.holders])).to.deep.equal([[1, ['rm-1']]]);
    expect(reply(frontend.acknowledges(1), 'updated').copies).to.equal(1);
  });
});

describe('a refused update at the front end', () => {
  it('is refused for certain when all that were sent it refused', () => {
    const { frontend, first, second, third } = updating();
    expect(replies(frontend.declines(first, 'INVALID', 'no such operation'))).to.deep.equal([]);
    frontend.declines(second, 'INVALID');
    const failed = reply(frontend.declines(third, 'INVALID'), 'failed');
    expect(failed).to.deep.include({
      code: 'INVALID',
      message: 'no such operation',
      definite: true,
    });
  });

  it('is not certain to be without effect on a later attempt', () => {
    const { frontend, first, second, third } = updating({ attempt: 2 });
    for (const number of [first, second]) frontend.declines(number, 'INVALID');
    const failed = reply(frontend.declines(third, 'INVALID'), 'failed');
    expect(failed).to.deep.include({ code: 'INVALID', definite: false });
  });

  it('is not certain to be without effect when one replica does not tell for certain', () => {
    const { frontend, first, second, third } = updating();
    frontend.declines(first, 'INVALID');
    frontend.declines(second, 'EXPIRED');
    expect(reply(frontend.declines(third, 'INVALID'), 'failed').definite).to.equal(false);
  });

  it('waits for the deadline when a connection broke: that replica may hold it', () => {
    const { frontend, first, second, third } = updating({ timeoutMs: 1000 });
    frontend.down(first);
    frontend.declines(second, 'INVALID');
    expect(replies(frontend.declines(third, 'INVALID'))).to.deep.equal([]);
    const failed = reply(frontend.wait(1100), 'failed');
    expect(failed).to.deep.include({ code: 'INVALID', definite: false });
  });

  it('waits for the deadline also when that replica is back and refuses: it may have lost it', () => {
    const { frontend, first, second, third } = updating({ timeoutMs: 1000 });
    frontend.down(first);
    frontend.declines(second, 'INVALID');
    frontend.declines(third, 'INVALID');
    frontend.up(first);
    expect(replies(frontend.declines(first, 'INVALID'))).to.deep.equal([]);
    const failed = reply(frontend.wait(1100), 'failed');
    expect(failed).to.deep.include({ code: 'INVALID', definite: false });
  });

  it('waits for the replica that has not answered, and succeeds with it', () => {
    const { frontend, first, second, third } = updating();
    frontend.declines(first, 'INVALID');
    frontend.declines(third, 'INVALID');
    expect(reply(frontend.acknowledges(second), 'updated').copies).to.equal(1);
  });

  it('is not refused while a silent replica that was asked anew has not answered', () => {
    const { frontend, first, second, third } = updating({ timeoutMs: 8000 });
    frontend.declines(first, 'OVERLOADED');
    frontend.down(first);
    frontend.up(first);
    frontend.hushed.add(first);
    frontend.wait(2500);
    frontend.declines(second, 'INVALID');
    expect(replies(frontend.declines(third, 'INVALID'))).to.deep.equal([]);
    expect(reply(frontend.acknowledges(first), 'updated').copies).to.equal(1);
  });
});

describe('the limits of a front end', () => {
  it('turn away one request too many of a connection, for certain', () => {
    const frontend = new TestFrontend();
    for (let n = 1; n <= LIMITS.connectionRequests; n++) {
      expect(replies(frontend.update({ requestId: n, n }))).to.deep.equal([]);
    }
    const effects = frontend.query({ requestId: 5000 });
    expect(reply(effects, 'failed')).to.deep.include({
      requestId: 5000,
      code: 'OVERLOADED',
      definite: true,
    });
    expect(asked(effects, 'query')).to.deep.equal([]);
  });

  it('are free again when requests end', () => {
    const frontend = new TestFrontend();
    const [oldest] = sends(frontend.update(), 'update');
    for (let n = 2; n <= LIMITS.connectionRequests; n++) frontend.update({ requestId: n, n });
    const requestId = oldest?.message.requestId ?? 0;
    frontend.acknowledges(1, { requestId });
    frontend.acknowledges(2, { requestId });
    expect(asked(frontend.update({ requestId: 5000 }), 'update')).to.have.length(2);
  });

  it('count a request with a long timestamp as several', () => {
    const frontend = new TestFrontend();
    const prev = ts(Object.fromEntries(Array.from({ length: 31 * 16 }, (_, i) => [i + 1, 1])));
    for (let n = 1; n <= LIMITS.connectionRequests / 32; n++) {
      expect(asked(frontend.update({ requestId: n, n, prev }), 'update')).to.have.length(2);
    }
    expect(reply(frontend.update({ requestId: 5000, prev }), 'failed').code).to.equal('OVERLOADED');
  });

  it('bound the requests of all connections', () => {
    const frontend = new TestFrontend();
    let effects = frontend.query();
    for (let n = 0; n < LIMITS.frontendRequests; n++) {
      effects = frontend.step({
        kind: 'client-update',
        client: 1000 + Math.floor(n / 4000),
        request: clientUpdate({ requestId: n }),
        ordering: 'causal',
        hasPrecondition: false,
      });
    }
    const failed = reply(effects, 'failed');
    expect(failed).to.deep.include({ code: 'OVERLOADED', definite: true });
    expect(failed.message).to.contain('fe-1');
  });
});

describe('a client that goes away', () => {
  it('is forgotten with all it asked for', () => {
    const { frontend, first, second } = updating({ timeoutMs: 1000 });
    frontend.query({ requestId: 2, consistency: 'fresh' });
    frontend.step({ kind: 'client-down', client: 1 });
    expect(frontend.state.pending.size).to.equal(0);
    expect(frontend.state.pendingByClient.size).to.equal(0);
    expect(frontend.acknowledges(first)).to.deep.equal([]);
    frontend.acknowledges(second);
    expect(replies(frontend.wait(2000))).to.deep.equal([]);
  });

  it('takes nothing from other clients', () => {
    const { frontend, first, second } = updating();
    frontend.step({ kind: 'client-down', client: 2 });
    frontend.acknowledges(first);
    expect(reply(frontend.acknowledges(second), 'updated').copies).to.equal(2);
  });
});
