/**
 * `hearsay recover --force`: a majority of the members is gone for good, and the survivors go on without
 * it (PROTOCOL F). What the lost ones alone held is lost: whoever types their names swears that they are.
 */

import { compareNames } from '../base/ids.js';
import { runChange } from './change-members.js';
import type { RecoverCommand } from './command.js';
import type { Surroundings } from './surroundings.js';

/** What must not be is refused at once: a recovery that is not answered by then has begun. */
const UNDER_WAY_MS = 1000;

/** Characters of a plan's id: 36^20, so that no two are ever the same by chance. */
const PLAN_ID = 20;

export function runRecover(command: RecoverCommand, surroundings: Surroundings): Promise<number> {
  const { abort, survivors, lost } = command;
  const plan = abort ?? surroundings.random.nonce(PLAN_ID);
  const say = (line: string): void => void surroundings.stderr.write(`recovery ${plan}${line}\n`);
  return runChange(command, surroundings, async (client) => {
    const asked = client.recover({ plan, survivors, lost, abort: abort !== null });
    if (abort !== null) return asked;
    const underWay = surroundings.scheduler.after(UNDER_WAY_MS, () =>
      say(` is under way; to end it: hearsay recover --abort ${plan}`),
    );
    const done = await asked.finally(() => underWay.cancel());
    const go = survivors.length > 1 ? 'go' : 'goes';
    say(`: ${inOrder(survivors)} ${go} on without ${inOrder(lost)}; what only those held is lost`);
    return done;
  });
}

const inOrder = (names: readonly string[]): string => names.toSorted(compareNames).join(', ');
