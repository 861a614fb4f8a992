/** Updates at a front end whose cluster changes (PROTOCOL C): labels, strangers, and waiting for members. */

import { expect } from 'chai';
import type { SessionId } from '../../src/base/ids.js';
import {
  asked,
  memberOf,
  nameOf,
  others,
  pairOf,
  replies,
  reply,
  sends,
  TestFrontend,
} from './support.js';

/** Replicas 1 to `up` are connected; 1 to `members` are the members of epoch 1. */
function founded(members = 3, up = members): TestFrontend {
  const numbers = Array.from({ length: up }, (_, i) => i + 1);
  const frontend = new TestFrontend({ isFounded: true, up: numbers });
  frontend.configured(1, numbers.slice(0, members));
  return frontend;
}

/** An update is under way; `first` and `second` were sent it, `third` is the other of 3. */
function updating(frontend = founded(), fields: Parameters<TestFrontend['update']>[0] = {}) {
  const [first, second] = pairOf(asked(frontend.update(fields), 'update'));
  const [third] = others(3, first, second) as [number];
  return { frontend, first, second, third };
}

describe('a front end that knows no member yet', () => {
  const begin = {
    'an update': (frontend: TestFrontend) => frontend.update(),
    'a forced update': (frontend: TestFrontend) => frontend.forced(),
    'a query': (frontend: TestFrontend) => frontend.query(),
    'a fresh query': (frontend: TestFrontend) => frontend.query({ consistency: 'fresh' }),
  };
  for (const [what, send] of Object.entries(begin)) {
    it(`keeps ${what} until a replica comes and tells who the members are`, () => {
      const frontend = new TestFrontend({ isFounded: true, up: [] });
      expect(replies([...send(frontend), ...frontend.wait(2000)])).to.deep.equal([]);
      expect(sends(frontend.up(2), 'update')).to.deep.equal([]);
      const effects = frontend.configured(1, [1, 2, 3]);
      const kind = what.endsWith('query') ? 'query' : 'update';
      expect(asked(effects, kind)).to.deep.equal([2]);
    });
  }

  it('says so when the time is up, and that an update certainly had no effect', () => {
    const frontend = new TestFrontend({ isFounded: true, up: [] });
    frontend.update({ timeoutMs: 500 });
    const failed = reply(frontend.wait(600), 'failed');
    expect(failed).to.deep.include({ code: 'UNAVAILABLE', definite: true });
    expect(failed.message).to.match(/no replica has said yet who the members are/);
  });

  it('names the members that it cannot reach in their order', () => {
    const frontend = new TestFrontend({ isFounded: true, up: [3] });
    frontend.configured(1, [10, 3, 2]);
    frontend.query({ consistency: 'fresh', timeoutMs: 500 });
    const failed = reply(frontend.wait(600), 'failed');
    expect(failed.message).to.contain('not rm-2, rm-10');
  });

  it('takes more copies than it knows members', () => {
    const frontend = new TestFrontend({ isFounded: true, up: [] });
    expect(replies(frontend.update({ minCopies: 2 }))).to.deep.equal([]);
  });
});

