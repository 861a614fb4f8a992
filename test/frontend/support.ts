/**
 * A front end core under test: one call an event, the effects of each call. Replica 2 is `rm-2`, on
 * link 12 while it is up; clients have links 1 to 9. Replicas that are up send heartbeats while time
 * goes by, unless they are hushed, and the core is woken only when it asked for it, as by its driver.
 */

import { expect } from 'chai';
import type { MemberId, Name, Origin, SessionId } from '../../src/base/ids.js';
import type { FrontendEffect, FrontendEvent } from '../../src/frontend/events.js';
import { emptyState, type FrontendState } from '../../src/frontend/state.js';
import { step } from '../../src/frontend/step.js';
import { FORCED_ORIGIN } from '../../src/log/forced-log.js';
import { ZERO_BALLOT } from '../../src/timestamp/ballot.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { ForcedAnswered, ForcedStanding, Tip } from '../../src/wire/forced-messages.js';
import type {
  Acknowledged,
  Answer,
  Cancel,
  ClientQuery,
  ClientUpdate,
  Collected,
  Declined,
  FrontendToReplica,
  StatusValue,
} from '../../src/wire/messages.js';

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;
type Incoming = Extract<FrontendEvent, { kind: 'replica-message' }>['message'];
type EffectOf<Kind extends FrontendEffect['kind']> = Extract<FrontendEffect, { kind: Kind }>;
type Reply = EffectOf<'reply'>['message'];
type SentOf<Kind> = Extract<FrontendToReplica, { kind: Kind }>;

const CLIENT = 1;
const NO_TIP: Tip = { view: ZERO_BALLOT, seq: 0 };
const NO_STANDING: ForcedStanding = {
  view: ZERO_BALLOT,
  lnv: ZERO_BALLOT,
  op: 0,
  commit: 0,
  mayVote: true,
  primary: null,
};
export const SESSION = 'session-1' as SessionId;

export const nameOf = (number: number): Name => `rm-${number}` as Name;
export const memberOf = (number: number, disk = 'd1'): MemberId =>
  `rm-${number}.${disk}` as MemberId;

/** `ts({ 1: 3 })`: three updates of replica 1. */
export const ts = (counts: Readonly<Record<number, number>>): VectorTimestamp =>
  VectorTimestamp.of(
    Object.entries(counts).map(([number, count]) => [
      `${memberOf(Number(number))}~s1` as Origin,
      count,
    ]),
  );

/** The place of a forced update in the order. */
export const place = (seq: number): VectorTimestamp => VectorTimestamp.of([[FORCED_ORIGIN, seq]]);

export const clientUpdate = (fields: Partial<ClientUpdate> = {}): ClientUpdate => ({
  kind: 'client-update',
  requestId: 1,
  session: SESSION,
  n: 1,
  answered: 0,
  attempt: 1,
  stamp: { physicalMs: 1000, logical: 0 },
  prev: VectorTimestamp.zero,
  operation: 'set',
  args: { key: 'k', value: 1 },
  user: 'ann',
  minCopies: 1,
  timeoutMs: 5000,
  ...fields,
});

export const clientQuery = (fields: Partial<ClientQuery> = {}): ClientQuery => ({
  kind: 'client-query',
  requestId: 1,
  session: SESSION,
  prev: VectorTimestamp.zero,
  consistency: 'causal',
  operation: 'get',
  args: { key: 'k' },
  user: 'ann',
  timeoutMs: 5000,
  ...fields,
});

/** What went to replicas of one kind of message: their numbers and the messages, in order. */
export function sends<Kind extends FrontendToReplica['kind']>(
  effects: readonly FrontendEffect[],
  kind: Kind,
): { readonly to: number; readonly message: SentOf<Kind> }[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.kind === kind
      ? [{ to: effect.link % 10, message: effect.message as SentOf<Kind> }]
      : [],
  );
}

/** The numbers of the replicas that messages of one kind went to, in order. */
export const asked = (
  effects: readonly FrontendEffect[],
  kind: FrontendToReplica['kind'],
): number[] => sends(effects, kind).map(({ to }) => to);

/** Request ids told as cancelled, as `replica:id`. */
export const cancelled = (effects: readonly FrontendEffect[]): string[] =>
  sends(effects, 'cancel').flatMap(({ to, message }: { to: number; message: Cancel }) =>
    message.requestIds.map((id) => `${to}:${id}`),
  );

export const replies = (effects: readonly FrontendEffect[]): Reply[] =>
  effects.flatMap((effect) => (effect.kind === 'reply' ? [effect.message] : []));

