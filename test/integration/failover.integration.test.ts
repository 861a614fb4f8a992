/**
 * SCENARIOS 21 to 23 with real processes: the primary is killed, or stopped, while four clients order
 * the same dishes until they are sold out. No accepted order is lost or doubled, stock adds up, and no
 * client notices more than a wait.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import type { Client } from '../../src/client/api.js';
import { ProcessCluster } from './support/process-cluster.js';
import { until } from './support/until.js';

const TIMES_KILLED = 4;

/** Plenty of these, few of those: some orders are refused while primaries change. */
const DISHES = ['onion-bhajis', 'garlic-mushrooms', 'halloumi-fingers', 'crab-toast'] as const;

/** Longer than any failover: a request that waits for one must not fail. */
const TIMEOUT_MS = 60_000;

interface Line {
  readonly item: string;
  readonly quantity: number;
}

interface Placed {
  readonly orderId: number;
  readonly status: string;
  readonly items: readonly Line[];
}

type Stock = ReadonlyMap<string, number>;

class Diner {
  readonly client: Client;
  /** What this client was told was ordered, and what was cancelled. */
  readonly accepted = new Map<number, readonly Line[]>();
  readonly cancelled = new Set<number>();
  readonly failures: string[] = [];
  /** When each request that came to an end did so, ms. */
  readonly endedMs: number[] = [];
  refused = 0;

  constructor(client: Client) {
    this.client = client;
  }

  async dine(isOver: () => boolean): Promise<void> {
    for (let n = 0; !isOver(); n++) {
      const items = [{ item: DISHES[n % DISHES.length] ?? DISHES[0], quantity: 1 }];
      await this.#attempt(async () => {
        const { result } = await this.client.update('order', { items, delivery: 'collect' });
        const { orderId } = result as { orderId: number };
        expect(this.accepted.has(orderId), `order ${orderId} twice`).to.equal(false);
        this.accepted.set(orderId, items);
      });
      // Half of it is given back, so that there is something left to sell to the end.
      const [oldest] = [...this.accepted.keys()].filter((id) => !this.cancelled.has(id));
      if (n % 2 === 1 && oldest !== undefined) {
        await this.#attempt(async () => {
          await this.client.update('cancel', { orderId: oldest });
          this.cancelled.add(oldest);
        });
      }
      await sleep(5);
    }
  }

  async #attempt(request: () => Promise<void>): Promise<void> {
    try {
      await request();
    } catch (error) {
      if (error instanceof HearsayError && error.code === 'REFUSED') this.refused++;
      else this.failures.push(String(error));
    }
    this.endedMs.push(performance.now());
  }
}

