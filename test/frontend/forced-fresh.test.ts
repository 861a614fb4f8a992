/** What a fresh answer must reflect of the forced logs (PROTOCOL B11): tips, not timestamps. */

import { expect } from 'chai';
import fc from 'fast-check';
import type { MemberId } from '../../src/base/ids.js';
import { mergeOf, reflects } from '../../src/frontend/target.js';
import { FORCED_ORIGIN } from '../../src/log/forced-log.js';
import { type Ballot, isLater, ZERO_BALLOT } from '../../src/timestamp/ballot.js';
import type { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { Tip } from '../../src/wire/forced-messages.js';
import type { Answer } from '../../src/wire/messages.js';
import {
  asked,
  memberOf,
  pairOf,
  place,
  replies,
  reply,
  sends,
  TestFrontend,
  ts,
} from './support.js';

const view = (n: number, owner = 1): Ballot => ({ n, owner: memberOf(owner) });
const tip = (n: number, seq: number): Tip => ({ view: view(n), seq });

/** A front end with a query under way; `first` and `second` were sent it. */
function querying(consistency: 'fresh' | 'auto' = 'fresh') {
  const frontend = new TestFrontend();
  const [first, second] = pairOf(asked(frontend.query({ consistency }), 'query'));
  return { frontend, first, second };
}

/** Both members have told their tips, and neither has executed as far as the greater one. */
function inSecondRound() {
  const { frontend, first, second } = querying();
  const told = { valueTimestamp: ts({ 1: 2 }).merge(place(3)) };
  frontend.answers(first, { ...told, tip: tip(2, 3) });
  const effects = frontend.answers(second, { ...told, tip: tip(2, 5) });
  expect(replies(effects)).to.deep.equal([]);
  return { frontend, first, second, effects };
}

describe('a fresh query and the forced logs', () => {
  it('is answered by one that has executed the greatest tip', () => {
    const { frontend, first, second } = querying();
    frontend.answers(first, { tip: tip(2, 5), valueTimestamp: place(4) });
    const effects = frontend.answers(second, { tip: tip(2, 4), valueTimestamp: place(5) });
    const answered = reply(effects, 'answered');
    expect(answered).to.deep.include({ guarantee: 'fresh', value: `of rm-${second}` });
    expect(answered.timestamp.equals(place(5))).to.equal(true);
  });

  it('is answered by one that has executed the beginning of a later view, without the entry', () => {
    const { frontend, first, second } = querying();
    frontend.answers(first, { tip: tip(2, 5), valueTimestamp: place(4) });
    const later = { valueTimestamp: place(4), executedView: view(3) };
    const effects = frontend.answers(second, { tip: tip(2, 4), ...later });
    expect(reply(effects, 'answered').value).to.equal(`of rm-${second}`);
  });

  it('is not answered by one that has executed the beginning of the same view', () => {
    const { frontend, first, second } = querying();
    const same = { valueTimestamp: place(4), executedView: view(2) };
    frontend.answers(first, { tip: tip(2, 5), ...same });
    expect(replies(frontend.answers(second, { tip: tip(2, 4), ...same }))).to.deep.equal([]);
  });

  it('does not take a longer log of an earlier view for the greater tip', () => {
    const { frontend, first, second } = querying();
    frontend.answers(first, { tip: tip(2, 9), valueTimestamp: place(4) });
    const effects = frontend.answers(second, { tip: tip(3, 4), valueTimestamp: place(4) });
    expect(reply(effects, 'answered').guarantee).to.equal('fresh');
  });

  it('asks again with the greatest tip, and without the place in the order that was told', () => {
    const { frontend, first, second, effects } = inSecondRound();
    const sent = sends(effects, 'query');
    expect(sent.map(({ to }) => to)).to.deep.equal([first, second]);
    for (const { message } of sent) {
      expect(message.tip).to.deep.equal(tip(2, 5));
      expect(message.collect).to.equal(false);
      expect(message.prev.equals(ts({ 1: 2 }))).to.equal(true);
    }
    const whole = { valueTimestamp: ts({ 1: 2 }).merge(place(5)) };
    expect(reply(frontend.answers(second, whole), 'answered').guarantee).to.equal('fresh');
  });

  it('keeps the place that the session itself has seen', () => {
    const frontend = new TestFrontend();
    const prev = place(2);
    const [first, second] = pairOf(asked(frontend.query({ consistency: 'fresh', prev }), 'query'));
    frontend.collected(first, { tip: tip(2, 5), replicaTimestamp: place(4) });
    const effects = frontend.collected(second, { replicaTimestamp: ts({ 2: 1 }).merge(place(3)) });
    for (const { message } of sends(effects, 'query')) {
      expect(message.prev.equals(ts({ 2: 1 }).merge(prev))).to.equal(true);
    }
  });

  it('names no tip in the first round', () => {
    const frontend = new TestFrontend();
    for (const { message } of sends(frontend.query({ consistency: 'fresh' }), 'query')) {
      expect(message).not.to.have.property('tip');
    }
  });

  it('is content with a causal answer at level auto when the tip cannot be decided', () => {
    const { frontend, first, second } = querying('auto');
    frontend.answers(first, { tip: tip(2, 5), valueTimestamp: place(4) });
    frontend.answers(second, { tip: tip(2, 5), valueTimestamp: place(4) });
    expect(replies(frontend.wait(990))).to.deep.equal([]);
    expect(reply(frontend.wait(60), 'answered').guarantee).to.equal('causal');
  });
});

const aBallot: fc.Arbitrary<Ballot> = fc.oneof(
  fc.constant(ZERO_BALLOT),
  fc.record({
    n: fc.integer({ min: 1, max: 3 }),
    owner: fc.constantFrom<MemberId>(memberOf(1), memberOf(2)),
  }),
);
const aTip = fc.record({ view: aBallot, seq: fc.nat({ max: 5 }) });
const aTimestamp: fc.Arbitrary<VectorTimestamp> = fc
  .tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 5 }))
  .map(([one, other, seq]) => ts({ 1: one, 2: other }).merge(place(seq)));
