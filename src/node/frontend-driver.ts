/**
 * The one loop of a front end process: input becomes events, `step` answers effects, effects are carried
 * out. Besides, it answers what needs no core: wrong operations, lookups outside the cluster, status,
 * changes of the members, and the stream of events. It serves from its first moment: while no replica can
 * be reached, requests wait for one as long as they have time.
 */

import { assert, unreachable } from '../base/assert.js';
import { HearsayError } from '../base/errors.js';
import { compareNames } from '../base/ids.js';
import type { FrontendEffect, FrontendEvent } from '../frontend/events.js';
import { primaryOf } from '../frontend/on-forced.js';
import { emptyState, type FrontendState } from '../frontend/state.js';
import { step } from '../frontend/step.js';
import { STARTED } from '../observe/trace.js';
import type { Listener } from '../ports/transport.js';
import { PROTOCOL_VERSIONS } from '../wire/codec.js';
import type {
  ChangeMembers,
  Recover,
  FrontendHello,
  Hello,
  MemberAddress,
  Message,
  OperationDescription,
  SetStatus,
  Trace,
} from '../wire/messages.js';
import { ClusterReports } from './cluster-reports.js';
import { FrontendCluster } from './frontend-cluster.js';
import type { FrontendComponents, FrontendFigures, FrontendInit } from './frontend-components.js';
import { FrontendLookups } from './frontend-lookups.js';
import { versionMismatch } from './handshake.js';
import { type LinkId, Links } from './links.js';
import { type ClientRequest, refusalOf, RequestCheck } from './request-check.js';
import { WakeTimer } from './wake-timer.js';
import { TroubleLog } from './trouble-log.js';
import { Watchers } from './watchers.js';

export class FrontendDriver {
  readonly #components: FrontendComponents;
  readonly #init: FrontendInit;
  readonly #state: FrontendState;
  readonly #links: Links;
  readonly #watchers: Watchers;
  readonly #wakeTimer: WakeTimer;
  readonly #reports: ClusterReports;
  readonly #requests: RequestCheck;
  readonly #lookups: FrontendLookups;
  readonly #cluster: FrontendCluster;
  readonly #troubles: TroubleLog;
  readonly #clients = new Set<LinkId>();
  #listener: Listener | null = null;
  #willFlush = false;
  #isStopped = false;

