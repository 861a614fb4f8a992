/**
 * Replica cores with a forced log, in virtual time: disks that keep a prefix of what they were given,
 * connections that stand still and break, processes that crash and start again from an old snapshot, a
 * service that counts, and a front end at every core. Nothing of a driver is used. After each step
 * `ForcedOracle` looks for broken invariants.
 */

import { assert } from '../../src/base/assert.js';
import type { MemberId, Name, Origin } from '../../src/base/ids.js';
import { type Random, SeededRandom } from '../../src/base/random.js';
import type { ForcedTransition } from '../../src/log/forced-log.js';
import type { UpdateBody } from '../../src/log/record.js';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import type { LinkId, ReplicaEvent } from '../../src/replica/events.js';
import {
  DEFAULT_TUNING,
  EMPTY_SNAPSHOT,
  type ReplicaState,
  type ReplicaTuning,
} from '../../src/replica/state.js';
import { startReplica, step } from '../../src/replica/step.js';
import type { Query, ReplicaToFrontend, ReplicaToReplica } from '../../src/wire/messages.js';
import { FRONTEND_LINK, ForcedNetwork, type Parcel } from './forced-network.js';
import { type CoreNode, copyOf, emptyNode, executeIn, type WithoutTime } from './forced-node.js';
import type { Answer, AnswerOf, ClusterInit } from './forced-cluster-types.js';
import { ForcedOracle } from './forced-oracle.js';
import { frontendNamed, identityAmong } from './identities.js';
import { type ForcedRequestInit, queryOf, requestOf, WALL_MS } from './forced-requests.js';
import { ForcedTopology } from './forced-topology.js';
import { VirtualTime } from './virtual-time.js';
import { keepLogsWhole, wholeSnapshotOf } from './whole-snapshot.js';

export class ForcedCluster {
  readonly time = new VirtualTime();
  readonly random: Random;
  readonly nodes: readonly CoreNode[];
  readonly oracle: ForcedOracle;
  readonly network: ForcedNetwork<CoreNode>;
  readonly links: ForcedTopology;
  /** Answers to front ends, by the request's number. */
  readonly answers = new Map<number, { readonly from: Name; readonly answer: Answer }[]>();
  /** Directions with a delay of their own, `rm-1>rm-2`: ms. */
  readonly slow = new Map<string, number>();
  /** Told of each transition that a core wants written. */
  onPersist: (node: CoreNode, transition: ForcedTransition) => void = () => {};
  readonly #init: Required<Pick<ClusterInit, 'networkMs' | 'diskMs'>>;
  readonly #tuning: ReplicaTuning;
  #nextStart = 1;
  #nextDisk = 1;
  #nextRequest = 1;

  constructor(init: ClusterInit = {}) {
    this.random = new SeededRandom(init.seed ?? 1);
    this.#init = { networkMs: init.networkMs ?? (() => 1), diskMs: init.diskMs ?? (() => 1) };
    this.#tuning = { ...DEFAULT_TUNING, trace: true, ...init.tuning };
    const delays = this.random.child('network');
    this.network = new ForcedNetwork(
      this.time,
      (from, to) => this.slow.get(`${from}>${to}`) ?? this.#init.networkMs(delays),
      (node, link, parcel) => this.#onParcel(node, link, parcel),
    );
    this.nodes = Array.from({ length: init.members ?? 3 }, (_, i) => emptyNode(`rm-${i + 1}`));
    this.oracle = new ForcedOracle(this.nodes);
    this.links = new ForcedTopology(this.nodes, this.network, this.time);
    if (init.down === true) return;
    for (const { name } of this.nodes) this.start(name);
    this.links.connect();
  }

  node(name: string): CoreNode {
    const node = this.nodes.find((each) => each.name === name);
    assert(node !== undefined, `there is no ${name}`);
    return node;
  }

  /** The core of a process that runs. */
  core(name: string): ReplicaState {
    const { state } = this.node(name);
    assert(state !== null, `${name} is down`);
    return state;
  }

  /** The primary of the latest view, or null. */
  get primary(): Name | null {
    const primaries = this.nodes.filter(({ state }) => state?.forced.role === 'primary');
    primaries.sort((a, b) => (b.state?.forced.log.view.n ?? 0) - (a.state?.forced.log.view.n ?? 0));
    return primaries[0]?.name ?? null;
  }

