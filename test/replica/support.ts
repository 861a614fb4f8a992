/**
 * A replica core under test: one call an event, the effects of each call, and after every call the
 * invariants that hold at all times (I5: what is executed or durable is in the log, own records are
 * executed only when durable; the log is causally closed; nothing is told that is not durable). Links
 * 1 to 9 are front ends, 12 is rm-2, 13 rm-3 and so on.
 */

import { expect } from 'chai';
import type { MemberId, Name, Origin, SessionId } from '../../src/base/ids.js';
import {
  type AliasRecord,
  type LogRecord,
  type TravellingRecord,
  type UpdateBody,
} from '../../src/log/record.js';
import { SeededRandom } from '../../src/base/random.js';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import type { ReplicaEvent } from '../../src/replica/events.js';
import { founded } from '../../src/log/membership.js';
import {
  DEFAULT_TUNING,
  EMPTY_SNAPSHOT,
  type ReplicaState,
  type ReplicaTuning,
  type SnapshotState,
} from '../../src/replica/state.js';
import { type Recovered, startReplica, step } from '../../src/replica/step.js';
import { ZERO_BALLOT } from '../../src/timestamp/ballot.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { ForcedStanding } from '../../src/wire/forced-messages.js';
import type { Query, StatusValue, Update } from '../../src/wire/messages.js';
import { effectsOf, shown } from './effects.js';
import { counterpartOf, frontendNamed, identityAmong } from './identities.js';

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;
type Incoming = Extract<ReplicaEvent, { kind: 'message' }>['message'];

export { appended, applied, effectsOf, linksOf, sends, sent, shown } from './effects.js';

/** The wall clock of the replica under test. */
export const WALL_MS = 1_700_000_000_000;

const SESSION = 'session-1' as SessionId;

/** The member id and the origin that a name has here until it loses its disk or starts again. */
export const memberOf = (name: string, disk = 'd1'): MemberId => `${name}.${disk}` as MemberId;
export const origin = (name: string, start = 's1', disk = 'd1'): Origin =>
  (name.startsWith('!') ? name : `${name}.${disk}~${start}`) as Origin;

/** `ts({ 'rm-2': 3 })`: names stand for their first origin; whole origins are taken as they are. */
export function ts(counts: Readonly<Record<string, number>>): VectorTimestamp {
  return VectorTimestamp.of(
    Object.entries(counts).map(([name, count]) => [
      name.includes('~') ? (name as Origin) : origin(name),
      count,
    ]),
  );
}

/** The body of update `n`; another `digest` is another body under the same id. */
export function body(n: number, fields: Partial<UpdateBody> = {}): UpdateBody {
  const session = fields.session ?? SESSION;
  return {
    session,
    n,
    digest: `digest-${session}-${n}`,
    stamp: { physicalMs: WALL_MS, logical: n },
    operation: 'set',
    args: { key: 'k', value: n },
    user: 'ann',
    ...fields,
  };
}

export function record(
  name: string,
  seq: number,
  content: UpdateBody = body(100 + seq, { session: `session-${name}` as SessionId }),
  prev: VectorTimestamp = VectorTimestamp.zero,
): LogRecord {
  return { origin: name.includes('~') ? (name as Origin) : origin(name), seq, prev, body: content };
}

/** The same record as it travels where the receiver has the body already. */
export function aliasOf({ origin, seq, prev, body }: LogRecord): AliasRecord {
  const { session, n, digest } = body;
  return { origin, seq, prev, id: { session, n, digest } };
}

export function updateOf(content: UpdateBody, fields: Partial<Update> = {}): Update {
  const { session, n, stamp, operation, args, user } = content;
  return {
    kind: 'update',
    requestId: n,
    session,
    n,
    answered: 0,
    stamp,
    prev: VectorTimestamp.zero,
    operation,
    args,
    user,
    timeoutMs: 1000,
    holders: [],
    ...fields,
  };
}

export function queryOf(fields: Partial<Query> = {}): Query {
  return {
    kind: 'query',
    requestId: 1,
    prev: VectorTimestamp.zero,
    collect: false,
    precondition: null,
    operation: 'get',
    args: { key: 'k' },
    user: 'ann',
    timeoutMs: 1000,
    ...fields,
  };
}

