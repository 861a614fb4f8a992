/** The commands that change the members, with a client that exists only in the test. */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { readCommand } from '../../src/launch/arguments.js';
import { runRecover } from '../../src/launch/recover.js';
import { runRetire } from '../../src/launch/retire.js';
import { FakeSurroundings, fakeClient } from './fake-surroundings.js';

describe('commands that change the members', () => {
  let world: FakeSurroundings;

  beforeEach(() => {
    world = new FakeSurroundings();
  });

  function run(line: string): Promise<number> {
    const command = readCommand(line.split(' '));
    if (command.kind === 'retire') return runRetire(command, world);
    if (command.kind === 'recover') return runRecover(command, world);
    throw new Error(`${command.kind} changes no members`);
  }

  describe('hearsay retire', () => {
    it('says what came of it', async () => {
      expect(await run('retire rm-3')).to.equal(0);
      expect(world.stdout.text).to.equal('rm-3 is retired\n');
      expect(await run('retire rm-3 --json')).to.equal(0);
      expect(JSON.parse(world.stdout.text)).to.deep.equal({
        epoch: 2,
        message: 'rm-3 is retired',
      });
    });

    it('uses force only where that is said', async () => {
      const asked: unknown[] = [];
      world.client = fakeClient({
        retire: async (...words) => {
          asked.push(words);
          return { epoch: 2, message: '' };
        },
      });
      await run('retire rm-3');
      await run('retire rm-3 --force');
      expect(asked).to.deep.equal([
        ['rm-3', { force: false }],
        ['rm-3', { force: true }],
      ]);
    });

    for (const [code, status] of [
      ['INVALID', 2],
      ['TIMEOUT', 3],
    ] as const) {
      it(`ends with status ${status} when the answer is ${code}`, async () => {
        const retire = () => Promise.reject(new HearsayError(code, 'said so'));
        world.client = fakeClient({ retire });
        expect(await run('retire rm-3')).to.equal(status);
        expect(world.stderr.text).to.equal(`error ${code}: said so\n`);
        expect(await run('retire rm-3 --json')).to.equal(status);
        expect(JSON.parse(world.stdout.text)).to.have.nested.property('error.code', code);
      });
    }
  });

  describe('hearsay recover', () => {
    const words = 'recover --force --survivors rm-10,rm-9 --lost rm-3,rm-2,rm-1';

    it('says what is lost once it is done, and nothing where it is refused', async () => {
      expect(await run(words)).to.equal(0);
      expect(world.stderr.text).to.match(
        /^recovery \w{20}: rm-9, rm-10 go on without rm-1, rm-2, rm-3; what only those held is lost\n$/,
      );
      await run('recover --force --survivors rm-3 --lost rm-1,rm-2');
      expect(world.stderr.text).to.include(': rm-3 goes on without');
      const recover = () => Promise.reject(new HearsayError('INVALID', 'said so'));
      world.client = fakeClient({ recover });
      expect(await run(words)).to.equal(2);
      expect(world.stderr.text).to.equal('error INVALID: said so\n');
    });

    it('says how it is ended while it is under way, in words that do so', async () => {
      const recover = () => new Promise<never>(() => {});
      world.client = fakeClient({ recover });
      void run(words);
      await new Promise((resolve) => setImmediate(resolve));
      expect(world.stderr.text).to.equal('');
      world.scheduler.runNext();
      const [, plan, hint = ''] =
        /^recovery (\w{20}) is under way; to end it: hearsay (.*)\n$/.exec(world.stderr.text) ?? [];
      const asked: unknown[] = [];
      world.client = fakeClient({
        recover: async (wanted) => {
          asked.push(wanted);
          return { epoch: 2, message: 'ended' };
        },
      });
      expect(await run(hint)).to.equal(0);
      expect(asked).to.deep.equal([{ plan, survivors: [], lost: [], abort: true }]);
      expect([world.stdout.text, world.stderr.text]).to.deep.equal(['ended\n', '']);
    });
  });
});
