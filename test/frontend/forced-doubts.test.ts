/** Forced updates that get no result: what is certain then, and what the client is told. */

import { expect } from 'chai';
import { asked, others, pairOf, replies, reply, TestFrontend } from './support.js';

/** A front end with a forced update under way; `first` and `second` were sent it, `third` is the other. */
function forcing(fields: Parameters<TestFrontend['forced']>[0] = {}) {
  const frontend = new TestFrontend();
  const [first, second] = pairOf(asked(frontend.forced(fields), 'update'));
  const [third] = others(3, first, second) as [number];
  return { frontend, first, second, third };
}

describe('a forced update that replicas refuse', () => {
  it('is without effect for certain when all that were sent it refused', () => {
    const { frontend, first, second, third } = forcing();
    expect(asked(frontend.declines(first, 'INVALID', 'no such item'), 'update')).to.deep.equal([
      third,
    ]);
    expect(replies(frontend.declines(second, 'INVALID'))).to.deep.equal([]);
    const failed = reply(frontend.declines(third, 'INVALID'), 'failed');
    expect(failed).to.deep.include({ code: 'INVALID', message: 'no such item', definite: true });
    expect(failed).not.to.have.property('timestamp');
  });

  it('is not certain on a later attempt', () => {
    const { frontend, first, second, third } = forcing({ attempt: 2 });
    for (const number of [first, second]) frontend.declines(number, 'INVALID');
    const failed = reply(frontend.declines(third, 'INVALID'), 'failed');
    expect(failed).to.deep.include({ code: 'INVALID', definite: false });
  });

  it('is not certain when one did not tell for certain, or said so before', () => {
    const { frontend, first, second, third } = forcing();
    frontend.declines(first, 'EXPIRED');
    frontend.down(first);
    frontend.up(first);
    for (const number of [second, third]) frontend.declines(number, 'INVALID');
    const failed = reply(frontend.declines(first, 'INVALID'), 'failed');
    expect(failed).to.deep.include({ code: 'INVALID', definite: false });
  });

  it('succeeds with the one that has not refused', () => {
    const { frontend, first, second, third } = forcing();
    frontend.declines(first, 'INVALID');
    frontend.declines(third, 'INVALID');
    reply(frontend.executed(second), 'updated');
  });

  it('waits for the deadline when a connection broke: it may have been ordered there', () => {
    const { frontend, first, second, third } = forcing({ timeoutMs: 1000 });
    frontend.down(first);
    frontend.declines(second, 'INVALID');
    expect(replies(frontend.declines(third, 'INVALID'))).to.deep.equal([]);
    frontend.up(first);
    expect(replies(frontend.declines(first, 'INVALID'))).to.deep.equal([]);
    expect(replies(frontend.wait(980))).to.deep.equal([]);
    expect(reply(frontend.wait(60), 'failed')).to.deep.include({
      code: 'INVALID',
      definite: false,
    });
  });

  it('waits for one that fell silent before it answered', () => {
    const { frontend, first, second, third } = forcing({ timeoutMs: 20_000 });
    frontend.declines(first, 'INVALID');
    frontend.hushed.add(third);
    frontend.wait(2100);
    expect(replies(frontend.declines(second, 'INVALID'))).to.deep.equal([]);
    reply(frontend.executed(third), 'updated');
  });

  it('waits for one that was asked anew, whatever it said before', () => {
    const { frontend, first, second, third } = forcing({ timeoutMs: 20_000 });
    frontend.declines(first, 'INVALID');
    frontend.down(first);
    frontend.up(first);
    expect(asked(frontend.declines(second, 'INVALID'), 'update')).to.deep.equal([first]);
    frontend.hushed.add(first);
    frontend.wait(2100);
    expect(replies(frontend.declines(third, 'INVALID'))).to.deep.equal([]);
    reply(frontend.executed(first), 'updated');
  });

  it('is not certain when one of them could not take it just then', () => {
    const { frontend, first, second, third } = forcing();
    frontend.declines(first, 'INVALID');
    frontend.declines(second, 'UNAVAILABLE');
    const failed = reply(frontend.declines(third, 'INVALID'), 'failed');
    expect(failed).to.deep.include({ code: 'INVALID', definite: false });
  });
});

describe('a forced update without a result at the deadline', () => {
  for (const [members, majority, up] of [
    [3, 2, [2]],
    [4, 3, [1, 2]],
    [5, 3, [4, 5]],
  ] as const) {
    it(`tells that ${majority} of ${members} replicas are needed, and who is away`, () => {
      const frontend = new TestFrontend({ members, up });
      frontend.forced({ timeoutMs: 1000 });
      expect(replies(frontend.wait(990))).to.deep.equal([]);
      const failed = reply(frontend.wait(60), 'failed');
      expect(failed).to.deep.include({ code: 'UNAVAILABLE', definite: false });
      const away = others(members, ...up).map((number) => `rm-${number}`);
      expect(failed.message).to.equal(
        `a forced operation needs ${majority} of ${members} replicas that reach each other; ` +
          `${up.length} of ${members} replicas can be reached, not ${away.join(', ')}`,
      );
    });
  }

  it('passes on what a replica says is lacking', () => {
    const { frontend, first, second } = forcing({ timeoutMs: 1000 });
    frontend.declines(first, 'UNAVAILABLE');
    frontend.declines(second, 'TIMEOUT', 'rm-9.x7~1:5 did not come');
    const failed = reply(frontend.wait(1050), 'failed');
    expect(failed).to.deep.include({
      code: 'TIMEOUT',
      message: 'rm-9.x7~1:5 did not come',
      definite: false,
    });
  });

  it('was certainly not ordered if it was sent to nobody, on the first attempt', () => {
    for (const attempt of [1, 2]) {
      const frontend = new TestFrontend();
      for (const number of [1, 2, 3]) frontend.status(number, 'OFFLINE');
      expect(asked(frontend.forced({ attempt, timeoutMs: 1000 }), 'update')).to.deep.equal([]);
      const failed = reply(frontend.wait(1050), 'failed');
      expect(failed).to.deep.include({ code: 'UNAVAILABLE', definite: attempt === 1 });
      expect(failed.message).to.contain('0 of 3 replicas can be reached');
    }
  });

  it('may have been ordered where it was sent before the connection broke', () => {
    const frontend = new TestFrontend({ members: 1 });
    frontend.forced({ timeoutMs: 1000 });
    frontend.status(1, 'OFFLINE');
    frontend.down(1);
    expect(asked(frontend.up(1), 'update')).to.deep.equal([]);
    expect(reply(frontend.wait(1050), 'failed').definite).to.equal(false);
  });
});
