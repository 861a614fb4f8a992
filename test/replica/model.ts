/**
 * Replica cores alone under a random scheduler: two or three of them, connections that deliver in order
 * and break, disks that keep a prefix of what was appended, crashes, old snapshots, lost disks, clients
 * that send an update to several replicas or two bodies under one id. Nothing of a driver is used. A run
 * is decided by its seed, checks every effect as it comes, and ends quiet, when all must agree.
 */

import { assert } from '../../src/base/assert.js';
import type { MemberId, Name, Origin, SessionId } from '../../src/base/ids.js';
import { SeededRandom } from '../../src/base/random.js';
import { isAlias, keyOf, type TravellingRecord, type UpdateBody } from '../../src/log/record.js';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import type { ReplicaEvent } from '../../src/replica/events.js';
import { DEFAULT_TUNING, type ReplicaState, type SnapshotState } from '../../src/replica/state.js';
import { startReplica, step } from '../../src/replica/step.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { ReplicaToReplica } from '../../src/wire/messages.js';
import { ModelNetwork } from './model-network.js';
import { keepLogsWhole, wholeSnapshotOf } from './whole-snapshot.js';
import { counterpartOf, frontendNamed, identityAmong } from './identities.js';
import { NOTHING_RECOVERED, timestampOfAll, WALL_MS } from './support.js';

const FRONTEND_LINK = 1;

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;
interface Saved {
  /** The log must be durable up to here before the snapshot may be. */
  readonly length: number;
  readonly snapshot: SnapshotState;
  readonly applied: ReadonlySet<string>;
}

interface Node {
  readonly name: Name;
  member: MemberId;
  origin: Origin;
  /** Null while it is down. */
  state: ReplicaState | null;
  /** All that was appended; a crash keeps a prefix that holds at least what is durable. */
  disk: TravellingRecord[];
  snapshots: Saved[];
  /** Updates that the service's state has executed, by key. */
  applied: Set<string>;
  /** `replicaTS` as of the last step of this life. */
  durable: VectorTimestamp;
  wakeAtMs: number;
}

/** What really happened in a run: a model in which nothing goes wrong proves nothing. */
export interface ModelReport {
  readonly executed: number;
  readonly acknowledged: number;
  readonly crashes: number;
  readonly breaks: number;
  readonly lostDisks: number;
}

