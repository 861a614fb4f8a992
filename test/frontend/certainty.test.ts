/** An error that says "certainly without effect" must never follow a sending whose fate is unknown. */

import { expect } from 'chai';
import { asked, others, pairOf, replies, reply, TestFrontend } from './support.js';

for (const kind of ['update', 'forced'] as const) {
  describe(`one sent as ${kind} that is said to be without effect`, () => {
    it('was not sent to a replica that fell silent, while another one came and went', () => {
      const frontend = new TestFrontend();
      const [first, second] = pairOf(asked(frontend[kind]({ timeoutMs: 20_000 }), 'update'));
      const [third] = others(3, first, second) as [number];
      expect(asked(frontend.declines(first, 'INVALID'), 'update')).to.deep.equal([third]);
      frontend.down(first);
      frontend.up(first);
      frontend.down(first);
      frontend.hushed.add(first);
      frontend.hushed.add(third);
      frontend.wait(2100);
      expect(replies(frontend.declines(second, 'INVALID'))).to.deep.equal([]);
    });
  });
}

describe('a forced update at a replica that heard of no result', () => {
  it('may have been ordered, though that replica is gone at the deadline', () => {
    const frontend = new TestFrontend({ up: [2] });
    frontend.forced({ timeoutMs: 10_500 });
    frontend.wait(9460);
    frontend.declines(2, 'UNAVAILABLE', 'rm-2 heard of no result in time');
    frontend.down(2);
    frontend.hushed.add(2);
    expect(reply(frontend.wait(1100), 'failed').definite).to.equal(false);
  });

  it('or is OFFLINE', () => {
    const frontend = new TestFrontend({ up: [2] });
    frontend.forced({ timeoutMs: 10_500 });
    frontend.wait(9460);
    frontend.declines(2, 'UNAVAILABLE', 'rm-2 heard of no result in time');
    frontend.status(2, 'OFFLINE');
    expect(reply(frontend.wait(1100), 'failed').definite).to.equal(false);
  });
});

describe('an update whose copy was on a disk that was lost', () => {
  it('is not refused for certain: it may have gone on from there', () => {
    const frontend = new TestFrontend({ members: 2 });
    frontend.update({ timeoutMs: 1000 });
    frontend.acknowledges(1);
    frontend.down(1);
    frontend.up(1, 'd2');
    frontend.declines(1, 'INVALID');
    const failed = [...replies(frontend.declines(2, 'INVALID')), ...replies(frontend.wait(1100))];
    expect(failed.map((message) => 'definite' in message && message.definite)).to.deep.equal([
      false,
    ]);
  });
});

describe('a forced update that is OVERLOADED everywhere', () => {
  it('is told so at the deadline, not that replicas do not reach each other', () => {
    const frontend = new TestFrontend();
    frontend.forced({ timeoutMs: 900 });
    for (const number of [...pairOf(asked(frontend.forced({ timeoutMs: 900 }), 'update'))])
      frontend.declines(number, 'OVERLOADED', 'too much to do');
    const failed = replies(frontend.wait(1000)).at(-1);
    expect(failed).to.deep.include({ code: 'OVERLOADED', message: 'too much to do' });
  });
});
