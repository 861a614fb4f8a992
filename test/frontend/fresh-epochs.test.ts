/** Fresh queries at a front end whose cluster changes (PROTOCOL C): who counts, the cut, closed origins. */

import { expect } from 'chai';
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

/** Of a founded cluster of three; its present epoch is `epoch`, its cut `cut`. */
function founded(epoch = 2, cut: VectorTimestamp | null = VectorTimestamp.zero): TestFrontend {
  const frontend = new TestFrontend({ isFounded: true });
  frontend.epoch = epoch;
  frontend.configured(epoch, [1, 2, 3], cut);
  return frontend;
}

/** A fresh query is under way; `first` and `second` were sent it, `third` is the other one. */
function querying(frontend = founded(), consistency: 'fresh' | 'auto' = 'fresh') {
  const [first, second] = pairOf(asked(frontend.query({ consistency }), 'query'));
  const [third] = others(3, first, second) as [number];
  return { frontend, first, second, third };
}

describe('a fresh query of an epoch', () => {
  it('is answered by R members with its label', () => {
    const { frontend, first, second } = querying();
    frontend.answers(first);
    expect(reply(frontend.answers(second), 'answered').guarantee).to.equal('fresh');
  });

  for (const epoch of [0, 1, 3]) {
    it(`does not count the label ${epoch} where the epoch is 2`, () => {
      const { frontend, first, second, third } = querying();
      frontend.answers(first);
      const effects = frontend.answers(second, { epoch });
      expect(replies(effects)).to.deep.equal([]);
      expect(asked(effects, 'query')).to.deep.equal([third]);
      expect(reply(frontend.answers(third), 'answered').guarantee).to.equal('fresh');
    });
  }

  it('does not count a replica that knows of a later configuration in its log', () => {
    const { frontend, first, second, third } = querying();
    frontend.answers(first);
    const effects = frontend.answers(second, { counted: false });
    expect(replies(effects)).to.deep.equal([]);
    expect(asked(effects, 'query')).to.deep.equal([third]);
  });

  it('does not count another disk under a member’s name', () => {
    const { frontend, first, second } = querying();
    frontend.answers(first);
    frontend.up(second, 'd2');
    expect(asked(frontend.wait(400), 'query')).to.not.include(second);
  });

  it('waits until the epoch is in force, and is answered then', () => {
    const { frontend, first, second } = querying(founded(2, null));
    frontend.answers(first);
    expect(replies(frontend.answers(second))).to.deep.equal([]);
    expect(reply(frontend.configured(2, [1, 2, 3]), 'answered').guarantee).to.equal('fresh');
  });

  it('says at the deadline that the epoch is not in force', () => {
    const { frontend, first, second } = querying(founded(2, null));
    frontend.answers(first);
    frontend.answers(second);
    const failed = reply(frontend.wait(5100), 'failed');
    expect(failed.message).to.match(/epoch 2, which is not in force yet/);
  });

  it('falls to causal at level auto while the epoch is not in force', () => {
    const { frontend, first, second } = querying(founded(2, null), 'auto');
    frontend.answers(first);
    expect(reply(frontend.answers(second), 'answered').guarantee).to.equal('causal');
  });

  it('reflects the cut: what was acknowledged before the epoch', () => {
    const { frontend, first, second } = querying(founded(2, ts({ 3: 7 })));
    frontend.answers(first, { valueTimestamp: ts({ 1: 1 }) });
    const effects = frontend.answers(second, { valueTimestamp: ts({ 1: 1, 3: 6 }) });
    expect(replies(effects)).to.deep.equal([]);
    for (const { message } of sends(effects, 'query')) {
      expect(message.prev.equals(ts({ 1: 1, 3: 7 }))).to.equal(true);
    }
    expect(
      reply(frontend.answers(second, { valueTimestamp: ts({ 1: 1, 3: 7 }) }), 'answered'),
    ).to.deep.include({ guarantee: 'fresh' });
  });

  it('begins anew when the epoch changes, and takes no word of before', () => {
    const { frontend, first, second } = querying();
    const id = frontend.lastRequest(first);
    frontend.answers(first, { replicaTimestamp: ts({ 1: 9 }) });
    frontend.epoch = 3;
    const effects = frontend.configured(3, [1, 2, 3]);
    expect(asked(effects, 'query')).to.have.length(2);
    expect(cancelled(frontend.flush())).to.deep.equal([`${second}:${id}`]);
    expect(replies(frontend.answers(first, { requestId: id, epoch: 2 }))).to.deep.equal([]);
    const [one, other] = pairOf(asked(effects, 'query'));
    frontend.answers(one);
    expect(reply(frontend.answers(other), 'answered').guarantee).to.equal('fresh');
  });

  it('begins anew when the epoch changes in its second round', () => {
    const { frontend, first, second } = querying();
    frontend.answers(first, { replicaTimestamp: ts({ 1: 9 }) });
    frontend.answers(second);
    frontend.epoch = 3;
    const again = sends(frontend.configured(3, [1, 2, 3]), 'query');
    expect(again.map(({ message }) => message.collect)).to.deep.equal([true, true]);
  });

  it('is asked of members only, and of the others when one leaves', () => {
    const { frontend, second, third } = querying();
    frontend.epoch = 3;
    const effects = frontend.configured(3, [second, third]);
    expect(asked(effects, 'query')).to.have.members([second, third]);
    // Two members: the word of one is enough.
    expect(reply(frontend.answers(second), 'answered').guarantee).to.equal('fresh');
  });
});

