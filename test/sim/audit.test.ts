/** The audit of disks finds what must not be on them, and what they must not say to each other. */

import { expect } from 'chai';
import {
  type MemberId,
  memberIdOf,
  type Name,
  type Origin,
  type SessionId,
} from '../../src/base/ids.js';
import { type ForcedEntry, type ForcedTransition, NO_FORCED } from '../../src/log/forced-log.js';
import { type Configuration, founded, type MembershipChange } from '../../src/log/membership.js';
import type { TravellingRecord } from '../../src/log/record.js';
import { EMPTY_SNAPSHOT, type SnapshotState } from '../../src/replica/state.js';
import { ClusterBook } from '../../src/sim/audit/cluster-book.js';
import { DiskAudit } from '../../src/sim/audit/disk-audit.js';
import { type Ballot, ZERO_BALLOT } from '../../src/timestamp/ballot.js';
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

const member = (number: number): MemberId => memberIdOf(`rm-${number}` as Name, 'aa');

const trouble = (...logs: TravellingRecord[][]): string | null => {
  const book = new ClusterBook();
  return logs.reduce<string | null>((found, records, index) => {
    const audit = DiskAudit.of(book, member(index + 1), EMPTY_SNAPSHOT);
    return found ?? audit.take(encodeGroup({ records, transitions: [] }));
  }, null);
};

describe('the audit of logs', () => {
  it('finds nothing in closed logs that agree', () => {
    const first = written(A, 1, past());
    const second = written(B, 1, past([A, 1]), 2);
    expect(trouble([first, second], [first], [first, second])).to.equal(null);
  });

  it('finds a gap', () => {
    expect(trouble([written(A, 2, past())])).to.match(/^I2: rm-1.aa holds rm-1.aa~11:2 with a gap/);
  });

  it('finds a record without its past', () => {
    expect(trouble([written(A, 1, past([B, 1]))])).to.match(/^I3: rm-1.aa holds rm-1.aa~11:1 wit/);
  });

  it('finds an alias without its body', () => {
    expect(trouble([alias(A, 1, past())])).to.match(/^A4: rm-1.aa holds the alias rm-1.aa~11:1/);
  });

  it('finds one entry with two meanings, on two disks', () => {
    const [one, other] = [written(A, 1, past(), 1), written(A, 1, past(), 2)];
    expect(trouble([one], [other])).to.match(/^I1: rm-1.aa~11:1 is .* \(at rm-2.aa\)/);
  });

  it('finds one entry with two pasts', () => {
    const before = written(B, 1, past(), 2);
    const [one, other] = [written(A, 1, past()), written(A, 1, past([B, 1]))];
    expect(trouble([one], [before, other])).to.match(/^I1: rm-1.aa~11:1 is /);
  });
});

/** Three members of a founded cluster and their disks, one write after the other. */
class Cluster {
  readonly book = new ClusterBook();
  readonly #disks = new Map<number, DiskAudit>();
  /** What was found, in words. */
  readonly found: string[] = [];

  write(number: number, transition: ForcedTransition, records: TravellingRecord[] = []): this {
    let disk = this.#disks.get(number);
    if (disk === undefined) {
      disk = DiskAudit.of(this.book, member(number), FOUNDED);
      this.#disks.set(number, disk);
    }
    const wrong = disk.take(encodeGroup({ records, transitions: [transition] }));
    if (wrong !== null) this.found.push(wrong);
    return this;
  }

  /** The same on several disks. */
  writeAll(numbers: readonly number[], transition: ForcedTransition): this {
    for (const number of numbers) this.write(number, transition);
    return this;
  }

  /** Promised by all of three, begun by the first. */
  begun(): this {
    this.writeAll([1, 2, 3], { view: VIEW });
    return this.writeAll([1, 2, 3], { lnv: VIEW });
  }
}

const VIEW: Ballot = { n: 1, owner: member(1) };

const configurationOf = (epoch: number, ...numbers: number[]): Configuration => ({
  epoch,
  members: numbers.map((number) => ({
    name: `rm-${number}` as Name,
    id: member(number),
    address: '',
  })),
  ...{ leaving: [], closing: [], version: 1 },
});

