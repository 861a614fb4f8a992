import { expect } from 'chai';
import { forcedFigures, requestFigures, spreadOf } from '../../chaos/figures.js';
import type { HistoryOperation, HistoryOutcome } from '../../src/check/history.js';

function operation(outcome: HistoryOutcome, waitedMs: number | null): HistoryOperation {
  return {
    session: 'c1',
    user: '1',
    kind: outcome.kind === 'updated' ? 'update' : 'query',
    operation: 'get',
    args: {},
    sentTo: null,
    answeredBy: null,
    called: 0,
    returned: waitedMs === null ? null : 1,
    calledMs: 1000,
    returnedMs: waitedMs === null ? null : 1000 + waitedMs,
    outcome,
    final: false,
  };
}

const error = { code: 'TIMEOUT', message: '' };

describe('figures of chaos', () => {
  it('are spread', () => {
    expect(spreadOf([])).to.deep.equal({ count: 0, median: 0, p99: 0, longest: 0 });
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(spreadOf(values)).to.deep.equal({ count: 200, median: 101, p99: 199, longest: 200 });
    expect(values[0]).to.equal(200);
  });

  it('count how requests ended, and how long those waited that ended well', () => {
    const figures = requestFigures([
      operation({ kind: 'updated', copies: 2 }, 10),
      operation({ kind: 'answered', value: 1, guarantee: 'fresh' }, 30),
      operation({ kind: 'answered', value: 1, guarantee: 'causal' }, 20),
      operation({ kind: 'failed', ...error }, 900),
      operation({ kind: 'unknown', ...error }, 800),
    ]);
    expect(figures).to.deep.include({ updated: 1, answered: 2, fresh: 1, failed: 1, unknown: 1 });
    expect(figures.waits).to.deep.equal({ count: 3, median: 20, p99: 30, longest: 30 });
    expect(figures.longestEndMs).to.equal(900);
    expect([...figures.errors]).to.deep.equal([['TIMEOUT', 2]]);
  });

  it('tell how forced updates ended, and what those waited that have a place', () => {
    const put = { operation: 'put' };
    const forced = forcedFigures(
      [
        operation({ kind: 'updated', copies: 2, result: null, order: 1 }, 30),
        operation({ kind: 'updated', copies: 2, result: null, order: 3 }, 10),
        operation({ kind: 'failed', ...error, order: 2 }, 20),
        operation({ kind: 'failed', ...error }, 900),
        operation({ kind: 'unknown', ...error }, null),
      ].map((each) => ({ ...each, ...put })),
      (name) => name === 'put',
    );
    expect(forced).to.deep.include({ done: 2, refused: 1, failed: 1, unknown: 1 });
    expect(forced.waits).to.deep.equal({ count: 3, median: 20, p99: 30, longest: 30 });
    const others = forcedFigures([operation({ kind: 'updated', copies: 2 }, 10)], () => false);
    expect(others).to.deep.include({ done: 0, refused: 0, failed: 0, unknown: 0 });
  });

  it('show a request that never ended', () => {
    const { longestEndMs } = requestFigures([operation({ kind: 'unknown', ...error }, null)]);
    expect(longestEndMs).to.equal(Number.POSITIVE_INFINITY);
  });
});
