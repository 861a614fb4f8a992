/**
 * The life of a replica's process: it opens its data, or founds a cluster, or joins one; and when its
 * identity is over it puts the data away, joins again as another member, and gives that one what only the
 * old one had (PROTOCOL D7, E). It never gives up because nobody is there yet.
 *
 * For a simulator: a host has one `MemoryPlace` for all lives of its process, and each start of the
 * process is one `ReplicaLife.start` with the host's scheduler, random, network and sink. `start` resolves
 * when the replica serves, or waits for others to join; it rejects where a real process would end with a
 * status. `driver` is the replica that runs now, or null. A crash: end the disk's life (`place.disk`), and
 * call `kill`.
 */

import { FatalError, HearsayError } from '../base/errors.js';
import { memberIdOf, originOf } from '../base/ids.js';
import { NO_FORCED } from '../log/forced-log.js';
import { founded, type Member } from '../log/membership.js';
import type { UpdateBody } from '../log/record.js';
import type { Journal } from '../ports/journal.js';
import type { Beginning, Identity, Residence } from '../ports/replica-place.js';
import { EMPTY_SNAPSHOT, type SnapshotState } from '../replica/state.js';
import { ZERO_BALLOT } from '../timestamp/ballot.js';
import { nextBoot } from './boot.js';
import { FrontDoor } from './front-door.js';
import { findsCluster, Joiner } from './join.js';
import type { LifeComponents, LifeInit, WantedCluster } from './life-components.js';
import type { IdentityEnd, ReplicaCluster, Seeds } from './replica-components.js';
import { ReplicaDriver } from './replica-driver.js';
import { encodeUpdates, readUpdates, RESUBMIT } from './resubmission.js';
import { encodeSnapshot } from './snapshot.js';

export type { LifeCluster, LifeComponents, LifeInit } from './life-components.js';

/** Characters of an identity's nonce: 36^8, so that no two are ever the same by chance. */
const MEMBER_NONCE = 8;
/** Characters of the id of a cluster. */
const CLUSTER_NONCE = 16;

const NO_SEEDS: Seeds = { addresses: () => [], refresh: () => {} };

export class ReplicaLife {
  readonly #components: LifeComponents;
  readonly #init: LifeInit;
  readonly #door: FrontDoor;
  #driver: ReplicaDriver | null = null;
  #joiner: Joiner | null = null;
  /** In words, while it looks whether it has to found a cluster; else null. */
  #looksFor: (() => string) | null = null;
  /** Taken over from the identity before, and not yet in this one's log. */
  #takenOver: readonly UpdateBody[] = [];
  #isOver = false;

  /**
   * Rejects with FatalError where port or data cannot be used, HearsayError INVALID where the data began
   * otherwise than wanted.
   */
  static async start(components: LifeComponents, init: LifeInit): Promise<ReplicaLife> {
    const { transport, sink, place } = components;
    let life: ReplicaLife | null = null;
    const reason = (): string =>
      `${init.name} does not serve yet: it waits for ${life?.waitsFor ?? 'its start'}`;
    // Two processes that were given the same data and the same port are told of the data.
    const residence = await place.open();
    try {
      const door = await FrontDoor.open({
        ...{ transport, address: init.listen, reason },
        ...(init.onHttp === undefined ? {} : { onHttp: init.onHttp }),
        onNuisance: (what) => sink.say('warn', what),
      });
      life = new ReplicaLife(components, init, door);
      init.onOpen?.(life);
      await life.#begin(residence);
      return life;
    } catch (error) {
      await life?.kill();
      await residence?.journal.close();
      await place.release();
      throw error;
    }
  }

  private constructor(components: LifeComponents, init: LifeInit, door: FrontDoor) {
    this.#components = components;
    this.#init = init;
    this.#door = door;
  }

  /** `HOST:PORT` as bound. */
  get address(): string {
    return this.#door.address;
  }

