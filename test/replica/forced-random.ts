/**
 * One run of a cluster of cores with a forced log under chance: clients that retry elsewhere and come
 * back with old requests, crashes with partial writes, pauses, partitions of many shapes, directions
 * that stand still, a lost disk now and then. Then all heals but for what a majority can do without, and
 * what was asked for must come to its end. `ForcedOracle` watches all the time.
 */

import { assert } from '../../src/base/assert.js';
import type { Name } from '../../src/base/ids.js';
import type { Random } from '../../src/base/random.js';
import { SeededRandom } from '../../src/base/random.js';
import { mergeOf, reflects } from '../../src/frontend/target.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { ForcedCluster } from './forced-cluster.js';
import type { Answer, AnswerOf } from './forced-cluster-types.js';
import type { CoreNode } from './forced-node.js';
import { type ForcedRequestInit, placeOf } from './forced-requests.js';
import { answersFresh, countOf, setStatus, STATUSES } from './forced-statuses.js';
import { pairsOf, shuffled } from './forced-shapes.js';

const SESSIONS = 4;

/** What really happened in a run. */
export interface ForcedReport {
  views: number;
  answers: number;
  refusals: number;
  committed: number;
  crashes: number;
  handovers: number;
  cuts: number;
  lostDisks: number;
  retries: number;
  fresh: number;
  /** Entries that a disk held and that were replaced later. */
  discarded: number;
}

