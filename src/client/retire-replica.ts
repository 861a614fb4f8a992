/** Takes a replica out of its cluster, whoever of those that are asked goes away meanwhile. */

import { HearsayError } from '../base/errors.js';
import type { Client, MembersChange } from './api.js';

/** With a pause of a second between them: longer than any view change takes. */
const ATTEMPTS_MAX = 30;

export interface RetireWish {
  readonly client: Pick<Client, 'retire' | 'status'>;
  readonly name: string;
  readonly force: boolean;
  /** Resolves after about a second. */
  readonly pause: () => Promise<void>;
}

/**
 * Asks until it is done or refused: where the primary that is asked leaves itself, nobody may be left to
 * answer. Rejects as {@link Client.retire} does.
 */
export async function retireReplica(wish: RetireWish): Promise<MembersChange> {
  const { client, name, force, pause } = wish;
  const departure = async (): Promise<MembersChange | null> => {
    const { epoch, members } = await client.status();
    const message = `${name} is a member no more`;
    return members.some((member) => member.name === name) ? null : { epoch, message };
  };
  const wasNone = (await departure()) !== null;
  for (let left = ATTEMPTS_MAX - 1; ; left--) {
    try {
      return await client.retire(name, { force });
    } catch (error) {
      const mayPass = error instanceof HearsayError && error.code === 'UNAVAILABLE';
      if (!mayPass || left === 0) throw error;
    }
    await pause();
    const done = wasNone ? null : await departure();
    if (done !== null) return done;
  }
}
