/** Which parts a local cluster has, and how its start gets round what stands in the way. */

import { expect } from 'chai';
import { SeededRandom } from '../../src/base/random.js';
import { readCommand } from '../../src/launch/arguments.js';
import { Founding } from '../../src/launch/founding.js';
import { LocalCluster, type LocalClusterInit, partsOf } from '../../src/launch/local-cluster.js';
import type { Obstacle, Part } from '../../src/launch/part.js';
import type { PortsWanted } from '../../src/launch/ports.js';
import { StartError } from '../../src/launch/supervisor.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import { FakeParts, settle } from './fake-parts.js';

const founding = new Founding({ clusterId: 'c', founder: 'rm-1', founded: true }, null);

const INIT: LocalClusterInit = {
  frontends: 1,
  replicas: [1, 2],
  founding: () => founding,
  service: 'kv',
  data: '/d',
  importFrom: null,
  administrator: 'admin',
  settings: {},
  gossipLog: 'on',
  restart: true,
};

describe('the parts of a local cluster', () => {
  const parts = (change: Partial<LocalClusterInit>, begun: Founding | null = founding) =>
    partsOf({ ...INIT, ...change }, begun, [7100], [7200, 7203]).map(({ words }) =>
      readCommand(words),
    );

  it('are started with command lines that the program understands', () => {
    const join = ['127.0.0.1:7200', '127.0.0.1:7203'];
    const logs = { gossipLog: 'on', logDirectory: '/d/log' };
    const cluster = { service: 'kv', clusterId: 'c', members: [], join, discover: null };
    const common = { ...cluster, ...logs, advertise: null, clockOffsetMs: 0 };
    const own = { data: '/d', importFrom: null, gossip: 'on', gossipIntervalMs: 1000 };
    const replica = { ...common, ...own, init: false, replace: true, ownsAll: true };
    expect(parts({})).to.deep.equal([
      { kind: 'replica', options: { ...replica, name: 'rm-1', listen: '127.0.0.1:7200' } },
      { kind: 'replica', options: { ...replica, name: 'rm-2', listen: '127.0.0.1:7203' } },
      {
        kind: 'frontend',
        options: {
          ...common,
          administrator: 'admin',
          settings: {},
          name: 'fe-1',
          listen: '127.0.0.1:7100',
        },
      },
    ]);
  });

  it('have the numbers that they are given', () => {
    const names = parts({ replicas: [2, 5] }).map((command) =>
      command.kind === 'replica' ? command.options.name : command.kind,
    );
    expect(names).to.deep.equal(['rm-2', 'rm-5', 'frontend']);
  });

  it('found a cluster once, all under its id: later starts of the founder join like any other', async () => {
    const begun = new Founding({ clusterId: 'c', founder: 'rm-1', founded: false }, null);
    const [founder, other] = partsOf(INIT, begun, [], [7200, 7203]);
    const tellsOf = (part: Part | undefined) => {
      const command = readCommand(part?.words ?? []);
      if (command.kind !== 'replica') return null;
      const { init, clusterId, replace } = command.options;
      return { init, clusterId, replace };
    };
    const joins = { init: false, clusterId: 'c', replace: true };
    expect(tellsOf(founder)).to.deep.equal({ init: true, clusterId: 'c', replace: false });
    expect(tellsOf(other)).to.deep.equal(joins);
    await begun.finish();
    expect(tellsOf(founder)).to.deep.equal(joins);
  });

  it('of an earlier version go on with the members that were fixed then', () => {
    const members = [
      { name: 'rm-1', address: '127.0.0.1:7200' },
      { name: 'rm-2', address: '127.0.0.1:7203' },
    ];
    for (const command of parts({}, null)) {
      expect(command).to.have.property('options').that.deep.include({ members, join: [] });
    }
  });

  it('that keep nothing build their initial data themselves and write no logs', () => {
    const [replica, , frontend] = parts({ data: null, importFrom: '/ml', gossipLog: 'off' });
    expect(replica).to.have.property('options').that.includes({
      data: null,
      importFrom: '/ml',
      logDirectory: null,
      gossipLog: 'off',
    });
    expect(frontend).to.have.property('options').that.includes({ logDirectory: null });
  });

  it('are told what front ends are to know, whatever is in it', () => {
    const settings = { postcodesIo: 'http://h:1/?a=b' };
    const told = { service: 'hungry', administrator: '--the boss', settings };
    const frontend = parts(told).at(-1);
    expect(frontend).to.have.property('options').that.deep.include(told);
  });

  it('that keep their data look at the initial data where they are told to', () => {
    const [replica] = parts({ importFrom: '/ml' });
    expect(replica).to.have.property('options').that.includes({ data: '/d', importFrom: '/ml' });
  });
});