  /** The replica that serves now; null while there is none. */
  get driver(): ReplicaDriver | null {
    return this.#driver;
  }

  /** In words, what it waits for before it serves as a member; null: nothing. */
  get waitsFor(): string | null {
    if (this.#driver === null) return this.#joiner?.waitsFor ?? this.#looksFor?.() ?? 'its data';
    if (!this.#driver.isMember) return 'the primary to make it a member, once it has caught up';
    return this.#driver.waitsFor ?? (this.#driver.isCounted ? null : 'what the other members have');
  }

  /** It serves, and counts: until its start is granted it may be a copy, which has to end. */
  get isOfUse(): boolean {
    return this.#driver !== null && this.#driver.isMember && this.#driver.isClaimed;
  }

  /** Ends in good order: what is in hand is answered, everything is on the disk. */
  async drain(): Promise<void> {
    await this.#finish((driver) => driver.drain());
  }

  async close(): Promise<void> {
    await this.#finish((driver) => driver.close());
  }

  /** Ends at once, as a crash would. */
  async kill(): Promise<void> {
    await this.#finish((driver) => driver.kill());
  }

  async #finish(end: (driver: ReplicaDriver) => Promise<void>): Promise<void> {
    this.#isOver = true;
    this.#joiner?.stop();
    if (this.#driver !== null) await end(this.#driver);
    await this.#door.close();
    await this.#components.place.release();
  }

  async #begin(residence: Residence | null): Promise<void> {
    if (residence === null) return this.#settle();
    await this.#expectSuitable(residence.identity);
    await this.#serve(residence);
  }

  async #expectSuitable({ initialHash, clusterId }: Identity): Promise<void> {
    const { cluster, expectsInitial, initial } = this.#init;
    const { where } = this.#components.place;
    if ((clusterId === null) !== (cluster.kind === 'fixed')) {
      const made =
        clusterId === null ? 'with --members' : `for cluster ${clusterId}, without --members`;
      throw new FatalError(
        `${where} was made ${made}: start it as it was, or choose another --data`,
      );
    }
    if (!expectsInitial) return;
    const { stateHash } = await initial();
    if (stateHash === initialHash) return;
    const message =
      `${where} began with another initial state (${initialHash}) than the one wanted now ` +
      `(${stateHash}): choose another --data, or leave --import out to go on with what is there`;
    throw new HearsayError('INVALID', message);
  }

  /** The first identity here: a member of fixed ones, a founder, or one that joins. */
  async #settle(): Promise<void> {
    const { cluster, name } = this.#init;
    if (cluster.kind === 'fixed') return this.#serve(await this.#found(null));
    const { founds, seeds, replaces, clusterId } = cluster;
    const isThere = !founds || (await this.#findsCluster(cluster));
    if (this.#isOver) return;
    if (isThere) {
      if (seeds === null) {
        const words = `${name} has no data in ${this.#components.place.where}`;
        const ways = '--init to found a cluster, or --join, --discover or --members';
        throw new HearsayError('INVALID', `${words}: give ${ways}`);
      }
      const { initial, expectsInitial } = this.#init;
      const initialHash = expectsInitial ? (await initial()).stateHash : null;
      void this.#join({ initialHash, replaces, seeds, clusterId });
      return;
    }
    const id = clusterId ?? this.#components.random.nonce(CLUSTER_NONCE);
    const residence = await this.#found(id);
    this.#components.sink.say('info', `has founded cluster ${id}`);
    await this.#serve(residence);
  }

  /** Who founds a cluster must know first that there is none, however long nobody can tell. */
  async #findsCluster({ seeds, replaces, clusterId }: WantedCluster): Promise<boolean> {
    this.#looksFor = () => {
      const trouble = seeds?.trouble ?? null;
      return `word whether there is a cluster already${trouble === null ? '' : ` (${trouble})`}`;
    };
    try {
      await seeds?.firstLook?.();
      if (this.#isOver) return false;
      const addresses = seeds?.addresses() ?? [];
      return await findsCluster(this.#asker(null, replaces, clusterId), addresses);
    } finally {
      this.#looksFor = null;
    }
  }

  /** Makes an identity that begins with the initial state; of a new cluster unless its id is null. */
  async #found(clusterId: string | null): Promise<Residence> {
    const { name, versions, initial } = this.#init;
    const { stateHash, database } = await initial();
    const nonce = this.#components.random.nonce(MEMBER_NONCE);
    const id = memberIdOf(name, nonce);
    const state =
      clusterId === null
        ? EMPTY_SNAPSHOT
        : foundedState({ name, id, address: this.#ownAddress }, versions[1]);
    return this.#components.place.begin({
      identity: { nonce, initialHash: stateHash, clusterId, generation: 0 },
      snapshot: encodeSnapshot(state, database),
      metadata: new Map(),
    });
  }

