/** Forced updates at the front end (PROTOCOL B5): whom they go to, and what their answers become. */

import { expect } from 'chai';
import { asked, pairOf, place, replies, reply, sends, TestFrontend, ts } from './support.js';

type Fields = Parameters<TestFrontend['forced']>[0];

/** In which order the session asks, best first, as long as it knows of no primary. */
function orderOf(members: number): number[] {
  const frontend = new TestFrontend({ members });
  const order: number[] = [];
  while (order.length < members) {
    for (const number of asked(frontend.update(), 'update')) {
      order.push(number);
      frontend.down(number);
    }
  }
  return order;
}

const [A, B, C, D, E] = orderOf(5) as [number, number, number, number, number];
const [first, second, third] = orderOf(3) as [number, number, number];

/** A front end of three replicas with a forced update under way; `first` and `second` were sent it. */
function forcing(fields: Fields = {}): TestFrontend {
  const frontend = new TestFrontend();
  expect(asked(frontend.forced(fields), 'update')).to.deep.equal([first, second]);
  return frontend;
}

/** A front end of five replicas; the primary is the one that the session would ask last. */
function withPrimary(): TestFrontend {
  const frontend = new TestFrontend({ members: 5 });
  frontend.hears(B, E);
  return frontend;
}

describe('a forced update at the front end', () => {
  it('goes to the primary first and to one more, the same to both', () => {
    const prev = ts({ 3: 7 });
    const fields = { n: 4, answered: 3, prev, alternative: ts({ 2: 1 }), timeoutMs: 1000 };
    const sent = sends(withPrimary().forced(fields), 'update');
    expect(sent.map(({ to }) => to)).to.deep.equal([E, A]);
    for (const { message } of sent) {
      expect(message).to.deep.include({
        requestId: 100,
        session: 'session-1',
        n: 4,
        answered: 3,
        stamp: { physicalMs: 1000, logical: 0 },
        prev,
        alternative: ts({ 2: 1 }),
        operation: 'set',
        args: { key: 'k', value: 1 },
        user: 'ann',
        timeoutMs: 900,
      });
    }
  });

  it('goes to two replicas while no primary is known', () => {
    const frontend = new TestFrontend({ members: 5 });
    expect(asked(frontend.forced(), 'update')).to.deep.equal([A, B]);
    frontend.hears(C, E);
    frontend.hears(C, null);
    expect(asked(frontend.forced(), 'update')).to.deep.equal([A, B]);
  });

  it('goes to the primary of the latest view that a replica speaks of', () => {
    const frontend = new TestFrontend({ members: 5 });
    frontend.hears(A, C, 3);
    frontend.hears(B, D, 4);
    frontend.hears(C, E, 2);
    expect(asked(frontend.forced(), 'update')).to.deep.equal([D, A]);
  });

  it('does not believe for longer than 2 s what a replica said of the primary', () => {
    const frontend = new TestFrontend({ members: 5 });
    frontend.hears(C, E);
    frontend.hushed.add(C);
    frontend.wait(1990);
    expect(asked(frontend.forced(), 'update')).to.deep.equal([E, A]);
    frontend.wait(20);
    expect(asked(frontend.forced(), 'update')).to.deep.equal([A, B]);
  });

  it('does not go to a primary that is away, OFFLINE, or silent, and asks nobody in its place', () => {
    const gone = withPrimary();
    gone.down(E);
    expect(asked(gone.forced(), 'update')).to.deep.equal([A, B]);
    expect(asked(gone.wait(140), 'update')).to.deep.equal([]);
    const offline = withPrimary();
    offline.status(E, 'OFFLINE');
    expect(asked(offline.forced(), 'update')).to.deep.equal([A, B]);
    expect(asked(offline.wait(140), 'update')).to.deep.equal([]);
    const silent = withPrimary();
    silent.hushed.add(E);
    silent.wait(2010);
    expect(asked(silent.forced(), 'update')).to.deep.equal([A, B]);
  });

  it('goes to a new primary as soon as a heartbeat names it, and only once', () => {
    const frontend = withPrimary();
    frontend.forced();
    expect(asked(frontend.hears(A, D, 2), 'update')).to.deep.equal([D]);
    expect(asked(frontend.hears(C, D, 2), 'update')).to.deep.equal([]);
    expect(asked(frontend.hears(C, B, 1), 'update'), 'an earlier one').to.deep.equal([]);
    expect(asked(frontend.hears(C, A, 3), 'update'), 'who was asked').to.deep.equal([]);
  });

  it('goes to the first primary that is known, though two were asked', () => {
    const frontend = forcing();
    expect(asked(frontend.hears(first, third), 'update')).to.deep.equal([third]);
  });

  it('goes to a primary that comes up', () => {
    const frontend = withPrimary();
    frontend.down(E);
    frontend.forced();
    expect(asked(frontend.up(E), 'update')).to.deep.equal([E]);
  });

  it('goes to another replica when one goes down, and when one declines', () => {
    const frontend = new TestFrontend({ members: 5 });
    frontend.forced();
    expect(asked(frontend.down(A), 'update')).to.deep.equal([C]);
    expect(asked(frontend.declines(B, 'OVERLOADED'), 'update')).to.deep.equal([D]);
  });

  it('goes to one more after 150 ms without an answer, then each second, until all are asked', () => {
    const frontend = new TestFrontend({ members: 5 });
    frontend.forced({ timeoutMs: 20_000 });
    expect(asked(frontend.wait(140), 'update')).to.deep.equal([]);
    expect(asked(frontend.wait(60), 'update')).to.deep.equal([C]);
    expect(asked(frontend.wait(900), 'update')).to.deep.equal([]);
    expect(asked(frontend.wait(200), 'update')).to.deep.equal([D]);
    expect(asked(frontend.wait(1100), 'update')).to.deep.equal([E]);
    expect(asked(frontend.wait(3000), 'update')).to.deep.equal([]);
  });

  it('goes again to those that declined for the time being, a second later', () => {
    const frontend = new TestFrontend({ members: 2 });
    const pair = pairOf(asked(frontend.forced(), 'update'));
    for (const number of pair) frontend.declines(number, 'UNAVAILABLE');
    expect(asked(frontend.wait(990), 'update')).to.deep.equal([]);
    expect(asked(frontend.wait(60), 'update')).to.deep.equal(pair);
    expect(reply(frontend.executed(pair[0]), 'updated').copies).to.equal(2);
  });

  it('does not count a silent replica as one that is asked', () => {
    const frontend = forcing({ timeoutMs: 20_000 });
    frontend.wait(200);
    frontend.down(third);
    frontend.hushed.add(first);
    frontend.wait(2100);
    expect(asked(frontend.up(third), 'update')).to.deep.equal([third]);
  });
});

