/**
 * The one loop of a replica process: input becomes events, `step` answers effects, effects are carried
 * out in their order. Nothing is decided here. All input of one turn of the event loop shares one
 * transaction, one group commit and one frame a connection.
 */

import { unreachable } from '../base/assert.js';
import { FatalError, HearsayError } from '../base/errors.js';
import type { MemberId, Name, Origin } from '../base/ids.js';
import type { Random } from '../base/random.js';
import { STARTED } from '../observe/trace.js';
import type { StateDatabase } from '../ports/database.js';
import type { EventSink } from '../ports/event-sink.js';
import type { Journal } from '../ports/journal.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { HttpAnswer, KeepConnected, Listener, Transport } from '../ports/transport.js';
import type { ReplicaEffect } from '../replica/effects.js';
import type { ReplicaEvent } from '../replica/events.js';
import type { ReplicaState, ReplicaTuning } from '../replica/state.js';
import { snapshotOf, startReplica, step } from '../replica/step.js';
import type { Service } from '../service/define.js';
import { PROTOCOL_VERSIONS } from '../wire/codec.js';
import type {
  ClusterIdentity,
  Hello,
  MemberAddress,
  Message,
  ReplicaHello,
  SetStatus,
  Trace,
  Update,
} from '../wire/messages.js';
import { clusterMismatch, clusterOf, versionMismatch } from './handshake.js';
import { JournalWriter } from './journal-writer.js';
import { type LinkId, Links } from './links.js';
import { ProcessStatus } from './process-status.js';
import { MUST_RECOVER, recoverReplica } from './recovery.js';
import { ServiceState } from './service-state.js';
import { encodeSnapshot } from './snapshot.js';
import { Watchers } from './watchers.js';

/** Updates executed between two snapshots: what a start after a crash has to execute again. */
const SNAPSHOT_EVERY = 50_000;

/** How often the load is looked at. */
const LOAD_PERIOD_MS = 300;

export interface ReplicaComponents {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly transport: Transport;
  readonly keepConnected: KeepConnected;
  readonly journal: Journal;
  readonly database: StateDatabase;
  readonly service: Service;
  readonly sink: EventSink;
  /** 99th percentile of the event loop's delay since the last call, ms. */
  readonly loopDelayMs: () => number;
}

export interface ReplicaInit {
  readonly name: Name;
  readonly memberId: MemberId;
  readonly origin: Origin;
  readonly members: readonly MemberAddress[];
  readonly initialHash: string;
  readonly listen: string;
  /** Where others reach it; null = where it listens. */
  readonly advertise: string | null;
  readonly pid: number;
  readonly tuning: ReplicaTuning;
  readonly onHttp?: (path: string) => Promise<HttpAnswer | null>;
  /** The replica cannot go on; it has stopped. */
  readonly onHalt: (error: FatalError) => void;
}

export class ReplicaDriver {
  readonly #components: ReplicaComponents;
  readonly #init: ReplicaInit;
  readonly #cluster: ClusterIdentity;
  readonly #state: ReplicaState;
  readonly #service: ServiceState;
  readonly #writer: JournalWriter;
  readonly #links: Links;
  readonly #watchers: Watchers;
  readonly #status: ProcessStatus;
  readonly #dialers: { stop(): void }[] = [];
  #listener: Listener | null = null;
  #wakeTimer: { readonly atMs: number; readonly handle: TimerHandle } | null = null;
  #loadTimer: TimerHandle | null = null;
  #willFlush = false;
  #isStopped = false;
  #executed = 0;
  #executedAtSnapshot = 0;
  #snapshot: Promise<void> = Promise.resolve();

  /** Recovers from the journal, then listens and dials. Rejects with FatalError where it cannot. */
  static async start(components: ReplicaComponents, init: ReplicaInit): Promise<ReplicaDriver> {
    const { journal, database } = components;
    const recovered = await recoverReplica(journal, database, init.members.length === 1);
    const members = init.members.map(({ name }) => name);
    const { name, memberId, origin } = init;
    const identity = { name, memberId, origin, members };
    const { state, effects } = startReplica(
      identity,
      init.tuning,
      recovered,
      components.scheduler.monotonicMs(),
    );
    const driver = new ReplicaDriver(components, init, state, recovered.lastGroup);
    driver.#perform(effects);
    driver.#flush();
    await driver.#open();
    return driver;
  }

