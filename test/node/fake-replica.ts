/**
 * A replica that only talks: it says hello to front ends, tells them a configuration, answers every
 * request at once, and says in heartbeats whom it takes for the primary. Everything it says can be set.
 */

import type { MemberId, Name, Origin } from '../../src/base/ids.js';
import type { Configuration } from '../../src/log/membership.js';
import { foundedCluster } from '../../src/node/handshake.js';
import type { Scheduler, TimerHandle } from '../../src/ports/scheduler.js';
import type { Connection, Listener, Transport } from '../../src/ports/transport.js';
import type { Service } from '../../src/service/define.js';
import { ZERO_BALLOT } from '../../src/timestamp/ballot.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { decodeFrame, encodeFrames, PROTOCOL_VERSIONS } from '../../src/wire/codec.js';
import type { MemberAddress, Message } from '../../src/wire/messages.js';

const HEARTBEAT_MS = 300;

export interface FakeReplicaInit {
  readonly name: string;
  readonly transport: Transport;
  readonly scheduler: Scheduler;
  readonly service: Service;
  readonly clusterId?: string;
}

/** A configuration of these replicas, each at `NAME:7200` on its disk `d1`. */
export const configurationOf = (epoch: number, names: readonly string[]): Configuration => ({
  epoch,
  members: names.map((name) => ({
    name: name as Name,
    id: `${name}.d1` as MemberId,
    address: `${name}:7200`,
  })),
  leaving: [],
  closing: [],
  version: 1,
});

export class FakeReplica {
  readonly address: string;
  /** What it tells new front ends first; null: nothing. */
  configuration: Configuration | null = null;
  frontends: readonly MemberAddress[] = [];
  primary: string | null = null;
  /** Answers a request in another way than usual; null: as usual. */
  answer: (message: Message) => Message | null = () => null;
  /** Answers no requests. */
  isSilent = false;
  /** All that came, hellos included. */
  readonly received: Message[] = [];
  readonly #init: FakeReplicaInit;
  readonly #connections = new Set<Connection>();
  readonly #listeners: Listener[] = [];
  #timer: TimerHandle | null = null;

  constructor(init: FakeReplicaInit) {
    this.#init = init;
    this.address = `${init.name}:7200`;
  }

  /** Front ends that are connected. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Listens at its address, or at another one besides. */
  async start(address = this.address): Promise<void> {
    const listener = await this.#init.transport.listen({
      address,
      onNuisance: () => {},
      onConnection: (connection) => this.#onConnection(connection),
    });
    this.#listeners.push(listener);
    this.#timer ??= this.#init.scheduler.after(0, () => this.#beat());
  }

  /** Every connection ends, and nobody is accepted any more. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    for (const connection of this.#connections) {
      connection.close({ kind: 'going-away', message: 'stopped' });
    }
    this.#connections.clear();
    for (const listener of this.#listeners.splice(0)) await listener.close();
  }

  /** Tells all front ends a configuration, activated with nothing to wait for. */
  tell(configuration: Configuration): void {
    this.configuration = configuration;
    for (const connection of this.#connections) this.#tellOne(connection);
  }

  tellFrontends(frontends: readonly MemberAddress[]): void {
    this.frontends = frontends;
    for (const connection of this.#connections) this.#tellOne(connection);
  }

  #onConnection(connection: Connection): void {
    connection.onClose = () => this.#connections.delete(connection);
    connection.onFrame = (frame) => {
      for (const message of decodeFrame(frame)) {
        this.received.push(message);
        this.#onMessage(connection, message);
      }
    };
  }

  #onMessage(connection: Connection, message: Message): void {
    if (this.isSilent && message.kind !== 'hello') return;
    const own = this.answer(message);
    if (own !== null) return say(connection, own);
    const epoch = this.configuration?.epoch ?? 0;
    const latest = { physicalMs: 1, logical: 0 };
    const zero = VectorTimestamp.zero;
    switch (message.kind) {
      case 'hello':
        connection.accepted();
        this.#connections.add(connection);
        say(connection, this.#hello());
        return this.#tellOne(connection);
      case 'update':
        return say(connection, {
          kind: 'acknowledged',
          requestId: message.requestId,
          timestamp: VectorTimestamp.of([[this.#origin, 1]]),
          latest,
          epoch,
        });
      case 'query':
        return say(connection, {
          kind: 'answer',
          requestId: message.requestId,
          valueTimestamp: zero,
          replicaTimestamp: zero,
          counted: true,
          epoch,
          tip: { view: ZERO_BALLOT, seq: 0 },
          executedView: ZERO_BALLOT,
          latest,
          outcome: { kind: 'value', value: this.#init.name },
        });
      case 'status-request': {
        const report = { name: this.#init.name, status: { value: 'ACTIVE' }, epoch };
        return say(connection, { kind: 'status-report', requestId: message.requestId, report });
      }
      default:
    }
  }

  #tellOne(connection: Connection): void {
    const { configuration, frontends } = this;
    if (configuration === null) return;
    say(connection, { kind: 'configuration', configuration, cut: VectorTimestamp.zero, frontends });
  }

  #beat(): void {
    const { primary } = this;
    const view = { n: 1, owner: `${primary}.d1` as MemberId };
    for (const connection of this.#connections) {
      say(connection, {
        kind: 'heartbeat',
        status: { value: 'ACTIVE', source: 'auto' },
        counted: true,
        replicaTimestamp: VectorTimestamp.zero,
        standing: {
          view: ZERO_BALLOT,
          lnv: ZERO_BALLOT,
          op: 0,
          commit: 0,
          mayVote: true,
          primary: primary === null ? null : { name: primary as Name, view },
        },
        epoch: this.configuration?.epoch ?? 0,
        wallMs: 0,
        floorMs: 0,
        promises: 0,
      });
    }
    this.#timer = this.#init.scheduler.after(HEARTBEAT_MS, () => this.#beat());
  }

  #hello(): Message {
    const { name, service, clusterId = 'cluster-1' } = this.#init;
    const members = this.configuration?.members ?? [];
    return {
      kind: 'hello',
      role: 'replica',
      protocol: PROTOCOL_VERSIONS,
      name: name as Name,
      memberId: `${name}.d1` as MemberId,
      origin: this.#origin,
      address: this.address,
      cluster: foundedCluster(service, clusterId, 0),
      initialHash: 'h',
      members: members.map((member) => ({ name: member.name, address: member.address })),
      plan: '',
      boot: { number: 1, nonce: 'n' },
      promises: 0,
      versions: [1, 1],
      joins: null,
      replicaTimestamp: VectorTimestamp.zero,
    };
  }

  get #origin(): Origin {
    return `${this.#init.name}.d1~s1` as Origin;
  }
}

function say(connection: Connection, message: Message): void {
  for (const frame of encodeFrames([message])) connection.send(frame);
}