describe('the answer to a forced update', () => {
  it('is the first that comes, with its place in the order; later ones are no news', () => {
    const frontend = forcing({ requestId: 9 });
    const answer = { timestamp: place(7), copies: 3, latest: { physicalMs: 7777, logical: 1 } };
    const outcome = { kind: 'value', value: { left: 3 } } as const;
    expect(reply(frontend.executed(second, { ...answer, outcome }), 'updated')).to.deep.equal({
      kind: 'updated',
      requestId: 9,
      ...answer,
      result: { left: 3 },
    });
    expect(frontend.executed(first)).to.deep.equal([]);
    expect(frontend.declines(first, 'INVALID')).to.deep.equal([]);
    expect(frontend.state.pending.size).to.equal(0);
    expect(frontend.state.pendingByClient.size).to.equal(0);
  });

  it('may be a refusal: certain, and at a place in the order that the session is told', () => {
    const frontend = forcing({ requestId: 9, attempt: 3 });
    const outcome = { kind: 'refused', message: 'only 3 left' } as const;
    const effects = frontend.executed(first, { outcome, timestamp: place(7) });
    expect(reply(effects, 'failed')).to.deep.equal({
      kind: 'failed',
      requestId: 9,
      code: 'REFUSED',
      message: 'only 3 left',
      definite: true,
      timestamp: place(7),
    });
    expect(frontend.executed(second)).to.deep.equal([]);
  });

  it('may be that it was done, and its result freed since', () => {
    const updated = reply(forcing().executed(first, { outcome: { kind: 'repeated' } }), 'updated');
    expect(updated).to.deep.include({ result: null, repeated: true });
  });

  it('may be that it is too old to know: never a certain refusal', () => {
    const frontend = forcing();
    const failed = reply(frontend.executed(first, { outcome: { kind: 'expired' } }), 'failed');
    expect(failed).to.deep.include({ code: 'EXPIRED', definite: false });
    expect(failed).not.to.have.property('timestamp');
    expect(failed.message).to.contain('too old to know');
  });

  it('has at least as many copies as are asked for; more than there are members are refused', () => {
    const alone = new TestFrontend({ members: 1 });
    const effects = alone.forced({ minCopies: 2 });
    expect(asked(effects, 'update')).to.deep.equal([]);
    expect(reply(effects, 'failed')).to.include({ code: 'INVALID', definite: true });
    alone.forced({ minCopies: 1 });
    expect(reply(alone.executed(1, { copies: 1 }), 'updated').copies).to.equal(1);
    const frontend = forcing({ minCopies: 2 });
    expect(reply(frontend.executed(first, { copies: 2 }), 'updated').copies).to.equal(2);
  });

  it('is no acknowledgement of a record, and that of a causal update is no result', () => {
    const forced = forcing();
    expect(forced.acknowledges(first)).to.deep.equal([]);
    expect(forced.acknowledges(second)).to.deep.equal([]);
    reply(forced.executed(first), 'updated');
    const causal = new TestFrontend();
    causal.update();
    expect(causal.executed(first)).to.deep.equal([]);
    causal.acknowledges(first);
    reply(causal.acknowledges(second), 'updated');
  });

  it('goes to nobody once the client has gone away', () => {
    const frontend = forcing({ timeoutMs: 1000 });
    frontend.step({ kind: 'client-down', client: 1 });
    expect(frontend.state.pending.size).to.equal(0);
    expect(replies([...frontend.executed(first), ...frontend.wait(2000)])).to.deep.equal([]);
  });
});

