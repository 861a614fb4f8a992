/**
 * SCENARIOS 13 and 21 to 23 on hungry: the primary dies around any step of an order, or goes on after it was
 * replaced, or is replaced again and again while the last portions are sold.
 */

import { expect } from 'chai';
import type { ReplicaHost } from '../../src/sim/replica-host.js';
import type { Message } from '../../src/wire/messages.js';
import { type Caller, ended } from './crowd.js';
import { answersTo, FAILOVER_MS, ForcedScene, ofKind, viewsOf } from './forced-scene.js';
import { type RawFrontend, sessionNumber } from './raw-frontend.js';

const SEEDS = [1, 2, 3];

/** Longer than any failover: a request that waits for one must not fail. */
const TIMEOUT_MS = 30_000;

/** Between two orders of a diner. */
const THINK_MS = 400;

/** What the simulated menu begins with. */
const SOUPS = 8;

interface Placed {
  readonly orderId: number;
  readonly status: string;
}

const cartOf = (item: string, quantity = 1) => ({
  items: [{ item, quantity }],
  delivery: 'collect',
  tip: 0,
});

const order = (caller: Caller, item: string, quantity = 1) =>
  caller.update('order', cartOf(item, quantity), { timeoutMs: TIMEOUT_MS });

const FRESH = { consistency: 'fresh', timeoutMs: 10_000 } as const;

/** A cluster of hungry; what is on the menu at first is in its history. */
async function openKitchen(seed: number, replicas: number): Promise<ForcedScene> {
  const scene = await ForcedScene.open({ seed, replicas, frontends: 3, service: 'hungry' });
  const reader = await scene.caller([], { user: 'reader' });
  await scene.world.until(readAll(reader));
  return scene;
}

async function readAll(reader: Caller): Promise<void> {
  for (const operation of ['menu', 'motd', 'orders', 'active', 'details']) {
    await reader.query(operation, {}, FRESH);
  }
}

async function ordersOf(scene: ForcedScene, caller: Caller): Promise<readonly Placed[]> {
  const { value } = ended(await scene.world.until(caller.query('orders', {}, FRESH)), 'answered');
  return value as readonly Placed[];
}

async function leftOf(scene: ForcedScene, caller: Caller, item: string): Promise<number> {
  const { value } = ended(await scene.world.until(caller.query('menu', {}, FRESH)), 'answered');
  const dishes = (value as readonly { item: string; stock: number }[]).flat();
  const left = dishes.find((dish) => dish.item === item)?.stock;
  expect(left, item).to.be.a('number');
  return Number(left);
}

/** The primary dies when it sends or gets something; what it sends or gets is lost with it, or not. */
interface Moment {
  readonly when: string;
  readonly on: 'send' | 'receive';
  readonly isIt: (messages: readonly Message[]) => boolean;
  /** The frame gets through. */
  readonly passes: boolean;
}

const isOrder = (messages: readonly Message[]): boolean =>
  ofKind(messages, 'update').some(({ operation }) => operation === 'order');

const hasEntries = (messages: readonly Message[]): boolean =>
  ofKind(messages, 'prepare').some(({ entries }) => entries.length > 0);

const MOMENTS: readonly Moment[] = [
  { when: 'before its log has the order', on: 'receive', isIt: isOrder, passes: false },
  { when: 'while its disk writes the order', on: 'receive', isIt: isOrder, passes: true },
  { when: 'once its log has the order', on: 'send', isIt: hasEntries, passes: false },
  { when: 'before a backup answers', on: 'send', isIt: hasEntries, passes: true },
  {
    when: 'after a backup has answered',
    on: 'receive',
    isIt: (messages) => ofKind(messages, 'prepare-ok').length > 0,
    passes: false,
  },
  {
    when: 'before it replies',
    on: 'send',
    isIt: (messages) => ofKind(messages, 'forced-answered').length > 0,
    passes: false,
  },
];

