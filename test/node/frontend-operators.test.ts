/** What a front end asks of replicas for operators and watchers. */

import { expect } from 'chai';
import type { HearsayError } from '../../src/base/errors.js';
import { encodeFrames, PROTOCOL_VERSIONS } from '../../src/wire/codec.js';
import type { Message } from '../../src/wire/messages.js';
import { configurationOf } from './fake-replica.js';
import { FrontendWorld } from './frontend-world.js';

describe('a front end that is asked about its cluster', () => {
  let world: FrontendWorld;

  beforeEach(() => {
    world = new FrontendWorld();
  });

  afterEach(() => world.close());

  it('tells replicas what has come of many switches of the watch, not of each', async () => {
    const [first] = await world.members('rm-1');
    const driver = await world.frontend(['rm-1:7200']);
    await world.wait(500);
    const watches = () => first?.received.flatMap((each) => (each.kind === 'watch' ? each.on : []));
    const connection = await world.passing(world.network.transport('client').dial(driver.address));
    connection.onFrame = () => {};
    connection.onClose = () => {};
    const say = (...messages: readonly Message[]): void => {
      for (const frame of encodeFrames(messages)) connection.send(frame);
    };
    const toggles: Message[] = Array.from({ length: 1000 }, (_, i) => ({
      kind: 'watch',
      on: i % 2 === 0,
    }));
    const hello = { kind: 'hello', role: 'client', protocol: PROTOCOL_VERSIONS } as const;
    say({ ...hello, service: '' }, ...toggles);
    await world.wait(500);
    expect(watches(), 'off again before anybody was told').to.deep.equal([]);
    say(...toggles.slice(0, -1));
    await world.wait(500);
    expect(watches()).to.deep.equal([true]);
    const second = world.replica('rm-2');
    second.configuration = configurationOf(2, ['rm-1', 'rm-2']);
    await second.start();
    first?.tell(second.configuration);
    await world.wait(1000);
    expect(second.received.map(({ kind }) => kind)).to.include('watch');
    connection.close({ kind: 'normal', message: 'done' });
    await world.wait(500);
    expect(watches()).to.deep.equal([true, false]);
  });

  it('names the replicas that there are in their order', async () => {
    await world.members('rm-10', 'rm-9');
    await world.frontend(['rm-10:7200']);
    const asking = await world.client();
    await world.wait(1000);
    const error = await world.passing(
      asking.setStatus('rm-1', 'OFFLINE').catch((reason: unknown) => reason),
    );
    expect(error).to.include({ message: 'there is no replica rm-1; there are rm-9, rm-10' });
  });

  it('lets any replica end a recovery, and the one that is named first', async () => {
    const asked = await world.members('rm-2', 'rm-1');
    await world.frontend(['rm-2:7200']);
    const asking = await world.client();
    await world.wait(1000);
    for (const each of asked) {
      each.answer = (message) =>
        message.kind === 'recover'
          ? {
              kind: 'members-changed',
              requestId: message.requestId,
              epoch: 1,
              message: each.address,
            }
          : null;
    }
    const abort = { plan: 'plan', lost: [], abort: true };
    const done = await world.passing(asking.recover({ ...abort, survivors: [] }));
    expect(done.message).to.equal('rm-1:7200');
    const other = await world.passing(asking.recover({ ...abort, survivors: ['rm-2'] }));
    expect(other.message).to.equal('rm-2:7200');
  });

  describe('that is asked to retire a replica', () => {
    it('asks the primary, and tells what came of it', async () => {
      const [, second] = await world.members('rm-1', 'rm-2');
      if (second === undefined) throw new Error('two replicas');
      second.answer = (message) =>
        message.kind === 'change-members'
          ? { kind: 'members-changed', requestId: message.requestId, epoch: 2, message: 'done' }
          : null;
      second.primary = 'rm-2';
      await world.frontend(['rm-1:7200']);
      const asking = await world.client();
      await world.wait(1000);
      const change = await world.passing(asking.retire('rm-1', { force: true }));
      expect(change).to.deep.equal({ epoch: 2, message: 'done' });
      expect(second.received.find(({ kind }) => kind === 'change-members')).to.deep.include({
        action: 'retire',
        name: 'rm-1',
        force: true,
      });
    });

    it('tells why the primary does not', async () => {
      const [first] = await world.members('rm-1');
      if (first === undefined) throw new Error('a replica');
      first.answer = (message) =>
        message.kind === 'change-members'
          ? {
              kind: 'declined',
              requestId: message.requestId,
              code: 'INVALID',
              message: 'there is no rm-7',
            }
          : null;
      first.primary = 'rm-1';
      await world.frontend(['rm-1:7200']);
      const asking = await world.client();
      await world.wait(1000);
      const error = await world.passing(asking.retire('rm-7').catch((error: unknown) => error));
      expect(error).to.include({ code: 'INVALID', message: 'there is no rm-7', definite: true });
    });

    it('says so where no primary is known', async () => {
      await world.members('rm-1');
      await world.frontend(['rm-1:7200']);
      const asking = await world.client();
      await world.wait(1000);
      const error = await world.passing(asking.retire('rm-1').catch((error: unknown) => error));
      expect((error as HearsayError).code).to.equal('UNAVAILABLE');
      expect((error as HearsayError).message).to.match(/no primary is known/);
    });

    it('takes names only', async () => {
      await world.frontend(['rm-1:7200']);
      const asking = await world.client();
      const error = await world.passing(asking.retire('RM 1').catch((error: unknown) => error));
      expect((error as HearsayError).code).to.equal('INVALID');
    });
  });
});
