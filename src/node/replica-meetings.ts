/**
 * Whom a replica is connected with: it dials members, says hello, and decides whom it talks to. One
 * connection a pair: the name that comes first dials. A replica that is no member yet dials them all; so
 * does one that nobody reaches, for it may have moved.
 */

import { HearsayError } from '../base/errors.js';
import type { Name } from '../base/ids.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { KeepConnected, Transport } from '../ports/transport.js';
import type { Counterpart } from '../replica/events.js';
import { isMember } from '../replica/membership/label.js';
import type { Peer } from '../replica/state.js';
import type { Service } from '../service/define.js';
import type { Hello, MemberAddress } from '../wire/messages.js';
import { askReplica } from './ask-replica.js';
import { DialledMembers } from './dialled-members.js';
import type { LinkId, Links } from './links.js';
import { isListening } from './probe.js';
import type { Seeds } from './replica-components.js';
import {
  counterpartOf,
  type ReplicaIntroduction,
  refusalOf,
  replicaHello,
  retirementOf,
} from './replica-handshake.js';

/** A member that is not connected for so long may have moved, or not know that it should dial. */
const LOST_MS = 3000;

/** What seeds said of somebody who is no member counts for so long: they may know of newer members. */
const FOUND_MS = 60_000;

/** The name under which a replica only asks. */
const ASKS = 'who-is-there' as Name;

export interface ReplicaMeetingsInit {
  readonly introduction: Omit<ReplicaIntroduction, 'hasDialled'>;
  readonly links: Links;
  readonly keepConnected: KeepConnected;
  readonly transport: Transport;
  readonly scheduler: Scheduler;
  readonly service: Service;
  /** Replicas that are asked where lost members are; null where the members are given. */
  readonly seeds: Seeds | null;
  readonly onLinkUp: (link: LinkId, counterpart: Counterpart) => void;
}

export class ReplicaMeetings {
  readonly #init: ReplicaMeetingsInit;
  readonly #introduction: ReplicaIntroduction;
  readonly #dialled: DialledMembers;
  /** Since when members are not connected. */
  readonly #lostSinceMs = new Map<Name, number>();
  /** Where seeds and their members are, by the names that they gave, and when they last did. */
  readonly #found = new Map<Name, { readonly address: string; readonly atMs: number }>();
  #isAsking = false;
  #nextSeed = 0;

