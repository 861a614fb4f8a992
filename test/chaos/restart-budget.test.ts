import { expect } from 'chai';
import { RestartBudget } from '../../chaos/restart-budget.js';

describe('the budget of restarts', () => {
  it('gives so many in any minute, all that are asked for or none', () => {
    let nowMs = 0;
    const budget = new RestartBudget(4, () => nowMs);
    expect(budget.take(3)).to.equal(true);
    expect(budget.take(2)).to.equal(false);
    nowMs = 30_000;
    expect(budget.take(1)).to.equal(true);
    expect(budget.take(0)).to.equal(true);
    nowMs = 59_999;
    expect(budget.take(1)).to.equal(false);
    nowMs = 60_000;
    expect(budget.take(4)).to.equal(false);
    expect(budget.take(3)).to.equal(true);
    nowMs = 90_000;
    expect(budget.take(2)).to.equal(false);
    expect(budget.take(1)).to.equal(true);
  });
});