describe('labels of acknowledgements', () => {
  it('are not mixed: the older one is asked for again, and counts when it is the same', () => {
    const { frontend, first, second } = updating();
    frontend.configured(2, [1, 2, 3]);
    frontend.acknowledges(first, { epoch: 2 });
    expect(replies(frontend.acknowledges(second, { epoch: 1 }))).to.deep.equal([]);
    expect(asked(frontend.wait(60), 'update')).to.deep.equal([second]);
    const updated = reply(frontend.acknowledges(second, { epoch: 2 }), 'updated');
    expect(updated.copies).to.equal(2);
  });

  it('are asked for again each moment while they are old, and no reply is given meanwhile', () => {
    const { frontend, first, second, third } = updating();
    frontend.down(third);
    frontend.configured(2, [1, 2, 3]);
    frontend.acknowledges(first, { epoch: 2 });
    for (let i = 0; i < 10; i++) {
      frontend.acknowledges(second, { epoch: 1 });
      const effects = frontend.wait(100);
      expect(replies(effects)).to.deep.equal([]);
      expect(asked(effects, 'update')).to.deep.equal([second]);
    }
  });

  it('count again under a new configuration only when they are said again', () => {
    const { frontend, first, second, third } = updating();
    frontend.acknowledges(first, { epoch: 1 });
    expect(replies(frontend.configured(2, [1, 2, 3]))).to.deep.equal([]);
    expect(replies(frontend.acknowledges(second, { epoch: 2 }))).to.deep.equal([]);
    expect(asked(frontend.wait(60), 'update')).to.deep.equal([first]);
    expect(reply(frontend.acknowledges(first, { epoch: 2 }), 'updated').copies).to.equal(2);
    expect(third).to.be.a('number');
  });

  it('newer than the configuration known are held until it comes', () => {
    const { frontend, first, second } = updating();
    frontend.acknowledges(first, { epoch: 2 });
    expect(replies(frontend.acknowledges(second, { epoch: 2 }))).to.deep.equal([]);
    expect(reply(frontend.configured(2, [1, 2, 3]), 'updated').copies).to.equal(2);
  });

  it('of a start that is not confirmed never count, and others are asked', () => {
    const { frontend, first, second, third } = updating();
    frontend.acknowledges(first, { epoch: 0 });
    expect(replies(frontend.acknowledges(second, { epoch: 0 }))).to.deep.equal([]);
    expect(asked(frontend.wait(200), 'update')).to.include(third);
  });

  it('that never count are one copy in the end: it is durable there', () => {
    const { frontend, first, second, third } = updating(founded(), { timeoutMs: 4000 });
    for (const number of [first, second]) frontend.acknowledges(number, { epoch: 0 });
    expect(asked(frontend.wait(200), 'update')).to.include(third);
    // Asked again, they refuse: so may one whose clock is behind by then.
    for (const number of [first, second, third]) {
      expect(replies(frontend.declines(number, 'INVALID'))).to.deep.equal([]);
    }
    expect(reply(frontend.wait(4100), 'updated').copies).to.equal(1);
  });

  it('that never count are no two copies, and the outcome is unknown where two were asked for', () => {
    const { frontend, first, second } = updating(founded(), { timeoutMs: 1000, minCopies: 2 });
    for (const number of [first, second]) frontend.acknowledges(number, { epoch: 0 });
    const failed = reply(frontend.wait(1100), 'failed');
    expect(failed).to.deep.include({ code: 'UNAVAILABLE', definite: false });
  });

  it('that stay old are not waited for without end: one copy is an answer then', () => {
    const { frontend, first, second, third } = updating(founded(), { timeoutMs: 10_000 });
    frontend.down(third);
    frontend.configured(2, [1, 2, 3]);
    frontend.acknowledges(first, { epoch: 2 });
    let effects = frontend.acknowledges(second, { epoch: 1 });
    const beganMs = frontend.nowMs;
    while (replies(effects).length === 0 && frontend.nowMs < beganMs + 9000) {
      effects = frontend.wait(50);
      if (asked(effects, 'update').length > 0)
        effects = frontend.acknowledges(second, { epoch: 1 });
    }
    expect(reply(effects, 'updated').copies).to.equal(1);
    expect(frontend.nowMs - beganMs).to.be.within(1900, 4000);
  });
});

describe('copies of an update', () => {
  it('are those of members in person: another disk under a member’s name is none', () => {
    const { frontend, first, second } = updating();
    frontend.configured(2, [1, 2, 3], undefined, { [second]: 'd2' });
    frontend.acknowledges(first, { epoch: 2 });
    expect(replies(frontend.acknowledges(second, { epoch: 2 }))).to.deep.equal([]);
  });

  it('are as many as the present configuration wants', () => {
    const frontend = founded(1, 2);
    expect(asked(frontend.update(), 'update')).to.deep.equal([1]);
    expect(reply(frontend.acknowledges(1), 'updated').copies).to.equal(1);
    frontend.configured(2, [1, 2]);
    expect(asked(frontend.update({ requestId: 2, n: 2 }), 'update')).to.have.members([1, 2]);
    frontend.acknowledges(1, { epoch: 2 });
    expect(reply(frontend.acknowledges(2, { epoch: 2 }), 'updated').copies).to.equal(2);
  });

  it('grow with the configuration while the update is under way', () => {
    const frontend = founded(1, 2);
    frontend.update();
    expect(asked(frontend.configured(2, [1, 2]), 'update')).to.deep.equal([2]);
    frontend.acknowledges(1, { epoch: 2 });
    expect(reply(frontend.acknowledges(2, { epoch: 2 }), 'updated').copies).to.equal(2);
  });

  it('are enough with one where the other member has left', () => {
    const frontend = founded(2);
    frontend.update();
    frontend.acknowledges(1, { epoch: 2 });
    expect(reply(frontend.configured(2, [1]), 'updated').copies).to.equal(1);
  });
});

