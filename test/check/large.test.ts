import { expect } from 'chai';
import { checkHistory } from '../../src/check/check-history.js';
import { modelHistory } from './model-store.js';

describe('check: 100,000 operations', function () {
  this.timeout(120_000);

  it('of a correct store are accepted, and one wrong answer among them is found', () => {
    const shape = { sessions: 40, replicas: 5, keys: 50, values: 0, deletes: 5 };
    const history = modelHistory({ seed: 1, operations: 100_000, ...shape });
    const { violations, figures } = checkHistory(history);
    expect(violations.map(({ words }) => words)).to.deep.equal([]);
    expect(figures.operations).to.be.at.least(100_000);
    expect(figures.reads).to.be.above(100_000);
    expect(figures.movedSessions).to.equal(40);

    // A key's first value, shown again at the end: everybody has known later ones for long.
    const first = history.operations.find(
      ({ operation, outcome }) => operation === 'set' && outcome.kind === 'updated',
    );
    const last = history.operations.findLastIndex(
      ({ operation, args, outcome }) =>
        operation === 'get' && args['key'] === first?.args['key'] && outcome.kind === 'answered',
    );
    const outcome = { kind: 'answered', value: first?.args['value'], guarantee: 'causal' } as const;
    const operations = history.operations.map((operation, index) =>
      index === last ? { ...operation, outcome } : operation,
    );
    const broken = checkHistory({ ...history, operations });
    expect(broken.violations).to.have.length(1);
    expect(broken.violations[0]?.operations).to.contain(last);
  });
});