const FOUNDED: SnapshotState = {
  ...EMPTY_SNAPSHOT,
  membership: founded(configurationOf(1, 1, 2, 3).members, 1),
  forced: { ...NO_FORCED, mayVote: true, executed: 0, executedView: ZERO_BALLOT },
};

const change = (seq: number, of: MembershipChange): ForcedEntry => ({
  ...{ seq, born: VIEW, committed: seq - 1, prev: VectorTimestamp.zero },
  ...{ kind: 'change', change: of },
});

const configure = (seq: number, configuration: Configuration): ForcedTransition => ({
  entries: [change(seq, { kind: 'configure', configuration })],
});

const activate = (seq: number, epoch: number, cut: VectorTimestamp): ForcedTransition => ({
  entries: [change(seq, { kind: 'activate', epoch, cut, finals: [] })],
});

describe('the audit of a founded cluster', () => {
  it('finds nothing where members change by the rules', () => {
    const cluster = new Cluster().begun();
    cluster.writeAll([1, 2, 4], configure(1, configurationOf(2, 1, 2, 3, 4)));
    cluster.write(4, {}).write(1, { commit: 1 });
    expect(cluster.found).to.deep.equal([]);
    expect(cluster.book.counts).to.include({ configurations: 1, joined: 1, activations: 0 });
  });

  it('finds a view that too few have promised', () => {
    const cluster = new Cluster().write(1, { view: VIEW }).write(1, { lnv: VIEW });
    expect(cluster.found[0]).to.match(/^I14: view 1.rm-1.aa began with 1 promises of the 3/);
  });

  it('finds an entry that is committed without a majority', () => {
    const cluster = new Cluster().begun().write(1, configure(1, configurationOf(2, 1, 2)));
    expect(cluster.write(1, { commit: 1 }).found[0]).to.match(
      /^I13: entry 1 .* 1 of the 3 members/,
    );
  });

  it('finds a configuration that its own members have not', () => {
    const cluster = new Cluster().begun();
    cluster.writeAll([1, 2], configure(1, configurationOf(2, 1, 2, 3, 4)));
    expect(cluster.write(1, { commit: 1 }).found[0]).to.match(/^I13: .* 2 of the 4 members/);
  });

  it('finds a configuration that follows one which is not in force', () => {
    const cluster = new Cluster().begun();
    cluster.writeAll([1, 2, 3], configure(1, configurationOf(2, 1, 2)));
    cluster.writeAll([1, 2, 3], configure(2, configurationOf(3, 1)));
    expect(cluster.write(1, { commit: 2 }).found[0]).to.match(/^I24: /);
  });

  it('finds a configuration that exchanges two members at once', () => {
    const cluster = new Cluster().begun();
    cluster.writeAll([1, 2, 3, 4, 5], configure(1, configurationOf(2, 1, 4, 5)));
    expect(cluster.write(1, { commit: 1 }).found[0]).to.match(/^I24: epoch 2 adds 2 members/);
  });

  it('finds an acknowledged update that is not in the cut', () => {
    const cluster = new Cluster().begun();
    cluster.write(2, {}, [written(A, 1, past())]);
    for (const number of [1, 2]) cluster.book.acknowledge('session-1:1', member(number), 1);
    cluster.writeAll([1, 2, 3], configure(1, configurationOf(2, 1, 2)));
    cluster.writeAll([1, 2, 3], activate(2, 2, past([B, 1])));
    expect(cluster.write(1, { commit: 2 }).found[0]).to.match(/^I22: session-1:1 \(rm-1.aa~11:1\)/);
  });

  it('takes no offence at one copy, nor at what the cut holds', () => {
    const cluster = new Cluster().begun();
    cluster.write(2, {}, [written(A, 1, past()), written(B, 1, past(), 2)]);
    for (const number of [1, 2]) cluster.book.acknowledge('session-1:1', member(number), 1);
    cluster.book.acknowledge('session-1:2', member(1), 1);
    cluster.writeAll([1, 2, 3], configure(1, configurationOf(2, 1, 2)));
    cluster.writeAll([1, 2, 3], activate(2, 2, past([A, 1])));
    expect(cluster.write(1, { commit: 2 }).found).to.deep.equal([]);
  });
});
