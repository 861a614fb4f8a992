/** What bounds forced updates at a replica: at the bound all is well, one more is turned away or waits. */

import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import { LIMITS } from '../../src/base/limits.js';
import type { UpdateBody } from '../../src/log/record.js';
import { weightOf } from '../../src/log/update-log.js';
import { encodeFrames } from '../../src/wire/codec.js';
import type { ReplicaToReplica } from '../../src/wire/messages.js';
import { ForcedCluster } from './forced-cluster.js';
import { FRONTEND_LINK } from './forced-network.js';
import { requestOf, WALL_MS } from './forced-requests.js';
import { allExecuted, othersThan } from './forced-shapes.js';
import { ts } from './support.js';

/** What nobody has: whoever depends on it waits until its deadline. */
const MISSING = ts({ 'rm-9': 5 });

/** Ticks come and go, and all that waits is looked at again: so many have been answered, no more. */
function expectAnswered(cluster: ForcedCluster, count: number): void {
  expect(cluster.answers.size).to.equal(count);
  cluster.run(400);
  expect(cluster.answers.size, 'after some ticks').to.equal(count);
}

describe('forced updates that a replica was asked for', () => {
  /** A replica that reaches nobody: it passes nothing on. */
  function alone(): ForcedCluster {
    const cluster = new ForcedCluster({ down: true, tuning: { trace: false } });
    cluster.start('rm-1');
    return cluster;
  }

  it('wait up to the limit, one more is OVERLOADED, and a retry of one of them is not', () => {
    const cluster = alone();
    for (let n = 1; n <= LIMITS.pendingForced; n++) cluster.ask('rm-1', { n });
    expectAnswered(cluster, 0);
    const declined = cluster.answer(
      cluster.ask('rm-1', { n: LIMITS.pendingForced + 1 }),
      'declined',
    );
    expect(declined.code).to.equal('OVERLOADED');
    expect(declined.message).to.contain(`rm-1 has ${LIMITS.pendingForced} forced updates`);
    cluster.ask('rm-1', { n: 1 });
    expectAnswered(cluster, 1);
    expect(cluster.core('rm-1').forced.pending.size).to.equal(LIMITS.pendingForced);
  });

  it('make room when they end', () => {
    const cluster = alone();
    for (let n = 1; n <= LIMITS.pendingForced; n++) cluster.ask('rm-1', { n, timeoutMs: 500 });
    cluster.run(600);
    cluster.ask('rm-1', { n: LIMITS.pendingForced + 1 });
    expectAnswered(cluster, LIMITS.pendingForced);
  });
});

describe('forced updates that wait at a primary for what they depend on', () => {
  /** A primary at which `count` updates wait. */
  function waiting(count: number) {
    const cluster = new ForcedCluster({ tuning: { trace: false } });
    const primary = cluster.elect();
    for (let n = 1; n <= count; n++) {
      cluster.ask(primary, { session: 'session-2', n, prev: MISSING });
    }
    return { cluster, primary };
  }

  it('do so up to the limit, and no tick turns one away', () => {
    const { cluster } = waiting(LIMITS.parkedForced);
    expectAnswered(cluster, 0);
  });

  it('are OVERLOADED beyond it, and others are ordered all the same', () => {
    const { cluster, primary } = waiting(LIMITS.parkedForced);
    const fields = { session: 'session-2', n: LIMITS.parkedForced + 1, prev: MISSING };
    const declined = cluster.answer(cluster.ask(primary, fields), 'declined');
    expect(declined.code).to.equal('OVERLOADED');
    expect(declined.message).to.contain(`${primary} has ${LIMITS.parkedForced} forced updates`);
    expect(cluster.answer(cluster.ask(primary), 'forced-answered').outcome.kind).to.equal('value');
    expectAnswered(cluster, 2);
  });

  it('make room when they end', () => {
    const { cluster, primary } = waiting(LIMITS.parkedForced - 1);
    cluster.ask(primary, { session: 'session-3', prev: MISSING, timeoutMs: 200 });
    cluster.run(300);
    cluster.ask(primary, { session: 'session-3', n: 2, prev: MISSING });
    expectAnswered(cluster, 1);
  });
});

/** Updates of a certain weight, one after the other, at one core. */
class Heavy {
  readonly #cluster: ForcedCluster;
  #n = 0;

  constructor(cluster: ForcedCluster) {
    this.#cluster = cluster;
  }