const aTarget = fc.record({ timestamp: aTimestamp, tip: aTip });

describe('the target of a collection', () => {
  it('covers all that each member told, in any order, and names no place in the order', () => {
    fc.assert(
      fc.property(fc.array(aTarget, { minLength: 1, maxLength: 4 }), (told) => {
        const { timestamp, tip: greatest } = mergeOf(told);
        expect(timestamp.get(FORCED_ORIGIN)).to.equal(0);
        for (const each of told) {
          expect(each.timestamp.leq(timestamp.with(FORCED_ORIGIN, 5))).to.equal(true);
          expect(isLater(each.tip.view, greatest.view)).to.equal(false);
          const isSame = !isLater(greatest.view, each.tip.view);
          expect(isSame && each.tip.seq > greatest.seq).to.equal(false);
        }
        expect(told.map((each) => each.tip)).to.deep.include(greatest);
        const again = mergeOf([...told].reverse());
        expect(again.timestamp.equals(timestamp)).to.equal(true);
        expect(again.tip).to.deep.equal(greatest);
      }),
    );
  });

  it('is reflected by whoever covers it and has executed its tip, or a later view', () => {
    fc.assert(
      fc.property(aTarget, aTimestamp, aBallot, (told, valueTimestamp, executedView) => {
        const target = mergeOf([told]);
        const answer = { valueTimestamp, executedView } as Answer;
        const hasTip = valueTimestamp.get(FORCED_ORIGIN) >= target.tip.seq;
        const isPast = isLater(executedView, target.tip.view);
        const covers = target.timestamp.leq(valueTimestamp);
        expect(reflects(answer, target)).to.equal(covers && (hasTip || isPast));
      }),
    );
  });

  it('of nobody is reflected by every answer', () => {
    const nothing = { valueTimestamp: ts({}), executedView: ZERO_BALLOT } as Answer;
    expect(reflects(nothing, mergeOf([]))).to.equal(true);
  });
});
