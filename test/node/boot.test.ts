import { expect } from 'chai';
import { SeededRandom } from '../../src/base/random.js';
import { nextBoot } from '../../src/node/boot.js';
import { MemoryDisk, MemoryJournal } from '../../src/storage/memory-journal.js';

describe('starts', () => {
  const random = new SeededRandom(3);

  it('are counted on the disk, each with a nonce of its own', async () => {
    const disk = new MemoryDisk();
    const first = await nextBoot(new MemoryJournal(disk), random);
    disk.crash('lost');
    const second = await nextBoot(new MemoryJournal(disk), random);
    expect([first.number, second.number]).to.deep.equal([1, 2]);
    expect(second.nonce).not.to.equal(first.nonce);
  });

  it('count before the first word: a start whose count was not written is not one', async () => {
    const disk = new MemoryDisk();
    disk.beforeWrite = () => Promise.reject(new Error('disk full'));
    const failure = await nextBoot(new MemoryJournal(disk), random).catch((error: Error) => error);
    expect(failure).to.be.instanceOf(Error).with.property('message').that.includes('disk full');
  });
});