/** The only reply among effects, which must be of this kind. */
export function reply<Kind extends Reply['kind']>(
  effects: readonly FrontendEffect[],
  kind: Kind,
): Extract<Reply, { kind: Kind }> {
  expect(replies(effects).map((message) => message.kind)).to.deep.equal([kind]);
  return replies(effects)[0] as Extract<Reply, { kind: Kind }>;
}

export class TestFrontend {
  readonly state: FrontendState;
  nowMs = 1000;
  /** The label of all that replicas say, unless it is given. */
  epoch = 1;
  /** Replicas that are connected but send nothing. */
  readonly hushed = new Set<number>();
  readonly #links = new Map<number, number>();
  readonly #lastRequest = new Map<number, number>();
  readonly #status = new Map<number, StatusValue>();
  /** The primary that each replica says it hears. */
  readonly #primaryAsHeard = new Map<number, NonNullable<ForcedStanding['primary']>>();
  #wakeAtMs = Number.POSITIVE_INFINITY;

  /** All members are up unless `up` names fewer. In a founded cluster replicas have to tell who they are. */
  constructor(
    init: {
      readonly members?: number;
      readonly up?: readonly number[];
      readonly isFounded?: boolean;
    } = {},
  ) {
    const numbers = Array.from({ length: init.members ?? 3 }, (_, i) => i + 1);
    const members = init.isFounded === true ? null : numbers.map(nameOf);
    const self = { name: 'fe-1' as Name, members, firstRequestId: 100 };
    this.state = emptyState(self, { trace: false });
    for (const number of init.up ?? numbers) this.up(number);
  }

  step(event: WithoutTime<FrontendEvent>): FrontendEffect[] {
    const effects = step(this.state, { ...event, nowMs: this.nowMs });
    for (const effect of effects) {
      if (effect.kind === 'wake') this.#wakeAtMs = Math.min(this.#wakeAtMs, effect.atMs);
      if (effect.kind !== 'send' || !('requestId' in effect.message)) continue;
      this.#lastRequest.set(effect.link % 10, effect.message.requestId);
    }
    return effects;
  }

