/** Lives of replicas' processes on a network in memory, whose time a test moves. */

import { FatalError, type HearsayError } from '../../src/base/errors.js';
import type { Name, SessionId } from '../../src/base/ids.js';
import { SeededRandom } from '../../src/base/random.js';
import { Conversation } from '../../src/node/conversation.js';
import { foundedCluster, UNKNOWN_CLUSTER } from '../../src/node/handshake.js';
import { type LifeCluster, ReplicaLife } from '../../src/node/replica-life.js';
import { DEFAULT_TUNING } from '../../src/replica/state.js';
import { kv } from '../../src/service/kv/kv.js';
import { MemoryPlace } from '../../src/storage/memory-place.js';
import { openSqlDatabase, type SqlDatabase } from '../../src/storage/sql-database.js';
import { keepConnected } from '../../src/transport/dialer.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { PROTOCOL_VERSIONS } from '../../src/wire/codec.js';
import type { Message, MessageKind, MessageOf } from '../../src/wire/messages.js';
import { MemoryWorld } from '../transport/memory-world.js';

export const addressOf = (name: string): string => `${name}:7200`;

/** One machine: its place outlives its processes. */
export class Machine {
  readonly name: string;
  readonly place = new MemoryPlace();
  readonly words: string[] = [];
  /** Of these, what somebody should see to. */
  readonly warnings: string[] = [];
  life: ReplicaLife | null = null;
  /** The life that began last, as it is before it serves. */
  opened: { readonly waitsFor: string | null } | null = null;
  database: SqlDatabase | null = null;
  halted: FatalError | HearsayError | null = null;
  isRemoved = false;

  constructor(name: string) {
    this.name = name;
  }

  get isMember(): boolean {
    return this.life?.driver?.isMember === true;
  }

  /** What kv's `count` gives of its state. */
  count(key: string): unknown {
    const { database } = this;
    return database === null ? null : kv.query(database, 'count', { key }, '');
  }
}

export class LifeWorld {
  readonly #world = new MemoryWorld();
  readonly #random = new SeededRandom(11);
  readonly #machines: Machine[] = [];
  #requestId = 0;

  get network() {
    return this.#world.network;
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    await this.#world.until(condition, what);
  }

  async passMs(durationMs: number): Promise<void> {
    await this.#world.passMs(durationMs);
  }

  /** Lets time pass until the promise is settled. */
  async settled<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const done = () => {
      isSettled = true;
    };
    promise.then(done, done);
    await this.until('a promise is settled', () => isSettled);
    return promise;
  }

  machine(name: string): Machine {
    const machine = new Machine(name);
    this.#machines.push(machine);
    return machine;
  }

  /** Starts a process; resolves when it serves, or waits for others. */
  async start(
    machine: Machine,
    cluster: Partial<Extract<LifeCluster, { kind: 'founded' }>> = {},
    initialHash: string | null = null,
    replica = machine.name,
  ): Promise<void> {
    const { name, place, words, warnings } = machine;
    const { network, scheduler } = this.#world;
    const random = this.#random.child(`${name}-${this.#requestId++}`);
    const transport = network.transport(name);
    const addresses = this.#machines.map((each) => addressOf(each.name));
    const seeds = {
      addresses: () => addresses.filter((address) => address !== addressOf(name)),
      refresh: () => {},
    };
    const starting = ReplicaLife.start(
      {
        ...{ scheduler, random, transport, place, service: kv },
        keepConnected: (address, onConnection) =>
          keepConnected({ transport, address, scheduler, random, onConnection }),
        openDatabase: async () => (machine.database = await openSqlDatabase()),
        sink: {
          trace: () => {},
          say: (level, message) => {
            words.push(message);
            if (level === 'warn' || level === 'error') warnings.push(message);
          },
        },
        loopDelayMs: () => 0,
      },
      {
        name: replica as Name,
        cluster: {
          ...{ kind: 'founded', founds: false, seeds, replaces: false, clusterId: null },
          ...cluster,
        },
        versions: [1, 2],
        listen: addressOf(name),
        advertise: null,
        pid: 1,
        tuning: DEFAULT_TUNING,
        initial: async () => {
          const database = await openSqlDatabase();
          kv.createTables(database);
          return { stateHash: initialHash ?? 'empty', database: database.export() };
        },
        expectsInitial: initialHash !== null,
        onOpen: (life) => {
          machine.opened = life;
        },
        onHalt: (error) => {
          machine.halted = error;
        },
        onRemoved: () => {
          machine.isRemoved = true;
        },
      },
    );
    machine.life = await this.settled(starting);
  }

  /** Ends the process as a crash would. */
  async kill(machine: Machine): Promise<void> {
    machine.place.disk?.crash('lost');
    this.network.crash(machine.name);
    const { life } = machine;
    machine.life = null;
    if (life !== null) await this.settled(life.kill());
  }

  async close(): Promise<void> {
    for (const machine of this.#machines) await this.kill(machine);
  }

  /** As a front end says one thing to a replica: its answer of that kind. */
  async ask<Kind extends MessageKind>(
    machine: Machine,
    make: (requestId: number) => Message,
    kind: Kind,
  ): Promise<MessageOf<Kind>> {
    const { scheduler, network } = this.#world;
    const transport = network.transport('fe-1');
    const at = addressOf(machine.name);
    const conversation = await this.settled(Conversation.begin(transport, scheduler, at));
    conversation.say({
      ...{ kind: 'hello', role: 'frontend', protocol: PROTOCOL_VERSIONS },
      ...{ name: 'fe-1' as Name, address: 'fe-1:7100', operations: [] },
      cluster: foundedCluster(kv, UNKNOWN_CLUSTER, 0),
    });
    conversation.say(make(++this.#requestId));
    try {
      for (;;) {
        const message = await this.settled(conversation.hear(60_000));
        if (message.kind === kind) return message as MessageOf<Kind>;
        if (message.kind === 'declined') throw new Error(message.message);
      }
    } finally {
      conversation.close('asked');
    }
  }

  /** Adds 1 to a counter by way of this replica alone. */
  async add(machine: Machine, key: string, session: string): Promise<void> {
    const make = (requestId: number): Message => ({
      ...{
        kind: 'update',
        requestId,
        session: session as SessionId,
        n: 1,
        answered: 0,
        prev: VectorTimestamp.zero,
      },
      ...{
        stamp: { physicalMs: this.#world.scheduler.wallMs(), logical: 0 },
        operation: 'add',
        user: '',
      },
      ...{ args: { key, amount: 1 }, timeoutMs: 10_000, holders: [machine.name as Name] },
    });
    await this.ask(machine, make, 'acknowledged');
  }

  /** Has an operator remove a replica, by way of whichever of these is the primary. */
  async retire(name: string, force: boolean, ...askable: Machine[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const machine = askable[attempt % askable.length];
      if (machine === undefined) throw new FatalError('nobody to ask');
      const make = (requestId: number): Message => ({
        ...{ kind: 'change-members', requestId, action: 'retire' },
        ...{ name: name as Name, force },
      });
      const isDone = await this.ask(machine, make, 'members-changed').then(
        () => true,
        () => false,
      );
      if (isDone) return;
      await this.passMs(500);
    }
  }
}
