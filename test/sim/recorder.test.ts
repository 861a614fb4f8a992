/** What the recorder writes down of requests that succeed, fail, are late, or are never answered. */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import type { Client } from '../../src/client/api.js';
import { HistoryRecorder } from '../../src/sim/recorder.js';

/** A client whose requests end as the test says, at the front end that it names. */
class FakeClient {
  user = 'ann';
  frontend: string | null = 'fe-1';
  readonly operations = [{ name: 'take', ordering: 'forced' }];
  next: () => Promise<unknown> = () => Promise.resolve({ timestamp: {} });

  query(): Promise<unknown> {
    return this.next();
  }

  update(): Promise<unknown> {
    return this.next();
  }
}

class Scene {
  nowMs = 1000;
  readonly fake = new FakeClient();
  readonly notes: string[] = [];
  readonly recorder = new HistoryRecorder(
    'kv',
    () => this.nowMs,
    (what, session) => this.notes.push(`${session} ${what}`),
  );
  readonly caller = this.recorder.recording(this.fake as unknown as Client, 'c1');
}

describe('the recorder of histories', () => {
  it('writes down requests as they are sent and as they end', async () => {
    const scene = new Scene();
    scene.fake.next = async () => {
      scene.nowMs += 30;
      scene.fake.frontend = 'fe-2';
      return { value: 7, guarantee: 'fresh', timestamp: {} };
    };
    await scene.caller.query('get', { key: 'k' });
    expect(scene.recorder.operations).to.deep.equal([
      {
        session: 'c1',
        user: 'ann',
        kind: 'query',
        operation: 'get',
        args: { key: 'k' },
        sentTo: 'fe-1',
        answeredBy: 'fe-2',
        called: 0,
        returned: 1,
        calledMs: 1000,
        returnedMs: 1030,
        outcome: { kind: 'answered', value: 7, guarantee: 'fresh' },
        final: false,
      },
    ]);
    expect(scene.notes).to.deep.equal([
      'c1 asks for get {"key":"k"}',
      'c1 get {"key":"k"} is 7 (fresh)',
    ]);
  });

  it('tells what certainly had no effect from what may have had one', async () => {
    const scene = new Scene();
    const outcomes: string[] = [];
    for (const definite of [true, false]) {
      scene.fake.next = () => Promise.reject(new HearsayError('TIMEOUT', 'too late', { definite }));
      outcomes.push((await scene.caller.update('set', {})).kind);
    }
    expect(outcomes).to.deep.equal(['failed', 'unknown']);
  });

  it('keeps a request that is never answered, as unknown', () => {
    const scene = new Scene();
    scene.fake.next = () => new Promise(() => {});
    void scene.caller.update('set', {});
    expect(scene.recorder.operations[0]).to.deep.include({ returned: null, returnedMs: null });
    expect(scene.recorder.operations[0]?.outcome.kind).to.equal('unknown');
  });

  it('hands on an error that is none of the product’s', async () => {
    const scene = new Scene();
    scene.fake.next = () => Promise.reject(new TypeError('a bug'));
    const error = await scene.caller.query('get', {}).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(TypeError);
  });

  it('notes a request that ends later than it had to', async () => {
    const scene = new Scene();
    for (const tookMs of [1300, 1301]) {
      scene.fake.next = async () => {
        scene.nowMs += tookMs;
        return { timestamp: {} };
      };
      await scene.caller.query('get', {}, { timeoutMs: 1000 });
    }
    expect(scene.recorder.overdue).to.deep.equal([
      'c1 waited 1301 ms for get {}, which had 1000 ms',
    ]);
  });

  it('counts a session that two front ends answered, once', async () => {
    const scene = new Scene();
    scene.fake.next = () => Promise.resolve({ copies: 2, timestamp: {} });
    for (const frontend of ['fe-1', 'fe-1', 'fe-2', 'fe-1', 'fe-3']) {
      scene.fake.frontend = frontend;
      await scene.caller.update('set', {});
    }
    expect(scene.recorder.progress).to.include({ travelled: 1, acknowledged: 5 });
  });
});
