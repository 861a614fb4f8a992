/**
 * A client process of the benchmark: does what its parent asks, through the client library, and ends
 * when the parent is gone. All that a user's program would do is in here, and nothing else.
 */

import { LIMITS } from '../src/base/limits.js';
import { SeededRandom } from '../src/base/random.js';
import type { Client } from '../src/client/api.js';
import { connect } from '../src/client/connect.js';
import { RealScheduler } from '../src/node/system.js';
import type { DriverAnswer, DriverInit, DriverRequest } from './driver-messages.js';
import { Load } from './load.js';
import { set, WORKLOADS } from './workloads.js';

const init = JSON.parse(process.argv[2] ?? '{}') as DriverInit;
const scheduler = new RealScheduler();
const random = new SeededRandom(init.seed).child(init.name);

/** Keys written at a time: well within what a front end takes from one client. */
const FILL_GROUP = 500;

/** Connections made at a time: a front end turns newcomers away when too many come at once. */
const CONNECT_GROUP = LIMITS.newcomers / 2;

let clients: readonly Client[] = [];
let load: Load | null = null;

async function answer(request: DriverRequest): Promise<DriverAnswer> {
  switch (request.kind) {
    case 'fill':
      await fill(request.from, request.to);
      return { kind: 'done' };
    case 'begin': {
      const { run, sessions } = request;
      clients = await open(sessions, run.shape === 'pipelined');
      const { inFlight, workload } = run;
      load = new Load({ request: WORKLOADS[workload], clients, inFlight }, scheduler, random);
      return { kind: 'done' };
    }
    case 'measure':
      load?.measure();
      return { kind: 'done' };
    case 'stop': {
      if (load === null) return { kind: 'failed', message: 'asked to stop before it began' };
      const measured = await load.stop();
      load = null;
      await Promise.all(clients.map((client) => client.close()));
      return { kind: 'measured', measured };
    }
  }
}

async function fill(from: number, to: number): Promise<void> {
  const [client] = await open(1, true);
  if (client === undefined) return;
  for (let begin = from; begin < to; begin += FILL_GROUP) {
    const group: Promise<unknown>[] = [];
    for (let key = begin; key < Math.min(to, begin + FILL_GROUP); key++) {
      group.push(set(client, key));
    }
    await Promise.all(group);
  }
  await client.close();
}

async function open(sessions: number, pipeline: boolean): Promise<Client[]> {
  const opened: Client[] = [];
  while (opened.length < sessions) {
    const group = Math.min(CONNECT_GROUP, sessions - opened.length);
    const connecting = Array.from({ length: group }, () =>
      connect(init.frontends, { user: 'bench', pipeline }),
    );
    opened.push(...(await Promise.all(connecting)));
  }
  return opened;
}

process.on('message', (message) => {
  answer(message as DriverRequest)
    .catch((error: unknown): DriverAnswer => {
      return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    })
    .then((said) => process.send?.(said))
    .catch(() => process.exit(1));
});
process.on('disconnect', () => process.exit(0));