describe('origins that were closed', () => {
  /** The cut names origin 3, which has left the timestamps of all replicas since. */
  const closed = (): TestFrontend => founded(2, ts({ 3: 7 }));

  it('are not missed in the second round: who was asked for them has them', () => {
    const { frontend, first, second } = querying(closed());
    frontend.answers(first, { valueTimestamp: ts({ 1: 4 }) });
    frontend.answers(second, { valueTimestamp: ts({ 1: 4 }) });
    const effects = frontend.answers(first, { valueTimestamp: ts({ 1: 4 }) });
    expect(reply(effects, 'answered').guarantee).to.equal('fresh');
  });

  it('cost one second round, and none after it', () => {
    const { frontend, first, second } = querying(closed());
    for (const number of [first, second, first]) {
      frontend.answers(number, { valueTimestamp: ts({ 1: 4 }) });
    }
    frontend.query({ consistency: 'fresh', requestId: 2 });
    frontend.answers(first, { valueTimestamp: ts({ 1: 4 }) });
    const effects = frontend.answers(second, { valueTimestamp: ts({ 1: 4 }) });
    expect(reply(effects, 'answered')).to.deep.include({ requestId: 2, guarantee: 'fresh' });
  });

  it('are still asked for while a first answer lacks them: it may be behind', () => {
    const { frontend, first, second } = querying(closed());
    frontend.answers(first, { valueTimestamp: ts({ 1: 4 }) });
    const effects = frontend.answers(second, { valueTimestamp: ts({ 1: 4 }) });
    expect(replies(effects)).to.deep.equal([]);
    expect(frontend.state.known?.cut?.equals(ts({ 3: 7 }))).to.equal(true);
  });

  it('are missed in a late answer to an earlier second round', () => {
    const { frontend, first, second, third } = querying(closed());
    frontend.answers(first, { valueTimestamp: ts({ 1: 4 }) });
    frontend.answers(second, { valueTimestamp: ts({ 1: 4 }) });
    const id = frontend.lastRequest(first);
    // The member whose word was taken goes away: a new collection is under way.
    frontend.down(second);
    const late = frontend.answers(first, { requestId: id, valueTimestamp: ts({ 1: 4 }) });
    expect(replies(late)).to.deep.equal([]);
    expect(third).to.be.a('number');
  });
});