  constructor(init: ReplicaMeetingsInit) {
    this.#init = init;
    this.#dialled = new DialledMembers({
      keepConnected: init.keepConnected,
      links: init.links,
      hello: () => replicaHello(this.#introduction),
    });
    const hasDialled = (name: Name): boolean => this.#dialled.linkTo(name) !== null;
    this.#introduction = { ...init.introduction, hasDialled };
  }

  /** Dials whom it should as things are now: called whenever the members have changed, and each second. */
  follow(): void {
    const { introduction, scheduler } = this.#init;
    const { state, members } = introduction;
    const { name: ownName } = state.self;
    if (members !== null) return this.#dialled.dial(members.filter(({ name }) => name > ownName));
    const nowMs = scheduler.monotonicMs();
    const dialsAll = !isMember(state);
    const wanted: MemberAddress[] = [];
    let areLost = false;
    const peers = this.#members();
    this.#forgetStrangers(peers, nowMs);
    for (const peer of peers) {
      const { name, link } = peer;
      if (link !== null) {
        this.#lostSinceMs.delete(name);
        this.#found.delete(name);
        // Whoever dialled it goes on dialling, and nobody else does.
        if (this.#dialled.linkTo(name) === link) wanted.push(this.#addressOf(peer));
        continue;
      }
      const sinceMs = this.#lostSinceMs.get(name) ?? nowMs;
      this.#lostSinceMs.set(name, sinceMs);
      const isLost = nowMs - sinceMs >= LOST_MS;
      areLost ||= isLost;
      if (dialsAll || name > ownName || isLost) wanted.push(this.#addressOf(peer));
    }
    if (areLost) {
      wanted.push(...this.#strangers());
      void this.#askSeed();
    }
    this.#dialled.dial(wanted);
  }

  /** Whoever was away may know only members that have left since; others say who there are now. */
  #strangers(): MemberAddress[] {
    const { peers } = this.#init.introduction.state;
    const known = new Set(this.#members().map(({ name }) => name));
    return [...this.#found]
      .filter(([name]) => {
        const link = peers.get(name)?.link ?? null;
        return !known.has(name) && (link === null || this.#dialled.linkTo(name) === link);
      })
      .map(([name, { address }]) => ({ name, address }));
  }

  /** Whoever has left, and is not heard of any more, would be dialled as long as anybody is lost. */
  #forgetStrangers(peers: readonly Peer[], nowMs: number): void {
    const members = new Set(peers.map(({ name }) => name));
    for (const name of this.#lostSinceMs.keys()) {
      if (!members.has(name)) this.#lostSinceMs.delete(name);
    }
    for (const [name, { atMs }] of this.#found) {
      if (!members.has(name) && nowMs - atMs >= FOUND_MS) this.#found.delete(name);
    }
  }

  /** Members, as far as they are known; those that are only learners dial by themselves. */
  #members(): Peer[] {
    const { membership, change, peers } = this.#init.introduction.state;
    const { configuration, previous } = membership;
    const configurations = [configuration, previous, change.pending?.configuration ?? null];
    const isNamed = ({ name }: Peer): boolean =>
      configurations.some((each) => each?.members.some((member) => member.name === name));
    return [...peers.values()].filter(isNamed);
  }

  #addressOf({ name, address }: Peer): MemberAddress {
    return { name, address: this.#found.get(name)?.address ?? address };
  }

  /** Asks the next seed who it is, and who the members are: what others said may be old. */
  async #askSeed(): Promise<void> {
    const { seeds, transport, scheduler, service, introduction } = this.#init;
    // Before one is chosen: a seed that is silent must not use up the turns of those after it.
    if (this.#isAsking) return;
    const { name } = introduction.state.self;
    const addresses = seeds?.addresses() ?? [];
    const seed = addresses[this.#nextSeed++ % addresses.length];
    if (seed === undefined) return;
    seeds?.refresh();
    this.#isAsking = true;
    try {
      const { clusterId } = introduction.cluster;
      // Under a name that nobody has: whoever hears this replica would take it for a second one of its name.
      const asker = { transport, scheduler, service, name: ASKS, clusterId };
      const joiner = { ...asker, initialHash: null, replaces: true };
      const { conversation, hello } = await askReplica(joiner, seed);
      conversation.close('only asked who is there');
      for (const member of [...hello.members, hello]) {
        if (member.name === name) continue;
        this.#found.set(member.name, {
          address: member.address,
          atMs: scheduler.monotonicMs(),
        });
      }
    } catch {
      // Nobody is there, or it cannot tell: the next one is asked in a while.
    } finally {
      this.#isAsking = false;
    }
  }

  /** Looks whether anybody is where a member should be; false only where surely nobody is. */
  async isListening(name: Name): Promise<boolean> {
    const { transport, introduction } = this.#init;
    const { state, members } = introduction;
    const given = members?.find((member) => member.name === name)?.address;
    const address = given ?? state.peers.get(name)?.address ?? '';
    return address === '' || isListening(transport, address);
  }

  onHello(link: LinkId, hello: Hello): HearsayError | null {
    const { links, introduction } = this.#init;
    const { state } = introduction;
    const expected = this.#dialled.expectedAt(link);
    const refusal = refusalOf(this.#introduction, hello, expected);
    if (refusal !== null) return refusal;
    // The side that dialled has said its hello already.
    if (expected === null) links.send(link, replicaHello(this.#introduction));
    if (hello.role === 'client' || hello.role === 'joiner') return null;
    if (hello.role === 'replica') {
      const retirement = retirementOf(state, hello);
      if (retirement !== null) {
        links.send(link, retirement);
        links.flush();
        links.close(link, { kind: 'normal', message: 'this identity is a member no more' });
        return null;
      }
    }
    const before = hello.role === 'replica' ? state.peers.get(hello.name)?.link : undefined;
    this.#init.onLinkUp(link, counterpartOf(hello));
    // Not where the core has refused the newer one, which may be of a copied directory.
    if (before != null && state.peers.get(hello.name)?.link === link) {
      // Its end may not have been noticed yet; or one of the two is an impostor, and the other dials again.
      const message = `a newer connection of ${hello.name} takes the place of this one`;
      links.reject(before, new HearsayError('UNAVAILABLE', message));
    }
    return null;
  }

  onDown(link: LinkId): void {
    this.#dialled.forget(link);
  }

  stop(): void {
    this.#dialled.stop();
  }
}
