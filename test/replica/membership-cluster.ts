/**
 * Replica cores that found a cluster, join it, leave it and come back. What a driver does is done here in
 * its simplest form: directories, donations, connections, hellos to retired identities; and what front
 * ends and operators ask.
 */

import { assert } from '../../src/base/assert.js';
import type { MemberId, Name } from '../../src/base/ids.js';
import { NO_FORCED } from '../../src/log/forced-log.js';
import { founded } from '../../src/log/membership.js';
import { retirementOf } from '../../src/node/replica-handshake.js';
import type { LinkId } from '../../src/replica/events.js';
import { donationOf, reflectedBy, snapshotOf } from '../../src/replica/snapshots.js';
import { EMPTY_SNAPSHOT, type ReplicaState } from '../../src/replica/state.js';
import { ZERO_BALLOT } from '../../src/timestamp/ballot.js';
import type { Query } from '../../src/wire/messages.js';
import { type End, FRONTEND_LINK, type Parcel } from './forced-network.js';
import { type ForcedRequestInit, queryOf, requestOf } from './forced-requests.js';
import {
  copyOf,
  copyService,
  type Directory,
  emptyMemberNode,
  emptyService,
  idOf,
  type MemberNode,
} from './membership-node.js';
import {
  type MembershipClusterInit,
  MembershipProcesses,
  type Told,
} from './membership-processes.js';

export type { MembershipClusterInit } from './membership-processes.js';

/** What hellos say of the cluster. */
const OF_FIRST_GENERATION = {
  ...{ clusterId: 'c', generation: 0, epoch: 1, service: 'kv' },
  serviceVersion: [1, 1],
  schemaHash: '',
} as const;

const RECONNECT_MS = 60;

export class MembershipCluster extends MembershipProcesses {
  readonly #severed = new Set<string>();
  #nextRequest = 1;

  constructor(init: MembershipClusterInit = {}) {
    super(init);
    this.#keepConnected();
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
    this.takeSnapshot(node);
    return node;
  }

  protected override takeSnapshot(node: MemberNode): void {
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
        return this.takeSnapshot(node);
      }
      const given = {
        items: 0,
        snapshot: donationOf(donor.state),
        service: copyService(donor.service),
      };
      this.time.after(this.init.donationMs(this.random), () => {
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
    const node = this.#add(name, `${place}-clone-${this.nextNonce++}`);
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
    this.time.after(this.init.diskMs(this.random), () => {
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

  #add(name: string, place = name): MemberNode {
    const node = emptyMemberNode(name, place);
    this.nodes.push(node);
    return node;
  }

  #newMember(name: string): MemberId {
    return `${name}.d${this.nextNonce++}` as MemberId;
  }

  // ---- Connections ----

  sever(a: string, b: string): void {
    this.#severed.add([a, b].toSorted().join(' '));
    this.network.sever(a, b);
  }

  override isSevered(a: string, b: string): boolean {
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

  protected override onParcel(node: MemberNode, link: LinkId, parcel: Parcel): void {
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
    this.step(node, { kind: 'forward', link, request: message, body, wallMs: this.wallMs });
  }

  // ---- Requests of front ends ----

  /** Asks one replica; answers the request's number. `set` is causal, the others are forced. */
  ask(place: string, init: ForcedRequestInit = {}): number {
    const requestId = this.#nextRequest++;
    const wallMs = this.wallMs;
    const asked = requestOf(init, requestId, wallMs);
    this.asked.set(requestId, idOf(asked.body));
    this.step(this.node(place), { kind: 'update', link: FRONTEND_LINK, ...asked, wallMs });
    return requestId;
  }

  query(place: string, fields: Partial<Query> = {}): number {
    const requestId = this.#nextRequest++;
    const message = queryOf(fields, requestId);
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
}

function structuredSnapshot(state: ReplicaState): ReturnType<typeof snapshotOf> {
  const snapshot = snapshotOf(state);
  const { forced } = snapshot;
  return forced === null
    ? snapshot
    : { ...snapshot, forced: { ...forced, entries: [...forced.entries] } };
}

/** `rm-1` has founded, and the others have joined, one after the other. */
export function clusterOf(count: number, init: MembershipClusterInit = {}): MembershipCluster {
  const cluster = new MembershipCluster(init);
  cluster.found('rm-1');
  const names = ['rm-1'];
  for (let i = 2; i <= count; i++) {
    cluster.join(`rm-${i}`);
    names.push(`rm-${i}`);
    cluster.settleAt(...names);
  }
  return cluster;
}
