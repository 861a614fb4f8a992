/** Taking a replica out while those that are asked go away. */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import type { ClusterStatus, MembersChange } from '../../src/client/api.js';
import { retireReplica } from '../../src/client/retire-replica.js';
import { FakeClient } from './ui/fake-client.js';

describe('taking a replica out', () => {
  let members: string[];
  let asked: number;
  /** What each attempt comes to; the last one for all later ones. */
  let attempts: (() => MembersChange)[];

  beforeEach(() => {
    members = ['rm-1', 'rm-2'];
    asked = 0;
  });

  const fails = (code: 'UNAVAILABLE' | 'INVALID' | 'TIMEOUT') => (): MembersChange => {
    throw new HearsayError(code, 'said so');
  };
  const done: MembersChange = { epoch: 4, message: 'done' };

  const run = (name = 'rm-2'): Promise<MembersChange> => {
    const client = new FakeClient();
    const [known] = client.members;
    return retireReplica({
      client: {
        retire: async () => {
          const attempt = attempts[Math.min(asked, attempts.length - 1)] ?? fails('INVALID');
          asked += 1;
          return attempt();
        },
        status: async (): Promise<ClusterStatus> => ({
          ...(await client.status()),
          epoch: 5,
          members: members.map((member) => ({
            ...(known as (typeof client.members)[number]),
            name: member,
          })),
        }),
      },
      name,
      force: false,
      pause: async () => {},
    });
  };

  const failure = async (): Promise<unknown> => run().catch((error: unknown) => error);

  it('is over with the answer', async () => {
    attempts = [() => done];
    expect(await run()).to.equal(done);
    expect(asked).to.equal(1);
  });

  it('is asked again while nobody can', async () => {
    attempts = [fails('UNAVAILABLE'), fails('UNAVAILABLE'), () => done];
    expect(await run()).to.equal(done);
  });

  it('is done when the primary that was asked is the one that left', async () => {
    attempts = [
      () => {
        members = ['rm-1'];
        return fails('UNAVAILABLE')();
      },
    ];
    expect(await run()).to.deep.equal({ epoch: 5, message: 'rm-2 is a member no more' });
    expect(asked).to.equal(1);
  });

  it('ends with what nobody can help', async () => {
    for (const code of ['INVALID', 'TIMEOUT'] as const) {
      asked = 0;
      attempts = [fails(code)];
      expect(await failure()).to.have.property('code', code);
      expect(asked).to.equal(1);
    }
  });

  it('does not take a name that was never there for one that has left', async () => {
    attempts = [fails('UNAVAILABLE'), fails('INVALID')];
    const error: unknown = await run('rm-9').catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'INVALID');
  });

  it('ends some time', async () => {
    attempts = [fails('UNAVAILABLE')];
    expect(await failure()).to.have.property('code', 'UNAVAILABLE');
    expect(asked).to.equal(30);
  });
});
