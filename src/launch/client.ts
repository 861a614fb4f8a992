/** The client in this terminal: full screen where there is one, else line by line (DESIGN section 4). */

import { createInterface } from 'node:readline';
import type { Client } from '../client/api.js';
import { runLines } from '../client/line-mode.js';
import type { ClientCommand } from './command.js';
import { DRAWN_USERS } from './forms.js';
import { Notices } from './notices.js';
import type { Surroundings } from './surroundings.js';

/** Not every line had its answer. */
const UNANSWERED = 3;

export async function runClient(
  { user, frontends, json }: ClientCommand,
  surroundings: Surroundings,
): Promise<number> {
  const interrupted = interruption(surroundings);
  const notices = new Notices(surroundings.stderr);
  const chosen = user ?? drawUser(surroundings, notices);
  return serveClient({ user: chosen, frontends, json, interrupted }, notices, surroundings);
}

/** A user of the shipped data, and says which. */
export function drawUser({ random }: Pick<Surroundings, 'random'>, notices: Notices): string {
  const user = String(1 + random.below(DRAWN_USERS));
  notices.say(`user ${user}`);
  return user;
}

/** Resolves at the first signal to end, or when nobody reads the output any more. */
export function interruption({
  onEndSignal,
  onOutputClosed,
}: Pick<Surroundings, 'onEndSignal' | 'onOutputClosed'>): Promise<'interrupted'> {
  return new Promise((resolve) => {
    onEndSignal(() => resolve('interrupted'));
    onOutputClosed(() => resolve('interrupted'));
  });
}

export interface ClientInit {
  readonly user: string;
  readonly frontends: readonly string[];
  readonly json: boolean;
  readonly interrupted: Promise<'interrupted'>;
}

/** Serves the user until there is no more input, the user leaves, or an interruption. */
export async function serveClient(
  { user, frontends, json, interrupted }: ClientInit,
  notices: Notices,
  surroundings: Surroundings,
): Promise<number> {
  const client = await Promise.race([surroundings.connect(frontends, { user }), interrupted]);
  if (client === 'interrupted') return UNANSWERED;
  try {
    const screen = await serveScreen(client, interrupted, notices, surroundings);
    if (screen === 'left') return 0;
    const status = await Promise.race([serveLines(client, json, surroundings), interrupted]);
    return status === 'interrupted' ? UNANSWERED : status;
  } finally {
    await client.close();
  }
}

/** The full-screen client, where there is a terminal; a signal is a way to leave like any other. */
async function serveScreen(
  client: Client,
  interrupted: Promise<'interrupted'>,
  notices: Notices,
  { openTerminal }: Surroundings,
): Promise<'left' | 'none'> {
  let leave: () => void = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const terminal = await openTerminal(client, leave);
  if (terminal === null) return 'none';
  notices.showIn(terminal);
  await Promise.race([left, interrupted]);
  notices.showIn(null);
  terminal.close();
  return 'left';
}

function serveLines(
  client: Client,
  json: boolean,
  { stdin, stdout }: Surroundings,
): Promise<number> {
  const lines = createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY });
  return runLines(client, { lines, json, write: (text) => void stdout.write(text) });
}
