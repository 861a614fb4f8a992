/**
 * An update at the front end of a cluster that changes, whatever happens: one reply; all copies of it are
 * of members of one epoch, with one label, or there is one and it is anybody's; and no change makes it
 * fail before its time.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import type { FrontendEffect } from '../../src/frontend/events.js';
import { replies, sends, TestFrontend } from './support.js';

const REPLICAS = [1, 2, 3, 4] as const;

const action = fc.oneof(
  fc.record({
    kind: fc.constantFrom('down' as const, 'up' as const, 'new disk' as const),
    number: fc.constantFrom(...REPLICAS),
  }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 10, max: 400 }) }),
  fc.record({
    kind: fc.constant('configured' as const),
    members: fc.subarray([...REPLICAS], { minLength: 1 }),
  }),
  ...[1, 2].map(() =>
    fc.record({
      kind: fc.constant('acknowledges' as const),
      number: fc.constantFrom(...REPLICAS),
      /** The replica's label: so many epochs behind that of the front end, or ahead of it. */
      behind: fc.constantFrom(0, 0, 0, 1, -1, 9),
    }),
  ),
);

/** One update, and what the replicas did about it. */
class Run {
  readonly frontend = new TestFrontend({ isFounded: true, up: REPLICAS });
  readonly #up = new Set<number>(REPLICAS);
  readonly #disks = new Map<number, number>();
  /** Replicas that were sent it and have not answered. */
  readonly #open = new Set<number>();
  /** `replica on disk` and the labels under which it has acknowledged. */
  readonly #acknowledged = new Map<string, Set<number>>();
  #epoch = 1;
  #members = new Map<number, string>([1, 2, 3].map((number) => [number, this.#diskOf(number)]));
  replied = 0;

  constructor() {
    this.#configure();
    this.see(this.frontend.update({ timeoutMs: 3000 }));
  }

  act(each: typeof action extends fc.Arbitrary<infer Action> ? Action : never): void {
    const { frontend } = this;
    switch (each.kind) {
      case 'wait':
        return this.see(frontend.wait(each.ms));
      case 'configured':
        this.#epoch++;
        this.#members = new Map(each.members.map((number) => [number, this.#diskOf(number)]));
        return this.#configure();
      case 'down':
        if (!this.#up.delete(each.number)) return;
        this.#open.delete(each.number);
        return this.see(frontend.down(each.number));
      case 'new disk':
        if (this.#up.has(each.number)) return;
        this.#disks.set(each.number, (this.#disks.get(each.number) ?? 1) + 1);
        return;
      case 'up':
        if (this.#up.has(each.number)) return;
        this.#up.add(each.number);
        return this.see(frontend.up(each.number, this.#diskOf(each.number)));
      case 'acknowledges': {
        if (!this.#open.delete(each.number)) return;
        const epoch = Math.max(0, this.#epoch - each.behind);
        const who = `${each.number} on ${this.#diskOf(each.number)}`;
        const labels = this.#acknowledged.get(who) ?? new Set<number>();
        this.#acknowledged.set(who, labels.add(epoch));
        return this.see(frontend.acknowledges(each.number, { epoch }));
      }
    }
  }

  see(effects: readonly FrontendEffect[]): void {
    for (const { to } of sends(effects, 'update')) this.#open.add(to);
    for (const reply of replies(effects)) {
      this.replied++;
      if (reply.kind !== 'updated') {
        expect(this.frontend.nowMs, 'it fails at its deadline only').to.be.at.least(4000);
        continue;
      }
      const holders = [...this.#members].filter(([number, disk]) =>
        this.#acknowledged.get(`${number} on ${disk}`)?.has(this.#epoch),
      );
      const durableSomewhere = this.#acknowledged.size > 0 ? 1 : 0;
      expect(reply.copies)
        .to.be.at.least(1)
        .and.at.most(Math.max(durableSomewhere, holders.length));
    }
  }

  #configure(): void {
    const disks = Object.fromEntries(this.#members);
    this.see(this.frontend.configured(this.#epoch, [...this.#members.keys()], undefined, disks));
  }

  #diskOf(number: number): string {
    return `d${this.#disks.get(number) ?? 1}`;
  }
}

describe('an update while the cluster changes, whatever happens', () => {
  it('is replied to once, with copies of one epoch, and fails at its deadline only', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30, size: 'max' }), (actions) => {
        const run = new Run();
        for (const each of actions) run.act(each);
        run.see(run.frontend.wait(4000));
        expect(run.replied).to.equal(1);
        expect(run.frontend.state.pending.size).to.equal(0);
      }),
      { numRuns: 500 },
    );
  });
});