/** A disk that was never written. */
export const NOTHING_RECOVERED: Recovered = {
  snapshot: EMPTY_SNAPSHOT,
  records: [],
  mustRecover: null,
  transitions: [],
  hasForgotten: false,
};

/** What a peer says of its forced log where nobody speaks of that. */
const NO_STANDING: ForcedStanding = {
  view: ZERO_BALLOT,
  lnv: ZERO_BALLOT,
  op: 0,
  commit: 0,
  mayVote: false,
  primary: null,
};

const snapshotOfFounded = (members: readonly Name[]): SnapshotState => ({
  ...EMPTY_SNAPSHOT,
  membership: founded(
    members.map((name) => ({ name, id: memberOf(name), address: '' })),
    1,
  ),
});

interface TestReplicaInit {
  readonly members?: number;
  /** The cluster was founded, and these are its members now; else they are given once for all. */
  readonly founded?: boolean;
  readonly name?: string;
  /** Which start of the process this is. */
  readonly start?: string;
  readonly tuning?: Partial<ReplicaTuning>;
  readonly recovered?: Partial<Recovered>;
}

export class TestReplica {
  readonly state: ReplicaState;
  /** What the start wanted done. */
  readonly startEffects: readonly ReplicaEffect[];
  nowMs = 1000;
  /** Transitions of the forced log that the disk has not written. */
  #unwritten = 0;
  #told = VectorTimestamp.zero;

  constructor(init: TestReplicaInit = {}) {
    const name = (init.name ?? 'rm-1') as Name;
    const members = Array.from({ length: init.members ?? 3 }, (_, i) => `rm-${i + 1}` as Name);
    const { state, effects } = startReplica(
      {
        ...identityAmong(members, {
          name,
          memberId: memberOf(name),
          origin: origin(name, init.start),
        }),
        ...(init.founded === true ? { members: null } : {}),
      },
      { ...DEFAULT_TUNING, forced: 'off', ...init.tuning },
      {
        ...NOTHING_RECOVERED,
        ...(init.founded === true ? { snapshot: snapshotOfFounded(members) } : {}),
        ...init.recovered,
      },
      this.nowMs,
      new SeededRandom(1),
    );
    this.state = state;
    this.startEffects = effects;
    this.#check(effects);
  }

  step(event: WithoutTime<ReplicaEvent>): ReplicaEffect[] {
    const effects = step(this.state, { ...event, nowMs: this.nowMs });
    this.#check(effects);
    return effects;
  }

  message(link: number, message: Incoming): ReplicaEffect[] {
    return this.step({ kind: 'message', link, message });
  }

  frontend(link = 1): ReplicaEffect[] {
    return this.step({ kind: 'link-up', link, counterpart: frontendNamed(`fe-${link}`) });
  }

  /** A connection to the peer with this number; link 10 + number unless another one is given. */
  peer(
    number: number,
    replicaTimestamp: VectorTimestamp = VectorTimestamp.zero,
    at: { readonly link?: number; readonly start?: string; readonly disk?: string } = {},
  ): ReplicaEffect[] {
    const name = `rm-${number}` as Name;
    return this.step({
      kind: 'link-up',
      link: at.link ?? 10 + number,
      counterpart: counterpartOf(
        { name, memberId: memberOf(name, at.disk), origin: origin(name, at.start, at.disk) },
        replicaTimestamp,
      ),
    });
  }

  /** Connections to all other members, which hold nothing yet. */
  peers(): this {
    for (const name of this.state.peers.keys()) this.peer(Number(name.slice(3)));
    return this;
  }

  down(link: number): ReplicaEffect[] {
    return this.step({ kind: 'link-down', link });
  }

  update(content: UpdateBody, fields: Partial<Update> = {}, link = 1): ReplicaEffect[] {
    const request = updateOf(content, fields);
    return this.step({
      kind: 'update',
      link,
      request,
      body: content,
      ordering: 'causal',
      wallMs: WALL_MS,
    });
  }

  query(fields: Partial<Query> = {}, link = 1): ReplicaEffect[] {
    return this.message(link, queryOf(fields));
  }