describe('a replica that is no member any more', () => {
  it('is not waited for: who was asked there is asked elsewhere', () => {
    const { frontend, first, second, third } = updating();
    const effects = frontend.configured(2, [second, third]);
    expect(asked(effects, 'update')).to.deep.equal([third]);
    expect(replies(frontend.down(first))).to.deep.equal([]);
    frontend.acknowledges(second, { epoch: 2 });
    expect(reply(frontend.acknowledges(third, { epoch: 2 }), 'updated').copies).to.equal(2);
  });

  it('may have executed it: a refusal of the others is not definite', () => {
    const { frontend, first, second, third } = updating(founded(), { timeoutMs: 1000 });
    frontend.configured(2, [second, third]);
    frontend.down(first);
    frontend.up(first);
    frontend.declines(second, 'INVALID');
    frontend.declines(third, 'INVALID');
    expect(reply(frontend.wait(1100), 'failed').definite).to.equal(false);
  });

  it('is not asked any more', () => {
    const frontend = founded();
    frontend.configured(2, [1, 2]);
    for (let n = 1; n <= 20; n++) {
      const session = `session-${n}` as SessionId;
      expect(asked(frontend.update({ session, requestId: n }), 'update')).to.not.include(3);
    }
  });

  it('is waited for again when it is back as a member', () => {
    const frontend = founded(2);
    frontend.configured(2, [1]);
    frontend.down(2);
    frontend.configured(3, [1, 2], undefined, { 2: 'd2' });
    frontend.up(2, 'd2');
    expect(asked(frontend.update(), 'update')).to.have.members([1, 2]);
  });

  it('does not take the place of a member of its name that is here', () => {
    const frontend = founded();
    const memberId = memberOf(1, 'other');
    frontend.step({ kind: 'replica-up', link: 99, name: nameOf(1), memberId });
    expect([...frontend.state.replicaByLink.keys()]).to.not.include(99);
  });
});

describe('a forced update while the members change', () => {
  it('goes to a member in the place of one that left', () => {
    const frontend = founded();
    for (const number of [1, 2, 3]) frontend.hears(number, 1);
    const effects = frontend.forced();
    expect(asked(effects, 'update')).to.include(1);
    const [, second] = asked(effects, 'update') as [number, number];
    const [third] = others(3, 1, second) as [number];
    expect(asked(frontend.configured(2, [second, third]), 'update')).to.deep.equal([third]);
    expect(reply(frontend.executed(third), 'updated').copies).to.equal(2);
  });
});

describe('configurations that are told', () => {
  it('are taken when they are newer', () => {
    const frontend = founded();
    frontend.configured(3, [1, 2]);
    frontend.configured(2, [1, 2, 3]);
    expect(frontend.state.known?.configuration.epoch).to.equal(3);
  });

  it('change nothing where the members are given once for all', () => {
    const frontend = new TestFrontend();
    frontend.configured(7, [1]);
    expect(frontend.state.known?.configuration.epoch).to.equal(1);
    expect(asked(frontend.update(), 'update')).to.have.length(2);
  });

  it('list members that are not connected, and forget those that are neither', () => {
    const frontend = founded(3, 2);
    frontend.configured(2, [1, 2, 4]);
    frontend.configured(3, [1, 2]);
    expect([...frontend.state.replicas.keys()]).to.have.members(['rm-1', 'rm-2']);
  });
});
