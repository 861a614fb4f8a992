/**
 * The replica's core without anything around it: events in, effects out, a journal that is durable at
 * once after each 64 records, peers that acknowledge gossip at once. What is left is what the protocol
 * itself costs.
 */

import type { MemberId, Name } from '../src/base/ids.js';
import { SeededRandom } from '../src/base/random.js';
import type { UpdateBody } from '../src/log/record.js';
import type { ReplicaEffect } from '../src/replica/effects.js';
import type { Counterpart, LinkId, ReplicaEvent } from '../src/replica/events.js';
import { DEFAULT_TUNING, EMPTY_SNAPSHOT, type ReplicaState } from '../src/replica/state.js';
import { startReplica, step } from '../src/replica/step.js';
import { VectorTimestamp } from '../src/timestamp/vector-timestamp.js';
import { bodyDigest } from '../src/wire/digest.js';
import type { MessageOf, Update } from '../src/wire/messages.js';
import { ORIGINS, queryOf, updateOf } from './samples.js';
import type { MicroCase } from './stopwatch.js';

const GROUP = 64;
/** Updates that one core takes before a new one takes its place: a log that grows for ever would not fit. */
const LIFE = 200 * GROUP;

const FRONTEND: LinkId = 1;
const PEER_LINKS: readonly LinkId[] = [2, 3];

const NAMES = ['rm-1', 'rm-2', 'rm-3'].map((name) => name as Name);

export function replicaCases(): MicroCase[] {
  const taken = prepare();
  const gossips = gossipOfAll(taken);
  return [
    {
      name: `take updates, ${GROUP} a batch`,
      unit: 'update',
      round: () => {
        const core = new Core(0);
        for (const group of taken) core.takeGroup(group);
        return LIFE;
      },
    },
    {
      name: `store and execute gossip, ${GROUP} records a message`,
      unit: 'record',
      round: () => {
        const core = new Core(1);
        for (const gossip of gossips) core.takeGossip(gossip);
        return LIFE;
      },
    },
    queryCase(),
  ];
}

interface TakenUpdate {
  readonly request: Update;
  readonly body: UpdateBody;
}

/** The load, its bodies made: each update depends on what its session saw a group ago. */
function prepare(): TakenUpdate[][] {
  const origin = ORIGINS[0];
  if (origin === undefined) return [];
  return Array.from({ length: LIFE / GROUP }, (_, group) => {
    const prev = VectorTimestamp.of([[origin, group * GROUP]]);
    return Array.from({ length: GROUP }, (__, index) => {
      const request = { ...updateOf(group * GROUP + index, prev), holders: NAMES.slice(0, 1) };
      const { session, n, stamp, operation, args, user } = request;
      const digest = bodyDigest(operation, args, user, stamp, session);
      return { request, body: { session, n, digest, stamp, operation, args, user } };
    });
  });
}

/** What the first replica sends the second one while it takes the load. */
function gossipOfAll(groups: readonly (readonly TakenUpdate[])[]): MessageOf<'gossip'>[] {
  const core = new Core(0);
  return groups.flatMap((group) => core.takeGroup(group));
}

function queryCase(): MicroCase {
  const core = new Core(0);
  const query = queryOf(1, VectorTimestamp.zero);
  return {
    name: 'take a query',
    unit: 'query',
    round: () => {
      for (let count = 0; count < GROUP; count++) core.takeQuery(query);
      return GROUP;
    },
  };
}

/** An empty disk; the causal part alone. */
const NOTHING = { mustRecover: null, transitions: [], hasForgotten: false } as const;
const TUNING = { ...DEFAULT_TUNING, forced: 'off' } as const;

const BOOT = { number: 1, nonce: 'bench' };

/** One replica with a front end and two peers. */
class Core {
  readonly #state: ReplicaState;
  #length = 0;

  constructor(index: number) {
    const origin = ORIGINS[index];
    const name = NAMES[index];
    if (origin === undefined || name === undefined) throw new RangeError(`no replica ${index}`);
    const identity = {
      ...{ name, memberId: memberIdOf(origin), origin, members: NAMES, address: '' },
      ...{ boot: BOOT, versions: [1, 1] as const, joins: null },
    };
    const recovered = { snapshot: EMPTY_SNAPSHOT, records: [], ...NOTHING };
    this.#state = startReplica(identity, TUNING, recovered, 0, new SeededRandom(1)).state;
    this.#linkUp(FRONTEND, { role: 'frontend', name: 'fe-1' as Name, address: '' });
    const peers = ORIGINS.filter((each) => each !== origin);
    for (const [at, peer] of peers.entries()) {
      const peerName = NAMES[ORIGINS.indexOf(peer)];
      const link = PEER_LINKS[at];
      if (peerName === undefined || link === undefined) continue;
      this.#linkUp(link, {
        role: 'replica',
        name: peerName,
        memberId: memberIdOf(peer),
        origin: peer,
        ...{ address: '', epoch: 1, boot: BOOT, promises: 0, versions: [1, 1], joins: null },
        replicaTimestamp: VectorTimestamp.zero,
      });
    }
  }

  /** Answers the gossip sent to the first peer. */
  takeGroup(group: readonly TakenUpdate[]): MessageOf<'gossip'>[] {
    for (const { request, body } of group) {
      const { physicalMs: wallMs } = body.stamp;
      this.#step({
        ...{ kind: 'update', link: FRONTEND, request, body, ordering: 'causal', wallMs, nowMs: 0 },
      });
    }
    return this.#becomeDurable();
  }

  takeGossip(message: MessageOf<'gossip'>): void {
    this.#step({ kind: 'message', link: PEER_LINKS[0] ?? 0, message, nowMs: 0 });
    this.#becomeDurable();
  }

  takeQuery(message: MessageOf<'query'>): void {
    this.#step({ kind: 'message', link: FRONTEND, message, nowMs: 0 });
  }

  /** The disk has all; the peers have what is sent to them then, and say so. */
  #becomeDurable(): MessageOf<'gossip'>[] {
    const effects = this.#step({ kind: 'durable', length: this.#length, transitions: 0, nowMs: 0 });
    const sent: MessageOf<'gossip'>[] = [];
    for (const effect of effects) {
      if (effect.kind !== 'send' || effect.message.kind !== 'gossip') continue;
      const { serial, replicaTimestamp } = effect.message;
      const message = { kind: 'gossip-acknowledged', serial, replicaTimestamp } as const;
      this.#step({ kind: 'message', link: effect.link, message, nowMs: 0 });
      if (effect.link === PEER_LINKS[0]) sent.push(effect.message);
    }
    return sent;
  }

  #linkUp(link: LinkId, counterpart: Counterpart): void {
    this.#step({ kind: 'link-up', link, counterpart, nowMs: 0 });
  }

  #step(event: ReplicaEvent): readonly ReplicaEffect[] {
    const effects = step(this.#state, event);
    for (const effect of effects) if (effect.kind === 'append') this.#length++;
    return effects;
  }
}

const memberIdOf = (origin: string): MemberId => origin.slice(0, origin.indexOf('~')) as MemberId;