  /** Asks for an update of about so many bytes; answers the request's number. */
  ask(name: string, bytes: number): number {
    const n = ++this.#n;
    const requestId = 1_000_000 + n;
    const wallMs = WALL_MS + this.#cluster.time.nowMs;
    const init = { session: 'session-9', n, timeoutMs: 20_000 };
    const { request, body, ordering } = requestOf(init, requestId, wallMs);
    const heavy = padded(body, bytes);
    const event = { kind: 'update', link: FRONTEND_LINK, request, body: heavy, ordering } as const;
    this.#cluster.step(this.#cluster.node(name), { ...event, wallMs });
    return requestId;
  }
}

/** The body with an argument that makes it weigh so much, or up to two bytes less. */
function padded(body: UpdateBody, bytes: number): UpdateBody {
  const withPadding = (padding: string): UpdateBody => ({
    ...body,
    args: { ...body.args, padding },
  });
  const room = bytes - weightOf(withPadding(''));
  return withPadding('x'.repeat(Math.max(0, Math.floor(room / 3))));
}

describe('forced updates that are ordered and not committed', () => {
  /** A cluster whose primary commits nothing until it is let go. */
  function holding(members = 3) {
    const cluster = new ForcedCluster({ members, tuning: { trace: false } });
    const primary = cluster.elect();
    cluster.until('the first view is told', () => allExecuted(cluster));
    const backups = othersThan(cluster, primary);
    for (const backup of backups) cluster.network.block(backup, primary);
    const letGo = (): void => {
      for (const backup of backups) cluster.network.unblock(backup, primary);
    };
    const { log } = cluster.core(primary).forced;
    return { cluster, primary, backups, letGo, uncommitted: () => log.op - log.commit };
  }

  it('are as many as the limit says; one more waits before the log', () => {
    const { cluster, primary, letGo, uncommitted } = holding();
    const requests: number[] = [];
    for (let n = 1; n <= LIMITS.uncommittedEntries; n++) requests.push(cluster.ask(primary, { n }));
    expect(uncommitted()).to.equal(LIMITS.uncommittedEntries);
    requests.push(cluster.ask(primary, { n: LIMITS.uncommittedEntries + 1 }));
    expectAnswered(cluster, 0);
    expect(uncommitted()).to.equal(LIMITS.uncommittedEntries);
    letGo();
    for (const request of requests) cluster.answer(request, 'forced-answered');
  });

  it('weigh as much as the limit says; one more waits before the log', () => {
    const { cluster, primary, letGo, uncommitted } = holding();
    const heavy = new Heavy(cluster);
    const quarter = LIMITS.uncommittedBytes / 4;
    const requests = [1, 2, 3, 4].map(() => heavy.ask(primary, quarter));
    expect(uncommitted()).to.equal(4);
    requests.push(heavy.ask(primary, 0));
    expectAnswered(cluster, 0);
    expect(uncommitted(), 'even a light one').to.equal(4);
    letGo();
    for (const request of requests) cluster.answer(request, 'forced-answered');
  });

  it('may be a single one that weighs more; two such wait for each other', () => {
    const { cluster, primary, letGo, uncommitted } = holding();
    const heavy = new Heavy(cluster);
    const requests = [1, 2].map(() => heavy.ask(primary, LIMITS.uncommittedBytes + 3000));
    expectAnswered(cluster, 0);
    expect(uncommitted()).to.equal(1);
    letGo();
    const places = requests.map((request) => cluster.answer(request, 'forced-answered'));
    expect(places.map(({ outcome }) => outcome.kind)).to.deep.equal(['value', 'value']);
  });

  for (const [what, bytes] of [
    ['many light ones', 300],
    ['a few heavy ones', 60_000],
    ['a single one', 400_000],
  ] as const) {
    it(`fit into one message, for whoever lacks them in the next view (${what})`, () => {
      const { cluster, primary, backups } = holding();
      const [holder, behind] = backups as [Name, Name];
      cluster.links.isolate(behind);
      const heavy = new Heavy(cluster);
      const { log } = cluster.core(primary).forced;
      for (let asked = 0; asked < LIMITS.uncommittedEntries + 1; asked++) heavy.ask(primary, bytes);
      const { op, commit } = log;
      cluster.until('a backup has them', () => cluster.core(holder).forced.durable.op === op);
      cluster.crash(primary);
      const states: ReplicaToReplica[] = [];
      const send = cluster.network.send.bind(cluster.network);
      cluster.network.send = (from, link, message) => {
        if (message.kind === 'state' && from === holder) states.push(message);
        send(from, link, message);
      };
      cluster.links.heal();
      const { durable } = cluster.core(behind).forced;
      cluster.until('the other one has them', () => durable.op > op);
      expect(states).not.to.deep.equal([]);
      for (const state of states) expect(encodeFrames([state])).to.have.length(1);
      const tails = states.map((state) => (state.kind === 'state' ? state.entries.length : 0));
      expect(Math.max(...tails)).to.be.at.least(op - commit);
    });
  }
});
