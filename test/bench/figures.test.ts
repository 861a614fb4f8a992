/** Readers of what Linux and the processes say. */

import { expect } from 'chai';
import { cpuSecondsIn, machineSecondsIn, metricsIn } from '../../bench/figures.js';

describe('bench figures', () => {
  it('reads the CPU time of a process, whatever its name', () => {
    const stat = '42 (node (a) b) S 1 42 42 0 -1 4194304 5000 0 0 0 150 25 7 8 20 0 11 0 100 1 2';
    expect(cpuSecondsIn(stat)).to.equal(1.75);
  });

  it('reads the time in which processors were busy: neither idle nor waiting for a disk', () => {
    const stat = 'cpu  100 20 300 9999 8888 10 20 50 70 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n';
    expect(machineSecondsIn(stat)).to.equal(5);
  });

  it("reads the program's own metrics, with labels and without", () => {
    const text = [
      '# HELP hearsay_journal_syncs  journal syncs',
      '# TYPE hearsay_journal_syncs gauge',
      'hearsay_journal_syncs{process="rm-1"} 12',
      'hearsay_journal_bytes 1.5e+6',
      'process_cpu_seconds_total{process="rm-1"} 3',
    ].join('\n');
    expect(metricsIn(text)).to.deep.equal({
      hearsay_journal_syncs: 12,
      hearsay_journal_bytes: 1_500_000,
    });
  });
});
