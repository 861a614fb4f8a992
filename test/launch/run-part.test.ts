/** The life of a part's process, with a launcher and a service that exist only in the test. */

import { expect } from 'chai';
import { FatalError, HearsayError } from '../../src/base/errors.js';
import type { PartMessage } from '../../src/launch/part.js';
import { runPart, type StartServing } from '../../src/launch/run-part.js';
import type { Running } from '../../src/node/options.js';
import { settle } from './fake-parts.js';
import { FakeSurroundings } from './fake-surroundings.js';

class World extends FakeSurroundings {
  readonly told: PartMessage[] = [];
  closes = 0;
  /** Closing takes for ever. */
  hangs = false;
  readonly #onGone: (() => void)[] = [];

  readonly running: Running = {
    address: '127.0.0.1:7200',
    isReady: () => true,
    close: () => {
      this.closes += 1;
      return this.hangs ? new Promise(() => {}) : Promise.resolve();
    },
    kill: async () => {},
  };

  launcherDies(): void {
    for (const listener of this.#onGone) listener();
  }

  run(start: StartServing, hasLauncher = true): Promise<number> {
    const launcher = {
      tell: async (message: PartMessage) => void this.told.push(message),
      onGone: (listener: () => void) => void this.#onGone.push(listener),
    };
    const { scheduler, onEndSignal } = this;
    return runPart(start, { launcher: hasLauncher ? launcher : null, scheduler, onEndSignal });
  }

  /** Whether it has ended, and how. */
  async outcome(run: Promise<number>): Promise<number | 'still running'> {
    await settle();
    return Promise.race([run, Promise.resolve('still running' as const)]);
  }
}

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

describe("a part's process", () => {
  let world: World;
  const start = async (): Promise<Running> => world.running;

  beforeEach(() => {
    world = new World();
  });

  it('tells its launcher when it listens, and goes on', async () => {
    const run = world.run(start);
    expect(await world.outcome(run)).to.equal('still running');
    expect(world.told).to.deep.equal([{ kind: 'listening' }]);
  });

  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    it(`closes and ends well on ${signal}`, async () => {
      const run = world.run(start);
      await settle();
      world.signal(signal);
      expect(await run).to.equal(0);
      expect(world.closes).to.equal(1);
    });
  }

  it('ends well, and tells its launcher, when it is taken out of the cluster', async () => {
    let remove: () => void = () => {};
    const run = world.run(async (onRemoved) => {
      remove = onRemoved;
      return world.running;
    });
    expect(await world.outcome(run)).to.equal('still running');
    remove();
    expect(await run).to.equal(0);
    expect(world.closes).to.equal(1);
    expect(world.told).to.deep.equal([{ kind: 'listening' }, { kind: 'removed' }]);
  });

  it('leaves Ctrl-C to its launcher', async () => {
    const run = world.run(start);
    await settle();
    world.signal('SIGINT');
    expect(await world.outcome(run)).to.equal('still running');
  });

  it('ends on Ctrl-C without a launcher', async () => {
    const run = world.run(start, false);
    await settle();
    world.signal('SIGINT');
    expect(await run).to.equal(0);
    expect(world.closes).to.equal(1);
  });

  it('closes when its launcher is gone', async () => {
    const run = world.run(start);
    await settle();
    world.launcherDies();
    expect(await run).to.equal(0);
    expect(world.closes).to.equal(1);
  });

  it('ends within 5 s after its launcher, whatever hangs', async () => {
    world.hangs = true;
    const run = world.run(start);
    await settle();
    world.launcherDies();
    world.scheduler.runUntil(4000);
    expect(await world.outcome(run)).to.equal('still running');
    world.scheduler.runUntil(5000);
    expect(await run).to.equal(0);
  });

  it('ends at once when it is asked to before it serves', async () => {
    const run = world.run(() => new Promise(() => {}));
    await settle();
    world.signal('SIGTERM');
    expect(await run).to.equal(0);
  });

  for (const [code, kind] of [
    ['EADDRINUSE', 'address-in-use'],
    ['LEVEL_LOCKED', 'directory-in-use'],
  ] as const) {
    it(`tells its launcher of an obstacle that may be got round: ${code}`, async () => {
      const wrapped = new Error('wrapped', { cause: systemError(code) });
      const run = world.run(() => Promise.reject(new FatalError('taken', { cause: wrapped })));
      expect(await run).to.equal(4);
      expect(world.told).to.deep.equal([
        { kind: 'cannot-start', obstacle: { kind, message: 'taken' } },
      ]);
    });
  }

  it('throws any other reason why it cannot start', async () => {
    for (const [error, hasLauncher] of [
      [new FatalError('no such folder', { cause: systemError('ENOENT') }), true],
      [new HearsayError('INVALID', 'another initial state'), true],
      [new FatalError('taken', { cause: systemError('EADDRINUSE') }), false],
    ] as const) {
      const run = world.run(() => Promise.reject(error), hasLauncher);
      expect(await run.catch((reason: unknown) => reason)).to.equal(error);
      expect(world.told).to.deep.equal([]);
    }
  });
});