  get #wallMs(): number {
    return WALL_MS + this.time.nowMs;
  }

  // ---- Time ----

  run(ms: number): void {
    this.time.runTo(this.time.nowMs + ms);
  }

  /** Lets time go by until something holds; fails when it does not hold in time. */
  until(what: string, holds: () => boolean, withinMs = 20_000): void {
    const endMs = this.time.nowMs + withinMs;
    while (!holds()) {
      assert(this.time.nowMs < endMs, `not within ${withinMs} ms: ${what}`);
      this.run(5);
    }
  }

  /** Waits for a primary that can order; answers its name. */
  elect(withinMs = 20_000): Name {
    const ready = () => {
      const state = this.primary === null ? null : this.core(this.primary);
      return state !== null && state.forced.executed >= state.forced.noOpSeq;
    };
    this.until('a primary', ready, withinMs);
    return this.primary as Name;
  }

  // ---- Processes and disks ----

  start(name: string): void {
    const node = this.node(name);
    assert(node.state === null, `${name} runs`);
    node.life++;
    node.origin = `${node.member}~s${this.#nextStart++}` as Origin;
    node.isWriting = false;
    node.wakeAtMs = Number.POSITIVE_INFINITY;
    node.pausedUntilMs = 0;
    node.deferred = [];
    const onDisk = node.disk.slice(0, node.written);
    node.disk = onDisk;
    if (node.saved !== null && node.saved.items > node.written) node.saved = null;
    const { saved } = node;
    node.service = copyOf(saved?.service ?? { done: [], stock: 10 });
    const records = onDisk.flatMap((item) => (item.kind === 'record' ? [item.record] : []));
    // The snapshot has the forced log as it was; of the update log the disk has all.
    const transitions = onDisk
      .slice(saved?.items ?? 0)
      .flatMap((item) => (item.kind === 'transition' ? [item.transition] : []));
    const { state, effects } = startReplica(
      identityAmong(
        this.nodes.map((each) => each.name),
        { name: node.name, memberId: node.member, origin: node.origin },
      ),
      this.#tuning,
      {
        snapshot: saved?.snapshot ?? EMPTY_SNAPSHOT,
        records: records,
        transitions,
        mustRecover: null,
        hasForgotten: node.hasForgotten,
      },
      this.time.nowMs,
      this.random.child(`core ${node.origin}`),
    );
    node.hasForgotten = false;
    keepLogsWhole(state);
    node.state = state;
    this.oracle.started(node);
    this.#perform(node, effects);
    const counterpart = frontendNamed('fe-1');
    this.step(node, { kind: 'link-up', link: FRONTEND_LINK, counterpart });
  }

  /** The process is gone. Of what was not written, the disk keeps the first `keeps` items. */
  crash(name: string, keeps: (unwritten: number) => number = () => 0): void {
    const node = this.node(name);
    if (node.state === null) return;
    node.written += keeps(node.disk.length - node.written);
    node.disk.length = node.written;
    node.state = null;
    node.life++;
    this.network.leave(name, keeps);
    this.oracle.checkDisk(node);
  }

  /** The directory of a process that is down is gone: it comes back as another member. */
  loseDisk(name: string): void {
    const node = this.node(name);
    assert(node.state === null, `${name} runs`);
    node.member = `${name}.d${++this.#nextDisk}` as MemberId;
    node.disk = [];
    node.written = 0;
    node.saved = null;
  }

  /** Damage: only the first `kept` items are left, and the process is told so at its start. */
  damageDisk(name: string, kept: number): void {
    const node = this.node(name);
    assert(node.state === null && kept <= node.written, `${name} runs, or holds less`);
    node.disk.length = node.written = kept;
    node.hasForgotten = true;
    this.oracle.forgetDisk(node);
  }

  /** Notes the state, to be the start of a later life once the disk is as far. */
  snapshot(name: string): void {
    const node = this.node(name);
    if (node.state === null) return;
    const snapshot = wholeSnapshotOf(node.state);
    node.saved = { items: node.disk.length, snapshot, service: copyOf(node.service) };
  }

  pause(name: string, ms: number): void {
    const node = this.node(name);
    const { life } = node;
    node.pausedUntilMs = Math.max(node.pausedUntilMs, this.time.nowMs + ms);
    this.time.at(node.pausedUntilMs, () => {
      if (node.life !== life || node.pausedUntilMs > this.time.nowMs) return;
      for (const event of node.deferred.splice(0)) this.step(node, event);
    });
  }

  // ---- Requests of front ends ----

  /** Asks one core; answers the request's number. `set` is causal, the others are forced. */
  ask(name: string, init: ForcedRequestInit = {}, requestId = this.#nextRequest++): number {
    const wallMs = this.#wallMs;
    const asked = requestOf(init, requestId, wallMs);
    this.step(this.node(name), { kind: 'update', link: FRONTEND_LINK, ...asked, wallMs });
    return requestId;
  }

  query(name: string, fields: Partial<Query> = {}): number {
    const requestId = this.#nextRequest++;
    const message = queryOf(fields, requestId);
    this.step(this.node(name), { kind: 'message', link: FRONTEND_LINK, message });
    return requestId;
  }

  /** The only answer to a request so far, or null. */
  answerTo(requestId: number): Answer | null {
    const answers = this.answers.get(requestId) ?? [];
    assert(answers.length <= 1, `request ${requestId} was answered ${answers.length} times`);
    return answers[0]?.answer ?? null;
  }

  /** Waits for the answer to a request, which must be of this kind. */
  answer<Kind extends Answer['kind']>(
    requestId: number,
    kind: Kind,
    withinMs = 20_000,
  ): AnswerOf<Kind> {
    this.until(`an answer to ${requestId}`, () => this.answerTo(requestId) !== null, withinMs);
    const answer = this.answerTo(requestId);
    assert(answer?.kind === kind, `answered with ${JSON.stringify(answer)}`);
    return answer as AnswerOf<Kind>;
  }

  // ---- Events and effects ----

  step(node: CoreNode, event: WithoutTime<ReplicaEvent>): void {
    if (node.state === null) return;
    if (node.pausedUntilMs > this.time.nowMs || node.deferred.length > 0) {
      node.deferred.push(event);
      return;
    }
    this.#perform(node, step(node.state, { ...event, nowMs: this.time.nowMs }));
  }

  #onParcel(node: CoreNode, link: LinkId, parcel: Parcel): void {
    if (parcel.kind === 'down') return this.step(node, { kind: 'link-down', link });
    if (parcel.kind === 'hello') {
      return this.step(node, { kind: 'link-up', link, counterpart: parcel.counterpart });
    }
    const { message } = parcel;
    if (message.kind !== 'forward') return this.step(node, { kind: 'message', link, message });
    const { session, n, operation, args, user, stamp } = message;
    const digest = `${operation}-${String(args['amount'])}`;
    const body = { session, n, digest, operation, args, user, stamp };
    this.step(node, { kind: 'forward', link, request: message, body, wallMs: this.#wallMs });
  }

  #perform(node: CoreNode, effects: readonly ReplicaEffect[]): void {
    let execute: UpdateBody | null = null;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'append':
          node.disk.push({ kind: 'record', record: effect.record });
          break;
        case 'persist':
          node.disk.push({ kind: 'transition', transition: effect.transition });
          this.onPersist(node, effect.transition);
          break;
        case 'send':
          this.#send(node, effect.link, effect.message);
          break;
        case 'execute':
          assert(execute === null, 'one at a time');
          execute = effect.body;
          break;
        case 'read':
          this.#answer(node, effect.query.requestId, {
            kind: 'answer',
            requestId: effect.query.requestId,
            ...effect.basis,
            outcome: { kind: 'value', value: node.service.stock },
          });
          break;
        case 'wake':
          this.#wake(node, effect.atMs);
          break;
        case 'probe':
          this.#probe(node, effect.peer);
          break;
        case 'trace':
          node.trace.push(effect.trace);
          break;
        case 'apply':
        case 'repaired':
        case 'configured':
        case 'forget':
          break;
        case 'unsettled':
        case 'end':
        case 'hang-up':
          assert(false, `${node.name} asks for ${effect.kind}: its members are fixed`);
          break;
        case 'halt':
          assert(false, `${node.name} halted: ${effect.message}`);
          break;
      }
    }
    this.#write(node);
    this.oracle.check(node);
    if (execute !== null) {
      const result = executeIn(node.service, execute);
      this.oracle.executed(node, result);
      this.step(node, { kind: 'executed', result });
    }
  }

  #send(node: CoreNode, link: LinkId, message: ReplicaToFrontend | ReplicaToReplica): void {
    if (link !== FRONTEND_LINK) {
      return this.network.send(node.name, link, message as ReplicaToReplica);
    }
    if ('requestId' in message) this.#answer(node, message.requestId, message);
  }

  #answer(node: CoreNode, requestId: number, answer: Answer): void {
    this.oracle.answered(node, answer);
    const answers = this.answers.get(requestId) ?? [];
    answers.push({ from: node.name, answer });
    this.answers.set(requestId, answers);
  }

  #wake(node: CoreNode, atMs: number): void {
    if (atMs >= node.wakeAtMs) return;
    node.wakeAtMs = atMs;
    const { life } = node;
    this.time.at(atMs, () => {
      if (node.life !== life || node.wakeAtMs !== atMs) return;
      node.wakeAtMs = Number.POSITIVE_INFINITY;
      this.step(node, { kind: 'tick' });
    });
  }

  /** Nobody listens where the process is down. */
  #probe(node: CoreNode, peer: Name): void {
    if (this.links.isSevered(node.name, peer)) return;
    const { life } = node;
    this.time.after(1, () => {
      const isGone = this.node(peer).state === null;
      if (isGone && node.life === life) this.step(node, { kind: 'refused', peer });
    });
  }

  #write(node: CoreNode): void {
    if (node.isWriting || node.written === node.disk.length) return;
    node.isWriting = true;
    const { life } = node;
    const to = node.disk.length;
    this.time.after(this.#init.diskMs(this.random), () => {
      if (node.life !== life) return;
      const items = node.disk.slice(node.written, to);
      node.written = to;
      node.isWriting = false;
      this.oracle.checkDisk(node);
      const transitions = items.filter(({ kind }) => kind === 'transition').length;
      const records = node.disk.slice(0, to).filter(({ kind }) => kind === 'record').length;
      this.step(node, { kind: 'durable', length: records, transitions });
      this.#write(node);
    });
  }
}
