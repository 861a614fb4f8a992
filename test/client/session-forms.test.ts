/** The two forms of a session's past (docs/protocol.md, A7): gathered from answers, sent while they differ. */

import { expect } from 'chai';
import type { Origin } from '../../src/base/ids.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { sentQuery, sentUpdate, TestSession } from './support.js';

const ts = (counts: Readonly<Record<string, number>>): VectorTimestamp =>
  VectorTimestamp.of(
    Object.entries(counts).map(([name, count]) => [`${name}.d1~s1` as Origin, count]),
  );

describe('the two forms of a session’s past', () => {
  it('are one until an update has two records', () => {
    const session = new TestSession();
    session.query(1);
    session.answered(1, { timestamp: ts({ 'rm-1': 2 }) });
    expect(sentQuery(session.query(2))).not.to.have.property('alternative');
  });

  it('hold one record each of every update, and both all that was read', () => {
    const session = new TestSession();
    session.update(1);
    session.updated(1, { timestamp: ts({ 'rm-1': 1 }), alternative: ts({ 'rm-2': 5 }) });
    session.query(2);
    session.answered(2, { timestamp: ts({ 'rm-1': 1, 'rm-3': 9 }) });
    session.update(3);
    session.updated(3, {
      timestamp: ts({ 'rm-1': 2, 'rm-3': 9 }),
      alternative: ts({ 'rm-1': 1, 'rm-2': 6, 'rm-3': 9 }),
    });
    expect(sentUpdate(session.update(4))).to.deep.include({
      prev: ts({ 'rm-1': 2, 'rm-3': 9 }),
      alternative: ts({ 'rm-1': 1, 'rm-2': 6, 'rm-3': 9 }),
    });
  });

  it('an update with one record is in both', () => {
    const session = new TestSession();
    session.update(1);
    session.updated(1, { timestamp: ts({ 'rm-1': 1 }), alternative: ts({ 'rm-2': 5 }) });
    session.update(2);
    session.updated(2, { timestamp: ts({ 'rm-2': 5, 'rm-3': 4 }) });
    expect(sentQuery(session.query(3)).alternative).to.deep.equal(ts({ 'rm-2': 5, 'rm-3': 4 }));
  });

  it('a retry sends the forms that the first attempt had', () => {
    const session = new TestSession();
    session.update(1);
    session.updated(1, { timestamp: ts({ 'rm-1': 1 }), alternative: ts({ 'rm-2': 5 }) });
    const first = sentUpdate(session.update(2));
    session.query(3);
    session.answered(3, { timestamp: ts({ 'rm-3': 9 }) });
    session.disconnected();
    const again = session.connected();
    expect(sentUpdate(again)).to.deep.include({
      prev: first.prev,
      alternative: first.alternative,
    });
  });
});
