/**
 * Which replicas a front end dials: the members, wherever the configuration says they are; and while it
 * reaches none of them, also those that discovery names and every address at which it has heard of one,
 * for a whole cluster may have been replaced while this process was cut off.
 */

import type { Name } from '../base/ids.js';
import type { Discovery } from '../ports/discovery.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { KeepConnected } from '../ports/transport.js';
import type { Hello, MemberAddress } from '../wire/messages.js';
import type { LinkId, Links } from './links.js';

/** How long no member is reached before others are asked where they are; and how often that is looked at. */
const PATIENCE_MS = 3000;
const LOOK_AGAIN_MS = 1000;

/** Addresses remembered at most; the oldest is forgotten first. */
const REMEMBERED = 64;

export interface ReplicaFinderInit {
  readonly keepConnected: KeepConnected;
  readonly scheduler: Scheduler;
  readonly links: Links;
  /** What is said first on each connection. */
  readonly hello: () => Hello;
  /** Where to begin; null where all members are given, once for all. */
  readonly discovery: Discovery | null;
}

interface Dialled {
  readonly address: string;
  /** Its hello was accepted. */
  isUp: boolean;
}

export class ReplicaFinder {
  readonly #init: ReplicaFinderInit;
  readonly #links = new Map<LinkId, Dialled>();
  readonly #dialers = new Map<string, { stop(): void }>();
  /** Names of the members by address. */
  #members = new Map<string, Name>();
  readonly #remembered = new Set<string>();
  /** Others than members are dialled as well. */
  #isSeeking: boolean;
  #timer: TimerHandle | null = null;
  #isStopped = false;

  constructor(init: ReplicaFinderInit) {
    this.#init = init;
    this.#isSeeking = init.discovery !== null;
  }

  /** Begins with what discovery names. */
  start(): void {
    this.#dial();
    this.#lookAgain();
  }

  /** Dials these members from now on, and no longer those that are none any more. */
  follow(members: readonly MemberAddress[]): void {
    this.#members = new Map(members.map(({ name, address }) => [address, name]));
    for (const address of this.#members.keys()) this.remember(address);
    this.#dial();
    this.#lookAgain();
  }

  /** There is, or was, a replica: one to ask when the members have gone. */
  remember(address: string): void {
    this.#remembered.delete(address);
    this.#remembered.add(address);
    const [oldest] = this.#remembered;
    if (oldest !== undefined && this.#remembered.size > REMEMBERED) this.#remembered.delete(oldest);
  }

  /** Who must be there, where members are given by name; null for any other connection. */
  expectedAt(link: LinkId): Name | null {
    const dialled = this.#links.get(link);
    if (dialled === undefined || this.#init.discovery !== null) return null;
    return this.#members.get(dialled.address) ?? null;
  }

  /** This process dialled it. */
  hasDialled(link: LinkId): boolean {
    return this.#links.has(link);
  }

  /** A replica at the other end was accepted. */
  up(link: LinkId): void {
    const dialled = this.#links.get(link);
    if (dialled === undefined) return;
    dialled.isUp = true;
    this.remember(dialled.address);
    this.#lookAgain();
  }

  /** The connection has ended. */
  forget(link: LinkId): void {
    this.#links.delete(link);
    this.#lookAgain();
  }

  /** All addresses dialled now. */
  get addresses(): string[] {
    return [...this.#dialers.keys()];
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    for (const dialer of this.#dialers.values()) dialer.stop();
  }

  get #reachesMember(): boolean {
    return [...this.#links.values()].some(
      ({ address, isUp }) => isUp && this.#members.has(address),
    );
  }

  /** Seeks others while no member is reached, at the earliest after some patience with them. */
  #lookAgain(): void {
    const { discovery, scheduler } = this.#init;
    if (discovery === null || this.#isStopped) return;
    if (this.#reachesMember) {
      this.#timer?.cancel();
      this.#timer = null;
      if (!this.#isSeeking) return;
      this.#isSeeking = false;
      return this.#dial();
    }
    this.#timer ??= scheduler.after(this.#isSeeking ? LOOK_AGAIN_MS : PATIENCE_MS, () => {
      this.#timer = null;
      this.#isSeeking = true;
      if (![...this.#links.values()].some(({ isUp }) => isUp)) discovery.refresh();
      this.#dial();
      this.#lookAgain();
    });
  }

  #dial(): void {
    if (this.#isStopped) return;
    const { keepConnected, links, hello, discovery } = this.#init;
    const others = this.#isSeeking ? [...(discovery?.addresses() ?? []), ...this.#remembered] : [];
    const wanted = new Set([...this.#members.keys(), ...others]);
    for (const address of wanted) {
      if (this.#dialers.has(address)) continue;
      const dialer = keepConnected(address, (connection) => {
        const link = links.add(connection);
        // One after the other: an earlier one that was not accepted has ended.
        for (const [other, dialled] of this.#links) {
          if (dialled.address === address) this.#links.delete(other);
        }
        this.#links.set(link, { address, isUp: false });
        links.send(link, hello());
      });
      this.#dialers.set(address, dialer);
    }
    for (const [address, dialer] of this.#dialers) {
      if (wanted.has(address)) continue;
      this.#dialers.delete(address);
      dialer.stop();
    }
  }
}
