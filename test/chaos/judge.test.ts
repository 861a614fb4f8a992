import { expect } from 'chai';
import type { ChaosFigures } from '../../chaos/figures.js';
import { judge, type JudgeInit } from '../../chaos/judge.js';

const FIGURES: ChaosFigures = {
  seconds: 20,
  updated: 20,
  answered: 20,
  fresh: 1,
  failed: 0,
  unknown: 0,
  forced: {
    ...{ done: 1, refused: 0, failed: 0, unknown: 0 },
    waits: { count: 1, median: 1, p99: 1, longest: 1 },
  },
  errors: new Map(),
  waits: { count: 40, median: 1, p99: 1, longest: 1 },
  longestEndMs: 13_000,
  strikes: new Map([['kill', 1]]),
  restarts: 1,
  abandoned: 0,
  recoveries: { count: 1, median: 1, p99: 1, longest: 1 },
  convergenceMs: 1,
  lastView: 1,
};

const GOOD: JudgeInit = {
  history: { service: 'kv', leastCopies: 1, operations: [], finalHashes: { 'rm-1': 'a' } },
  figures: FIGURES,
  frontends: 2,
  travelled: 1,
  timeoutMs: 8000,
  hasForced: true,
  requestsPerSecond: 30,
  problems: [],
};

describe('the judge of chaos', () => {
  const problemsOf = (change: Partial<JudgeInit>) => judge({ ...GOOD, ...change }).problems;
  const withFigures = (figures: Partial<ChaosFigures>) =>
    problemsOf({ figures: { ...FIGURES, ...figures } });

  it('finds nothing where nothing is wrong', () => {
    expect(problemsOf({})).to.deep.equal([]);
    expect(problemsOf({ frontends: 1, travelled: 0 })).to.deep.equal([]);
  });

  it('reports what went wrong, and what the checkers find', () => {
    const history = { ...GOOD.history, finalHashes: { 'rm-1': 'a', 'rm-2': 'b' } };
    const problems = problemsOf({ history, problems: ['rm-1 was ended by SIGSEGV'] });
    expect(problems[0]).to.equal('rm-1 was ended by SIGSEGV');
    expect(problems[1]).to.match(/^convergence: /);
    expect(problems).to.have.length(2);
  });

  it('reports requests that went on long after their deadline', () => {
    expect(withFigures({ longestEndMs: 13_001 })[0]).to.match(/^a request ended after 13001 ms/);
    expect(withFigures({ longestEndMs: Number.POSITIVE_INFINITY })[0]).to.match(/never ended/);
  });

  it('fails runs that prove nothing, for every reason there is', () => {
    const empty = 'this run proves nothing: ';
    expect(withFigures({ strikes: new Map([['kill', 0]]) })).to.deep.equal([
      `${empty}the fault kill never struck`,
    ]);
    expect(withFigures({ updated: 19 })).to.deep.equal([`${empty}only 39 requests succeeded`]);
    expect(withFigures({ updated: 0, answered: 40 })).to.deep.equal([
      `${empty}no update succeeded`,
    ]);
    const forced = { ...FIGURES.forced, done: 0 };
    expect(withFigures({ forced })).to.deep.equal([`${empty}no forced update succeeded`]);
    expect(problemsOf({ figures: { ...FIGURES, forced }, hasForced: false })).to.deep.equal([]);
    expect(withFigures({ fresh: 0 })).to.deep.equal([`${empty}no fresh query succeeded`]);
    expect(problemsOf({ travelled: 0 })).to.deep.equal([`${empty}no session used two front ends`]);
  });

  it('does not call a run empty that found something', () => {
    expect(problemsOf({ problems: ['wrong'], travelled: 0 })).to.deep.equal(['wrong']);
  });
});
