/** The supervisor on virtual time, with processes that only exist in the test. */

import { expect } from 'chai';
import type { Ending } from '../../src/launch/part.js';
import { StartError, Supervisor } from '../../src/launch/supervisor.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import { FakeParts, type FakeProcess, settle } from './fake-parts.js';

const PARTS = [
  { name: 'rm-1', address: '127.0.0.1:7200', words: ['replica'] },
  { name: 'fe-1', address: '127.0.0.1:7100', words: ['frontend'] },
];

const KILLED: Ending = { exitStatus: null, signal: 'SIGKILL' };
const ended = (exitStatus: number): Ending => ({ exitStatus, signal: null });

class World {
  readonly scheduler = new VirtualScheduler();
  readonly parts = new FakeParts();
  readonly said: string[] = [];
  /** What parts say when they are asked whether they are ready. */
  waitsFor: string | null = null;
  readonly supervisor: Supervisor;

  constructor(restart = true) {
    this.supervisor = new Supervisor(
      {
        startPart: this.parts.startPart,
        askWhetherReady: async () => this.waitsFor,
        scheduler: this.scheduler,
        say: (line) => this.said.push(line),
      },
      { restart },
    );
  }

  /** Lets time pass; what happens at once because of it has happened then. */
  async pass(ms: number): Promise<void> {
    this.scheduler.runUntil(this.scheduler.monotonicMs() + ms);
    await settle();
  }

  get starts(): number {
    return this.parts.started.length;
  }
}

async function startedWorld(restart = true): Promise<World> {
  const world = new World(restart);
  await world.supervisor.start(PARTS);
  return world;
}

