/** The two forms of a session's past at the front end (docs/protocol.md, A7): passed on, and made. */

import { expect } from 'chai';
import { pairOf, reply, sends, TestFrontend, ts } from './support.js';

describe('the two forms of a past at the front end', () => {
  const past = { prev: ts({ 1: 4 }), alternative: ts({ 2: 6 }) };

  it('both go to the replicas, with an update and with a query', () => {
    const frontend = new TestFrontend();
    for (const { message } of sends(frontend.update(past), 'update')) {
      expect(message).to.deep.include(past);
    }
    for (const { message } of sends(frontend.query(past), 'query')) {
      expect(message).to.deep.include(past);
    }
  });

  it('a past of one form stays one', () => {
    const frontend = new TestFrontend();
    const [{ message } = { message: null }] = sends(frontend.update(), 'update');
    expect(message).not.to.have.property('alternative');
  });

  it('both are merged with what the second round of a fresh query waits for', () => {
    const frontend = new TestFrontend();
    const asked = sends(frontend.query({ ...past, consistency: 'fresh' }), 'query');
    const [first, second] = pairOf(asked.map(({ to }) => to));
    frontend.answers(first);
    const again = sends(frontend.collected(second, { replicaTimestamp: ts({ 3: 9 }) }), 'query');
    expect(again).to.have.length(2);
    for (const { message } of again) {
      expect(message.prev).to.deep.equal(past.prev.merge(ts({ 3: 9 })));
      expect(message.alternative).to.deep.equal(past.alternative.merge(ts({ 3: 9 })));
    }
  });

  it('two records of an update are told as two, one record as one', () => {
    const told = (second: ReturnType<typeof ts>) => {
      const frontend = new TestFrontend();
      const numbers = pairOf(sends(frontend.update(), 'update').map(({ to }) => to));
      const [low, high] = [...numbers].sort((a, b) => a - b) as [number, number];
      frontend.acknowledges(high, { timestamp: second });
      return reply(frontend.acknowledges(low, { timestamp: ts({ 1: 7 }) }), 'updated');
    };
    expect(told(ts({ 2: 8 }))).to.deep.include({
      timestamp: ts({ 1: 7 }),
      alternative: ts({ 2: 8 }),
    });
    expect(told(ts({ 1: 7 }))).not.to.have.property('alternative');
  });
});
