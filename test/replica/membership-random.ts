/**
 * One run of a cluster whose members change under chance: joins, removals, crashes with partial writes,
 * pauses, partitions, lost disks, disks put back, clones, snapshots that collect the logs. Then all heals,
 * and everybody must come to rest, with nothing lost. `MembershipOracle` watches all the time.
 */

import { assert } from '../../src/base/assert.js';
import { type Random, SeededRandom } from '../../src/base/random.js';
import { majorityIn } from '../../src/log/membership.js';
import { MembershipClient, readFresh } from './membership-client.js';
import { MembershipCluster } from './membership-cluster.js';
import type { Directory, MemberNode } from './membership-node.js';
import { unrest } from './membership-rest.js';

const MOST_PLACES = 6;

/** What really happened in a run. */
export interface MembershipReport {
  readonly configurations: number;
  readonly activations: number;
  readonly drops: number;
  readonly views: number;
  readonly closed: number;
  readonly durable: number;
  readonly answered: number;
  readonly fresh: number;
  readonly crashes: number;
  readonly lostDisks: number;
  readonly putBack: number;
  readonly clones: number;
  readonly ends: number;
  readonly collected: number;
}

/** Plays one run; throws an error that names the seed and the broken promise. */
export function playMembership(seed: number): MembershipReport {
  try {
    return new MembershipRun(seed).play();
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

export class MembershipRun {
  readonly cluster: MembershipCluster;
  readonly #random: Random;
  readonly #clients: MembershipClient[];
  readonly #faultsMs: number;
  #isOver = false;
  #nextPlace = 2;
  #backUp: { readonly place: string; readonly directory: Directory } | null = null;
  #cloned: { readonly original: MemberNode; readonly clone: MemberNode } | null = null;
  readonly #counts = { fresh: 0, crashes: 0, lostDisks: 0, putBack: 0, clones: 0 };

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    const slow = this.#random.chance(1, 3);
    this.cluster = new MembershipCluster({
      seed,
      networkMs: (random) =>
        random.chance(1, slow ? 20 : 200) ? 1 + random.below(400) : 1 + random.below(5),
      diskMs: (random) => (random.chance(1, slow ? 20 : 100) ? random.below(200) : random.below(5)),
      donationMs: (random) => random.below(random.chance(1, 4) ? 4000 : 200),
    });
    this.cluster.found('rm-1');
    for (let count = this.#random.below(4); count > 0; count--) {
      this.cluster.join(`rm-${this.#nextPlace++}`);
    }
    this.#faultsMs = 10_000 + this.#random.below(30_000);
    this.#clients = [1, 2, 3].map((i) => new MembershipClient(this.cluster, `session-${i}`, 2));
  }

  play(): MembershipReport {
    const { cluster } = this;
    cluster.run(2000);
    this.#trouble();
    this.#keep();
    this.#read();
    cluster.run(this.#faultsMs);
    this.#heal();
    cluster.run(20_000);
    for (const client of this.#clients) client.isStopped = true;
    this.#rest();
    return {
      ...cluster.oracle.counts,
      ...this.#counts,
      answered: this.#clients.reduce((sum, { answered }) => sum + answered, 0),
      ends: cluster.ends.length,
      collected: cluster.running.reduce((sum, { state }) => sum + (state?.log.base ?? 0), 0),
    };
  }

  // ---- Trouble ----

  #trouble(): void {
    if (this.#isOver) return;
    const { time } = this.cluster;
    time.after(50 + this.#random.below(this.#random.chance(1, 3) ? 200 : 1500), () => {
      if (!this.#isOver) this.#doHarm();
      this.#trouble();
    });
  }

  #doHarm(): void {
    const random = this.#random;
    const { cluster } = this;
    const draw = random.below(100);
    if (this.#isCloneAbout) return draw < 50 ? this.#start() : undefined;
    if (draw < 22) this.#crash();
    else if (draw < 42) this.#start();
    else if (draw < 50) this.#partition();
    else if (draw < 58) cluster.heal();
    else if (draw < 64) this.#pause();
    else if (draw < 74) this.#join();
    else if (draw < 84) this.#retire();
    else if (draw < 89) this.#loseDisk();
    else if (draw < 92) this.#noteDirectory();
    else if (draw < 96) this.#putBack();
    else this.#clone();
  }

  #crash(): void {
    const { running } = this.cluster;
    if (running.length === 0) return;
    const { place } = this.#random.pick(running);
    this.#counts.crashes++;
    this.cluster.crash(place, (unwritten) => this.#random.below(unwritten + 1));
    if (this.#random.chance(2, 3)) {
      this.cluster.time.after(this.#random.below(3000), () => this.#startAt(place));
    }
  }

  /** Processes that are down, and did not end by themselves for good. */
  get #down(): MemberNode[] {
    return this.cluster.nodes.filter(
      ({ state, directory, ended }) => state === null && directory !== null && ended === null,
    );
  }

  #start(): void {
    const down = this.#down;
    if (down.length > 0) this.#startAt(this.#random.pick(down).place);
  }

  #startAt(place: string): void {
    const node = this.cluster.node(place);
    if (!this.#down.includes(node)) return;
    if (this.cluster.running.some(({ name }) => name === node.name)) return;
    this.cluster.start(place);
  }

  #partition(): void {
    const { running } = this.cluster;
    if (running.length < 2) return;
    const random = this.#random;
    if (random.chance(1, 2)) return this.cluster.isolate(random.pick(running).place);
    const [a, b] = [random.pick(running), random.pick(running)];
    if (a !== b) this.cluster.sever(a.place, b.place);
  }

  #pause(): void {
    const { running } = this.cluster;
    if (running.length === 0) return;
    this.cluster.pause(this.#random.pick(running).place, this.#random.below(6000));
  }

  #join(): void {
    const { nodes } = this.cluster;
    const live = nodes.filter(({ ended }) => ended === null);
    if (live.length >= MOST_PLACES) return;
    this.cluster.join(`rm-${this.#nextPlace++}`);
  }

  #retire(): void {
    const { primary, nodes } = this.cluster;
    // One that is gone for good, and one that leaves, may be more than the others can do without.
    const isThere = (id: unknown): boolean =>
      nodes.some(({ directory }) => directory?.member === id);
    const { configuration } = primary?.state?.membership ?? {};
    if (configuration?.members.every(({ id }) => isThere(id)) !== true) return;
    // It would take that up later, not knowing what has happened meanwhile.
    if ((primary?.pausedUntilMs ?? 0) > this.cluster.time.nowMs) return;
    const { members } = this.cluster;
    if (members.length >= 2) this.cluster.retire(this.#random.pick([...members]));
  }

  /** One that the others can do without: all that was acknowledged is at somebody else's disk. */
  #loseDisk(): void {
    const node = this.#random.pick(this.cluster.nodes);
    if (!this.#mayLose(node)) return;
    this.#counts.lostDisks++;
    this.cluster.crash(node.place);
    this.cluster.loseDisk(node.place);
    this.cluster.time.after(this.#random.below(2000), () => {
      if (node.state === null && node.directory === null && node.wants === null) {
        this.cluster.join(node.place, 'replace');
      }
    });
  }

  /** All members but this one run, are in force, and hold everything between them. */
  #mayLose(node: MemberNode): boolean {
    const { directory } = node;
    const { cluster } = this;
    const { oracle, running } = cluster;
    if (this.#isCloneAbout) return false;
    const first = cluster.primary?.state;
    if (first?.change.pending !== null || first.change.operators.length > 0) return false;
    if (directory === null || first == null || node.ended !== null) return false;
    const { membership } = first;
    const { configuration } = membership;
    if (
      !membership.isActivated ||
      !configuration.members.some(({ id }) => id === directory.member)
    ) {
      return false;
    }
    const others = configuration.members.filter(({ id }) => id !== directory.member);
    if (others.length < majorityIn(configuration)) return false;
    const states = others.map(({ id }) => {
      const other = running.find(({ state }) => state?.self.memberId === id);
      return other?.state ?? null;
    });
    for (const state of states) {
      if (
        state === null ||
        !state.change.isClaimed ||
        state.forced.durable.commit < first.forced.log.commit
      )
        return false;
      if (state.change.label !== configuration.epoch || !state.membership.isActivated) return false;
    }
    return [...oracle.durable.keys()].every((id) =>
      states.some((state) => state !== null && oracle.isCovered(id, state.durable.value())),
    );
  }

  #noteDirectory(): void {
    const { running } = this.cluster;
    if (running.length === 0) return;
    const { place, state } = this.#random.pick(running);
    // A copy from when it was the only member would need nobody's word.
    if ((state?.membership.configuration.members.length ?? 0) < 2) return;
    this.#backUp = { place, directory: this.cluster.backUp(place) };
  }

  /** An older copy of a directory, of which all others know that it is older. */
  #putBack(): void {
    const { cluster } = this;
    if (this.#backUp === null) return;
    const { place, directory } = this.#backUp;
    const node = cluster.node(place);
    if (node.directory?.member !== directory.member || !this.#mayLose(node)) return;
    if (!this.#isKnownToBeOld(directory)) return;
    this.#counts.putBack++;
    this.#backUp = null;
    cluster.crash(place);
    cluster.putBack(place, directory);
    this.#startAt(place);
  }

  #isKnownToBeOld(directory: Directory): boolean {
    const { member, items, boots } = directory;
    const promises = directory.beginning.snapshot.forced?.promises ?? 0;
    const others = this.cluster.running.filter(({ state }) => state?.self.memberId !== member);
    const transitions = items.filter(
      (item) =>
        item.kind === 'transition' &&
        ['view', 'lnv', 'keep', 'entries'].some((key) => key in item.transition),
    );
    return others.every(({ state }) => {
      const note = state?.forced.durable.noteOf(member);
      if (note === undefined) return false;
      return note.boot.number > boots || note.promises > promises + transitions.length;
    });
  }

  #clone(): void {
    const { running, nodes } = this.cluster;
    if (running.length === 0 || nodes.length > MOST_PLACES + 6) return;
    // Of a cluster of one nobody can tell a copy from the original: its lock has to.
    if (this.cluster.members.length < 2) return;
    const original = this.#random.pick(running);
    // On both sides of a partition two could be claimed: an operator's error that nobody can notice.
    if (!this.#mayLose(original) || !this.cluster.isWhole) return;
    const { place, name } = original;
    if (running.filter((each) => each.name === name).length > 1) return;
    this.#counts.clones++;
    const clone = this.cluster.clone(place, this.cluster.backUp(place));
    this.#cloned = { original, clone };
    this.cluster.time.after(this.#random.below(12_000), () => {
      this.#stopClone(clone);
    });
  }

  /** It may yet cost the original its identity. */
  get #isCloneAbout(): boolean {
    if (this.#cloned === null) return false;
    const { original, clone } = this.#cloned;
    const isOver = clone.state === null && original.state?.change.isClaimed === true;
    if (isOver) this.#cloned = null;
    return !isOver;
  }

  /** The original may be back, unless the clone has taken its place for good. */
  #stopClone(clone: MemberNode): void {
    // Or has begun anew, as a member of its own.
    const isAnew = clone.directory?.member !== this.#cloned?.original.directory?.member;
    if (clone.state?.change.isClaimed === true || isAnew) return;
    this.cluster.crash(clone.place);
    clone.ended ??= 'stopped';
  }

  // ---- Beside it ----

  #keep(): void {
    const { running, time } = this.cluster;
    if (running.length > 0) this.cluster.save(this.#random.pick(running).place);
    time.after(100 + this.#random.below(1500), () => this.#keep());
  }

  #read(): void {
    if (this.#isOver) return;
    readFresh(this.cluster, (done) => {
      this.#counts.fresh += Number(done);
    });
    this.cluster.time.after(50 + this.#random.below(300), () => this.#read());
  }

  // ---- The end ----

  #heal(): void {
    this.#isOver = true;
    const { cluster } = this;
    cluster.heal();
    for (const node of cluster.nodes) {
      if (node.place.includes('clone')) this.#stopClone(node);
    }
    const revive = (): void => {
      for (const node of cluster.nodes) {
        if (node.state !== null) continue;
        if (cluster.running.some(({ name }) => name === node.name)) continue;
        if (node.ended === 'halt') node.ended = null;
        if (node.ended !== null || node.wants !== null) continue;
        if (node.directory === null) cluster.join(node.place, 'replace');
        else cluster.start(node.place);
      }
      cluster.time.after(1000, revive);
    };
    revive();
  }

  #rest(): void {
    const { cluster } = this;
    let why: string | null = '';
    const endMs = cluster.time.nowMs + 90_000;
    for (;;) {
      why = unrest(cluster);
      if (why === null) break;
      assert(cluster.time.nowMs < endMs, `no rest: ${why}`);
      cluster.run(100);
    }
    const [first] = cluster.running;
    for (const [id, label] of cluster.oracle.durable) {
      const isThere = first?.service.applied.has(id) === true;
      assert(isThere, `${id}, acknowledged under ${label}, is lost`);
    }
  }
}