describe('starting a local cluster', () => {
  const scheduler = new VirtualScheduler();
  let parts: FakeParts;
  let nextPort: number;
  let said: string[];

  beforeEach(() => {
    parts = new FakeParts();
    nextPort = 9000;
    said = [];
  });

  const findFreePorts = async (_host: string, wanted: readonly PortsWanted[]) =>
    wanted.map(({ count }) => Array.from({ length: count }, () => nextPort++));

  const makeCluster = (change: Partial<LocalClusterInit> = {}): LocalCluster =>
    new LocalCluster(
      { ...INIT, ...change },
      {
        startPart: parts.startPart,
        askWhetherReady: async () => null,
        findFreePorts,
        scheduler,
        random: new SeededRandom(1),
        say: (line) => said.push(line),
      },
    );

  /** The first replica fails to start this many times. */
  function obstruct(kind: Obstacle['kind'], times: number): void {
    let left = times;
    parts.onStart = (process) => {
      if (process.part.name !== 'rm-1' || left === 0) {
        process.observer.onMessage({ kind: 'listening' });
        return;
      }
      left -= 1;
      process.observer.onMessage({ kind: 'cannot-start', obstacle: { kind, message: 'taken' } });
      process.end({ exitStatus: 4, signal: null });
    };
  }

  async function passTime(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      await settle();
      scheduler.runUntil(scheduler.monotonicMs() + 1000);
    }
    await settle();
  }

  it('gives the URLs of the front ends', async () => {
    expect(await makeCluster().start()).to.deep.equal(['ws://127.0.0.1:9000']);
  });

  it('starts the founder of a new cluster alone, until that is noted', async () => {
    const begun = new Founding({ clusterId: 'c', founder: 'rm-1', founded: false }, null);
    const seen: (readonly [string, boolean])[] = [];
    parts.onStart = (process) => {
      seen.push([process.part.name, begun.isDone]);
      process.observer.onMessage({ kind: 'listening' });
    };
    await makeCluster({ founding: () => begun }).start();
    expect(seen).to.deep.equal([
      ['rm-1', false],
      ['rm-2', true],
      ['fe-1', true],
    ]);
  });

  it('founds anew on another try where nothing is kept', async () => {
    const begun: Founding[] = [];
    const makeFounding = (): Founding => {
      const next = Founding.ephemeral(new SeededRandom(begun.length));
      begun.push(next);
      return next;
    };
    let left = 1;
    parts.onStart = (process) => {
      if (process.part.name !== 'rm-2' || left === 0) {
        process.observer.onMessage({ kind: 'listening' });
        return;
      }
      left -= 1;
      const obstacle = { kind: 'address-in-use', message: 'taken' } as const;
      process.observer.onMessage({ kind: 'cannot-start', obstacle });
      process.end({ exitStatus: 4, signal: null });
    };
    const started = makeCluster({ data: null, founding: makeFounding }).start();
    await passTime();
    await started;
    expect(begun.map(({ isDone }) => isDone)).to.deep.equal([true, true]);
    const founders = parts.started.filter(({ part }) => part.name === 'rm-1');
    expect(founders).to.have.length(2);
  });

  for (const kind of ['address-in-use', 'directory-in-use'] as const) {
    it(`begins again on other ports, with no part left of before: ${kind}`, async () => {
      obstruct(kind, 3);
      const started = makeCluster().start();
      await passTime();
      expect(await started).to.deep.equal(['ws://127.0.0.1:9009']);
      const living = parts.started.slice(-3).map(({ part }) => part.address);
      expect(living).to.deep.equal(['127.0.0.1:9010', '127.0.0.1:9011', '127.0.0.1:9009']);
      for (const process of parts.started.slice(0, -3)) {
        if (process.part.name !== 'rm-1') expect(process.asked).to.deep.equal(['terminate']);
      }
      expect(said.join('\n')).not.to.contain('taken');
    });
  }

  it('gives up on an obstacle that stays, and says which it is', async () => {
    obstruct('directory-in-use', 1000);
    const failed = makeCluster()
      .start()
      .catch((error: unknown) => error);
    await passTime();
    const error = await failed;
    expect(error).to.be.instanceOf(StartError).with.property('exitStatus', 4);
    expect(error).to.have.property('message').that.contains('taken');
    expect(parts.started.filter(({ part }) => part.name === 'rm-1')).to.have.length(16);
  });

  it('does not begin again after it was stopped', async () => {
    obstruct('address-in-use', 1000);
    const cluster = makeCluster();
    const failed = cluster.start().catch((error: unknown) => error);
    await settle();
    await cluster.stop();
    await passTime();
    expect(await failed).to.be.instanceOf(StartError);
    expect(parts.started.filter(({ part }) => part.name === 'rm-1')).to.have.length(1);
  });
});
