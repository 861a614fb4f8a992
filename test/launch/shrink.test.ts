/** Taking out surplus replicas, with a client that exists only in the test. */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { shrink } from '../../src/launch/shrink.js';
import { FakeSurroundings, fakeClient } from './fake-surroundings.js';

describe('taking out surplus replicas', () => {
  let world: FakeSurroundings;
  /** What happened, in order. */
  let events: string[];

  beforeEach(() => {
    world = new FakeSurroundings();
    events = [];
  });

  const cluster = { removed: async (name: string) => void events.push(`${name} ended`) };
  const run = (...surplus: string[]): Promise<void> => {
    const say = (line: string): void => void events.push(line);
    return shrink({ surplus, frontends: ['ws://h:1'], cluster, say }, world);
  };

  it('happens one by one, each said and ended before the next', async () => {
    world.client = fakeClient({
      retire: async (name) => {
        events.push(`retire ${name}`);
        return { epoch: 2, message: '' };
      },
      close: async () => void events.push('closed'),
    });
    await run('rm-5', 'rm-4');
    expect(events).to.deep.equal([
      ...['retire rm-5', 'rm-5 ended'],
      ...['retire rm-4', 'rm-4 ended'],
      'closed',
    ]);
  });

  it('stops at one that cannot be taken out, and says why', async () => {
    world.client = fakeClient({
      retire: () => Promise.reject(new HearsayError('TIMEOUT', 'no primary')),
    });
    await run('rm-5', 'rm-4');
    expect(events).to.deep.equal([
      'not all of rm-5, rm-4 could be taken out of the cluster: no primary',
    ]);
  });

  it('says so when no front end answers', async () => {
    world.client = new HearsayError('UNAVAILABLE', 'nobody is there');
    await run('rm-2');
    expect(events).to.deep.equal([
      'not all of rm-2 could be taken out of the cluster: nobody is there',
    ]);
  });

  it('connects to nobody where there is nothing to do', async () => {
    await run();
    expect(world.connections).to.deep.equal([]);
  });
});
