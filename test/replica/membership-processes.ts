/**
 * Processes of replica cores in virtual time: their starts and crashes, what a step of a core wants done,
 * their disks and their service. `MembershipOracle` watches after each step. What a driver does besides
 * is in `membership-cluster.ts`.
 */

import { assert } from '../../src/base/assert.js';
import {
  memberOf as memberOfOrigin,
  type MemberId,
  type Name,
  type Origin,
} from '../../src/base/ids.js';
import { type Random, SeededRandom } from '../../src/base/random.js';
import { isAlias, type UpdateBody } from '../../src/log/record.js';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import type { LinkId, ReplicaEvent } from '../../src/replica/events.js';
import { DEFAULT_TUNING, type ReplicaState } from '../../src/replica/state.js';
import { startReplica, step } from '../../src/replica/step.js';
import type { ReplicaToFrontend, ReplicaToReplica } from '../../src/wire/messages.js';
import { FRONTEND_LINK, ForcedNetwork, type Parcel } from './forced-network.js';
import { executeIn, type WithoutTime } from './forced-node.js';
import { WALL_MS } from './forced-requests.js';
import { frontendNamed } from './identities.js';
import { copyService, idOf, type MemberNode, readDirectory } from './membership-node.js';
import { MembershipOracle } from './membership-oracle.js';
import { VirtualTime } from './virtual-time.js';

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

export abstract class MembershipProcesses {
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
  protected readonly asked = new Map<number, string>();
  protected readonly init: Required<Omit<MembershipClusterInit, 'seed'>>;
  protected nextNonce = 1;

  constructor(init: MembershipClusterInit = {}) {
    this.random = new SeededRandom(init.seed ?? 1);
    const { networkMs = () => 1, diskMs = () => 1, donationMs = () => 20 } = init;
    this.init = { networkMs, diskMs, donationMs };
    const delays = this.random.child('network');
    this.network = new ForcedNetwork(
      this.time,
      () => this.init.networkMs(delays),
      (node, link, parcel) => this.onParcel(node, link, parcel),
    );
    this.#tellClock();
  }

  abstract isSevered(a: string, b: string): boolean;

  /** Something has arrived at a process. */
  protected abstract onParcel(node: MemberNode, link: LinkId, parcel: Parcel): void;

  /** A process without data wants to join. */
  protected abstract takeSnapshot(node: MemberNode): void;

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

  // ---- Processes ----

  start(place: string): void {
    const node = this.node(place);
    const { directory } = node;
    assert(node.state === null && directory !== null, `${place} runs, or has no data`);
    node.life++;
    node.ended = null;
    node.boot = { number: ++directory.boots, nonce: `b${this.nextNonce++}` };
    node.origin = `${directory.member}~s${this.nextNonce++}` as Origin;
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
    this.step(node, { kind: 'clock', wallMs: this.wallMs });
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

  protected get wallMs(): number {
    return WALL_MS + this.time.nowMs;
  }

  #tellClock(): void {
    for (const node of this.running) this.step(node, { kind: 'clock', wallMs: this.wallMs });
    this.time.after(CLOCK_MS, () => this.#tellClock());
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
      this.step(node, { kind: 'resubmit', bodies, wallMs: this.wallMs });
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
    this.takeSnapshot(node);
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
    const id = this.asked.get(answer.requestId);
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
    this.time.after(this.init.diskMs(this.random), () => {
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
