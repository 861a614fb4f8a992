/**
 * What a front end knows of its cluster, beside the core: which cluster it is, connections to its
 * replicas, and the other front ends. Of several connections to one replica the core is given one, and
 * another when that ends; of several clusters the first one that answers is the front end's for ever.
 */

import { assert } from '../base/assert.js';
import { HearsayError } from '../base/errors.js';
import type { MemberId, Name } from '../base/ids.js';
import type { FrontendEvent } from '../frontend/events.js';
import { type FrontendState, isMember } from '../frontend/state.js';
import type { Discovery } from '../ports/discovery.js';
import type { KeepConnected } from '../ports/transport.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { Service } from '../service/define.js';
import type {
  ClusterIdentity,
  ConfigurationTold,
  Hello,
  MemberAddress,
  ReplicaHello,
} from '../wire/messages.js';
import type { ClusterKnown } from './cluster-reports.js';
import { ReplicaFinder } from './discover.js';
import { clusterMismatch, clusterOf, foundedCluster, UNKNOWN_CLUSTER } from './handshake.js';
import { KnownFrontends } from './known-frontends.js';
import type { LinkId, Links } from './links.js';

export interface FrontendClusterInit {
  readonly service: Service;
  readonly scheduler: Scheduler;
  readonly keepConnected: KeepConnected;
  /** Where replicas are looked for, unless all members are given. */
  readonly discovery: Discovery | null;
  /** The only cluster to serve; null: that of the first replica that answers. */
  readonly clusterId: string | null;
  /** All members, fixed for ever; or empty. */
  readonly members: readonly MemberAddress[];
  readonly links: Links;
  readonly state: FrontendState;
  /** Steps the core, whose state this is. */
  readonly handle: (event: FrontendEvent) => void;
  /** What is said first to a replica. */
  readonly hello: () => Hello;
  readonly self: () => MemberAddress & { readonly pid: number };
  /** The front ends are others than were told last. */
  readonly onFrontends: (frontends: readonly MemberAddress[]) => void;
}

export class FrontendCluster {
  readonly #init: FrontendClusterInit;
  readonly #finder: ReplicaFinder;
  readonly #frontends: KnownFrontends;
  readonly #replicas = new Map<LinkId, { readonly name: Name; readonly memberId: MemberId }>();
  #identity: ClusterIdentity;
  #toldFrontends = '';
  /** Replicas were told that somebody here watches their events. */
  #isWatching = false;
  /** Why the last one to answer was turned away, where it was. */
  #refusal: string | null = null;

  constructor(init: FrontendClusterInit) {
    const { service, members, discovery, self } = init;
    const isGiven = members.length > 0;
    assert(isGiven || discovery !== null, 'members are given, or looked for');
    this.#init = init;
    this.#identity = isGiven
      ? clusterOf(
          service,
          members.map(({ name }) => name),
        )
      : foundedCluster(service, UNKNOWN_CLUSTER, 0);
    this.#finder = new ReplicaFinder({ ...init, discovery: isGiven ? null : discovery });
    this.#frontends = new KnownFrontends(self);
  }

  /** Of which cluster replicas must be; the epoch is that of the configuration known here. */
  get identity(): ClusterIdentity {
    return { ...this.#identity, epoch: this.#init.state.known?.configuration.epoch ?? 0 };
  }

  get frontends(): readonly MemberAddress[] {
    return this.#frontends.list();
  }

  /** For `hearsay status`. */
  get known(): ClusterKnown {
    const { clusterId, epoch } = this.identity;
    const { name, pid } = this.#init.self();
    const frontends = this.#frontends.list().map((each) => {
      return { ...each, pid: each.name === name ? pid : null };
    });
    return { clusterId, epoch, members: this.#members, frontends };
  }

  /** In words, whom it waits for before it can serve as well as it should; null: nobody. */
  get waitsFor(): string | null {
    const { discovery, state } = this.#init;
    const members = this.#members;
    if (members.length === 0) {
      const where = this.#finder.addresses.join(', ');
      const what = where === '' ? 'the address of a replica' : `a replica at ${where}`;
      const why = this.#refusal ?? discovery?.trouble ?? null;
      return why === null ? what : `${what} (${why})`;
    }
    const away = members.filter(({ name }) => {
      const replica = state.replicas.get(name);
      return replica === undefined || replica.link === null || !isMember(state, replica);
    });
    return away.length === 0 ? null : away.map(({ name }) => name).join(', ');
  }