  /** A connection to a replica; each one has a link of its own. */
  up(number: number, disk = 'd1'): FrontendEffect[] {
    const link = (this.#links.get(number) ?? number) + 10;
    this.#links.set(number, link);
    this.hushed.delete(number);
    return this.step({
      kind: 'replica-up',
      link,
      name: nameOf(number),
      memberId: memberOf(number, disk),
    });
  }

  /** A replica tells that these are the members, all on the disk `d1` unless `disks` says otherwise. */
  configured(
    epoch: number,
    numbers: readonly number[],
    cut: VectorTimestamp | null = VectorTimestamp.zero,
    disks: Readonly<Record<number, string>> = {},
  ): FrontendEffect[] {
    const members = numbers.map((number) => ({
      name: nameOf(number),
      id: memberOf(number, disks[number]),
      address: `rm-${number}:7200`,
    }));
    const configuration = { epoch, members, leaving: [], closing: [], version: 1 };
    return this.step({ kind: 'configuration', configuration, cut });
  }

  down(number: number): FrontendEffect[] {
    return this.step({ kind: 'replica-down', link: this.#linkOf(number) });
  }

  message(number: number, message: Incoming): FrontendEffect[] {
    return this.step({ kind: 'replica-message', link: this.#linkOf(number), message });
  }

  status(number: number, value: StatusValue): FrontendEffect[] {
    this.#status.set(number, value);
    return this.#heartbeat(number);
  }

  /** Replica `number` says that it hears `primary`, of view `n`. */
  hears(number: number, primary: number | null, n = 1): FrontendEffect[] {
    if (primary === null) this.#primaryAsHeard.delete(number);
    else {
      const view = { n, owner: memberOf(primary) };
      this.#primaryAsHeard.set(number, { name: nameOf(primary), view });
    }
    return this.#heartbeat(number);
  }

  update(fields: Partial<ClientUpdate> = {}, hasPrecondition = false): FrontendEffect[] {
    return this.#clientUpdate('causal', fields, hasPrecondition);
  }

  forced(fields: Partial<ClientUpdate> = {}, hasPrecondition = false): FrontendEffect[] {
    return this.#clientUpdate('forced', fields, hasPrecondition);
  }

  query(fields: Partial<ClientQuery> = {}): FrontendEffect[] {
    return this.step({ kind: 'client-query', client: CLIENT, request: clientQuery(fields) });
  }

  /** A replica answers the request it was last sent, unless `fields` name another one. */
  acknowledges(number: number, fields: Partial<Acknowledged> = {}): FrontendEffect[] {
    return this.message(number, {
      kind: 'acknowledged',
      requestId: fields.requestId ?? this.lastRequest(number),
      timestamp: ts({ [number]: 1 }),
      epoch: this.epoch,
      latest: { physicalMs: 1000 + number, logical: 0 },
      ...fields,
    });
  }

  /** It has executed the forced update that it was last sent. */
  executed(number: number, fields: Partial<ForcedAnswered> = {}): FrontendEffect[] {
    return this.message(number, {
      kind: 'forced-answered',
      requestId: this.lastRequest(number),
      outcome: { kind: 'value', value: `of rm-${number}` },
      timestamp: place(1),
      copies: 2,
      latest: { physicalMs: 1000 + number, logical: 0 },
      ...fields,
    });
  }

  /** It says that it holds all it has executed, and is counted. */
  answers(number: number, fields: Partial<Answer> = {}): FrontendEffect[] {
    const valueTimestamp = fields.valueTimestamp ?? VectorTimestamp.zero;
    return this.message(number, {
      kind: 'answer',
      requestId: fields.requestId ?? this.lastRequest(number),
      valueTimestamp,
      replicaTimestamp: valueTimestamp,
      counted: true,
      epoch: this.epoch,
      tip: NO_TIP,
      executedView: ZERO_BALLOT,
      latest: { physicalMs: 1000 + number, logical: 0 },
      outcome: { kind: 'value', value: `of rm-${number}` },
      ...fields,
    });
  }

  collected(number: number, fields: Partial<Collected> = {}): FrontendEffect[] {
    return this.message(number, {
      kind: 'collected',
      requestId: fields.requestId ?? this.lastRequest(number),
      replicaTimestamp: VectorTimestamp.zero,
      counted: true,
      epoch: this.epoch,
      tip: NO_TIP,
      ...fields,
    });
  }

  declines(number: number, code: Declined['code'], message = `${code} of rm-${number}`) {
    const requestId = this.lastRequest(number);
    return this.message(number, { kind: 'declined', requestId, code, message });
  }

  flush(): FrontendEffect[] {
    return this.step({ kind: 'flush' });
  }

  /** Time goes by in steps of 10 ms; each connected replica sends a heartbeat each 100 ms. */
  wait(ms: number): FrontendEffect[] {
    const effects: FrontendEffect[] = [];
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(this.nowMs + 10, endMs);
      if (this.nowMs % 100 === 0) {
        for (const number of this.#links.keys()) effects.push(...this.#heartbeat(number));
      }
      if (this.nowMs < this.#wakeAtMs) continue;
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      effects.push(...this.step({ kind: 'tick' }));
    }
    return effects;
  }

  /** The id of the last update or query that went to a replica. */
  lastRequest(number: number): number {
    const requestId = this.#lastRequest.get(number);
    expect(requestId, `a request sent to rm-${number}`).to.be.a('number');
    return requestId as number;
  }

  #clientUpdate(
    ordering: 'causal' | 'forced',
    fields: Partial<ClientUpdate>,
    hasPrecondition: boolean,
  ): FrontendEffect[] {
    const request = clientUpdate(fields);
    return this.step({ kind: 'client-update', client: CLIENT, request, ordering, hasPrecondition });
  }

  #heartbeat(number: number): FrontendEffect[] {
    if (this.hushed.has(number)) return [];
    return this.message(number, {
      kind: 'heartbeat',
      status: { value: this.#status.get(number) ?? 'ACTIVE', source: 'hand' },
      counted: true,
      replicaTimestamp: VectorTimestamp.zero,
      standing: { ...NO_STANDING, primary: this.#primaryAsHeard.get(number) ?? null },
      epoch: this.epoch,
      wallMs: 0,
      floorMs: 0,
      promises: 0,
    });
  }

  #linkOf(number: number): number {
    const link = this.#links.get(number);
    expect(link, `a link of rm-${number}`).to.be.a('number');
    return link as number;
  }
}

/** The numbers of `members` replicas other than those named. */
export const others = (members: number, ...named: readonly number[]): number[] =>
  Array.from({ length: members }, (_, i) => i + 1).filter((number) => !named.includes(number));

/** The two that were asked, in order; fails unless there were exactly two. */
export function pairOf(numbers: readonly number[]): [number, number] {
  expect(numbers).to.have.length(2);
  return numbers as [number, number];
}
