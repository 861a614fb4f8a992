/** The forced log changes by whole transitions, and by none that takes back what was promised. */

import { expect } from 'chai';
import fc from 'fast-check';
import { InvariantError } from '../../src/base/assert.js';
import type { MemberId } from '../../src/base/ids.js';
import { type ForcedEntry, ForcedLog, type ForcedTransition } from '../../src/log/forced-log.js';
import { type Ballot, isLater, ZERO_BALLOT } from '../../src/timestamp/ballot.js';
import { aNoOp, anUpdateEntry, ballot } from './support.js';

/** All that a forced log says of itself. */
const contentOf = (log: ForcedLog) => ({
  view: log.view,
  lnv: log.lnv,
  commit: log.commit,
  mayVote: log.mayVote,
  entries: log.slice(1, log.op),
});

function logOf(...transitions: readonly ForcedTransition[]): ForcedLog {
  const log = new ForcedLog();
  for (const transition of transitions) log.apply(transition);
  return log;
}

const updates = (from: number, to: number, born = ballot(1)): ForcedEntry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => anUpdateEntry(from + i, { born }));

/** View 2 is under way; of five entries three are committed. */
const BEGUN: ForcedTransition = {
  view: ballot(2),
  lnv: ballot(2),
  entries: updates(1, 5),
  commit: 3,
  mayVote: true,
};

describe('a forced log', () => {
  it('begins empty, before all views, without a vote', () => {
    const log = new ForcedLog();
    const { view, lnv, commit, mayVote, op, isNormal, lastUpdate } = log;
    expect({ view, lnv, commit, mayVote, op, isNormal, lastUpdate }).to.deep.equal({
      view: ZERO_BALLOT,
      lnv: ZERO_BALLOT,
      commit: 0,
      mayVote: false,
      op: 0,
      isNormal: true,
      lastUpdate: 0,
    });
    expect(log.at(1)).to.equal(undefined);
  });

  it('changes by what a transition names, and by nothing else', () => {
    const log = logOf(BEGUN);
    const before = contentOf(log);
    log.apply({});
    expect(contentOf(log)).to.deep.equal(before);
    log.apply({ view: ballot(4) });
    expect(contentOf(log)).to.deep.equal({ ...before, view: ballot(4) });
    expect(log.isNormal, 'a later view is promised').to.equal(false);
    log.apply({ mayVote: false });
    log.apply({ commit: 5 });
    expect(contentOf(log)).to.deep.equal({
      ...before,
      view: ballot(4),
      mayVote: false,
      commit: 5,
    });
  });

  it('takes the log of a later view in one transition: cut, appended, begun and committed', () => {
    const log = logOf(BEGUN);
    const [third, fourth] = [ballot(3, 'rm-2.b3'), ballot(4, 'rm-3.c4')];
    const tail = [...updates(4, 4, third), aNoOp(5, fourth), ...updates(6, 7, fourth)];
    log.apply({ keep: 3, entries: tail, view: fourth, lnv: fourth, commit: 6 });
    expect(contentOf(log)).to.deep.equal({
      view: fourth,
      lnv: fourth,
      commit: 6,
      mayVote: true,
      entries: [...updates(1, 3), ...tail],
    });
    expect(log.isNormal).to.equal(true);
  });

  it('shows its entries by number, as far as there are any', () => {
    const log = logOf(BEGUN);
    expect(log.op).to.equal(5);
    expect(log.at(2)).to.deep.equal(anUpdateEntry(2));
    expect(log.at(6)).to.equal(undefined);
    expect(log.slice(2, 3)).to.deep.equal(updates(2, 3));
    expect(log.slice(4, 9)).to.deep.equal(updates(4, 5));
    expect(log.slice(6, 9)).to.deep.equal([]);
  });

  it('knows its last update, whatever no-ops follow, committed or not', () => {
    const log = logOf({ entries: [aNoOp(1), anUpdateEntry(2), aNoOp(3), aNoOp(4)], commit: 1 });
    expect(log.lastUpdate).to.equal(2);
    log.apply({ entries: [anUpdateEntry(5)] });
    expect(log.lastUpdate).to.equal(5);
    log.apply({ keep: 4 });
    expect(log.lastUpdate).to.equal(2);
    log.apply({ keep: 1 });
    expect(log.lastUpdate).to.equal(0);
  });

  it('is further than another by view, then by length; a promise does not count', () => {
    const log = logOf(BEGUN, { view: ballot(9) });
    expect(log.compareTo({ lnv: ballot(2), op: 5 })).to.equal(0);
    expect(log.compareTo({ lnv: ballot(2), op: 4 })).to.be.greaterThan(0);
    expect(log.compareTo({ lnv: ballot(2), op: 6 })).to.be.lessThan(0);
    expect(log.compareTo({ lnv: ballot(1), op: 50 })).to.be.greaterThan(0);
    expect(log.compareTo({ lnv: ballot(3), op: 1 })).to.be.lessThan(0);
    expect(log.compareTo({ lnv: ballot(2, 'rm-2.b3'), op: 1 })).to.be.lessThan(0);
  });
});

