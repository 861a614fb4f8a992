/** Surroundings that exist only in a test: streams in memory, signals on demand, one fake client. */

import { PassThrough } from 'node:stream';
import { SeededRandom } from '../../src/base/random.js';
import type { Client, ClientOptions } from '../../src/client/api.js';
import type { EndSignal, Surroundings, Terminal } from '../../src/launch/surroundings.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import type { OperationDescription, TraceEvent } from '../../src/wire/messages.js';

/** A stream that keeps what is written to it. */
class Kept extends PassThrough {
  isTTY = false;

  get text(): string {
    return String(this.read() ?? '');
  }
}

export class FakeSurroundings implements Surroundings {
  readonly stdin = new PassThrough();
  readonly stdout = new Kept();
  readonly stderr = new Kept();
  readonly scheduler = new VirtualScheduler();
  readonly random = new SeededRandom(7);
  /** What was connected to, and how. */
  readonly connections: { readonly urls: readonly string[]; readonly options: ClientOptions }[] =
    [];
  /** Rejects when it is an error; stays pending when it is null. */
  client: Client | Error | null = fakeClient();
  terminal: Terminal | null = null;
  onQuit: () => void = () => {};
  readonly #onSignal: ((signal: EndSignal) => void)[] = [];
  readonly #onClosed: (() => void)[] = [];

  readonly connect: Surroundings['connect'] = (urls, options = {}) => {
    this.connections.push({ urls, options });
    if (this.client === null) return new Promise(() => {});
    return this.client instanceof Error
      ? Promise.reject(this.client)
      : Promise.resolve(this.client);
  };

  readonly openTerminal: Surroundings['openTerminal'] = async (_client, onQuit) => {
    this.onQuit = onQuit;
    return this.terminal;
  };

  readonly onEndSignal: Surroundings['onEndSignal'] = (listener) => {
    this.#onSignal.push(listener);
  };

  readonly onOutputClosed: Surroundings['onOutputClosed'] = (listener) => {
    this.#onClosed.push(listener);
  };

  signal(signal: EndSignal): void {
    for (const listener of this.#onSignal) listener(signal);
  }

  closeOutput(): void {
    for (const listener of this.#onClosed) listener();
  }
}

const operation = (
  name: string,
  kind: OperationDescription['kind'],
  reads: 'string' | 'json',
): OperationDescription => ({
  name,
  kind,
  about: `does ${name}`,
  arguments: [{ name: 'key', reads, type: 'a key', required: true, about: '' }],
  anonymous: true,
  hasCheck: false,
  ordering: kind === 'query' ? null : 'causal',
  hasLookup: false,
  administrator: false,
});

/** A client of a service with the query `get` and the update `set`; `change` replaces what it does. */
export function fakeClient(change: Partial<Client> = {}): Client {
  const timestamp = { 'rm-1.abcdefgh~1': 3 };
  return {
    timestamp,
    user: '42',
    service: 'fake',
    operations: [operation('get', 'query', 'string'), operation('set', 'update', 'json')],
    frontend: 'ws://127.0.0.1:7100',
    query: async (_name, args) => ({ value: args ?? null, guarantee: 'fresh', timestamp }),
    update: async () => ({ result: null, copies: 2, timestamp }),
    status: async () => ({
      clusterId: 'c',
      epoch: 1,
      view: null,
      members: [],
      frontends: [],
    }),
    setStatus: async () => {},
    retire: async (name) => ({ epoch: 2, message: `${name} is retired` }),
    recover: async () => ({ epoch: 2, message: 'recovered' }),
    watch: () => () => {},
    onFrontend: () => () => {},
    close: async () => {},
    ...change,
  };
}

export const EVENT: TraceEvent = { at: 0, host: 'rm-1', event: 'started' };