const HOLDS = { outcome: { kind: 'holds' } } as const;

describe('a forced update with a precondition', () => {
  /** A front end that asks `first` and `second` for the precondition; the primary is `third`. */
  function checking(fields: Fields = {}): TestFrontend {
    const frontend = new TestFrontend();
    frontend.hears(first, third);
    const effects = frontend.forced(fields, true);
    expect(asked(effects, 'query')).to.deep.equal([first, second]);
    expect(asked(effects, 'update')).to.deep.equal([]);
    return frontend;
  }

  it('goes to the primary and one more when the precondition holds', () => {
    const frontend = checking({ requestId: 9, timeoutMs: 1000 });
    frontend.wait(100);
    frontend.answers(first, HOLDS);
    const sent = sends(frontend.answers(second, HOLDS), 'update');
    expect(sent.map(({ to }) => to)).to.deep.equal([third, first]);
    expect(sent.map(({ message }) => message.timeoutMs)).to.deep.equal([810, 810]);
    const updated = reply(frontend.executed(third, { timestamp: place(3) }), 'updated');
    expect(updated).to.deep.include({ requestId: 9, timestamp: place(3) });
    expect(frontend.state.pendingByClient.size).to.equal(0);
  });

  it('goes there too when a replica has executed it already', () => {
    const frontend = checking();
    const executed = { outcome: { kind: 'executed' } } as const;
    frontend.answers(first, executed);
    expect(asked(frontend.answers(second, executed), 'update')).to.deep.equal([third, first]);
  });

  it('is refused without a place in the order when the precondition is', () => {
    const frontend = checking();
    const refused = { outcome: { kind: 'refused', message: 'it is closed' } } as const;
    frontend.answers(first, refused);
    const effects = frontend.answers(second, refused);
    const failed = reply(effects, 'failed');
    expect(failed).to.include({ code: 'REFUSED', message: 'it is closed', definite: true });
    expect(failed).not.to.have.property('timestamp');
    expect(asked([...effects, ...frontend.wait(1000)], 'update')).to.deep.equal([]);
  });

  it('is not checked on a later attempt', () => {
    const effects = new TestFrontend().forced({ attempt: 2 }, true);
    expect(asked(effects, 'query')).to.deep.equal([]);
    expect(asked(effects, 'update')).to.deep.equal([first, second]);
  });
});