describe('orders while primaries fail', function () {
  this.timeout(300_000);

  let cluster: ProcessCluster;
  let diners: Diner[];
  let before: Stock;
  let isOver: boolean;
  let dinner: Promise<unknown>;

  async function open(replicas: number): Promise<void> {
    cluster = await ProcessCluster.start({ replicas, frontends: 2, service: 'hungry' });
    await cluster.primary();
    const homes = [['fe-1'], ['fe-2'], ['fe-1', 'fe-2'], ['fe-2', 'fe-1']];
    diners = await Promise.all(
      homes.map(async (frontends, index) => {
        const options = { user: `diner-${index}`, timeoutMs: TIMEOUT_MS };
        return new Diner(await cluster.client(frontends, options));
      }),
    );
    before = await stockOf(await cluster.client());
    isOver = false;
    dinner = Promise.all(diners.map((diner) => diner.dine(() => isOver)));
    await progress(40);
  }

  afterEach(() => cluster.close());

  const ended = (): number => diners.reduce((sum, { endedMs }) => sum + endedMs.length, 0);

  async function progress(more: number): Promise<void> {
    const target = ended() + more;
    await until(`${more} more requests`, async () => {
      expect(diners.flatMap(({ failures }) => failures)).to.deep.equal([]);
      return ended() >= target;
    });
  }

  /** The longest time in which no request of anybody ended, since `fromMs`. */
  function gapSince(fromMs: number): number {
    const times = diners.flatMap(({ endedMs }) => endedMs).filter((atMs) => atMs >= fromMs);
    times.sort((a, b) => a - b);
    return Math.max(...times.map((atMs, index) => atMs - (times[index - 1] ?? fromMs)));
  }

  async function closeTheBooks(): Promise<void> {
    isOver = true;
    await dinner;
    expect(diners.flatMap(({ failures }) => failures)).to.deep.equal([]);
    await cluster.agreed();
    const left = await stockOf(await cluster.client());
    const sold = new Map<string, number>();
    const ids = new Set<number>();
    for (const { client, accepted, cancelled } of diners) {
      const { value } = await client.query('orders', {}, { consistency: 'fresh' });
      const placed = value as Placed[];
      expect(placed.map(({ orderId }) => orderId)).to.have.members([...accepted.keys()]);
      for (const { orderId, status, items } of placed) {
        expect(ids.has(orderId), `order ${orderId} twice`).to.equal(false);
        ids.add(orderId);
        expect(status).to.equal(cancelled.has(orderId) ? 'cancelled' : 'placed');
        if (status === 'cancelled') continue;
        for (const { item, quantity } of items) sold.set(item, (sold.get(item) ?? 0) + quantity);
      }
    }
    for (const [item, stock] of before) {
      expect((left.get(item) ?? 0) + (sold.get(item) ?? 0), item).to.equal(stock);
      expect(left.get(item)).to.be.at.least(0);
    }
    expect(ids.size).to.be.above(0);
  }

  it(`scenario 21 and 23: five replicas, the primary killed ${TIMES_KILLED} times in a row`, async () => {
    await open(5);
    const gaps: number[] = [];
    for (let time = 0; time < TIMES_KILLED; time++) {
      const primary = await cluster.primary();
      const killedMs = performance.now();
      await cluster.kill(primary);
      await progress(40);
      gaps.push(gapSince(killedMs));
      await cluster.startParts(primary);
      await cluster.recovered();
      await progress(20);
    }
    await closeTheBooks();
    const refused = diners.reduce((sum, diner) => sum + diner.refused, 0);
    gaps.sort((a, b) => a - b);
    console.log(
      `        without service, ms: ${gaps.map((ms) => ms.toFixed(0)).join(' ')}; ` +
        `${ended()} requests, ${refused} refused`,
    );
  });

  it('scenario 22: a primary that is stopped past the change of view, and goes on, accepts nothing more', async () => {
    await open(3);
    const primary = await cluster.primary();
    const stoppedMs = performance.now();
    cluster.freeze(primary);
    await progress(40);
    const gapMs = gapSince(stoppedMs);
    cluster.thaw(primary);
    await progress(40);
    expect(await cluster.primary()).to.not.equal(primary);
    await closeTheBooks();
    console.log(`        without service while the primary stood still: ${gapMs.toFixed(0)} ms`);
  });

  it('three replicas: all works with one dead; with two dead causal updates go on, forced ones say what is needed', async () => {
    await open(3);
    isOver = true;
    await dinner;
    const client = await cluster.client([], { user: 'diner-9' });
    const order = { items: [{ item: DISHES[1], quantity: 1 }], delivery: 'collect' };
    await cluster.kill('rm-1');
    const { copies } = await client.update('order', order, { timeoutMs: TIMEOUT_MS });
    expect(copies).to.equal(2);
    await cluster.kill('rm-2');
    const admin = await cluster.client([], { user: 'admin' });
    const causal = await admin.update('setMotd', { text: 'half of us are away' });
    expect(causal.copies).to.equal(1);
    const refusal = await client.update('order', order, { timeoutMs: 3000 }).then(
      () => 'accepted',
      (error: unknown) => (error instanceof HearsayError ? error : new Error(String(error))),
    );
    expect(refusal).to.include({ code: 'UNAVAILABLE', definite: false });
    expect(String(refusal)).to.match(/needs 2 of 3 replicas/);
    await cluster.startParts('rm-1');
    const again = await client.update('order', order, { timeoutMs: TIMEOUT_MS });
    expect(again.copies).to.equal(2);
    await cluster.startParts('rm-2');
    await cluster.agreed();
  });
});

async function stockOf(client: Client): Promise<Stock> {
  const { value } = await client.query('menu', {}, { consistency: 'fresh' });
  return new Map(
    (value as { item: string; stock: number }[]).map(({ item, stock }) => [item, stock]),
  );
}