  /** Gossip from a peer; it says that it holds what it sends, unless told otherwise. */
  gossip(
    number: number,
    records: readonly TravellingRecord[],
    told: VectorTimestamp = timestampOfAll(records),
  ): ReplicaEffect[] {
    const replicaTimestamp = told;
    return this.message(10 + number, {
      kind: 'gossip',
      serial: 1,
      replicaTimestamp,
      epoch: 1,
      records,
    });
  }

  fetched(
    number: number,
    records: readonly TravellingRecord[],
    replicaTimestamp: VectorTimestamp = timestampOfAll(records),
  ): ReplicaEffect[] {
    return this.message(10 + number, {
      kind: 'fetched',
      serial: 1,
      replicaTimestamp,
      epoch: 1,
      records,
      entries: [],
    });
  }

  /** A word of life that says what a peer holds. */
  hears(
    number: number,
    replicaTimestamp: VectorTimestamp,
    standing: Partial<ForcedStanding> = {},
  ): ReplicaEffect[] {
    return this.message(10 + number, {
      kind: 'heartbeat',
      status: { value: 'ACTIVE', source: 'auto' },
      counted: true,
      replicaTimestamp,
      standing: { ...NO_STANDING, ...standing },
      epoch: 1,
      wallMs: WALL_MS,
      floorMs: 0,
      promises: 0,
    });
  }

  /** The disk has written the log up to a length, and transitions; all of them unless told otherwise. */
  durable(length = this.state.log.length, transitions = this.#unwritten): ReplicaEffect[] {
    this.#unwritten -= transitions;
    return this.step({ kind: 'durable', length, transitions });
  }

  status(value: StatusValue): ReplicaEffect[] {
    return this.step({ kind: 'status', value, source: 'hand' });
  }

  /** Time goes by in steps of at most 10 ms, with a tick at each. */
  wait(ms: number): ReplicaEffect[] {
    const effects: ReplicaEffect[] = [];
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(this.nowMs + 10, endMs);
      effects.push(...this.step({ kind: 'tick' }));
    }
    return effects;
  }

  /** Whole records in the log, as a disk would give them back. */
  get records(): TravellingRecord[] {
    return Array.from({ length: this.state.log.length }, (_, position) =>
      this.state.log.at(position),
    );
  }

  #check(effects: readonly ReplicaEffect[]): void {
    this.#unwritten += effectsOf(effects, 'persist').length;
    const { value, durable, received } = this.state;
    const own = this.state.self.origin;
    expect(value.value().leq(received), 'I5: value <= received').to.equal(true);
    expect(value.get(own), 'I5: own records execute when durable').to.be.at.most(durable.get(own));
    expect(durable.value().leq(received), 'I5: durable <= received').to.equal(true);
    expect(this.#told.leq(durable), 'durable never shrinks').to.equal(true);
    this.#told = durable.value();
    for (const { record } of effectsOf(effects, 'append')) {
      expect(record.prev.leq(received), `A3: closed at ${shown(record)}`).to.equal(true);
    }
    for (const effect of effects) {
      for (const told of toldBy(effect)) {
        expect(told.leq(durable), `A2: told by ${effect.kind} is durable`).to.equal(true);
      }
      if (effect.kind !== 'read') continue;
      const shows = effect.basis.valueTimestamp.get(own);
      expect(shows, 'A2: an answer shows no own record that is not durable').to.be.at.most(
        durable.get(own),
      );
    }
  }
}

/** The timestamps by which an effect says what this replica holds. */
function toldBy(effect: ReplicaEffect): VectorTimestamp[] {
  if (effect.kind === 'read') return [effect.basis.replicaTimestamp];
  if (effect.kind !== 'send') return [];
  const { message } = effect;
  if (message.kind === 'acknowledged') return [message.timestamp];
  return 'replicaTimestamp' in message ? [message.replicaTimestamp] : [];
}

export function timestampOfAll(records: readonly TravellingRecord[]): VectorTimestamp {
  let told = VectorTimestamp.zero;
  for (const { origin, seq, prev } of records) told = told.merge(prev.with(origin, seq));
  return told;
}

/** rm-1 of three, connected to a front end (link 1) and both peers (links 12 and 13). */
export function connectedReplica(init: Pick<TestReplicaInit, 'founded'> = {}): TestReplica {
  const replica = new TestReplica(init).peers();
  replica.frontend();
  return replica;
}