  /** Begins to dial. */
  start(): void {
    const { members } = this.#init;
    if (members.length > 0) this.#finder.follow(members);
    else this.#finder.start();
  }

  stop(): void {
    this.#finder.stop();
  }

  /** This process dialled it, so a replica is at the other end. */
  hasDialled(link: LinkId): boolean {
    return this.#finder.hasDialled(link);
  }

  /** A replica whose hello was accepted. */
  isReplica(link: LinkId): boolean {
    return this.#replicas.has(link);
  }

  /** A replica said hello; answers why it is none of ours, or null. */
  onHello(link: LinkId, hello: ReplicaHello): HearsayError | null {
    const refusal = this.#mismatch(link, hello);
    this.#refusal = refusal?.message ?? null;
    if (refusal !== null) return refusal;
    const { name, memberId, address, members } = hello;
    const { clusterId } = hello.cluster;
    const generation = Math.max(this.#identity.generation, hello.cluster.generation);
    this.#identity = { ...this.#identity, clusterId, generation };
    for (const each of [...members.map((member) => member.address), address]) {
      this.#finder.remember(each);
    }
    this.#replicas.set(link, { name, memberId });
    this.#init.handle({ kind: 'replica-up', link, name, memberId, nowMs: this.#nowMs() });
    this.#finder.up(link);
    if (this.#isWatching) this.#init.links.send(link, { kind: 'watch', on: true });
    return null;
  }

  /** Called once a turn: replicas hear what has come of it, not of every switch of every client. */
  watch(on: boolean): void {
    if (on === this.#isWatching) return;
    this.#isWatching = on;
    const { links, state } = this.#init;
    for (const link of state.replicaByLink.keys()) links.send(link, { kind: 'watch', on });
  }

  onConfiguration(link: LinkId, { configuration, cut, frontends }: ConfigurationTold): void {
    const { epoch } = this.identity;
    this.#init.handle({ kind: 'configuration', configuration, cut, nowMs: this.#nowMs() });
    if (this.identity.epoch !== epoch) {
      this.#promote();
      this.#finder.follow(configuration.members);
    }
    this.#frontends.tell(link, frontends);
    this.#tellFrontends();
  }

  /** A connection has ended; answers whether it was a replica's. */
  onDown(link: LinkId): boolean {
    if (!this.#replicas.delete(link)) return false;
    this.#finder.forget(link);
    this.#init.handle({ kind: 'replica-down', link, nowMs: this.#nowMs() });
    this.#promote();
    this.#frontends.forget(link);
    this.#tellFrontends();
    return true;
  }

  /** With their addresses: those given at the start have them from there. */
  get #members(): readonly MemberAddress[] {
    const { members, state } = this.#init;
    return members.length > 0 ? members : (state.known?.configuration.members ?? []);
  }

  #mismatch(link: LinkId, hello: ReplicaHello): HearsayError | null {
    const expected = this.#finder.expectedAt(link);
    if (expected !== null && hello.name !== expected) {
      const message = `${expected} was expected at ${hello.address}, ${hello.name} is there; correct --members`;
      return new HearsayError('INVALID', message);
    }
    const { clusterId, generation } = hello.cluster;
    const wanted = this.#init.clusterId;
    if (wanted !== null && clusterId !== wanted) {
      const words = `${hello.name} belongs to cluster ${clusterId}, not to ${wanted}`;
      return new HearsayError('INVALID', words);
    }
    const isUnknown = this.#identity.clusterId === UNKNOWN_CLUSTER;
    const own = isUnknown ? { ...this.#identity, clusterId, generation } : this.#identity;
    return clusterMismatch(own, hello.cluster);
  }

  /** Gives the core connections that stood by, where it has none of that replica, or none of a member. */
  #promote(): void {
    const { state, handle } = this.#init;
    for (const [link, { name, memberId }] of this.#replicas) {
      if (state.replicaByLink.has(link)) continue;
      const replica = state.replicas.get(name);
      const isBetter =
        replica === undefined ||
        replica.link === null ||
        (!isMember(state, replica) && isMember(state, { name, memberId }));
      if (isBetter) handle({ kind: 'replica-up', link, name, memberId, nowMs: this.#nowMs() });
    }
  }

  #tellFrontends(): void {
    const frontends = this.#frontends.list();
    const told = JSON.stringify(frontends);
    if (told === this.#toldFrontends) return;
    this.#toldFrontends = told;
    this.#init.onFrontends(frontends);
  }

  #nowMs(): number {
    return this.#init.scheduler.monotonicMs();
  }
}
