/** The text of a core's state tells apart what behaves differently, and nothing else. */

import { expect } from 'chai';
import type { MemberId, Name, Origin, SessionId } from '../../src/base/ids.js';
import { fingerprint } from '../../src/explore/fingerprint.js';
import { STILL } from '../../src/explore/still-random.js';
import { CausalQueue } from '../../src/log/causal-queue.js';
import type { LogRecord } from '../../src/log/record.js';
import { WaitIndex } from '../../src/log/wait-index.js';
import { DEFAULT_TUNING, emptyState, EMPTY_SNAPSHOT } from '../../src/replica/state.js';
import { identityAmong } from '../replica/identities.js';
import { TimestampBuilder, VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';

const origin = (name: string): Origin => `${name}.d0~1` as Origin;

const record = (name: string, seq: number): LogRecord => ({
  origin: origin(name),
  seq,
  prev: VectorTimestamp.zero,
  body: {
    session: 'session-1' as SessionId,
    n: seq,
    digest: `digest of ${name} ${seq}`,
    stamp: { physicalMs: 0, logical: seq },
    operation: 'put',
    args: {},
    user: '',
  },
});

const state = (): ReturnType<typeof emptyState> =>
  emptyState(
    identityAmong(['rm-1', 'rm-2'] as Name[], {
      name: 'rm-1' as Name,
      memberId: 'rm-1.d0' as MemberId,
      origin: origin('rm-1'),
    }),
    DEFAULT_TUNING,
    EMPTY_SNAPSHOT,
    STILL,
  );

describe('fingerprint', () => {
  it('is the same for timestamps with the same entries', () => {
    const one = VectorTimestamp.of([
      [origin('rm-1'), 1],
      [origin('rm-2'), 2],
    ]);
    const other = VectorTimestamp.of([
      [origin('rm-2'), 2],
      [origin('rm-1'), 1],
    ]);
    expect(fingerprint(one)).to.equal(fingerprint(other));
    expect(fingerprint(one)).not.to.equal(fingerprint(one.with(origin('rm-2'), 3)));
  });

  it('sees every record, whether it is executed, and what waits', () => {
    const texts = new Set([fingerprint(state())]);
    const stored = state();
    const held = stored.log.append(record('rm-2', 1));
    texts.add(fingerprint(stored));
    held.executed = true;
    texts.add(fingerprint(stored));
    stored.early.add(record('rm-2', 3));
    texts.add(fingerprint(stored));
    stored.executed.add('session-1' as SessionId, 1, { physicalMs: 1, logical: 0 });
    texts.add(fingerprint(stored));
    const peer = stored.peers.get('rm-2' as Name);
    if (peer !== undefined) peer.sentUpTo = 1;
    texts.add(fingerprint(stored));
    expect(texts.size).to.equal(6);
  });

  it('sees what a queue holds and what it may hand out next', () => {
    const queue = new CausalQueue<LogRecord>(new TimestampBuilder());
    const empty = fingerprint(queue);
    queue.add(record('rm-2', 1));
    const ready = fingerprint(queue);
    queue.take(() => false);
    const refused = fingerprint(queue);
    queue.take(() => true);
    expect(new Set([empty, ready, refused]).size).to.equal(3);
    expect(fingerprint(queue)).to.equal(refused);
    queue.retry(origin('rm-2'));
    queue.take(() => true);
    expect(fingerprint(queue)).to.equal(empty);
  });

  it('sees who waits for what', () => {
    const index = new WaitIndex<string>();
    const texts = [fingerprint(index)];
    index.park('one', origin('rm-1'), 1);
    texts.push(fingerprint(index));
    index.park('one', origin('rm-1'), 2);
    texts.push(fingerprint(index));
    expect(new Set(texts).size).to.equal(3);
  });

  it('takes no notice of the order in sets that are only looked up', () => {
    const one = {
      tried: new Set(['a', 'b']),
      answers: new Map([
        ['a', 1],
        ['b', 2],
      ]),
    };
    const other = {
      tried: new Set(['b', 'a']),
      answers: new Map([
        ['a', 1],
        ['b', 2],
      ]),
    };
    const third = {
      tried: new Set(['a', 'b']),
      answers: new Map([
        ['b', 2],
        ['a', 1],
      ]),
    };
    expect(fingerprint(one)).to.equal(fingerprint(other));
    expect(fingerprint(one)).not.to.equal(fingerprint(third));
  });
});