describe('orders when the primary fails', function () {
  this.timeout(180_000);

  for (const { when, on, isIt, passes } of MOMENTS) {
    it(`scenario 21: the primary dies ${when}: one order, with one number`, async () => {
      for (const seed of SEEDS) {
        const what = `seed ${seed}`;
        const scene = await openKitchen(seed, 3);
        const { world } = scene;
        const ada = await scene.caller([], { user: 'ada' });
        const bob = await scene.caller([], { user: 'bob' });
        ended(await world.until(order(bob, 'soup')), 'updated');
        const { primary } = scene;
        const hasDied = crashAt(scene, primary, { when, on, isIt, passes });
        const ordering = order(ada, 'soup', 3);
        await scene.waitFor('the crash', 1000, hasDied);
        const outcome = ended(await world.until(ordering), 'updated');
        ended(await world.until(order(bob, 'soup', 2)), 'updated');
        await scene.bringUp(primary);
        expect(await leftOf(scene, bob, 'soup'), what).to.equal(SOUPS - 6);
        const placed = await ordersOf(scene, ada);
        expect(placed.map(({ orderId }) => orderId)).to.deep.equal([
          (outcome.result as Placed).orderId,
        ]);
        expect(await ordersOf(scene, bob), what).to.have.length(2);
        await scene.expectPromisesKept(what, readAll);
        await world.close();
      }
    });
  }

  it('scenario 13: the reply is lost, the client retries elsewhere: one order, with one number', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const scene = await openKitchen(seed, 3);
      const { world } = scene;
      const traveller = await world.travellingClient([], { user: 'ada' });
      const numbers: number[] = [];
      for (let round = 1; round <= 3; round++) {
        traveller.loseNextAnswer();
        const ordering = traveller.client.update('order', cartOf('soup', 2));
        const { result } = await world.until(ordering);
        numbers.push((result as Placed).orderId);
        expect(traveller.lostAnswers, what).to.equal(round);
      }
      const { value } = await world.until(traveller.client.query('orders', {}, FRESH));
      const found = (value as readonly Placed[]).map(({ orderId }) => orderId);
      expect(found, what).to.have.members(numbers);
      expect(new Set(numbers), what).to.have.property('size', 3);
      const reader = await scene.caller([], { user: 'eve' });
      expect(await leftOf(scene, reader, 'soup'), what).to.equal(SOUPS - 6);
      await world.close();
    }
  });

  it('scenario 22: a primary that was paused sells nothing that its successor sold', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const scene = await openKitchen(seed, 3);
      const { world } = scene;
      const ada = await scene.caller([], { user: 'ada' });
      const zombie = scene.primary;
      const early = await world.rawFrontend(zombie.name);
      const orderAt = (frontend: RawFrontend, n: number): void => {
        const session = sessionNumber(n);
        void frontend.update('order', cartOf('soup', 2), { session, user: 'zoe' });
      };
      // It has ordered one that nobody else has when it is paused, and finds another one when it goes on.
      scene.onSend = (host, messages) => host !== zombie.name || !hasEntries(messages);
      orderAt(early, 1);
      await world.run(20);
      const { op } = scene.diskLog(zombie);
      zombie.freeze();
      scene.onSend = () => true;
      orderAt(early, 2);
      await scene.waitFor('a successor', FAILOVER_MS, () => scene.primaries.length === 2);
      ended(await world.until(order(ada, 'soup', SOUPS)), 'updated');
      expect(scene.diskLog(zombie).op, what).to.equal(op);
      expect(scene.diskLog(zombie).commit, what).to.equal(op - 1);
      zombie.thaw();
      await world.run(FAILOVER_MS);
      expect(scene.primary.name, what).to.not.equal(zombie.name);
      const late = await world.rawFrontend(zombie.name);
      for (const n of [1, 2]) orderAt(late, n);
      await world.run(1000);
      const answers = [...answersTo(early), ...answersTo(late)].map(({ outcome }) => outcome.kind);
      expect(new Set(answers), what).to.deep.equal(new Set(['refused']));
      expect(answersTo(late), what).to.have.length(2);
      expect(await leftOf(scene, ada, 'soup'), what).to.equal(0);
      expect(await ordersOf(scene, ada), what).to.have.length(1);
      await scene.expectPromisesKept(what, readAll);
      await world.close();
    }
  });

  it('scenario 23: the last portions are sold while primaries change: all of them, none twice', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const scene = await openKitchen(seed, 5);
      const { world } = scene;
      const refused = new Set<string>();
      const dine = async (diner: Caller): Promise<number> => {
        for (let sold = 0; ; sold++) {
          await world.pause(THINK_MS);
          const outcome = await order(diner, 'bread');
          if (outcome.kind === 'updated') continue;
          expect(outcome, what).to.include({ kind: 'failed', code: 'REFUSED' });
          refused.add(diner.session);
          return sold;
        }
      };
      const replacePrimaries = async (): Promise<void> => {
        for (let times = 0; refused.size === 0; times++) {
          const [primary] = scene.primaries;
          if (primary === undefined) await world.pause(50);
          else if (times % 2 === 0) {
            await primary.crash();
            await world.pause(1500);
            await primary.start();
          } else {
            primary.freeze();
            await world.pause(6000);
            primary.thaw();
          }
        }
      };
      const diners: Caller[] = [];
      for (let n = 1; n <= 8; n++) diners.push(await scene.caller([], { user: `diner-${n}` }));
      const [first] = diners as [Caller];
      const before = await leftOf(scene, first, 'bread');
      const views = viewsOf(scene);
      const dinner = Promise.all(diners.map(dine));
      await world.until(Promise.all([dinner, replacePrimaries()]));
      expect(viewsOf(scene), `${what}: primaries`).to.be.above(views);
      const sold = (await dinner).reduce((sum, count) => sum + count, 0);
      expect(sold, what).to.equal(before);
      await scene.expectPromisesKept(what, readAll);
      const ids = new Set<number>();
      for (const diner of diners) {
        for (const { orderId } of await ordersOf(scene, diner)) ids.add(orderId);
      }
      expect(ids, what).to.have.property('size', before);
      await world.close();
    }
  });
});

/** Arms the crash; answers whether it has happened. */
function crashAt(
  scene: ForcedScene,
  primary: ReplicaHost,
  { on, isIt, passes }: Moment,
): () => boolean {
  let isArmed = true;
  const watch = (host: string, messages: readonly Message[]): boolean => {
    if (!isArmed) return host !== primary.name || primary.isUp;
    if (host !== primary.name || !isIt(messages)) return true;
    isArmed = false;
    scene.crashSoon(primary);
    return passes;
  };
  if (on === 'send') scene.onSend = watch;
  else scene.onReceive = watch;
  return () => !isArmed && !primary.isUp;
}