/** Plays one run; throws an error that names the seed and the broken promise. */
export function playModel(seed: number): ModelReport {
  const model = new Model(seed);
  try {
    return model.play();
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

class Model {
  readonly #random: SeededRandom;
  readonly #nodes: readonly Node[];
  readonly #network: ModelNetwork<Node>;
  /** What each record is, for ever, whoever holds it. */
  readonly #records = new Map<string, string>();
  /** Numbers of the updates that were acknowledged. */
  readonly #acknowledged = new Set<number>();
  /** Requests that are to be answered, by replica's start and request id: the update's number. */
  readonly #open = new Map<string, number>();
  /** Timestamps that clients were shown, and the update they were shown for. */
  readonly #shown: [number, VectorTimestamp][] = [[0, VectorTimestamp.zero]];
  readonly #counts = { crashes: 0, lostDisks: 0 };
  #nowMs = 0;
  #nextStart = 1;
  #nextUpdate = 1;
  #nextRequest = 1;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.#network = new ModelNetwork(this.#random.child('network'), FRONTEND_LINK + 1);
    this.#nodes = Array.from({ length: 2 + this.#random.below(2) }, (_, i) => {
      const name = `rm-${i + 1}` as Name;
      return {
        name,
        member: `${name}.d0` as MemberId,
        origin: '' as Origin,
        state: null,
        disk: [],
        snapshots: [],
        applied: new Set<string>(),
        durable: VectorTimestamp.zero,
        wakeAtMs: 0,
      };
    });
  }

  play(): ModelReport {
    for (const node of this.#nodes) this.#start(node);
    const steps = 60 + this.#random.below(120);
    for (let i = 0; i < steps; i++) this.#randomStep();
    this.#becomeQuiet();
    this.#checkAgreement();
    const executed = this.#nodes[0]?.applied.size ?? 0;
    const acknowledged = this.#acknowledged.size;
    return { executed, acknowledged, breaks: this.#network.breaks, ...this.#counts };
  }

  #randomStep(): void {
    const random = this.#random;
    const node = random.pick(this.#nodes);
    const draw = random.below(100);
    if (draw < 16) this.#update();
    else if (draw < 36) this.#write(node);
    else if (draw < 80) this.#deliver();
    else if (draw < 88) this.#pass(1 + random.below(random.chance(1, 8) ? 1500 : 12));
    else if (draw < 92) this.#connect();
    else if (draw < 94) this.#network.breakAny();
    else if (draw < 96) this.#snapshot(node);
    else if (draw < 98) this.#crash(node);
    else if (draw < 99 && random.chance(1, 6)) this.#loseDisk(node);
    else if (node.state === null) this.#start(node);
  }

  // ---- Clients ----

  /** A new update, or one sent before, at one replica or several. */
  #update(): void {
    const random = this.#random;
    const isNew = this.#nextUpdate === 1 || random.chance(3, 4);
    const n = isNew ? this.#nextUpdate++ : 1 + random.below(this.#nextUpdate - 1);
    // A lying client: now and then another body under the same number.
    const digest = random.chance(1, 12) ? 'other' : 'body';
    const body: UpdateBody = {
      session: 'session-1' as SessionId,
      n,
      digest,
      stamp: { physicalMs: WALL_MS, logical: n },
      operation: 'set',
      args: {},
      user: '',
    };
    const [seen, prev] = random.pick(this.#shown);
    // The same past by another record of that update, where there is one (PROTOCOL A7).
    const other = this.#shown.find(([number, form]) => number === seen && !form.equals(prev));
    const past = other === undefined ? { prev } : { prev, alternative: other[1] };
    const targets = this.#nodes.filter(() => random.chance(2, 3));
    const holders = targets.map(({ name }) => name);
    for (const node of targets) {
      if (node.state === null) continue;
      const requestId = this.#nextRequest++;
      this.#open.set(`${node.origin}/${requestId}`, n);
      const { session, stamp, operation, args, user } = body;
      const content = { session, n, stamp, operation, args, user };
      const head = { kind: 'update', requestId, answered: 0, ...past, timeoutMs: 500 } as const;
      const request = { ...head, ...content, holders } as const;
      this.#step(node, {
        kind: 'update',
        link: FRONTEND_LINK,
        request,
        body,
        ordering: 'causal',
        wallMs: WALL_MS,
      });
    }
  }

  // ---- Disks and processes ----

  /** The disk has written some of what it was given. */
  #write(node: Node): void {
    const { state } = node;
    if (state === null || state.durableLength === node.disk.length) return;
    const more = 1 + this.#random.below(node.disk.length - state.durableLength);
    this.#step(node, { kind: 'durable', length: state.durableLength + more, transitions: 0 });
  }

  #snapshot(node: Node): void {
    if (node.state === null) return;
    const snapshot = wholeSnapshotOf(node.state);
    node.snapshots.push({
      length: node.disk.length,
      snapshot,
      applied: new Set(node.applied),
    });
  }

  /** Keeps what was durable and, by chance, some of what was on its way to the disk. */
  #crash(node: Node): void {
    const { state } = node;
    if (state === null) return;
    this.#counts.crashes++;
    const kept =
      state.durableLength + this.#random.below(node.disk.length - state.durableLength + 1);
    node.disk = node.disk.slice(0, kept);
    node.snapshots = node.snapshots.filter(({ length }) => length <= state.durableLength);
    node.state = null;
    for (const id of this.#open.keys()) if (id.startsWith(node.origin)) this.#open.delete(id);
    this.#network.leave(node);
  }

  #loseDisk(node: Node): void {
    if (node.state !== null) return;
    this.#counts.lostDisks++;
    node.member = `${node.name}.d${this.#counts.lostDisks}` as MemberId;
    node.disk = [];
    node.snapshots = [];
  }

  /** From any snapshot that the disk has, the first state of all included. */
  #start(node: Node): void {
    const saved = this.#random.pick([null, ...node.snapshots]);
    node.origin = `${node.member}~s${this.#nextStart++}` as Origin;
    node.applied = new Set(saved?.applied);
    node.wakeAtMs = this.#nowMs;
    const members = this.#nodes.map(({ name }) => name);
    const { state, effects } = startReplica(
      identityAmong(members, { name: node.name, memberId: node.member, origin: node.origin }),
      { ...DEFAULT_TUNING, forced: 'off' },
      {
        ...NOTHING_RECOVERED,
        ...(saved === null ? {} : { snapshot: saved.snapshot }),
        records: node.disk,
      },
      this.#nowMs,
      this.#random.child('core'),
    );
    keepLogsWhole(state);
    node.state = state;
    node.durable = state.durable.value();
    this.#perform(node, effects);
    this.#step(node, {
      kind: 'link-up',
      link: FRONTEND_LINK,
      counterpart: frontendNamed('fe-1'),
    });
  }

  // ---- Connections ----

  /** Connects two replicas that run and are not connected. */
  #connect(): void {
    const up = this.#nodes.filter(({ state }) => state !== null);
    const pairs = up.flatMap((a, i) => up.slice(i + 1).map((b) => [a, b] as const));
    const free = pairs.filter(([a, b]) => !this.#network.areConnected(a, b));
    if (free.length === 0) return;
    const [a, b] = this.#random.pick(free);
    this.#network.connect(endOf(a), endOf(b));
  }

  /** Something arrives somewhere. Answers whether there was anything on its way. */
  #deliver(): boolean {
    const arrival = this.#network.next();
    if (arrival === null) return false;
    const { to, link, parcel } = arrival;
    if (parcel.kind === 'down') this.#step(to, { kind: 'link-down', link });
    else if (parcel.kind === 'message') {
      const { message } = parcel;
      assert(message.kind !== 'forward', 'nobody asks for forced updates');
      this.#step(to, { kind: 'message', link, message });
    } else this.#step(to, { kind: 'link-up', link, counterpart: parcel.counterpart });
    return true;
  }

  // ---- Time ----

  #pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const awake = this.#nodes.filter(({ state }) => state !== null);
      const dueMs = Math.min(...awake.map(({ wakeAtMs }) => wakeAtMs));
      if (dueMs > endMs) break;
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      for (const node of awake) {
        if (node.wakeAtMs > this.#nowMs) continue;
        node.wakeAtMs = Number.POSITIVE_INFINITY;
        this.#step(node, { kind: 'tick' });
      }
    }
    this.#nowMs = endMs;
  }

  /** No more faults: all run, all are connected, everything arrives and is written. */
  #becomeQuiet(): void {
    for (const node of this.#nodes) if (node.state === null) this.#start(node);
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < this.#nodes.length; i++) this.#connect();
      while (this.#deliver()) for (const node of this.#nodes) this.#write(node);
      for (const node of this.#nodes) this.#write(node);
      this.#pass(100);
    }
  }

  // ---- Events, effects, checks ----

  #step(node: Node, event: WithoutTime<ReplicaEvent>): void {
    if (node.state === null) return;
    this.#perform(node, step(node.state, { ...event, nowMs: this.#nowMs }));
    const { value, durable, received } = node.state;
    const now = durable.value();
    assert(node.durable.leq(now), `${node.name}: durable shrank in one life`);
    assert(now.leq(received), `${node.name}: durable is above received`);
    if (now !== node.durable) {
      const written = timestampOfAll(node.disk.slice(0, node.state.durableLength));
      assert(now.equals(written), `${node.name}: durable is not what the disk has`);
    }
    assert(value.value().leq(received), `${node.name}: value is above received`);
    assert(value.get(node.origin) <= now.get(node.origin), `${node.name}: own record ran early`);
    node.durable = now;
  }

  #perform(node: Node, effects: readonly ReplicaEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'append') this.#append(node, effect.record);
      else if (effect.kind === 'apply') this.#apply(node, keyOf(effect.body));
      else if (effect.kind === 'wake') node.wakeAtMs = Math.min(node.wakeAtMs, effect.atMs);
      else if (effect.kind === 'send') this.#send(node, effect);
      else assert(effect.kind !== 'halt', `${node.name} halted`);
    }
  }

  #append(node: Node, record: TravellingRecord): void {
    const name = `${record.origin}:${record.seq}`;
    const prev = [...record.prev]
      .map((entry) => entry.join('='))
      .sort((a, b) => a.localeCompare(b));
    const content = `${keyOf(isAlias(record) ? record.id : record.body)} after ${prev.join(' ')}`;
    const known = this.#records.get(name);
    assert(known === undefined || known === content, `${name} is ${known} and ${content}`);
    this.#records.set(name, content);
    assert(
      record.prev.leq(timestampOfAll(node.disk)),
      `${node.name}: the log is not closed at ${name}`,
    );
    node.disk.push(record);
  }

  #apply(node: Node, key: string): void {
    assert(!node.applied.has(key), `${node.name} executed ${key} twice`);
    node.applied.add(key);
  }

  #send(node: Node, { link, message }: Extract<ReplicaEffect, { kind: 'send' }>): void {
    if (message.kind === 'acknowledged') {
      assert(message.timestamp.leq(node.state?.durable ?? VectorTimestamp.zero), 'told too early');
      const n = this.#open.get(`${node.origin}/${message.requestId}`) ?? 0;
      this.#shown.push([n, message.timestamp]);
      this.#acknowledged.add(n);
    }
    if (message.kind === 'acknowledged' || message.kind === 'declined') {
      const id = `${node.origin}/${message.requestId}`;
      assert(this.#open.delete(id), `${id} was answered twice`);
    }
    if (link !== FRONTEND_LINK) this.#network.send(node, link, message as ReplicaToReplica);
  }

  #checkAgreement(): void {
    assert(this.#open.size === 0, `never answered: ${[...this.#open.keys()].join(' ')}`);
    const [first, ...others] = this.#nodes;
    assert(first?.state != null, 'there is a first replica');
    const value = first.state.value.value();
    for (const { name, state, applied } of others) {
      assert(
        state !== null && state.value.value().equals(value),
        `${name} and rm-1 differ in value`,
      );
      const missing = [...first.applied].filter((key) => !applied.has(key));
      assert(missing.length === 0, `${name} lacks ${missing.join(' ')}`);
      assert(applied.size === first.applied.size, `${name} executed more than rm-1`);
    }
    for (const { state, name } of this.#nodes) {
      assert(state?.counted === true, `${name} is not counted`);
      assert(state.unexecuted.size === 0, `${name} has not executed all that it holds`);
      // What depends on records of a lost disk waits until the origin is closed (PROTOCOL D).
      const isWhole = state.early.size === 0 && state.missingBodies.size === 0;
      assert(isWhole || this.#counts.lostDisks > 0, `${name} has records left over`);
    }
    if (this.#counts.lostDisks > 0) return;
    for (const n of this.#acknowledged) {
      const isThere = ['body', 'other'].some((digest) =>
        first.applied.has(`session-1:${n}:${digest}`),
      );
      assert(isThere, `update ${n} was acknowledged and is lost`);
    }
  }
}

function endOf(node: Node) {
  const { name, member, origin, durable } = node;
  return { node, counterpart: counterpartOf({ name, memberId: member, origin }, durable) };
}
