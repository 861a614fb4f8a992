/** The audit of logs finds what must not be on a disk. */

import { expect } from 'chai';
import type { Origin, SessionId } from '../../src/base/ids.js';
import type { TravellingRecord } from '../../src/log/record.js';
import { LogAudit } from '../../src/sim/audit.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { encodeGroup } from '../../src/wire/journal-group.js';

const A = 'rm-1.aa~11' as Origin;
const B = 'rm-2.bb~11' as Origin;
const SESSION = 'session-1' as SessionId;
const past = (...entries: [Origin, number][]) => VectorTimestamp.of(entries);

function written(origin: Origin, seq: number, prev: VectorTimestamp, n = seq): TravellingRecord {
  const stamp = { physicalMs: n, logical: 0 };
  const body = { session: SESSION, n, digest: '', stamp, operation: 'set', args: {}, user: '' };
  return { origin, seq, prev, body };
}

const alias = (origin: Origin, seq: number, prev: VectorTimestamp): TravellingRecord => ({
  ...{ origin, seq, prev },
  id: { session: SESSION, n: 9, digest: '0'.repeat(32) },
});

const trouble = (...logs: TravellingRecord[][]): string | null => {
  const audit = new LogAudit();
  return logs.reduce<string | null>(
    (found, log, index) =>
      found ?? audit.trouble(`rm-${index + 1}`, [encodeGroup({ records: log, transitions: [] })]),
    null,
  );
};

describe('the audit of logs', () => {
  it('finds nothing in closed logs that agree', () => {
    const first = written(A, 1, past());
    const second = written(B, 1, past([A, 1]), 2);
    expect(trouble([first, second], [first], [first, second])).to.equal(null);
  });

  it('finds a gap', () => {
    expect(trouble([written(A, 2, past())])).to.match(/^I2: rm-1 holds rm-1.aa~11:2 with a gap/);
  });

  it('finds a record without its past', () => {
    expect(trouble([written(A, 1, past([B, 1]))])).to.match(/^I3: rm-1 holds rm-1.aa~11:1 without/);
  });

  it('finds an alias without its body', () => {
    expect(trouble([alias(A, 1, past())])).to.match(/^A4: rm-1 holds the alias rm-1.aa~11:1/);
  });

  it('finds one entry with two meanings, on two disks', () => {
    const [one, other] = [written(A, 1, past(), 1), written(A, 1, past(), 2)];
    expect(trouble([one], [other])).to.match(/^I1: rm-1.aa~11:1 is .* and at rm-2 /);
  });

  it('finds one entry with two pasts', () => {
    const before = written(B, 1, past(), 2);
    const [one, other] = [written(A, 1, past()), written(A, 1, past([B, 1]))];
    expect(trouble([one], [before, other])).to.match(/^I1: rm-1.aa~11:1 is /);
  });
});
