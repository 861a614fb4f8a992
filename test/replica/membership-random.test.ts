import { expect } from 'chai';
import { type MembershipReport, playMembership } from './membership-random.js';

describe('membership under a random scheduler', () => {
  it('60 runs: one order, no acknowledged update lost, fresh reads miss nothing, all comes to rest', () => {
    const reports: MembershipReport[] = [];
    for (let seed = 1; seed <= 60; seed++) reports.push(playMembership(seed));
    const sum = (of: (report: MembershipReport) => number): number =>
      reports.reduce((total, report) => total + of(report), 0);
    expect(sum(({ activations }) => activations)).to.be.above(100);
    expect(sum(({ drops }) => drops)).to.be.above(50);
    expect(sum(({ ends }) => ends)).to.be.above(50);
    expect(sum(({ lostDisks }) => lostDisks)).to.be.above(5);
    expect(sum(({ putBack }) => putBack)).to.be.above(2);
    expect(sum(({ clones }) => clones)).to.be.above(3);
    expect(sum(({ fresh }) => fresh)).to.be.above(500);
    expect(sum(({ collected }) => collected)).to.be.above(100);
  }).timeout(400_000);
});