  private constructor(
    components: ReplicaComponents,
    init: ReplicaInit,
    state: ReplicaState,
    lastGroup: number,
  ) {
    this.#components = components;
    this.#init = init;
    this.#state = state;
    this.#cluster = clusterOf(components.service, state.self.members);
    this.#service = new ServiceState(components.service, components.database);
    this.#status = new ProcessStatus(components.random.child('status'));
    this.#writer = new JournalWriter({
      journal: components.journal,
      length: state.log.length,
      lastGroup,
      onDurable: (length) => this.#handle({ kind: 'durable', length, nowMs: this.#nowMs() }),
      onFailure: (error) => this.#onWriteFailure(error),
    });
    this.#links = new Links({
      onHello: (link, hello) => this.#onHello(link, hello),
      onMessage: (link, message) => this.#onMessage(link, message),
      onDown: (link) => this.#onDown(link),
      onTrouble: (what) => components.sink.say('warn', what),
      onDirty: () => this.#flushSoon(),
    });
    this.#watchers = new Watchers({
      host: init.name,
      scheduler: components.scheduler,
      send: (link, message) => this.#links.send(link, message),
    });
  }

  /** `HOST:PORT` as bound. */
  get address(): string {
    return this.#listener?.address ?? this.#init.listen;
  }

  /** It may be counted for fresh queries: it has caught up since its start. */
  get isCounted(): boolean {
    return this.#state.counted;
  }

  /** Figures for /metrics. */
  get figures(): ReplicaFigures {
    const { journal } = this.#components;
    return {
      updatesExecuted: this.#executed,
      logRecords: this.#state.log.length,
      waitingRequests: this.#state.waiting.size,
      earlyRecords: this.#state.early.size,
      connections: this.#links.size,
      journalSyncs: journal.statistics.syncs,
      journalBytes: journal.statistics.bytes,
      journalRecords: this.#writer.written.records,
      journalGroups: this.#writer.written.groups,
      framesSent: this.#links.sent.frames,
      messagesSent: this.#links.sent.messages,
      bytesToFrontends: this.#links.sent.bytes.frontend,
      bytesToReplicas: this.#links.sent.bytes.replica,
    };
  }

  /** Stops serving, brings everything to disk, saves a snapshot, and lets go of journal and state. */
  async close(): Promise<void> {
    if (this.#isStopped) return;
    await this.#writer.drained();
    this.#stop('this replica is stopping');
    if (this.#executed > this.#executedAtSnapshot) this.#saveSnapshot();
    await this.#snapshot;
    await this.#listener?.close();
    await this.#components.journal.close();
    this.#components.database.close();
  }

  /** Ends at once, as a crash would: nothing more is sent, written or answered. */
  async kill(): Promise<void> {
    this.#stop('killed');
    await this.#listener?.close();
    await this.#components.journal.close();
    this.#components.database.close();
  }

  async #open(): Promise<void> {
    if (this.#init.tuning.trace) this.#note({ event: STARTED });
    const { transport, keepConnected, sink } = this.#components;
    const { name, members, listen, onHttp } = this.#init;
    this.#listener = await transport.listen({
      address: listen,
      onConnection: (connection) => {
        this.#links.add(connection);
      },
      ...(onHttp === undefined ? {} : { onHttp }),
      onNuisance: (what) => sink.say('warn', what),
    });
    for (const member of members) {
      // One connection a pair: the name that comes first dials.
      if (member.name <= name) continue;
      const dialer = keepConnected(member.address, (connection) => {
        this.#links.send(this.#links.add(connection), this.#hello());
      });
      this.#dialers.push(dialer);
    }
    this.#lookAtLoad();
  }

  #hello(): ReplicaHello {
    const { name, memberId, origin, members, initialHash, advertise } = this.#init;
    return {
      kind: 'hello',
      role: 'replica',
      protocol: PROTOCOL_VERSIONS,
      name,
      memberId,
      origin,
      address: advertise ?? this.address,
      cluster: this.#cluster,
      initialHash,
      members,
      replicaTimestamp: this.#state.durable.value(),
    };
  }

  #onHello(link: LinkId, hello: Hello): HearsayError | null {
    const refusal = versionMismatch(hello) ?? this.#refusalOf(hello);
    if (refusal !== null) return refusal;
    if (hello.role === 'client') return null;
    const nowMs = this.#nowMs();
    if (hello.role === 'frontend') {
      this.#links.send(link, this.#hello());
      const counterpart = { role: 'frontend', name: hello.name } as const;
      this.#handle({ kind: 'link-up', link, counterpart, nowMs });
      return null;
    }
    // The side that dialled has said its hello already.
    if (hello.name < this.#init.name) this.#links.send(link, this.#hello());
    const { name, memberId, origin, replicaTimestamp } = hello;
    const counterpart = { role: 'replica', name, memberId, origin, replicaTimestamp } as const;
    this.#handle({ kind: 'link-up', link, counterpart, nowMs });
    return null;
  }

  #refusalOf(hello: Hello): HearsayError | null {
    if (hello.role === 'client') {
      const message = `${this.#init.name} is a replica; clients connect to a front end`;
      return new HearsayError('INVALID', message);
    }
    const mismatch = clusterMismatch(this.#cluster, hello.cluster);
    if (mismatch !== null || hello.role === 'frontend') return mismatch;
    if (!this.#state.peers.has(hello.name)) {
      const message = `${hello.name} is none of the other members (${[...this.#state.peers.keys()].join(', ')})`;
      return new HearsayError('INVALID', message);
    }
    if (hello.initialHash !== this.#init.initialHash) {
      return new HearsayError(
        'INVALID',
        `${hello.name} began with state ${hello.initialHash}, ${this.#init.name} with ` +
          `${this.#init.initialHash}; start all replicas from the same data (--import)`,
      );
    }
    return null;
  }

  #onMessage(link: LinkId, message: Message): void {
    const nowMs = this.#nowMs();
    switch (message.kind) {
      case 'update':
        return this.#onUpdate(link, message, nowMs);
      case 'query':
      case 'cancel':
      case 'heartbeat':
      case 'gossip':
      case 'gossip-acknowledged':
      case 'fetch':
      case 'fetched':
        return this.#handle({ kind: 'message', link, message, nowMs });
      case 'status-request': {
        const { requestId, hash } = message;
        return this.#links.send(link, {
          kind: 'status-report',
          requestId,
          report: this.#report(hash),
        });
      }
      case 'set-status':
        return this.#setStatus(link, message, nowMs);
      case 'watch':
        return message.on ? this.#watchers.start(link) : this.#watchers.stop(link);
      default:
        this.#links.reject(
          link,
          new HearsayError('INVALID', `${message.kind} is not for a replica`),
        );
    }
  }

  #onUpdate(link: LinkId, request: Update, nowMs: number): void {
    try {
      const body = this.#service.bodyOf(request);
      const wallMs = this.#components.scheduler.wallMs();
      this.#handle({ kind: 'update', link, request, body, wallMs, nowMs });
    } catch (error) {
      this.#decline(link, request.requestId, error);
    }
  }

  #decline(link: LinkId, requestId: number, error: unknown): void {
    if (!(error instanceof HearsayError)) throw error;
    const { code, message } = error;
    this.#links.send(link, { kind: 'declined', requestId, code, message });
  }

  #onDown(link: LinkId): void {
    this.#watchers.stop(link);
    this.#handle({ kind: 'link-down', link, nowMs: this.#nowMs() });
  }

  #handle(event: ReplicaEvent): void {
    if (this.#isStopped) return;
    this.#perform(step(this.#state, event));
  }

  #perform(effects: readonly ReplicaEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#links.send(effect.link, effect.message);
          break;
        case 'append':
          this.#writer.append(effect.record);
          this.#flushSoon();
          break;
        case 'apply':
          this.#service.apply(effect.body);
          this.#executed++;
          this.#flushSoon();
          break;
        case 'read':
          this.#read(effect);
          break;
        case 'wake':
          this.#wakeAt(effect.atMs);
          break;
        case 'trace':
          this.#note(effect.trace);
          break;
        case 'repaired':
          this.#components.sink.say('info', 'all that the damaged journal held is here again');
          this.#components.journal.writeMeta(MUST_RECOVER, null).catch((error: unknown) => {
            this.#onWriteFailure(error);
          });
          break;
        case 'halt':
          return this.#halt(new FatalError(effect.message));
        default:
          unreachable(effect);
      }
    }
  }

  #read({ link, query, basis }: Extract<ReplicaEffect, { kind: 'read' }>): void {
    const { requestId } = query;
    try {
      const outcome = this.#service.read(query);
      this.#links.send(link, { kind: 'answer', requestId, ...basis, outcome });
    } catch (error) {
      this.#decline(link, requestId, error);
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
    this.#components.scheduler.soon(() => this.#flush());
  }

  #flush(): void {
    this.#willFlush = false;
    if (this.#isStopped) return;
    this.#service.commit();
    this.#writer.flush();
    this.#links.flush();
    if (this.#executed - this.#executedAtSnapshot >= SNAPSHOT_EVERY) this.#saveSnapshot();
  }

  /** One snapshot at a time; what it holds is durable, for only durable records are executed. */
  #saveSnapshot(): void {
    this.#executedAtSnapshot = this.#executed;
    const bytes = encodeSnapshot(snapshotOf(this.#state), this.#service.export());
    const throughGroup = this.#writer.lastGroup;
    this.#snapshot = this.#snapshot
      .then(() => this.#components.journal.saveSnapshot({ throughGroup, bytes }))
      .catch((error: unknown) => this.#onWriteFailure(error));
  }

  #wakeAt(atMs: number): void {
    if (this.#wakeTimer !== null && this.#wakeTimer.atMs <= atMs) return;
    this.#wakeTimer?.handle.cancel();
    const delayMs = Math.max(0, atMs - this.#nowMs());
    const handle = this.#components.scheduler.after(delayMs, () => {
      this.#wakeTimer = null;
      this.#handle({ kind: 'tick', nowMs: this.#nowMs() });
    });
    this.#wakeTimer = { atMs, handle };
  }

  #lookAtLoad(): void {
    if (this.#isStopped) return;
    const queueLength = this.#state.waiting.size;
    const load = { loopDelayMs: this.#components.loopDelayMs(), queueLength };
    if (this.#status.look(load, this.#nowMs())) this.#tellStatus();
    this.#loadTimer = this.#components.scheduler.after(LOAD_PERIOD_MS, () => this.#lookAtLoad());
  }

  #setStatus(link: LinkId, { requestId, value }: SetStatus, nowMs: number): void {
    this.#status.set(value, nowMs);
    this.#tellStatus();
    this.#links.send(link, { kind: 'status-report', requestId, report: this.#report(false) });
  }

  #tellStatus(): void {
    const { value, source } = this.#status.current;
    this.#components.sink.say('info', `status is now ${value} (${source})`);
    this.#handle({ kind: 'status', value, source, nowMs: this.#nowMs() });
  }

  /** What `hearsay status` shows of this replica. */
  #report(withHash: boolean): Record<string, unknown> {
    const { self, durable, value, log, counted } = this.#state;
    return {
      name: self.name,
      id: self.memberId,
      origin: self.origin,
      address: this.#init.advertise ?? this.address,
      pid: this.#init.pid,
      status: this.#status.current,
      replicaTS: durable.value().toJSON(),
      valueTS: value.value().toJSON(),
      stateHash: withHash ? this.#service.hash() : null,
      logRecords: log.length,
      counted,
    };
  }

  #onWriteFailure(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#halt(
      new FatalError(`${this.#init.name} cannot write to its data directory and stops: ${why}`, {
        cause: error,
      }),
    );
  }

  #halt(error: FatalError): void {
    if (this.#isStopped) return;
    this.#components.sink.say('error', error.message);
    this.#stop(error.message);
    this.#init.onHalt(error);
  }

  #stop(message: string): void {
    this.#isStopped = true;
    for (const dialer of this.#dialers) dialer.stop();
    this.#wakeTimer?.handle.cancel();
    this.#loadTimer?.cancel();
    this.#watchers.close();
    this.#links.closeAll(message);
  }

  #nowMs(): number {
    return this.#components.scheduler.monotonicMs();
  }
}

export interface ReplicaFigures {
  readonly updatesExecuted: number;
  readonly logRecords: number;
  readonly waitingRequests: number;
  readonly earlyRecords: number;
  readonly connections: number;
  readonly journalSyncs: number;
  readonly journalBytes: number;
  readonly journalRecords: number;
  readonly journalGroups: number;
  readonly framesSent: number;
  readonly messagesSent: number;
  readonly bytesToFrontends: number;
  readonly bytesToReplicas: number;
}
