/**
 * The one loop of a front end process: input becomes events, `step` answers effects, effects are carried
 * out. Besides, it answers what needs no core: wrong operations, lookups outside the cluster, status,
 * and the stream of events.
 */

import { assert, unreachable } from '../base/assert.js';
import { HearsayError } from '../base/errors.js';
import type { Name } from '../base/ids.js';
import type { Random } from '../base/random.js';
import type { FrontendEffect, FrontendEvent } from '../frontend/events.js';
import { emptyState, type FrontendState } from '../frontend/state.js';
import { step } from '../frontend/step.js';
import { STARTED } from '../observe/trace.js';
import type { EventSink } from '../ports/event-sink.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { HttpAnswer, KeepConnected, Listener, Transport } from '../ports/transport.js';
import type { Outside } from '../service/contract.js';
import type { Service } from '../service/define.js';
import { PROTOCOL_VERSIONS } from '../wire/codec.js';
import type {
  ClusterIdentity,
  FrontendHello,
  Hello,
  MemberAddress,
  Message,
  OperationDescription,
  SetStatus,
  Trace,
} from '../wire/messages.js';
import { ClusterReports } from './cluster-reports.js';
import { DialledMembers } from './dialled-members.js';
import { FrontendLookups } from './frontend-lookups.js';
import { clusterMismatch, clusterOf, versionMismatch } from './handshake.js';
import { type LinkId, Links } from './links.js';
import { type ClientRequest, refusalOf, RequestCheck } from './request-check.js';
import { WakeTimer } from './wake-timer.js';
import { TroubleLog } from './trouble-log.js';
import { Watchers } from './watchers.js';

export interface FrontendComponents {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly transport: Transport;
  readonly keepConnected: KeepConnected;
  readonly service: Service;
  /** What the service's lookups may reach. */
  readonly outside: Outside;
  readonly sink: EventSink;
}

export interface FrontendInit {
  readonly name: Name;
  readonly members: readonly MemberAddress[];
  readonly listen: string;
  readonly pid: number;
  readonly trace: boolean;
  /** The user to whom the administrator's operations are left. */
  readonly administrator: string;
  readonly onHttp?: (path: string) => Promise<HttpAnswer | null>;
}

export interface FrontendFigures {
  readonly pendingRequests: number;
  readonly connections: number;
  readonly reachableReplicas: number;
  readonly framesSent: number;
  readonly messagesSent: number;
  readonly bytesToClients: number;
  readonly bytesToReplicas: number;
}

export class FrontendDriver {
  readonly #components: FrontendComponents;
  readonly #init: FrontendInit;
  readonly #cluster: ClusterIdentity;
  readonly #state: FrontendState;
  readonly #links: Links;
  readonly #watchers: Watchers;
  readonly #wakeTimer: WakeTimer;
  readonly #reports: ClusterReports;
  readonly #requests: RequestCheck;
  readonly #lookups: FrontendLookups;
  readonly #dialled: DialledMembers;
  readonly #troubles: TroubleLog;
  #listener: Listener | null = null;
  #willFlush = false;
  #isStopped = false;

