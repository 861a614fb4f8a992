/**
 * Replica cores that found a cluster, join it, leave it and come back, in virtual time. What a driver does
 * is done here in its simplest form: directories, starts, donations, hellos to retired identities, and
 * beginning anew where an identity is over. `MembershipOracle` watches after each step.
 */

import { assert } from '../../src/base/assert.js';
import {
  memberOf as memberOfOrigin,
  type MemberId,
  type Name,
  type Origin,
} from '../../src/base/ids.js';
import { type Random, SeededRandom } from '../../src/base/random.js';
import { NO_FORCED } from '../../src/log/forced-log.js';
import { founded } from '../../src/log/membership.js';
import { isAlias, type UpdateBody } from '../../src/log/record.js';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import type { LinkId, ReplicaEvent } from '../../src/replica/events.js';
import { retirementOf } from '../../src/node/replica-handshake.js';
import { donationOf, reflectedBy, snapshotOf } from '../../src/replica/snapshots.js';
import { DEFAULT_TUNING, EMPTY_SNAPSHOT, type ReplicaState } from '../../src/replica/state.js';
import { startReplica, step } from '../../src/replica/step.js';
import { ZERO_BALLOT } from '../../src/timestamp/ballot.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { Query, ReplicaToFrontend, ReplicaToReplica } from '../../src/wire/messages.js';
import { type End, FRONTEND_LINK, ForcedNetwork, type Parcel } from './forced-network.js';
import { executeIn, type WithoutTime } from './forced-node.js';
import { type ForcedRequestInit, requestOf, WALL_MS } from './forced-requests.js';
import { frontendNamed } from './identities.js';
import {
  copyOf,
  copyService,
  type Directory,
  emptyMemberNode,
  emptyService,
  idOf,
  type MemberNode,
  readDirectory,
} from './membership-node.js';
import { MembershipOracle } from './membership-oracle.js';
import { VirtualTime } from './virtual-time.js';

/** What hellos say of the cluster. */
const OF_FIRST_GENERATION = {
  ...{ clusterId: 'c', generation: 0, epoch: 1, service: 'kv' },
  serviceVersion: [1, 1],
  schemaHash: '',
} as const;

const RECONNECT_MS = 60;
/** The wall clock is told so often. */
const CLOCK_MS = 1000;

export interface MembershipClusterInit {
  readonly seed?: number;
  readonly networkMs?: (random: Random) => number;
  readonly diskMs?: (random: Random) => number;
  /** From the choice of a donor to the start on its donation. */
  readonly donationMs?: (random: Random) => number;
}

export type Told = Extract<ReplicaToFrontend, { readonly requestId: number }>;

export class MembershipCluster {
  readonly time = new VirtualTime();
  readonly random: Random;
  readonly nodes: MemberNode[] = [];
  readonly oracle = new MembershipOracle();
  readonly network: ForcedNetwork<MemberNode>;
  readonly answers = new Map<number, { readonly from: MemberId; readonly answer: Told }[]>();
  /** What ended, in words. */
  readonly ends: { readonly place: string; readonly reason: string; readonly message: string }[] =
    [];
  readonly unsettled: UpdateBody[] = [];
  /** Told of every message that a core sends to another. */
  onSend: (node: MemberNode, message: ReplicaToReplica | ReplicaToFrontend) => void = () => {};
  onDone: (node: MemberNode) => void = () => {};
  /** Updates by the number of their request. */
  readonly #asked = new Map<number, string>();
  readonly #severed = new Set<string>();
  readonly #init: Required<Omit<MembershipClusterInit, 'seed'>>;
  #nextNonce = 1;
  #nextRequest = 1;

  constructor(init: MembershipClusterInit = {}) {
    this.random = new SeededRandom(init.seed ?? 1);
    const { networkMs = () => 1, diskMs = () => 1, donationMs = () => 20 } = init;
    this.#init = { networkMs, diskMs, donationMs };
    const delays = this.random.child('network');
    this.network = new ForcedNetwork(
      this.time,
      () => this.#init.networkMs(delays),
      (node, link, parcel) => this.#onParcel(node, link, parcel),
    );
    this.#keepConnected();
    this.#tellClock();
  }

  // ---- Who is there ----

  node(place: string): MemberNode {
    const node = this.nodes.find((each) => each.place === place);
    assert(node !== undefined, `there is no ${place}`);
    return node;
  }