describe('a forced log refuses', () => {
  /** A later view is promised. */
  const base: ForcedTransition = { ...BEGUN, view: ballot(4) };
  const refused: Readonly<Record<string, ForcedTransition>> = {
    'to be cut below what is committed': { keep: 2 },
    'to be cut above its end': { keep: 6 },
    'an entry that leaves a gap': { entries: updates(7, 7) },
    'an entry in the place of another that was not cut': { entries: updates(5, 5) },
    'a gap after a cut': { keep: 3, entries: updates(5, 5) },
    'entries out of order': { entries: [anUpdateEntry(7), anUpdateEntry(6)] },
    'an earlier promise': { view: ballot(3) },
    'an earlier last normal view': { lnv: ballot(1) },
    'a view that nobody promised': { lnv: ballot(5) },
    'a view that begins above its promise': { view: ballot(5), lnv: ballot(6) },
    'fewer committed entries': { commit: 2 },
    'more committed entries than there are': { commit: 6 },
    'committed entries that were cut': { keep: 3, commit: 4 },
  };
  for (const [what, transition] of Object.entries(refused)) {
    it(what, () => {
      expect(() => logOf(base, transition)).to.throw(InvariantError);
    });
  }

  it('nothing that stays where it is', () => {
    const same = { view: ballot(4), lnv: ballot(2), keep: 5, entries: [], commit: 3 };
    expect(contentOf(logOf(base, same))).to.deep.equal(contentOf(logOf(base)));
    expect(logOf(base, { keep: 3 }).op).to.equal(3);
  });
});

/** What a member may do to its log next, drawn by three numbers: any of the ways it changes. */
function drawTransition(log: ForcedLog, [kind, size, owner]: readonly number[]): ForcedTransition {
  const [some = 0, who = 0] = [size, owner];
  const later: Ballot = {
    n: log.view.n + 1,
    owner: `rm-${(who % 3) + 1}.x7` as MemberId,
  };
  const keep = log.commit + (some % (log.op - log.commit + 1));
  const fresh = (from: number, born: Ballot): ForcedEntry[] => [
    aNoOp(from, born),
    ...updates(from + 1, from + (some % 3), born),
  ];
  switch ((kind ?? 0) % 5) {
    case 0:
      return { view: later };
    case 1:
      return { view: later, lnv: later, keep, entries: fresh(keep + 1, later) };
    case 2:
      return { entries: updates(log.op + 1, log.op + 1 + (some % 3), log.lnv) };
    case 3:
      return { keep: log.commit, entries: fresh(log.commit + 1, later), commit: log.commit + 1 };
    default:
      return { commit: keep };
  }
}

const draws = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 40 });

describe('transitions of a forced log', () => {
  it('bring any prefix of them back from the disk as it was in memory', () => {
    fc.assert(
      fc.property(draws, fc.nat(), (drawn, cut) => {
        const memory = new ForcedLog();
        const transitions: ForcedTransition[] = [];
        const contents = [contentOf(memory)];
        for (const draw of drawn) {
          const transition = drawTransition(memory, draw);
          memory.apply(transition);
          transitions.push(transition);
          contents.push(contentOf(memory));
        }
        const length = cut % contents.length;
        expect(contentOf(logOf(...transitions.slice(0, length)))).to.deep.equal(contents[length]);
      }),
    );
  });

  it('never take back a promise, a view, or a committed entry', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const log = new ForcedLog();
        for (const draw of drawn) {
          const { view, lnv, commit } = log;
          const committed = log.slice(1, commit);
          log.apply(drawTransition(log, draw));
          expect(isLater(view, log.view) || isLater(lnv, log.lnv)).to.equal(false);
          expect(isLater(log.lnv, log.view)).to.equal(false);
          expect(log.commit).to.be.within(commit, log.op);
          expect(log.slice(1, commit)).to.deep.equal(committed);
        }
      }),
    );
  });
});