  constructor(components: FrontendComponents, init: FrontendInit) {
    const { service, scheduler, sink } = components;
    const members = init.members.map(({ name }) => name);
    this.#components = components;
    this.#init = init;
    this.#cluster = clusterOf(service, members);
    this.#state = emptyState(
      { name: init.name, members, firstRequestId: components.random.below(2 ** 31) },
      { trace: init.trace },
    );
    this.#requests = new RequestCheck(service, init.administrator);
    this.#wakeTimer = new WakeTimer(scheduler, () => {
      this.#handle({ kind: 'tick', nowMs: this.#nowMs() });
    });
    this.#troubles = new TroubleLog(scheduler, (line) => sink.say('warn', line));
    this.#links = new Links({
      onHello: (link, hello) => this.#onHello(link, hello),
      onMessage: (link, message) => this.#onMessage(link, message),
      onDown: (link) => this.#onDown(link),
      onTrouble: (what) => this.#troubles.tell(what),
      onDirty: () => this.#flushSoon(),
    });
    this.#dialled = new DialledMembers({
      keepConnected: components.keepConnected,
      links: this.#links,
      hello: () => this.#hello(),
    });
    this.#watchers = new Watchers({
      host: init.name,
      scheduler,
      send: (link, message) => this.#links.send(link, message),
    });
    this.#lookups = new FrontendLookups({
      service,
      outside: components.outside,
      scheduler,
      send: (link, message) => this.#links.send(link, message),
    });
    this.#reports = new ClusterReports({
      scheduler,
      members: init.members,
      linkOf: (name) => this.#state.replicas.get(name)?.link ?? null,
      send: (link, message) => this.#links.send(link, message),
      cluster: this.#cluster,
      frontend: () => ({ name: init.name, address: this.address, pid: init.pid }),
    });
  }

  /** `HOST:PORT` as bound. */
  get address(): string {
    return this.#listener?.address ?? this.#init.listen;
  }

  get reachableReplicas(): number {
    return this.#state.replicaByLink.size;
  }

  /** Figures for /metrics. */
  get figures(): FrontendFigures {
    const { frames, messages, bytes } = this.#links.sent;
    return {
      pendingRequests: this.#state.pending.size,
      connections: this.#links.size,
      reachableReplicas: this.reachableReplicas,
      framesSent: frames,
      messagesSent: messages,
      bytesToClients: bytes.client,
      bytesToReplicas: bytes.replica,
    };
  }

  /** Listens and dials every member. Rejects with FatalError when the address cannot be bound. */
  async start(): Promise<void> {
    if (this.#init.trace) this.#note({ event: STARTED });
    const { transport, sink } = this.#components;
    const { listen, members, onHttp } = this.#init;
    this.#listener = await transport.listen({
      address: listen,
      onConnection: (connection) => {
        this.#links.add(connection);
      },
      ...(onHttp === undefined ? {} : { onHttp }),
      onNuisance: (what) => sink.say('warn', what),
    });
    this.#dialled.dial(members);
  }

  async close(): Promise<void> {
    if (this.#isStopped) return;
    this.#links.flush();
    this.#isStopped = true;
    this.#dialled.stop();
    this.#wakeTimer.stop();
    this.#watchers.close();
    this.#troubles.close();
    this.#lookups.close();
    this.#reports.close();
    this.#links.closeAll('this front end is stopping');
    await this.#listener?.close();
  }

  #hello(): FrontendHello {
    return {
      kind: 'hello',
      role: 'frontend',
      protocol: PROTOCOL_VERSIONS,
      name: this.#init.name,
      cluster: this.#cluster,
      operations: this.#components.service.operations,
    };
  }

  #onHello(link: LinkId, hello: Hello): HearsayError | null {
    const mismatch = versionMismatch(hello);
    if (mismatch !== null) return mismatch;
    const expected = this.#dialled.expectedAt(link);
    if (hello.role === 'replica' && expected !== null) {
      if (hello.name !== expected) {
        const message = `${expected} was expected at ${hello.address}, ${hello.name} is there; correct --members`;
        return new HearsayError('INVALID', message);
      }
      const refusal = clusterMismatch(this.#cluster, hello.cluster);
      if (refusal !== null) return refusal;
      const { name, memberId } = hello;
      this.#handle({ kind: 'replica-up', link, name, memberId, nowMs: this.#nowMs() });
      if (this.#watchers.size > 0) this.#links.send(link, { kind: 'watch', on: true });
      return null;
    }
    if (hello.role !== 'client') {
      const message = `${this.#init.name} is a front end; only clients connect to it`;
      return new HearsayError('INVALID', message);
    }
    const { service } = this.#cluster;
    if (hello.service !== '' && hello.service !== service) {
      const message = `service ${service} is served here, not ${hello.service}`;
      return new HearsayError('INVALID', message);
    }
    this.#links.send(link, this.#hello());
    return null;
  }

  #onMessage(link: LinkId, message: Message): void {
    const nowMs = this.#nowMs();
    if (this.#state.replicaByLink.has(link)) return this.#onReplicaMessage(link, message, nowMs);
    switch (message.kind) {
      case 'client-update':
      case 'client-query':
      case 'client-lookup':
        return this.#onRequest(link, message, nowMs);
      case 'status-request':
        return this.#reports.ask(link, message.requestId, message.hash);
      case 'set-status':
        return this.#setStatus(link, message);
      case 'watch':
        return this.#watch(link, message.on);
      default:
        this.#links.reject(
          link,
          new HearsayError('INVALID', `${message.kind} is not for a front end`),
        );
    }
  }

  #onReplicaMessage(link: LinkId, message: Message, nowMs: number): void {
    switch (message.kind) {
      case 'acknowledged':
      case 'forced-answered':
      case 'answer':
      case 'collected':
      case 'declined':
      case 'heartbeat':
        return this.#handle({ kind: 'replica-message', link, message, nowMs });
      case 'status-report':
        return this.#reports.onReport(message);
      case 'events':
        for (const event of message.events) this.#watchers.pass(event);
        return;
      default:
        this.#links.reject(
          link,
          new HearsayError('INVALID', `${message.kind} is not for a front end`),
        );
    }
  }

  #onRequest(client: LinkId, request: ClientRequest, nowMs: number): void {
    let operation: OperationDescription;
    try {
      operation = this.#requests.operationOf(request);
    } catch (error) {
      if (!(error instanceof HearsayError)) throw error;
      return this.#links.send(client, refusalOf(request.requestId, error));
    }
    switch (request.kind) {
      case 'client-lookup':
        return this.#lookups.ask(client, request);
      case 'client-query':
        return this.#handle({ kind: 'client-query', client, request, nowMs });
      case 'client-update': {
        const { ordering, hasCheck: hasPrecondition } = operation;
        assert(ordering !== null, `${operation.name} is an update, so it has an ordering`);
        return this.#handle({
          kind: 'client-update',
          client,
          request,
          ordering,
          hasPrecondition,
          nowMs,
        });
      }
      default:
        unreachable(request);
    }
  }

  #setStatus(link: LinkId, { requestId, name, value }: SetStatus): void {
    const replica = this.#state.replicas.get(name);
    const target = replica?.link ?? null;
    if (target === null) {
      const names = [...this.#state.replicas.keys()].join(', ');
      const [code, message] =
        replica === undefined
          ? (['INVALID', `there is no replica ${name}; there are ${names}`] as const)
          : (['UNAVAILABLE', `${name} cannot be reached`] as const);
      return this.#links.send(link, { kind: 'failed', requestId, code, message, definite: true });
    }
    this.#reports.relay(link, requestId, target, (own) => ({
      kind: 'set-status',
      requestId: own,
      name,
      value,
    }));
  }

  #watch(link: LinkId, on: boolean): void {
    const before = this.#watchers.size;
    if (on) this.#watchers.start(link);
    else this.#watchers.stop(link);
    const isOn = this.#watchers.size > 0;
    if (isOn === before > 0) return;
    for (const replica of this.#state.replicaByLink.keys()) {
      this.#links.send(replica, { kind: 'watch', on: isOn });
    }
  }

  #onDown(link: LinkId): void {
    const nowMs = this.#nowMs();
    if (this.#dialled.forget(link)) {
      this.#reports.onReplicaDown(link);
      return this.#handle({ kind: 'replica-down', link, nowMs });
    }
    this.#watch(link, false);
    this.#handle({ kind: 'client-down', client: link, nowMs });
  }

  #handle(event: FrontendEvent): void {
    if (!this.#isStopped) this.#perform(step(this.#state, event));
  }

  #perform(effects: readonly FrontendEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#links.send(effect.link, effect.message);
          break;
        case 'reply':
          this.#links.send(effect.client, effect.message);
          break;
        case 'wake':
          this.#wakeTimer.wakeAt(effect.atMs);
          break;
        case 'trace':
          this.#note(effect.trace);
          break;
        default:
          unreachable(effect);
      }
    }
  }

  #note(trace: Trace): void {
    const { scheduler, sink } = this.#components;
    const atMs = scheduler.wallMs();
    sink.trace(trace, atMs);
    this.#watchers.add(trace, atMs);
  }

  #flushSoon(): void {
    if (this.#willFlush || this.#isStopped) return;
    this.#willFlush = true;
    this.#components.scheduler.soon(() => {
      this.#handle({ kind: 'flush', nowMs: this.#nowMs() });
      this.#willFlush = false;
      if (!this.#isStopped) this.#links.flush();
    });
  }

  #nowMs(): number {
    return this.#components.scheduler.monotonicMs();
  }
}
