/** From snapshots to figures. */

import { expect } from 'chai';
import type { ProcessFigures, Snapshot } from '../../bench/figures.js';
import { Latencies } from '../../bench/latencies.js';
import { resultOf } from '../../bench/result.js';
import { measured } from './support.js';

const RUN = { workload: 'updates', shape: 'single', inFlight: 64 } as const;

function replica(name: string, cpuSeconds: number, counters: readonly number[]): ProcessFigures {
  const [syncs = 0, groups = 0, records = 0, bytes = 0, executed = 0] = counters;
  return {
    name,
    role: 'replica',
    cpuSeconds,
    metrics: {
      hearsay_journal_syncs: syncs,
      hearsay_journal_groups: groups,
      hearsay_journal_records: records,
      hearsay_bytes_to_replicas: bytes,
      hearsay_updates_executed: executed,
    },
  };
}

const client = (cpuSeconds: number): ProcessFigures => ({
  name: 'client',
  role: 'client',
  cpuSeconds,
  metrics: {},
});

const before: Snapshot = {
  atMs: 1000,
  machineSeconds: 50,
  processes: [
    client(1),
    replica('rm-1', 5, [10, 10, 500, 7000, 100]),
    replica('rm-2', 6, [0, 0, 0, 0, 100]),
  ],
};

const after: Snapshot = {
  atMs: 5000,
  machineSeconds: 57,
  processes: [
    client(2),
    replica('rm-1', 8, [410, 410, 20_500, 407_000, 4100]),
    replica('rm-2', 8, [600, 600, 20_000, 800_000, 4100]),
  ],
};

describe('bench result', () => {
  it('relates what was used to what was done', () => {
    const latencies = new Latencies();
    latencies.add(3);
    const each = measured({ operations: 2000, latencies: latencies.counts });
    const result = resultOf(RUN, [each, each], before, after);
    expect(result).to.deep.include({ ...RUN, operations: 4000, operationsPerSecond: 2000 });
    expect(result.p50Ms).to.be.closeTo(3, 0.02);
    // 1 + 3 + 2 CPU seconds in 4 seconds at 2,000 operations a second.
    expect(result.processes.map(({ cores }) => cores)).to.deep.equal([0.25, 0.75, 0.5]);
    expect(result.cpuSecondsPer10000).to.equal(7.5);
    expect(result.otherCores).to.equal(0.25);
    expect(result.processes.map(({ syncsPerSecond }) => syncsPerSecond)).to.eql([null, 100, 150]);
    expect(result.recordsPerBatch).to.equal(40);
    expect(result.gossipBytesPerUpdate).to.equal(300);
  });

  it('has no figures of updates where none were written', () => {
    const result = resultOf(RUN, [measured()], before, { ...before, atMs: 3000 });
    expect(result).to.deep.include({ recordsPerBatch: null, gossipBytesPerUpdate: null });
  });

  it('adds up errors and tells each message once', () => {
    const bad = measured({ operations: 0, errors: 3, errorMessages: ['it is gone'] });
    const result = resultOf(RUN, [bad, bad], before, after);
    expect(result.errors).to.equal(6);
    expect(result.errorMessages).to.deep.equal(['it is gone']);
    expect(result.cpuSecondsPer10000).to.equal(0);
  });
});