  constructor(components: FrontendComponents, init: FrontendInit) {
    const { service, scheduler, sink } = components;
    const isGiven = init.members.length > 0;
    const names = init.members.map(({ name }) => name);
    this.#components = components;
    this.#init = init;
    const firstRequestId = components.random.below(2 ** 31);
    this.#state = emptyState(
      { name: init.name, members: isGiven ? names : null, firstRequestId },
      { trace: init.trace },
    );
    this.#requests = new RequestCheck(service, init.administrator);
    this.#wakeTimer = new WakeTimer(scheduler, () => {
      this.#handle({ kind: 'tick', nowMs: this.#nowMs() });
    });
    this.#troubles = new TroubleLog(scheduler, sink);
    this.#links = new Links({
      onHello: (link, hello) => this.#onHello(link, hello),
      onMessage: (link, message) => this.#onMessage(link, message),
      onDown: (link) => this.#onDown(link),
      onTrouble: (trouble) => this.#troubles.tell(trouble),
      onDirty: () => this.#flushSoon(),
    });
    this.#cluster = new FrontendCluster({
      ...components,
      discovery: components.discovery ?? null,
      members: init.members,
      clusterId: init.clusterId ?? null,
      links: this.#links,
      state: this.#state,
      handle: (event) => this.#handle(event),
      hello: () => this.#hello(),
      self: () => this.#self,
      onFrontends: (frontends) => {
        for (const link of this.#clients) this.#links.send(link, { kind: 'frontends', frontends });
      },
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
      known: () => this.#cluster.known,
      linkOf: (name) => this.#state.replicas.get(name)?.link ?? null,
      send: (link, message) => this.#links.send(link, message),
    });
  }

  /** `HOST:PORT` as bound. */
  get address(): string {
    return this.#listener?.address ?? this.#init.listen;
  }

  get reachableReplicas(): number {
    return this.#state.replicaByLink.size;
  }

  /** In words, whom it waits for before it can serve as well as it should; null: nobody. */
  get waitsFor(): string | null {
    return this.#cluster.waitsFor;
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

  /** Listens, and begins to look for replicas. Rejects with FatalError when the address cannot be bound. */
  async start(): Promise<void> {
    if (this.#init.trace) this.#note({ event: STARTED });
    const { transport, sink } = this.#components;
    const { listen, onHttp } = this.#init;
    this.#listener = await transport.listen({
      address: listen,
      onConnection: (connection) => {
        this.#links.add(connection);
      },
      ...(onHttp === undefined ? {} : { onHttp }),
      onNuisance: (what) => sink.say('warn', what),
    });
    this.#cluster.start();
  }

  async close(): Promise<void> {
    if (this.#isStopped) return;
    this.#links.flush();
    this.#isStopped = true;
    this.#cluster.stop();
    this.#wakeTimer.stop();
    this.#watchers.close();
    this.#troubles.close();
    this.#lookups.close();
    this.#reports.close();
    this.#links.closeAll('this front end is stopping');
    await this.#listener?.close();
  }

  /** Where clients reach this front end. */
  get #self(): MemberAddress & { readonly pid: number } {
    const { name, advertise, pid } = this.#init;
    return { name, address: advertise ?? this.address, pid };
  }

  #hello(): FrontendHello {
    return {
      kind: 'hello',
      role: 'frontend',
      protocol: PROTOCOL_VERSIONS,
      name: this.#init.name,
      address: this.#self.address,
      cluster: this.#cluster.identity,
      operations: this.#components.service.operations,
    };
  }

  #onHello(link: LinkId, hello: Hello): HearsayError | null {
    const mismatch = versionMismatch(hello);
    if (mismatch !== null) return mismatch;
    if (hello.role === 'replica' && this.#cluster.hasDialled(link)) {
      return this.#cluster.onHello(link, hello);
    }
    if (hello.role !== 'client') {
      const message = `${this.#init.name} is a front end; only clients connect to it`;
      return new HearsayError('INVALID', message);
    }
    const { name: service } = this.#components.service;
    if (hello.service !== '' && hello.service !== service) {
      const message = `service ${service} is served here, not ${hello.service}`;
      return new HearsayError('INVALID', message);
    }
    this.#clients.add(link);
    this.#links.send(link, this.#hello());
    this.#links.send(link, { kind: 'frontends', frontends: this.#cluster.frontends });
    return null;
  }

  #onMessage(link: LinkId, message: Message): void {
    const nowMs = this.#nowMs();
    if (this.#cluster.isReplica(link)) return this.#onReplicaMessage(link, message, nowMs);
    switch (message.kind) {
      case 'client-update':
      case 'client-query':
      case 'client-lookup':
        return this.#onRequest(link, message, nowMs);
      case 'status-request':
        return this.#reports.ask(link, message.requestId, message.hash);
      case 'set-status':
        return this.#setStatus(link, message);
      case 'change-members':
        return this.#changeMembers(link, message);
      case 'recover':
        return this.#recover(link, message);
      case 'watch':
        if (message.on) this.#watchers.start(link);
        else this.#watchers.stop(link);
        return this.#flushSoon();
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
      case 'heartbeat':
        return this.#handle({ kind: 'replica-message', link, message, nowMs });
      case 'declined':
        if (this.#reports.onAnswer(message)) return;
        return this.#handle({ kind: 'replica-message', link, message, nowMs });
      case 'configuration':
        return this.#cluster.onConfiguration(link, message);
      case 'status-report':
      case 'members-changed':
        this.#reports.onAnswer(message);
        return;
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

  #setStatus(link: LinkId, request: SetStatus): void {
    const { requestId, name } = request;
    const replica = this.#state.replicas.get(name);
    const target = replica?.link ?? null;
    if (target !== null) return this.#reports.relay(link, target, request);
    const names = [...this.#state.replicas.keys()].toSorted(compareNames).join(', ');
    const [code, message] =
      replica === undefined
        ? (['INVALID', `there is no replica ${name}; there are ${names}`] as const)
        : (['UNAVAILABLE', `${name} cannot be reached`] as const);
    this.#links.send(link, { kind: 'failed', requestId, code, message, definite: true });
  }

  /** The primary changes the members; without one, nobody can. */
  #changeMembers(link: LinkId, request: ChangeMembers): void {
    const target = primaryOf(this.#state, this.#nowMs())?.link ?? null;
    if (target !== null) return this.#reports.relay(link, target, request);
    const message =
      'no primary is known, and only it can change the members: it takes a majority of them that ' +
      'reach each other; see hearsay status';
    const failed = { kind: 'failed', requestId: request.requestId, message } as const;
    this.#links.send(link, { ...failed, code: 'UNAVAILABLE', definite: true });
  }

  /** The first of the survivors that can be reached carries a recovery out; any replica ends one. */
  #recover(link: LinkId, request: Recover): void {
    const others = request.abort ? [...this.#state.replicas.keys()].toSorted(compareNames) : [];
    for (const name of [...request.survivors, ...others]) {
      const target = this.#state.replicas.get(name)?.link ?? null;
      if (target !== null) return this.#reports.relay(link, target, request);
    }
    const who = request.abort ? 'no replica' : `none of ${request.survivors.join(', ')}`;
    const message = `${who} can be reached from here`;
    const failed = { kind: 'failed', requestId: request.requestId, message } as const;
    this.#links.send(link, { ...failed, code: 'UNAVAILABLE', definite: true });
  }

  #onDown(link: LinkId): void {
    const nowMs = this.#nowMs();
    if (this.#cluster.onDown(link)) return this.#reports.onReplicaDown(link);
    this.#clients.delete(link);
    this.#watchers.stop(link);
    this.#flushSoon();
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
      this.#cluster.watch(this.#watchers.size > 0);
      this.#willFlush = false;
      if (!this.#isStopped) this.#links.flush();
    });
  }

  #nowMs(): number {
    return this.#components.scheduler.monotonicMs();
  }
}
