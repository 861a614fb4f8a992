import { expect } from 'chai';
import { failures, TestSession } from './support.js';

/** A request that was sent, lost its connection, was sent again, and is refused for certain. */
function refusedOnSecondAttempt(begin: (session: TestSession) => unknown) {
  const session = new TestSession();
  begin(session);
  session.disconnected();
  session.connected();
  return failures(session.failed(1, 'INVALID', true))[0]?.error;
}

describe('a refusal of a later attempt', () => {
  it('leaves the outcome of an update unknown', () => {
    expect(refusedOnSecondAttempt((session) => session.update(1))).to.include({ definite: false });
  });

  it('is certain for a query, which never has an effect', () => {
    expect(refusedOnSecondAttempt((session) => session.query(1))).to.include({ definite: true });
  });
});
