/** What holds of an update at the front end whatever replicas do: one reply, true copies, true certainty. */

import { expect } from 'chai';
import fc from 'fast-check';
import type { FrontendEffect } from '../../src/frontend/events.js';
import { TestFrontend, replies, sends } from './support.js';

const MEMBERS = 3;

const action = fc.record({
  number: fc.integer({ min: 1, max: MEMBERS }),
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constant('INVALID' as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('acknowledges', 'OVERLOADED', 'EXPIRED', 'down', 'up', 'wait'),
    },
  ),
  ms: fc.integer({ min: 10, max: 400 }),
});

describe('an update at the front end, whatever happens', () => {
  it('is replied to once; copies were acknowledged; "certainly not" means all refused', () => {
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 25, size: 'max' }),
        fc.constantFrom(1, 2),
        (actions, attempt) => {
          const frontend = new TestFrontend({ members: MEMBERS });
          const isUp = new Set([1, 2, 3]);
          /** Replicas that hold the request and have not said what became of it. */
          const open = new Set<number>();
          const acknowledged = new Set<number>();
          let doubt = attempt > 1;
          let replied = 0;
          const see = (effects: readonly FrontendEffect[]): void => {
            for (const { to } of sends(effects, 'update')) open.add(to);
            for (const reply of replies(effects)) {
              replied++;
              if (reply.kind === 'updated') {
                expect(reply.copies).to.be.at.least(1).and.at.most(acknowledged.size);
              } else if (reply.kind === 'failed' && reply.definite) {
                expect([doubt, open.size, acknowledged.size]).to.deep.equal([false, 0, 0]);
              }
            }
          };
          see(frontend.update({ attempt, timeoutMs: 2000 }));
          for (const { number, kind, ms } of actions) {
            if (kind === 'wait') see(frontend.wait(ms));
            else if (kind === 'up') {
              if (isUp.has(number)) continue;
              isUp.add(number);
              see(frontend.up(number));
            } else if (kind === 'down') {
              if (!isUp.delete(number)) continue;
              doubt ||= open.delete(number);
              see(frontend.down(number));
            } else if (open.delete(number)) {
              if (kind === 'acknowledges') {
                acknowledged.add(number);
                see(frontend.acknowledges(number));
              } else {
                doubt ||= kind === 'EXPIRED';
                see(frontend.declines(number, kind));
              }
            }
          }
          see(frontend.wait(3000));
          expect(replied).to.equal(1);
          expect(frontend.state.pending.size).to.equal(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
