/** The session core: which failures are certain, and which leave the outcome of an update unknown. */

import { expect } from 'chai';
import type { Origin } from '../../src/base/ids.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { failures, sentQuery, sentUpdate, TestSession } from './support.js';

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

describe('a refusal with a place in the order of forced updates', () => {
  const place = VectorTimestamp.of([['!0' as Origin, 7]]);

  it('is what came of all attempts, and is told with its place', () => {
    const session = new TestSession();
    session.update(1);
    session.disconnected();
    session.connected();
    const effects = session.failed(1, 'REFUSED', true, 'sold out', { timestamp: place });
    expect(failures(effects)).to.deep.equal([
      {
        kind: 'failed',
        call: 1,
        error: { code: 'REFUSED', message: 'sold out', definite: true, timestamp: place },
      },
    ]);
  });

  it('is part of the past of what follows, in both forms', () => {
    const session = new TestSession();
    const written = VectorTimestamp.of([['rm-1.d1~s1' as Origin, 1]]);
    const alternative = VectorTimestamp.of([['rm-2.d1~s1' as Origin, 5]]);
    session.update(1);
    session.updated(1, { timestamp: written, alternative });
    session.update(2);
    session.failed(2, 'REFUSED', true, 'sold out', { timestamp: place });
    expect(sentQuery(session.query(3))).to.deep.include({
      prev: written.merge(place),
      alternative: alternative.merge(place),
    });
  });

  it('has used its stamp: what the session does next is later', () => {
    const session = new TestSession();
    session.wallMs = 9000;
    session.update(1);
    session.failed(1, 'REFUSED', true, 'sold out', { timestamp: place });
    session.wallMs = 5000;
    expect(sentUpdate(session.update(2)).stamp).to.deep.equal({ physicalMs: 9000, logical: 1 });
  });

  it('that is too old to know is not certain, wherever it stands', () => {
    const session = new TestSession();
    session.update(1);
    const [failed] = failures(session.failed(1, 'EXPIRED', false, 'old', { timestamp: place }));
    expect(failed?.error).to.deep.include({ definite: false, timestamp: place });
  });
});
