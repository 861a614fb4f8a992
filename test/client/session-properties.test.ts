/**
 * The session core under any order of events: calls, answers and refusals to any request, lost
 * connections and time. Whatever happens, each call ends once, an update has one body in all its
 * sendings, and it is sent only once its lookup is done.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import type { SessionEffect } from '../../src/client/session-events.js';
import type { ClientUpdate } from '../../src/wire/messages.js';
import { TestSession } from './support.js';

type Step = (session: TestSession, call: number) => SessionEffect[];

const TIMEOUTS_MS = [30, 400, 5000] as const;

const called = fc
  .record({ hasLookup: fc.boolean(), timeoutMs: fc.constantFrom(...TIMEOUTS_MS) })
  .map(
    (fields): Step =>
      (session, call) =>
        session.update(call, fields),
  );

const asked = fc.constantFrom(...TIMEOUTS_MS).map(
  (timeoutMs): Step =>
    (session, call) =>
      session.query(call, { timeoutMs }),
);

/** To the request that was begun so many requests before the newest one. */
const answeredLate = fc
  .record({
    back: fc.nat(4),
    answer: fc.constantFrom<(session: TestSession, requestId: number) => SessionEffect[]>(
      (session, id) => answer(session, id),
      (session, id) => session.failed(id, 'INVALID', true),
      (session, id) => session.failed(id, 'OVERLOADED', true),
      (session, id) => session.failed(id, 'UNAVAILABLE', false),
    ),
  })
  .map(
    ({ back, answer }): Step =>
      (session) =>
        answer(session, session.state.nextRequestId - 1 - back),
  );

/** The answer that a front end would give to this request. */
function answer(session: TestSession, requestId: number): SessionEffect[] {
  const open = session.state.open.get(requestId);
  if (open?.call.kind === 'query') return session.answered(requestId);
  if (open?.identity === null) return session.lookedUp(requestId, { found: open.call.call });
  return session.updated(requestId);
}

const connection = fc.constantFrom<Step>(
  (session) => (session.state.connected ? session.disconnected() : session.connected()),
  (session) => session.connected(),
);

const time = fc.integer({ min: 10, max: 3000 }).map(
  (ms): Step =>
    (session) =>
      session.wait(ms),
);

const steps = fc.array(fc.oneof(called, asked, answeredLate, answeredLate, connection, time), {
  maxLength: 60,
});

describe('a session, whatever happens', () => {
  for (const pipeline of [false, true]) {
    it(`ends each call once and gives each update one body${pipeline ? ', pipelined' : ''}`, () => {
      fc.assert(
        fc.property(steps, (steps) => {
          const session = new TestSession({ pipeline, hasOthers: true });
          const run = new Run(pipeline);
          for (const [index, step] of steps.entries()) {
            run.see(session, index, step(session, index));
          }
          run.see(session, -1, session.wait(10_000));
          run.expectEnded(session);
        }),
      );
    });
  }
});

/** What was seen of one session. */
class Run {
  readonly #pipeline: boolean;
  readonly #begun = new Set<number>();
  readonly #ended: number[] = [];
  readonly #bodies = new Map<number, object>();

  constructor(pipeline: boolean) {
    this.#pipeline = pipeline;
  }

  see(session: TestSession, index: number, effects: readonly SessionEffect[]): void {
    for (const { call } of [...session.state.open.values(), ...session.state.queue]) {
      this.#begun.add(call.call);
    }
    for (const effect of effects) {
      if (effect.kind === 'send' && effect.message.kind === 'client-update') {
        this.#expectSameBody(effect.message);
      }
      if (effect.kind !== 'updated' && effect.kind !== 'answered' && effect.kind !== 'failed') {
        continue;
      }
      this.#begun.add(effect.call);
      expect(this.#ended, `call ${effect.call} in step ${index}`).to.not.include(effect.call);
      this.#ended.push(effect.call);
    }
    const updates = [...session.state.open.values()].filter(({ call }) => call.kind === 'update');
    expect(session.state.updatesUnderWay).to.equal(updates.length);
    if (!this.#pipeline) expect(updates.length).to.be.at.most(1);
    for (const { call, identity, args } of updates) {
      if (call.kind !== 'update' || !call.hasLookup) continue;
      expect(args).to.deep.equal(identity === null ? call.args : { found: call.call });
    }
  }

  expectEnded({ state }: TestSession): void {
    expect(state.open.size + state.queue.length + state.updatesUnderWay).to.equal(0);
    expect(this.#begun).to.deep.equal(new Set(this.#ended));
    const numbers = [...this.#bodies.keys()];
    for (const n of numbers) expect(n).to.be.within(1, state.n);
    expect(state.answered, 'every number was given an end').to.equal(state.n);
  }

  #expectSameBody({ attempt, timeoutMs, answered, ...body }: ClientUpdate): void {
    expect(attempt).to.be.at.least(1);
    expect(timeoutMs).to.be.at.least(1);
    expect(answered).to.be.below(body.n);
    const before = this.#bodies.get(body.n) ?? body;
    expect(body).to.deep.equal(before);
    this.#bodies.set(body.n, before);
  }
}