/** Plays one run; throws an error that names the seed and the broken promise. */
export function playForced(seed: number): ForcedReport {
  try {
    return new Run(seed).play();
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** A session with one update under way at a time. */
interface Client {
  readonly session: string;
  n: number;
  prev: VectorTimestamp;
  answered: number;
  current: {
    readonly init: ForcedRequestInit;
    readonly requests: Set<number>;
    sinceMs: number;
  } | null;
  readonly old: ForcedRequestInit[];
}

class Run {
  readonly #random: Random;
  readonly #cluster: ForcedCluster;
  readonly #clients: readonly Client[];
  readonly #faultsMs: number;
  readonly #names: readonly Name[];
  #isHealed = false;
  #isOver = false;
  #acknowledged = 0;
  readonly #counts = { crashes: 0, cuts: 0, retries: 0, fresh: 0, discarded: 0, handovers: 0 };
  /** A crash that hits soon after something was given to the disk. */
  #aimed = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    const members = this.#random.pick([1, 2, 3, 3, 3, 3, 4, 5, 5, 5]);
    const slow = this.#random.chance(1, 3);
    this.#cluster = new ForcedCluster({
      members,
      seed,
      networkMs: (random) =>
        random.chance(1, slow ? 20 : 200) ? 1 + random.below(400) : 1 + random.below(5),
      diskMs: (random) => (random.chance(1, slow ? 20 : 100) ? random.below(200) : random.below(5)),
    });
    this.#names = this.#cluster.nodes.map(({ name }) => name);
    this.#faultsMs = 4000 + this.#random.below(12_000);
    this.#clients = Array.from({ length: SESSIONS }, (_, i) => ({
      session: `session-${i + 1}`,
      n: 0,
      prev: VectorTimestamp.zero,
      answered: 0,
      current: null,
      old: [],
    }));
    this.#cluster.onPersist = (node, { view, lnv, keep, entries }) => {
      const { log } = node.state?.forced ?? {};
      if (keep !== undefined && log !== undefined && entries !== undefined) {
        const disk = this.#cluster.oracle.diskOf(node);
        if (disk.op > keep) this.#counts.discarded++;
      }
      if (this.#aimed > 0 && (view !== undefined || lnv !== undefined)) this.#hit(node);
    };
  }

  play(): ForcedReport {
    const { time } = this.#cluster;
    const endMs = time.nowMs + this.#faultsMs;
    for (const client of this.#clients) this.#act(client);
    this.#trouble();
    this.#look();
    this.#cluster.run(endMs - time.nowMs);
    this.#heal();
    this.#cluster.run(15_000);
    this.#finish();
    const { counts, committed, lostDisks } = this.#cluster.oracle;
    this.#counts.handovers = countOf(this.#cluster, 'hands over');
    return { ...counts, ...this.#counts, committed, lostDisks };
  }

  // ---- Clients ----

  #act(client: Client): void {
    const { time } = this.#cluster;
    const random = this.#random;
    time.after(20 + random.below(random.chance(1, 3) ? 900 : 120), () => this.#act(client));
    if (client.current !== null) return this.#attend(client);
    if (this.#isOver) return;
    if (client.old.length > 0 && random.chance(1, 8)) {
      this.#askSomewhere(random.pick(client.old));
      return;
    }
    client.n++;
    const draw = random.below(10);
    const operation = draw < 3 ? 'set' : draw < 7 ? 'put' : 'take';
    const other = random.pick(this.#clients);
    const prev = random.chance(1, 3) ? client.prev.merge(other.prev) : client.prev;
    const init: ForcedRequestInit = {
      session: client.session,
      n: client.n,
      operation,
      amount: 1 + random.below(operation === 'take' ? 8 : 4),
      prev,
      answered: client.answered,
      stampMs: 1_700_000_000_000 + time.nowMs,
      timeoutMs: 1500,
    };
    const requests = new Set<number>();
    client.current = { init, requests, sinceMs: time.nowMs };
    this.#sendCurrent(client);
  }

  /** To two replicas at once, as a front end does. */
  #sendCurrent(client: Client): void {
    const { current } = client;
    if (current === null) return;
    current.sinceMs = this.#cluster.time.nowMs;
    // A causal update has one record here, so that what depends on it is one thing.
    const isCausal = current.init.operation === 'set';
    for (let i = 0; i < (isCausal ? 1 : 2); i++) {
      const requestId = this.#askSomewhere(current.init);
      if (requestId !== null) current.requests.add(requestId);
    }
  }

  #askSomewhere(init: ForcedRequestInit): number | null {
    const { primary, nodes } = this.#cluster;
    const up = nodes.filter(({ state }) => state !== null);
    if (up.length === 0) return null;
    const name =
      primary !== null && this.#random.chance(1, 3) ? primary : this.#random.pick(up).name;
    return this.#cluster.ask(name, init);
  }

  #attend(client: Client): void {
    const { current } = client;
    if (current === null) return;
    for (const requestId of current.requests) {
      for (const { answer } of this.#cluster.answers.get(requestId) ?? []) {
        if (this.#take(client, answer)) return;
      }
    }
    const { nowMs } = this.#cluster.time;
    if (nowMs - current.sinceMs < 600) return;
    if (!this.#isHealed && this.#random.chance(1, 12)) {
      client.old.push(current.init);
      client.current = null;
      return;
    }
    this.#counts.retries++;
    this.#sendCurrent(client);
  }

  /** Whether this answer ends the client's update. */
  #take(client: Client, answer: Answer): boolean {
    if (answer.kind !== 'forced-answered' && answer.kind !== 'acknowledged') return false;
    if (answer.kind === 'forced-answered') {
      const { outcome } = answer;
      assert(outcome.kind !== 'expired', 'nothing is that old');
      if (outcome.kind !== 'repeated') {
        this.#acknowledged = Math.max(this.#acknowledged, placeOf(answer.timestamp));
      }
    }
    client.prev = client.prev.merge(answer.timestamp);
    if (client.current !== null) client.old.push(client.current.init);
    if (this.#random.chance(1, 2)) client.answered = client.n;
    client.current = null;
    return true;
  }

  /** A fresh query now and then: it must see all that was answered before (I8). */
  #look(): void {
    const { time, nodes } = this.#cluster;
    time.after(20 + this.#random.below(400), () => this.#look());
    const needed = this.#acknowledged;
    const wanted = nodes.length - Math.min(2, nodes.length) + 1;
    const asked = shuffled(this.#random, nodes).filter((node) => answersFresh(node, time.nowMs));
    if (asked.length < wanted) return;
    const told = asked.slice(0, wanted).map(({ name }) => {
      const requestId = this.#cluster.query(name, { collect: true });
      const answer = this.#cluster.answerTo(requestId);
      assert(answer?.kind === 'answer', 'nothing has to be waited for');
      return { timestamp: answer.replicaTimestamp, tip: answer.tip };
    });
    const target = mergeOf(told);
    const { name } = this.#random.pick(asked);
    const { timestamp: prev, tip } = target;
    const requestId = this.#cluster.query(name, { prev, tip, timeoutMs: 1500 });
    time.after(2000, () => {
      const [first] = this.#cluster.answers.get(requestId) ?? [];
      if (first?.answer.kind !== 'answer') return;
      this.#counts.fresh++;
      const answer: AnswerOf<'answer'> = first.answer;
      assert(reflects(answer, target), 'I8: the answer does not reflect what was collected');
      const seen = placeOf(answer.valueTimestamp);
      assert(
        seen >= needed,
        `I8: a fresh answer of ${name} shows !${seen}, answered was !${needed}`,
      );
    });
  }

  // ---- Faults ----

  #trouble(): void {
    const random = this.#random;
    this.#cluster.time.after(50 + random.below(1200), () => {
      if (this.#isHealed) return;
      this.#fault();
      this.#trouble();
    });
  }

  #fault(): void {
    const random = this.#random;
    const draw = random.below(140);
    const name = this.#victim();
    if (draw < 22) this.#crash(name, random.below(3000));
    else if (draw < 28) for (const each of this.#names) this.#crash(each, random.below(600));
    else if (draw < 36) this.#aimed = 1 + random.below(2);
    else if (draw < 46) this.#cluster.pause(name, 100 + random.below(4000));
    else if (draw < 74) this.#partition();
    else if (draw < 82) this.#block();
    else if (draw < 88) this.#breakSome();
    else if (draw < 96) this.#cluster.snapshot(name);
    else if (draw < 97 && this.#cluster.oracle.lostDisks === 0) this.#lose(name);
    else if (draw >= 100) setStatus(this.#cluster, name, random.pick(STATUSES));
  }

  #victim(): Name {
    const { primary } = this.#cluster;
    if (primary !== null && this.#random.chance(1, 2)) return primary;
    return this.#random.pick(this.#names);
  }

  #crash(name: Name, downMs: number): void {
    const node = this.#cluster.node(name);
    if (node.state === null) return;
    this.#counts.crashes++;
    this.#cluster.crash(name, (items) => this.#random.below(items + 1));
    const { life } = node;
    this.#cluster.time.after(downMs, () => {
      if (node.life !== life || node.state !== null) return;
      this.#cluster.start(name);
      this.#cluster.links.connect();
    });
  }

  /** Something of a view change was given to a disk: there a crash hurts most. */
  #hit(node: CoreNode): void {
    if (this.#isHealed || this.#random.chance(1, 2)) return;
    this.#aimed--;
    const { life } = node;
    this.#cluster.time.after(this.#random.below(6), () => {
      if (node.life === life) this.#crash(node.name, this.#random.below(500));
    });
  }

  #lose(name: Name): void {
    if (this.#cluster.node(name).state === null || this.#names.length < 3) return;
    this.#counts.crashes++;
    this.#cluster.crash(name);
    this.#cluster.loseDisk(name);
    const node = this.#cluster.node(name);
    const { life } = node;
    this.#cluster.time.after(this.#random.below(1000), () => {
      if (node.life === life && node.state === null) this.#cluster.start(name);
    });
  }

  #partition(): void {
    const random = this.#random;
    const names = shuffled(random, this.#names);
    const { primary } = this.#cluster;
    if (primary !== null && random.chance(1, 2)) {
      names.splice(names.indexOf(primary), 1);
      names.unshift(primary);
    }
    this.#counts.cuts++;
    const draw = random.below(6);
    if (draw < 2) this.#cluster.links.heal();
    else if (draw === 2)
      this.#cluster.links.isolate(...names.slice(0, 1 + random.below(names.length)));
    else if (draw === 3) {
      const [centre, ...leaves] = names;
      this.#cluster.links.onlyLinks(leaves.map((leaf) => [centre as Name, leaf]));
    } else if (draw === 4) {
      this.#cluster.links.onlyLinks(names.slice(1).map((name, i) => [names[i] as Name, name]));
    } else {
      const kept = pairsOf(names).filter(() => random.chance(2, 3));
      this.#cluster.links.onlyLinks(kept);
    }
  }

  /** A direction stands still; the connection ends after a while, as a real one would. */
  #block(): void {
    const random = this.#random;
    const [a, b] = shuffled(random, this.#names);
    if (a === undefined || b === undefined) return;
    this.#cluster.network.block(a, b);
    this.#cluster.time.after(100 + random.below(3000), () => {
      if (random.chance(1, 2)) {
        this.#cluster.network.sever(a, b, (parcels) => random.below(parcels + 1));
      }
      this.#cluster.network.unblock(a, b);
    });
  }

  #breakSome(): void {
    for (const [a, b] of pairsOf(this.#names)) {
      if (!this.#random.chance(1, 3)) continue;
      this.#cluster.network.sever(a, b, (parcels) => this.#random.below(parcels + 1));
    }
  }

  // ---- The end ----

  #heal(): void {
    this.#isHealed = true;
    this.#aimed = 0;
    this.#cluster.links.heal();
    for (const { name, state } of this.#cluster.nodes) {
      if (state === null) this.#cluster.start(name);
    }
    this.#cluster.links.connect();
    for (const name of this.#names) setStatus(this.#cluster, name, 'ACTIVE');
  }

  #finish(): void {
    const { nodes, oracle, time } = this.#cluster;
    const view = (): number => Math.max(...nodes.map(({ state }) => state?.forced.log.view.n ?? 0));
    const before = view();
    this.#isOver = true;
    if (oracle.lostDisks === 0) {
      for (const { session, current } of this.#clients) {
        const sinceMs = time.nowMs - (current?.sinceMs ?? time.nowMs);
        assert(sinceMs < 5000, `${session} is not answered for ${sinceMs} ms`);
      }
    }
    const last = this.#cluster.ask(this.#random.pick(this.#names), { session: 'session-last' });
    this.#cluster.answer(last, 'forced-answered', 3000);
    this.#cluster.run(3000);
    assert(view() === before, `I18: views grow from ${before} to ${view()} when all is well`);
    for (const { name, state, service } of nodes) {
      assert(state !== null, `${name} is down`);
      const { forced } = state;
      assert(forced.log.isNormal, `${name} is in no view`);
      if (oracle.lostDisks > 0) continue;
      assert(state.counted, `${name} is not counted`);
      const most = Math.max(...nodes.map((node) => node.service.done.length));
      assert(
        service.done.length === most,
        `${name} has executed ${service.done.length} of ${most}`,
      );
    }
  }
}