  core(place: string): ReplicaState {
    const { state } = this.node(place);
    assert(state !== null, `${place} is down`);
    return state;
  }

  get running(): MemberNode[] {
    return this.nodes.filter(({ state }) => state !== null);
  }

  /** Whoever leads the latest view and can order. */
  get primary(): MemberNode | null {
    const primaries = this.running.filter(({ state }) => state?.forced.role === 'primary');
    primaries.sort((a, b) => (b.state?.forced.log.view.n ?? 0) - (a.state?.forced.log.view.n ?? 0));
    const forced = primaries[0]?.state?.forced;
    if (forced === undefined || forced.executed < forced.noOpSeq) return null;
    return primaries[0] ?? null;
  }

  /** Names of the members as the primary knows them. */
  get members(): readonly string[] {
    const { configuration } = this.#newest.membership;
    return configuration.members.map(({ name }) => name).toSorted();
  }

  get #newest(): ReplicaState {
    const states = this.running.flatMap(({ state }) => (state === null ? [] : [state]));
    const [first] = states.toSorted((a, b) => b.forced.log.commit - a.forced.log.commit);
    assert(first !== undefined, 'nobody runs');
    return first;
  }

  get epoch(): number {
    return this.#newest.membership.configuration.epoch;
  }

  isMember({ state }: MemberNode): boolean {
    if (state === null) return false;
    const { members } = state.membership.configuration;
    return members.some(({ id }) => id === state.self.memberId);
  }

  // ---- Time ----

  run(ms: number): void {
    this.time.runTo(this.time.nowMs + ms);
  }

  until(what: string, holds: () => boolean, withinMs = 30_000): void {
    const endMs = this.time.nowMs + withinMs;
    while (!holds()) {
      assert(this.time.nowMs < endMs, `not within ${withinMs} ms: ${what}`);
      this.run(5);
    }
  }

  /** All that run are members of one activated configuration with these names. */
  settleAt(...names: readonly string[]): void {
    const wanted = names.toSorted().join(' ');
    this.until(`members ${wanted}`, () => {
      if (this.primary === null || this.members.join(' ') !== wanted) return false;
      return names.every((name) => {
        const node = this.running.find((each) => each.name === name && this.isMember(each));
        const { membership, change } = node?.state ?? {};
        return (
          membership?.isActivated === true &&
          membership.configuration.epoch === this.epoch &&
          change?.label === this.epoch &&
          change.isClaimed
        );
      });
    });
  }

  // ---- Processes and directories ----

  /** Founds the cluster. */
  found(name: string): MemberNode {
    const node = this.#add(name);
    const member = this.#newMember(name);
    const membership = founded([{ name: node.name, id: member, address: name }], 1);
    const forced = { ...NO_FORCED, mayVote: true, executed: 0, executedView: ZERO_BALLOT };
    const snapshot = { ...EMPTY_SNAPSHOT, membership, forced };
    const beginning = { items: 0, snapshot, service: emptyService() };
    node.directory = this.#directoryOf(member, null, beginning);
    this.oracle.founded(membership.configuration);
    this.start(name);
    return node;
  }

  /** A process without data: it takes a snapshot of somebody, and wants to become a member. */
  join(name: string, joins: 'add' | 'replace' = 'add'): MemberNode {
    const node = this.nodes.find(({ place }) => place === name) ?? this.#add(name);
    assert(node.state === null, `${name} runs`);
    node.directory = null;
    node.wants = joins;
    this.#takeSnapshot(node);
    return node;
  }

  #takeSnapshot(node: MemberNode): void {
    const { life } = node;
    this.time.after(50, () => {
      if (node.life !== life || node.wants === null) return;
      if (this.running.some(({ name }) => name === node.name)) {
        // Whoever is asked says that a replica of this name is there: the process ends.
        node.wants = null;
        node.ended = 'duplicate name';
        return;
      }
      const donors = this.running.filter((each) => this.isMember(each) && each.name !== node.name);
      const donor = donors.length === 0 ? null : this.random.pick(donors);
      if (donor?.state == null || this.isSevered(donor.place, node.place)) {
        return this.#takeSnapshot(node);
      }
      const given = {
        items: 0,
        snapshot: donationOf(donor.state),
        service: copyService(donor.service),
      };
      this.time.after(this.#init.donationMs(this.random), () => {
        if (node.life !== life || node.wants === null) return;
        node.directory = this.#directoryOf(this.#newMember(node.name), node.wants, given);
        node.wants = null;
        this.start(node.place);
      });
    });
  }

  #directoryOf(
    member: MemberId,
    joins: Directory['joins'],
    beginning: Directory['beginning'],
  ): Directory {
    return { member, joins, beginning, saved: null, items: [], written: 0, boots: 0 };
  }

  start(place: string): void {
    const node = this.node(place);
    const { directory } = node;
    assert(node.state === null && directory !== null, `${place} runs, or has no data`);
    node.life++;
    node.ended = null;
    node.boot = { number: ++directory.boots, nonce: `b${this.#nextNonce++}` };
    node.origin = `${directory.member}~s${this.#nextNonce++}` as Origin;
    node.isWriting = false;
    node.wakeAtMs = Number.POSITIVE_INFINITY;
    node.reflected = null;
    node.pausedUntilMs = 0;
    node.deferred = [];
    const { from, records, transitions } = readDirectory(directory);
    node.service = copyService(from.service);
    const { name, boot, origin } = node;
    const { member: memberId, joins } = directory;
    const self = { name, memberId, origin, boot, joins, address: place, members: null };
    const { state, effects } = startReplica(
      { ...self, versions: [1, 1] },
      { ...DEFAULT_TUNING, trace: true },
      { snapshot: from.snapshot, records, transitions, mustRecover: null, hasForgotten: false },
      this.time.nowMs,
      this.random.child(`core ${origin}`),
    );
    node.state = state;
    node.recordsWritten = state.durableLength;
    this.oracle.started(node);
    this.#perform(node, effects);
    this.step(node, { kind: 'clock', wallMs: this.#wallMs });
    this.step(node, { kind: 'link-up', link: FRONTEND_LINK, counterpart: frontendNamed('fe-1') });
  }

  /** The process is gone; of what was not written the disk keeps the first `keeps` items. */
  crash(place: string, keeps: (unwritten: number) => number = () => 0): void {
    const node = this.node(place);
    node.life++;
    node.wants = null;
    if (node.state === null || node.directory === null) return;
    const { directory } = node;
    directory.written += keeps(directory.items.length - directory.written);
    directory.items.length = directory.written;
    if ((directory.saved?.items ?? 0) > directory.written) directory.saved = null;
    node.state = null;
    this.network.leave(place, keeps);
  }

  /** The data of a process that is down is gone: it comes back as another member. */
  loseDisk(place: string): void {
    const node = this.node(place);
    assert(node.state === null, `${place} runs`);
    node.directory = null;
    node.takenOver = [];
  }

  /** What its directory is now, to be put back later. */
  backUp(place: string): Directory {
    const { directory } = this.node(place);
    assert(directory !== null, `${place} has no data`);
    return copyOf(directory);
  }

  putBack(place: string, directory: Directory): void {
    const node = this.node(place);
    assert(node.state === null, `${place} runs`);
    node.directory = copyOf(directory);
  }

  /** A second process on a copy of a directory. */
  clone(place: string, directory: Directory): MemberNode {
    const { name } = this.node(place);
    const node = this.#add(name, `${place}-clone-${this.#nextNonce++}`);
    node.directory = copyOf(directory);
    this.start(node.place);
    return node;
  }

  /** Saves the state of now; what nobody needs any more is collected once that is on the disk. */
  save(place: string): void {
    const { state, directory, service, ...node } = this.node(place);
    if (state === null || directory === null || node.reflected !== null) return;
    const items = directory.items.length;
    // Entries are this log's own list: a file would have a copy.
    const snapshot = structuredSnapshot(state);
    const saved = { items, snapshot, service: copyService(service) };
    this.node(place).reflected = { items, reflected: reflectedBy(state) };
    const { life } = node;
    this.time.after(this.#init.diskMs(this.random), () => {
      const now = this.node(place);
      if (now.life !== life || now.directory !== directory) return;
      const { reflected } = now;
      if (reflected === null || directory.written < items) {
        now.reflected = null;
        return;
      }
      directory.saved = saved;
      now.reflected = null;
      const { length, forced } = reflected.reflected;
      this.step(now, { kind: 'snapshot-saved', length, forced });
    });
  }

  pause(place: string, ms: number): void {
    const node = this.node(place);
    const { life } = node;
    node.pausedUntilMs = Math.max(node.pausedUntilMs, this.time.nowMs + ms);
    this.time.at(node.pausedUntilMs, () => {
      if (node.life !== life || node.pausedUntilMs > this.time.nowMs) return;
      const deferred = node.deferred.splice(0);
      for (const event of deferred) if (node.life === life) this.step(node, event);
    });
  }

  #add(name: string, place = name): MemberNode {
    const node = emptyMemberNode(name, place);
    this.nodes.push(node);
    return node;
  }

  #newMember(name: string): MemberId {
    return `${name}.d${this.#nextNonce++}` as MemberId;
  }

  get #wallMs(): number {
    return WALL_MS + this.time.nowMs;
  }

  #tellClock(): void {
    for (const node of this.running) this.step(node, { kind: 'clock', wallMs: this.#wallMs });
    this.time.after(CLOCK_MS, () => this.#tellClock());
  }

  // ---- Connections ----

  sever(a: string, b: string): void {
    this.#severed.add([a, b].toSorted().join(' '));
    this.network.sever(a, b);
  }

  isSevered(a: string, b: string): boolean {
    return this.#severed.has([a, b].toSorted().join(' '));
  }

  /** Cuts these off from all others, but not from each other. */
  isolate(...places: readonly string[]): void {
    for (const { place } of this.nodes) {
      if (places.includes(place)) continue;
      for (const each of places) this.sever(each, place);
    }
  }

  /** All that run are connected, with nobody held up. */
  get isWhole(): boolean {
    const { running } = this;
    return running.every(({ place: a, pausedUntilMs }, index) => {
      const others = running.slice(index + 1);
      const isSlow = pausedUntilMs > this.time.nowMs;
      return !isSlow && others.every(({ place: b }) => this.network.areConnected(a, b));
    });
  }

  heal(): void {
    this.#severed.clear();
    for (const { place: a } of this.nodes) {
      for (const { place: b } of this.nodes) this.network.unblock(a, b);
    }
  }

  #keepConnected(): void {
    for (const [index, a] of this.nodes.entries()) {
      for (const b of this.nodes.slice(index + 1)) {
        if (a.state === null || b.state === null || a.name === b.name) continue;
        if (this.isSevered(a.place, b.place)) continue;
        if (!this.network.areConnected(a.place, b.place)) {
          this.network.connect(this.#endOf(a), this.#endOf(b));
        }
      }
    }
    this.time.after(RECONNECT_MS, () => this.#keepConnected());
  }

  #endOf(node: MemberNode): End<MemberNode> {
    const { state, place } = node;
    assert(state !== null, `${place} is down`);
    const { name, memberId, origin, boot, versions, joins } = state.self;
    return {
      node,
      name: place,
      counterpart: {
        ...{ role: 'replica', name, memberId, origin, address: place, boot, versions },
        joins: this.isMember(node) ? null : joins,
        epoch: state.change.label,
        promises: state.forced.durable.promises,
        replicaTimestamp: state.durable.value(),
      },
    };
  }

  #onParcel(node: MemberNode, link: LinkId, parcel: Parcel): void {
    const { state } = node;
    if (state === null) return;
    if (parcel.kind === 'down') return this.step(node, { kind: 'link-down', link });
    if (parcel.kind === 'hello') {
      const { counterpart } = parcel;
      const retirement =
        counterpart.role === 'replica'
          ? retirementOf(state, { ...counterpart, cluster: OF_FIRST_GENERATION })
          : null;
      if (retirement === null) return this.step(node, { kind: 'link-up', link, counterpart });
      this.network.send(node.place, link, retirement);
      return this.network.hangUp(node.place, link);
    }
    const { message } = parcel;
    if (message.kind !== 'forward') return this.step(node, { kind: 'message', link, message });
    const { session, n, operation, args, user, stamp } = message;
    const digest = `${operation}-${String(args['amount'])}`;
    const body = { session, n, digest, operation, args, user, stamp };
    this.step(node, { kind: 'forward', link, request: message, body, wallMs: this.#wallMs });
  }

  // ---- Requests of front ends ----

  /** Asks one replica; answers the request's number. `set` is causal, the others are forced. */
  ask(place: string, init: ForcedRequestInit = {}): number {
    const requestId = this.#nextRequest++;
    const wallMs = this.#wallMs;
    const asked = requestOf(init, requestId, wallMs);
    this.#asked.set(requestId, idOf(asked.body));
    this.step(this.node(place), { kind: 'update', link: FRONTEND_LINK, ...asked, wallMs });
    return requestId;
  }

  query(place: string, fields: Partial<Query> = {}): number {
    const requestId = this.#nextRequest++;
    const message: Query = {
      kind: 'query',
      requestId,
      prev: VectorTimestamp.zero,
      collect: false,
      precondition: null,
      operation: 'get',
      args: {},
      user: 'ann',
      timeoutMs: 5000,
      ...fields,
    };
    this.step(this.node(place), { kind: 'message', link: FRONTEND_LINK, message });
    return requestId;
  }

  /** An operator asks the primary; answers the request's number. */
  retire(name: string, force = false): number {
    const { primary } = this;
    assert(primary !== null, 'there is no primary');
    const requestId = this.#nextRequest++;
    const message = { kind: 'change-members', requestId, action: 'retire', force } as const;
    this.step(primary, {
      kind: 'message',
      link: FRONTEND_LINK,
      message: { ...message, name: name as Name },
    });
    return requestId;
  }

  answerTo(requestId: number): Told | null {
    return this.answers.get(requestId)?.at(-1)?.answer ?? null;
  }

  answer<Kind extends Told['kind']>(
    requestId: number,
    kind: Kind,
    withinMs = 30_000,
  ): Extract<Told, { kind: Kind }> {
    const told = (): Told | undefined =>
      this.answers.get(requestId)?.find(({ answer }) => answer.kind !== 'collected')?.answer;
    this.until(`an answer to ${requestId}`, () => told() !== undefined, withinMs);
    const answer = told();
    assert(answer?.kind === kind, `answered with ${JSON.stringify(answer)}`);
    return answer as Extract<Told, { kind: Kind }>;
  }

  // ---- Events and effects ----

  step(node: MemberNode, event: WithoutTime<ReplicaEvent>): void {
    if (node.state === null) return;
    if (node.pausedUntilMs > this.time.nowMs || node.deferred.length > 0) {
      node.deferred.push(event);
      return;
    }
    this.#perform(node, step(node.state, { ...event, nowMs: this.time.nowMs }));
  }

  #perform(node: MemberNode, effects: readonly ReplicaEffect[]): void {
    const { state, directory } = node;
    assert(state !== null && directory !== null, 'who runs has data');
    let execute: UpdateBody | null = null;
    let end: Extract<ReplicaEffect, { kind: 'end' | 'halt' }> | null = null;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'append':
          directory.items.push({ kind: 'record', record: effect.record });
          this.oracle.appended(node, effect.record);
          break;
        case 'persist':
          directory.items.push({ kind: 'transition', transition: effect.transition });
          break;
        case 'send':
          this.#send(node, effect.link, effect.message);
          break;
        case 'apply':
          this.oracle.applied(node, effect.body);
          node.service.applied.add(idOf(effect.body));
          break;
        case 'execute':
          execute = effect.body;
          break;
        case 'read': {
          const { requestId } = effect.query;
          const outcome = { kind: 'value', value: node.service.stock } as const;
          this.#answer(node, { kind: 'answer', requestId, ...effect.basis, outcome });
          break;
        }
        case 'wake':
          this.#wake(node, effect.atMs);
          break;
        case 'probe':
          this.#probe(node, effect.peer);
          break;
        case 'trace':
          node.trace.push(effect.trace);
          break;
        case 'hang-up':
          this.network.hangUp(node.place, effect.link);
          break;
        case 'unsettled':
          this.unsettled.push(...effect.bodies);
          break;
        case 'end':
        case 'halt':
          end ??= effect;
          break;
        default:
          break;
      }
    }
    this.oracle.check(node, effects);
    if (end !== null) return this.#end(node, end);
    this.#write(node);
    if (node.takenOver.length > 0 && this.isMember(node)) {
      const bodies = node.takenOver;
      node.takenOver = [];
      this.step(node, { kind: 'resubmit', bodies, wallMs: this.#wallMs });
    }
    if (execute !== null && node.state === state) {
      const result = executeIn(node.service, execute);
      this.oracle.executed(node, result);
      this.step(node, { kind: 'executed', result });
    }
    this.onDone(node);
  }

  /** The process is over, or its identity: then it begins anew. */
  #end(node: MemberNode, end: Extract<ReplicaEffect, { kind: 'end' | 'halt' }>): void {
    const { state, place } = node;
    const reason = end.kind === 'halt' ? 'halt' : end.reason;
    this.ends.push({ place, reason, message: end.message });
    const bodies = end.kind === 'halt' || state === null ? [] : ownAbove(node, end.finals);
    const { name } = node;
    const isNamed = state?.membership.configuration.members.some((each) => each.name === name);
    this.crash(place, (unwritten) => unwritten);
    node.ended = reason;
    if (reason === 'halt' || reason === 'removed') return;
    node.takenOver = [...node.takenOver, ...bodies];
    node.directory = null;
    node.wants = isNamed === true ? 'replace' : 'add';
    this.#takeSnapshot(node);
  }

  #send(node: MemberNode, link: LinkId, message: ReplicaToFrontend | ReplicaToReplica): void {
    this.oracle.sent(node, message);
    this.onSend(node, message);
    if (link !== FRONTEND_LINK) {
      return this.network.send(node.place, link, message as ReplicaToReplica);
    }
    if ('requestId' in message) this.#answer(node, message);
  }

  #answer(node: MemberNode, answer: Told): void {
    const { state } = node;
    assert(state !== null, 'only who runs answers');
    if (answer.kind === 'answer') this.oracle.sent(node, answer);
    const id = this.#asked.get(answer.requestId);
    if (answer.kind === 'acknowledged' && id !== undefined) {
      this.oracle.acknowledged(id, state.self.memberId, answer.epoch);
    }
    const answers = this.answers.get(answer.requestId) ?? [];
    answers.push({ from: state.self.memberId, answer });
    this.answers.set(answer.requestId, answers);
  }

  #wake(node: MemberNode, atMs: number): void {
    if (atMs >= node.wakeAtMs) return;
    node.wakeAtMs = atMs;
    const { life } = node;
    this.time.at(atMs, () => {
      if (node.life !== life || node.wakeAtMs !== atMs) return;
      node.wakeAtMs = Number.POSITIVE_INFINITY;
      this.step(node, { kind: 'tick' });
    });
  }

  #probe(node: MemberNode, peer: Name): void {
    const { life } = node;
    this.time.after(1, () => {
      const isGone = this.nodes.every(({ place, state }) => place !== peer || state === null);
      if (isGone && node.life === life && !this.isSevered(node.place, peer)) {
        this.step(node, { kind: 'refused', peer });
      }
    });
  }

  #write(node: MemberNode): void {
    const { directory, life } = node;
    if (directory === null || node.isWriting || directory.written === directory.items.length)
      return;
    node.isWriting = true;
    const to = directory.items.length;
    this.time.after(this.#init.diskMs(this.random), () => {
      if (node.life !== life) return;
      const items = directory.items.slice(directory.written, to);
      directory.written = to;
      node.isWriting = false;
      const transitions = items.filter(({ kind }) => kind === 'transition').length;
      const records = items.length - transitions;
      node.recordsWritten += records;
      this.step(node, { kind: 'durable', length: node.recordsWritten, transitions });
      this.#write(node);
    });
  }
}

/** Its own updates above what counts of its origins for others. */
function ownAbove(
  { state, directory }: MemberNode,
  finals: readonly { readonly origin: Origin; readonly final: number }[],
): UpdateBody[] {
  const countOf = new Map(finals.map(({ origin, final }) => [origin, final]));
  const bodies: UpdateBody[] = [];
  for (const item of directory?.items ?? []) {
    if (item.kind !== 'record') continue;
    const { origin, seq } = item.record;
    if (memberOfOrigin(origin) !== directory?.member || seq <= (countOf.get(origin) ?? 0)) continue;
    const body = isAlias(item.record) ? state?.log.find(item.record.id)?.body : item.record.body;
    if (body !== undefined) bodies.push(body);
  }
  return bodies;
}

function structuredSnapshot(state: ReplicaState): ReturnType<typeof snapshotOf> {
  const snapshot = snapshotOf(state);
  const { forced } = snapshot;
  return forced === null
    ? snapshot
    : { ...snapshot, forced: { ...forced, entries: [...forced.entries] } };
}
