import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';

describe('limits', () => {
  it('are whole numbers above 0', () => {
    for (const [name, limit] of Object.entries(LIMITS)) {
      expect(Number.isSafeInteger(limit) && limit > 0, name).to.equal(true);
    }
  });

  it('leave room for each other', () => {
    expect(LIMITS.messageBytes).to.be.at.most(LIMITS.frameBytes);
    // One record with the largest arguments, each unit three bytes, goes into a message with the
    // tables of two full timestamps of the longest names (68 bytes an origin, 12 an entry).
    const tables = LIMITS.timestampEntries * (68 + 2 * 12);
    const record = 3 * (LIMITS.argumentBytes + 2 * LIMITS.stringLength);
    expect(record + tables).to.be.below(LIMITS.messageBytes);
    expect(LIMITS.gossipBytes + record + tables).to.be.at.most(LIMITS.messageBytes);
    expect(LIMITS.timestampEntries * (68 + 12)).to.be.below(LIMITS.helloBytes);
    expect(LIMITS.bufferedBytes).to.be.at.least(LIMITS.frameBytes);
    expect(LIMITS.frameNesting).to.be.at.least(LIMITS.nesting + 16);
    expect(LIMITS.newcomers).to.be.below(LIMITS.connections);
    expect(LIMITS.connectionRequests).to.be.at.most(LIMITS.frontendRequests);
    expect(LIMITS.reconnectMinMs).to.be.below(LIMITS.reconnectMaxMs);
  });
});