async function rejection(promise: Promise<unknown>): Promise<StartError> {
  const error: unknown = await promise.then(
    () => new Error('it did not reject'),
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(StartError);
  return error as StartError;
}

describe('the supervisor', () => {
  it('is started when every part is ready, and says each', async () => {
    const world = await startedWorld();
    expect(world.said).to.have.members([
      'rm-1 pid 100 ws://127.0.0.1:7200',
      'fe-1 pid 101 ws://127.0.0.1:7100',
    ]);
  });

  it('asks a part again and again until it is ready', async () => {
    const world = new World();
    world.waitsFor = 'its peers';
    let isStarted = false;
    const starting = world.supervisor.start(PARTS).then(() => {
      isStarted = true;
    });
    await settle();
    for (let i = 0; i < 20; i++) await world.pass(50);
    expect(isStarted).to.equal(false);
    world.waitsFor = null;
    await world.pass(50);
    await starting;
  });

  it('does not take for ready who answers at the address of a part that does not listen yet', async () => {
    const world = new World();
    world.parts.onStart = () => {};
    void world.supervisor.start(PARTS);
    await world.pass(1000);
    expect(world.said).to.deep.equal([]);
  });

  it('starts a part that ended again after 1 s, 2 s, … 30 s', async () => {
    const world = await startedWorld();
    for (const pauseS of [1, 2, 4, 8, 16, 30, 30]) {
      const before = world.starts;
      world.parts.newest('rm-1').end(KILLED);
      expect(world.said.at(-1)).to.contain(
        `was ended by SIGKILL; starting it again in ${pauseS} s`,
      );
      await world.pass(pauseS * 1000 - 1);
      expect(world.starts).to.equal(before);
      await world.pass(1);
      expect(world.starts).to.equal(before + 1);
      expect(world.said.at(-1)).to.equal(`rm-1 pid ${99 + world.starts} ws://127.0.0.1:7200`);
    }
  });

  it('pauses for 1 s again after a life of 60 s', async () => {
    const world = await startedWorld();
    for (let i = 0; i < 3; i++) {
      world.parts.newest('rm-1').end(ended(1));
      await world.pass(30_000);
    }
    await world.pass(60_000);
    world.parts.newest('rm-1').end(ended(1));
    expect(world.said.at(-1)).to.contain('ended with exit status 1; starting it again in 1 s');
  });

  for (const status of [2, 4]) {
    it(`leaves a part alone that ended with exit status ${status}, and says so`, async () => {
      const world = await startedWorld();
      world.parts.newest('rm-1').observer.onLine('error: the disk is full');
      world.parts.newest('rm-1').end(ended(status));
      await world.pass(100_000);
      expect(world.starts).to.equal(2);
      expect(world.said.slice(-2)).to.deep.equal([
        'rm-1: error: the disk is full',
        `rm-1, pid 100, ended with exit status ${status}; it is not started again`,
      ]);
    });
  }

  it('says what a part prints, with its name once', async () => {
    const world = await startedWorld();
    const { observer } = world.parts.newest('rm-1');
    observer.onLine('warned');
    observer.onLine('rm-1: warned again');
    expect(world.said.slice(-2)).to.deep.equal(['rm-1: warned', 'rm-1: warned again']);
  });

  it('does not start a part again that was taken out of the cluster, and tells who waits', async () => {
    const world = await startedWorld();
    let isOut = false;
    const removed = world.supervisor.removed('rm-1').then(() => {
      isOut = true;
    });
    await settle();
    expect(isOut).to.equal(false);
    const process = world.parts.newest('rm-1');
    process.observer.onMessage({ kind: 'removed' });
    process.end(ended(0));
    await removed;
    await world.pass(100_000);
    expect(world.starts).to.equal(2);
    expect(world.said.at(-1)).to.equal('rm-1 is out of the cluster; it is not started again');
    await world.supervisor.removed('rm-1');
    await world.supervisor.stop();
  });

  it('goes on when a part that was taken out does not end', async () => {
    const world = await startedWorld();
    const removed = world.supervisor.removed('rm-1');
    await world.pass(10_000);
    await removed;
    expect(world.said.at(-1)).to.contain('rm-1 is out of the cluster and has not ended');
  });

  it('starts a part again that somebody else has asked to end', async () => {
    const world = await startedWorld();
    world.parts.newest('rm-1').end(ended(0));
    expect(world.said.at(-1)).to.contain('ended with exit status 0; starting it again in 1 s');
  });

  it('starts more parts beside those that run', async () => {
    const world = await startedWorld();
    await world.supervisor.start([{ name: 'rm-2', address: '127.0.0.1:7201', words: ['replica'] }]);
    expect(world.parts.started.map(({ part }) => part.name)).to.deep.equal([
      'rm-1',
      'fe-1',
      'rm-2',
    ]);
    await world.supervisor.stop();
    for (const { asked } of world.parts.started) expect(asked).to.deep.equal(['terminate']);
  });

  it('leaves dead parts dead where that is asked for', async () => {
    const world = await startedWorld(false);
    world.parts.newest('rm-1').end(KILLED);
    await world.pass(100_000);
    expect(world.starts).to.equal(2);
    expect(world.said.at(-1)).to.contain('was ended by SIGKILL; it is not started again');
  });

  it('starts a part again that was killed while it was starting', async () => {
    const world = new World();
    let starts = 0;
    world.parts.onStart = (process) => {
      starts += 1;
      if (starts === 1) process.end(KILLED);
      else process.observer.onMessage({ kind: 'listening' });
    };
    const starting = world.supervisor.start(PARTS);
    await settle();
    await world.pass(1000);
    await starting;
    expect(world.starts).to.equal(3);
  });

  it('fails to start with the status of a part that cannot, and with its obstacle', async () => {
    for (const status of [2, 4]) {
      const world = new World();
      const obstacle = { kind: 'address-in-use', message: 'the port is taken' } as const;
      world.parts.onStart = (process) => {
        process.observer.onMessage({ kind: 'cannot-start', obstacle });
        process.end(ended(status));
      };
      const error = await rejection(world.supervisor.start(PARTS));
      expect(error.exitStatus).to.equal(status);
      expect(error.obstacle).to.deep.equal(obstacle);
      expect(error.message).to.contain('rm-1').and.to.contain('the port is taken');
    }
  });

  it('says once what a part waits for that takes long', async () => {
    const world = await startedWorld();
    world.waitsFor = 'a replica to join';
    world.parts.newest('rm-1').end(KILLED);
    for (let passed = 0; passed < 100; passed++) await world.pass(500);
    const late = world.said.filter((line) => line.includes('30 s'));
    expect(late).to.deep.equal(['rm-1 is not ready after 30 s: it waits for a replica to join']);
    await world.supervisor.stop();
  });

  it('gives up after two minutes, naming who waits for what', async () => {
    const world = new World();
    world.parts.onStart = (process) => {
      if (process.part.name === 'fe-1') process.observer.onMessage({ kind: 'listening' });
    };
    const failed = rejection(world.supervisor.start(PARTS));
    await settle();
    await world.pass(120_000);
    const error = await failed;
    expect(error.message).to.equal('not ready after 120 s: rm-1 (waits for its port)');
    expect(error.exitStatus).to.equal(4);
  });

  it('ends all parts and starts none again', async () => {
    const world = await startedWorld();
    world.parts.newest('rm-1').end(KILLED);
    await world.supervisor.stop();
    await world.pass(100_000);
    expect(world.starts).to.equal(2);
    expect(world.parts.newest('fe-1').asked).to.deep.equal(['terminate']);
  });

  it('can be stopped while it starts', async () => {
    const world = new World();
    world.parts.onStart = () => {};
    const failed = rejection(world.supervisor.start(PARTS));
    await settle();
    await world.supervisor.stop();
    expect((await failed).obstacle).to.equal(null);
    expect(world.scheduler.pending).to.equal(0);
  });

  it('starts nothing after it was stopped', async () => {
    const world = await startedWorld();
    await world.supervisor.stop();
    const more = { name: 'rm-2', address: '127.0.0.1:7201', words: ['replica'] };
    expect(await rejection(world.supervisor.start([more]))).to.have.property('obstacle', null);
    expect(world.starts).to.equal(2);
  });

  it('tells everyone who asks when no part is left', async () => {
    const world = await startedWorld();
    for (const process of world.parts.started) process.obeys = false;
    const stopped = Promise.all([world.supervisor.stop(), world.supervisor.stop()]);
    for (const process of world.parts.started) process.end(ended(0));
    await stopped;
    expect(world.parts.newest('rm-1').asked).to.deep.equal(['terminate']);
    expect(world.scheduler.pending).to.equal(0);
  });

  it('kills what has not ended 10 s after it was asked to', async () => {
    const world = await startedWorld();
    const deaf: FakeProcess = world.parts.newest('rm-1');
    deaf.obeys = false;
    const stopped = world.supervisor.stop();
    await world.pass(9999);
    expect(deaf.asked).to.deep.equal(['terminate']);
    await world.pass(1);
    await stopped;
    expect(deaf.asked).to.deep.equal(['terminate', 'kill']);
    expect(world.said.at(-1)).to.equal('rm-1 did not end within 10 s: killed');
  });
});