  get #ownAddress(): string {
    return this.#init.advertise ?? this.#door.address;
  }

  /** Whatever ends it before it serves, the next process can open its data. */
  async #serve(residence: Residence): Promise<void> {
    try {
      await this.#startDriver(residence);
    } finally {
      if (this.#driver === null) await residence.journal.close();
    }
  }

  async #startDriver(residence: Residence): Promise<void> {
    // Ended while the data were made.
    if (this.#isOver) return;
    const { random, openDatabase, place } = this.#components;
    const { name, onHttp: _, ...rest } = this.#init;
    const { identity, journal } = residence;
    this.#tellDamage(journal);
    const boot = await nextBoot(journal, random);
    const memberId = memberIdOf(name, identity.nonce);
    this.#takenOver = await readUpdates(journal);
    const database = await openDatabase();
    if (this.#isOver) return database.close();
    try {
      this.#driver = await ReplicaDriver.start(
        { ...this.#components, transport: this.#door.transport(), journal, database },
        {
          ...{ ...rest, name, memberId, boot },
          origin: originOf(memberId, boot.nonce),
          cluster: this.#clusterOf(identity),
          initialHash: identity.initialHash,
          advertise: this.#ownAddress,
          resubmit: this.#takenOver,
          onResubmitted: () => void this.#onResubmitted(residence),
          onUnsettled: async (bodies) => {
            const where = await place.keep('unsettled', bodies);
            const what = `${bodies.length} updates that ${name} alone had are too old to be executed`;
            this.#components.sink.say('error', `${what}: they are in ${where}`);
          },
          onHalt: (error) => this.#halt(error),
          onEnd: (end) => void this.#renew(identity, end),
        },
      );
    } catch (error) {
      database.close();
      throw error;
    }
    // Ended while it started.
    if (this.#isOver) await this.#driver.kill();
  }

  #tellDamage({ damage }: Journal): void {
    if (damage === null) return;
    const { firstGroup, reason, movedTo } = damage;
    const what = `the journal is damaged from group ${firstGroup} on (${reason})`;
    const then = `that part was moved to ${movedTo} and is fetched again from the other members`;
    this.#components.sink.say('error', `${what}; ${then}`);
  }

  #clusterOf({ clusterId, generation }: Identity): ReplicaCluster {
    const { cluster } = this.#init;
    if (cluster.kind === 'fixed' || clusterId === null) {
      return { kind: 'fixed', members: cluster.kind === 'fixed' ? cluster.members : [] };
    }
    return { kind: 'founded', clusterId, generation, seeds: cluster.seeds ?? NO_SEEDS };
  }

  async #onResubmitted({ journal }: Residence): Promise<void> {
    const { length } = this.#takenOver;
    this.#takenOver = [];
    try {
      await journal.writeMeta(RESUBMIT, null);
      const what = `${length} updates of the identity before have been taken over`;
      this.#components.sink.say('info', what);
    } catch (error) {
      // A driver that has stopped meanwhile has said why; the next start takes them over once more.
      if (!this.#isOver && this.#driver !== null) this.#halt(fatal(error));
    }
  }

  /** An identity is over: its data are put away, and another one takes its place. */
  async #renew(old: Identity, { reason, bodies, lost, others }: IdentityEnd): Promise<void> {
    this.#driver = null;
    if (this.#isOver) return;
    const { place, sink } = this.#components;
    try {
      if (lost.length > 0) {
        await place.keep('lost-forced', lost);
        const what = `${lost.length} forced updates were answered here, and are lost: another generation has gone on without them`;
        sink.say('error', `${what}; lost-forced.json in the directory that is put away has them`);
      }
      if (reason === 'removed') {
        const where = await place.putAway();
        sink.say('info', `was removed from its cluster; its data are in ${where}`);
        this.#isOver = true;
        await this.#door.close();
        return this.#init.onRemoved();
      }
    } catch (error) {
      return this.#halt(fatal(error));
    }
    const { cluster } = this.#init;
    const seeds = (cluster.kind === 'founded' && cluster.seeds) || NO_SEEDS;
    const known = others.map(({ address }) => address).filter((address) => address !== '');
    await this.#join({
      initialHash: old.initialHash,
      replaces: true,
      seeds: {
        addresses: () => [...new Set([...known, ...seeds.addresses()])],
        refresh: () => seeds.refresh(),
      },
      clusterId: old.clusterId,
      takeOver: [...this.#takenOver, ...bodies],
    });
  }

  async #join(wish: {
    readonly initialHash: string | null;
    readonly replaces: boolean;
    readonly seeds: Seeds;
    readonly clusterId: string | null;
    readonly takeOver?: readonly UpdateBody[];
  }): Promise<void> {
    const { initialHash, replaces, seeds, clusterId, takeOver = [] } = wish;
    const { random, sink, place } = this.#components;
    try {
      const asker = this.#asker(initialHash, replaces, clusterId);
      this.#joiner = new Joiner({ ...asker, seeds });
      const joined = await this.#joiner.join();
      if (joined === null || this.#isOver) return;
      const { hello, snapshot } = joined;
      const nonce = random.nonce(MEMBER_NONCE);
      const memberId = memberIdOf(this.#init.name, nonce);
      const beginning: Beginning = {
        identity: {
          nonce,
          initialHash: hello.initialHash,
          clusterId: hello.cluster.clusterId,
          generation: hello.cluster.generation,
        },
        snapshot,
        metadata: new Map(
          takeOver.length === 0
            ? []
            : [[RESUBMIT, encodeUpdates(takeOver, originOf(memberId, 'before'))]],
        ),
      };
      const residence = await place.begin(beginning);
      sink.say('info', `begins as ${memberId} with the snapshot of ${hello.name}`);
      this.#joiner = null;
      await this.#serve(residence);
    } catch (error) {
      this.#halt(fatal(error));
    }
  }

  #asker(initialHash: string | null, replaces: boolean, clusterId: string | null) {
    const { transport, scheduler, service } = this.#components;
    const { name } = this.#init;
    return { transport, scheduler, service, name, initialHash, replaces, clusterId };
  }

  #halt(error: FatalError | HearsayError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#joiner?.stop();
    void this.#door.close();
    this.#init.onHalt(error);
  }
}

/** The first state of a cluster: its founder is the only member, and has forgotten nothing. */
const foundedState = (founder: Member, version: number): SnapshotState => ({
  ...EMPTY_SNAPSHOT,
  membership: founded([founder], version),
  forced: { ...NO_FORCED, executed: 0, executedView: ZERO_BALLOT, mayVote: true },
});

/** What ends the process; anything but the two kinds is a fault of the program and goes on as such. */
function fatal(error: unknown): FatalError | HearsayError {
  if (error instanceof FatalError || error instanceof HearsayError) return error;
  throw error;
}
