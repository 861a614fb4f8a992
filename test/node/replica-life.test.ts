/** The life of a replica's process: founding, joining, and one identity after another (PROTOCOL C to E). */

import { expect } from 'chai';
import { FatalError, HearsayError } from '../../src/base/errors.js';
import { RESUBMIT } from '../../src/node/resubmission.js';
import type { Residence } from '../../src/ports/replica-place.js';
import { MemoryDisk } from '../../src/storage/memory-disk.js';
import type { MemoryResidence } from '../../src/storage/memory-place.js';
import { openSqlDatabase } from '../../src/storage/sql-database.js';
import { LifeWorld, type Machine } from './life-world.js';

/** What a copy of a running replica's directory holds. */
function copyOf({ place }: Machine): MemoryResidence {
  const { present } = place;
  if (present === null) throw new Error('nothing is there');
  const disk = new MemoryDisk();
  disk.groups.push(...present.disk.groups);
  for (const [number, bytes] of present.disk.snapshots) disk.snapshots.set(number, bytes);
  for (const [key, bytes] of present.disk.metadata) disk.metadata.set(key, bytes);
  return { ...present, disk };
}

describe('the life of a replica', function () {
  this.timeout(60_000);
  let world: LifeWorld;

  before(async () => {
    // Loads what is slow once: no time passes in the world meanwhile.
    (await openSqlDatabase()).close();
  });

  beforeEach(() => {
    world = new LifeWorld();
  });

  afterEach(async () => {
    await world.close();
  });

  /** A cluster of these, the first of which has founded it. */
  async function cluster(...names: string[]): Promise<Machine[]> {
    const machines = names.map((name) => world.machine(name));
    for (const [index, machine] of machines.entries()) {
      await world.start(machine, { founds: index === 0 });
      await world.until(`${machine.name} is a member`, () => machine.isMember);
    }
    return machines;
  }

  /** What its next identity is made of; `then` is awaited before the life has it. */
  function begun(machine: Machine, then: () => void | Promise<void>): () => Residence {
    const { place } = machine;
    const begin = place.begin.bind(place);
    let made: Residence | null = null;
    place.begin = async (beginning) => {
      made = await begin(beginning);
      await then();
      return made;
    };
    return () => {
      if (made === null) throw new Error('nothing was begun');
      return made;
    };
  }

  /** Whether another process could open these data. */
  const isClosed = ({ journal }: Residence): Promise<boolean> =>
    world.settled(journal.writeMeta('note', new Uint8Array())).then(
      () => false,
      (error: Error) => error.message.includes('closed'),
    );

  const nonceOf = ({ place }: Machine): string => place.present?.identity.nonce ?? '';

  it('founds a cluster, which another one joins', async () => {
    const [first, second] = await cluster('rm-1', 'rm-2');
    const identities = [first, second].map((machine) => machine?.place.present?.identity);
    expect(identities[0]?.clusterId).to.be.a('string').with.length.above(5);
    expect(identities[1]?.clusterId).to.equal(identities[0]?.clusterId);
    expect(identities[1]?.nonce).not.to.equal(identities[0]?.nonce);
  });

  it('does not found a second cluster where one answers', async () => {
    const [first] = await cluster('rm-1');
    const second = world.machine('rm-2');
    await world.start(second, { founds: true });
    await world.until('rm-2 is a member', () => second.isMember);
    const { clusterId } = second.place.present?.identity ?? {};
    expect(clusterId).to.equal(first?.place.present?.identity.clusterId);
  });

  it('waits while nobody is there, and says for whom', async () => {
    const late = world.machine('rm-1');
    const early = world.machine('rm-2');
    await world.start(early);
    await world.passMs(60_000);
    expect(early.halted).to.equal(null);
    expect(early.life?.waitsFor).to.match(/a replica at rm-1:7200 \(.+\)/);
    await world.start(late, { founds: true });
    await world.until('rm-2 is a member', () => early.isMember);
    expect(early.life?.driver?.isMember).to.equal(true);
  });

  it('says that it waits to hear of a cluster before it founds one', async () => {
    const machine = world.machine('rm-1');
    let words: string | null | undefined = null;
    const seeds = {
      ...{ addresses: () => [], refresh: () => {}, trouble: 'cannot look up replicas in etcd' },
      firstLook: async () => {
        words = machine.opened?.waitsFor;
      },
    };
    await world.start(machine, { founds: true, seeds });
    expect(words).to.equal(
      'word whether there is a cluster already (cannot look up replicas in etcd)',
    );
  });

  it('lets go of data that were made while it ended', async () => {
    await cluster('rm-1');
    const machine = world.machine('rm-2');
    const residence = begun(machine, async () => machine.life?.close());
    await world.start(machine);
    await world.until('its data are made', () => machine.words.some((each) => /begins/.test(each)));
    await world.passMs(1000);
    expect(machine.life?.driver).to.equal(null);
    expect(await isClosed(residence())).to.equal(true);
  });

  it('lets go of data that it has founded and cannot start on', async () => {
    const machine = world.machine('rm-1');
    const residence = begun(machine, () => {
      const { disk } = machine.place;
      if (disk !== null) disk.readFault = 'EIO: i/o error, read';
    });
    const error = await world.start(machine, { founds: true }).catch((each: unknown) => each);
    expect(error).to.be.instanceOf(FatalError);
    expect(await isClosed(residence())).to.equal(true);
  });

  it('is refused where the cluster began with other data', async () => {
    await cluster('rm-1', 'rm-2');
    const other = world.machine('rm-3');
    await world.start(other, {}, 'another');
    await world.until('rm-3 is refused', () => other.halted !== null);
    expect(other.halted).to.be.instanceOf(HearsayError).with.property('code', 'INVALID');
    expect(other.halted?.message).to.include('another').and.include('empty');
  });

  it('is given up with a name that somebody connected has', async () => {
    const [, second] = await cluster('rm-1', 'rm-2');
    // On a machine of its own, but with rm-2's name: its address is another.
    const twin = world.machine('rm-2b');
    await world.start(twin, {}, null, 'rm-2');
    await world.until('the twin is refused', () => twin.halted !== null);
    expect(twin.halted).to.be.instanceOf(FatalError);
    expect(twin.halted?.message)
      .to.include('DUPLICATE_NAME')
      .and.include(nonceOf(second as Machine));
  });

  it('does not run beside its original on a copy of the data', async () => {
    const [, , third] = (await cluster('rm-1', 'rm-2', 'rm-3')) as [Machine, Machine, Machine];
    // All of them have heard the original.
    await world.passMs(3000);
    const clone = world.machine('rm-3b');
    clone.place.present = copyOf(third);
    await world.start(clone, {}, null, 'rm-3');
    let wasOfUse = false;
    await world.until('the clone is refused', () => {
      wasOfUse ||= clone.life?.isOfUse === true;
      return clone.halted !== null;
    });
    expect(wasOfUse).to.equal(false);
    expect(third.life?.isOfUse).to.equal(true);
    expect(clone.halted).to.be.instanceOf(FatalError);
    expect(clone.halted?.message).to.include('rm-3:7200').and.include('rm-3b:7200');
    // Whoever is told prints it: it would be there twice.
    expect(clone.words).not.to.include(clone.halted?.message);
    await world.passMs(10_000);
    expect(third.halted).to.equal(null);
    expect(third.isMember).to.equal(true);
  });

  it('goes on with its data alone, and begins nothing without data', async () => {
    const [, second] = (await cluster('rm-1', 'rm-2')) as [Machine, Machine];
    const nonce = nonceOf(second);
    await world.kill(second);
    await world.start(second, { seeds: null });
    await world.until('rm-2 counts again', () => second.life?.waitsFor === null);
    expect(nonceOf(second)).to.equal(nonce);
    const third = world.machine('rm-3');
    const error = await world.start(third, { seeds: null }).catch((each: unknown) => each);
    expect(error).to.be.instanceOf(HearsayError).with.property('code', 'INVALID');
    expect((error as Error).message).to.equal(
      'rm-3 has no data in memory: give --init to found a cluster, or --join, --discover or --members',
    );
  });

  it('starts again without a warning to anybody', async () => {
    const machines = (await cluster('rm-1', 'rm-2', 'rm-3')) as [Machine, Machine, Machine];
    await world.passMs(5000);
    for (const machine of machines) {
      await world.kill(machine);
      await world.start(machine);
      await world.until('it is back', () => machine.life?.waitsFor === null);
      await world.passMs(5000);
    }
    expect(machines.flatMap(({ warnings }) => warnings)).to.deep.equal([]);
    // What is ordinary is noted, with the names of those who are known.
    const words = machines.flatMap((machine) => machine.words);
    expect(words.some((line) => /^rm-\d \(.*\): the connection /.test(line))).to.equal(true);
  });

  it('takes the place of a dead member of its name only where it is told to', async () => {
    const [, second] = await cluster('rm-1', 'rm-2', 'rm-3');
    if (second === undefined) throw new Error('there are three');
    await world.kill(second);
    second.place.lose();
    await world.start(second);
    await world.until('it is refused', () => second.halted !== null);
    expect(second.halted?.message).to.include('--replace');
    await world.kill(second);
    await world.start(second, { replaces: true });
    await world.until('it is a member again', () => second.isMember);
    expect(second.isMember).to.equal(true);
  });

  describe('retired while it was away', () => {
    /** rm-3 has an update that nobody else has, was retired, and can be reached again. */
    async function retired(): Promise<readonly [Machine, Machine]> {
      const [first, second, third] = (await cluster('rm-1', 'rm-2', 'rm-3')) as [
        Machine,
        Machine,
        Machine,
      ];
      for (const other of ['rm-1', 'rm-2']) {
        world.network.cut('rm-3', other, { breakAfterMs: 100 });
        world.network.cut(other, 'rm-3', { breakAfterMs: 100 });
      }
      await world.passMs(1000);
      await world.add(third, 'only', 'session-of-three');
      expect(third.count('only')).to.equal(1);
      await world.retire('rm-3', true, first, second);
      world.network.mendAll();
      return [first, third];
    }

    it('begins anew, and takes over what only it had', async () => {
      const [first, third] = await retired();
      const old = nonceOf(third);
      await world.until('the update is everywhere', () => first.count('only') === 1);
      await world.until('the note is gone', () => !third.place.disk?.metadata.has(RESUBMIT));
      expect(nonceOf(third)).not.to.equal(old);
      expect(third.place.retired.map(({ identity }) => identity.nonce)).to.deep.equal([old]);
      expect(third.isMember).to.equal(true);
      expect(third.count('only')).to.equal(1);
    });

    it('does so once, wherever it crashes meanwhile', async () => {
      const [first, third] = await retired();
      await world.until('the new identity begins', () => third.place.retired.length === 1);
      for (let crash = 0; crash < 5; crash++) {
        await world.kill(third);
        await world.start(third);
        await world.passMs(40 * (crash + 1));
      }
      await world.until('the update is everywhere', () => first.count('only') === 1);
      await world.until('the note is gone', () => !third.place.disk?.metadata.has(RESUBMIT));
      await world.passMs(5000);
      expect(first.count('only')).to.equal(1);
      expect(third.count('only')).to.equal(1);
      expect(third.place.retired).to.have.length(1);
    });
  });

  it('leaves for good when an operator removes it', async () => {
    const [first, , third] = (await cluster('rm-1', 'rm-2', 'rm-3')) as [Machine, Machine, Machine];
    await world.retire('rm-3', false, first);
    await world.until('rm-3 has left', () => third.isRemoved);
    expect(third.place.present).to.equal(null);
    expect(third.place.retired).to.have.length(1);
    expect(third.halted).to.equal(null);
  });
});
