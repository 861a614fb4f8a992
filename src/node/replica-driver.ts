/**
 * The one loop of a replica process: input becomes events, `step` answers effects, effects are carried
 * out in their order. Nothing is decided here. All input of one turn of the event loop shares one
 * transaction, one group commit and one frame a connection.
 */

import { FatalError, HearsayError } from '../base/errors.js';
import type { Name } from '../base/ids.js';
import { STARTED } from '../observe/trace.js';
import type { Listener } from '../ports/transport.js';
import type { ReplicaEffect } from '../replica/effects.js';
import type { ReplicaEvent } from '../replica/events.js';
import type { ReplicaState } from '../replica/state.js';
import { snapshotOf, startReplica, step } from '../replica/step.js';
import type { Forward } from '../wire/forced-messages.js';
import type {
  Hello,
  Message,
  ReplicaHello,
  ReplicaStatus,
  SetStatus,
  Trace,
  Update,
} from '../wire/messages.js';
import { DialledMembers } from './dialled-members.js';
import { clusterOf } from './handshake.js';
import { JournalWriter } from './journal-writer.js';
import { type LinkId, Links } from './links.js';
import { StatusKeeper } from './status-keeper.js';
import { isListening } from './probe.js';
import { MUST_RECOVER, recoverReplica } from './recovery.js';
import type { ReplicaComponents, ReplicaInit } from './replica-components.js';
import { carryOut, type Hands } from './replica-effects.js';
import {
  counterpartOf,
  type ReplicaIntroduction,
  refusalOf,
  replicaHello,
} from './replica-handshake.js';
import { type ReplicaFigures, replicaFigures, replicaReport } from './replica-report.js';
import { isForCore, refusalOfMessage, updateEvent } from './replica-messages.js';
import { declined, ServiceState } from './service-state.js';
import { encodeSnapshot } from './snapshot.js';
import { SnapshotSaver } from './snapshot-saver.js';
import { WakeTimer } from './wake-timer.js';
import { TroubleLog } from './trouble-log.js';
import { Watchers } from './watchers.js';

export class ReplicaDriver {
  readonly #components: ReplicaComponents;
  readonly #init: ReplicaInit;
  readonly #introduction: ReplicaIntroduction;
  readonly #state: ReplicaState;
  readonly #service: ServiceState;
  readonly #writer: JournalWriter;
  readonly #links: Links;
  readonly #watchers: Watchers;
  readonly #wakeTimer: WakeTimer;
  readonly #snapshots: SnapshotSaver;
  readonly #status: StatusKeeper;
  readonly #troubles: TroubleLog;
  readonly #dialled: DialledMembers;
  readonly #hands: Hands;
  #listener: Listener | null = null;
  #willFlush = false;
  #isStopped = false;
  #executed = 0;

  /** Recovers from the journal, then listens and dials. Rejects with FatalError where it cannot. */
  static async start(components: ReplicaComponents, init: ReplicaInit): Promise<ReplicaDriver> {
    const { journal, database } = components;
    const recovered = await recoverReplica(journal, database, init.members.length === 1);
    const members = init.members.map(({ name }) => name);
    const { name, memberId, origin } = init;
    const identity = { name, memberId, origin, members };
    const nowMs = components.scheduler.monotonicMs();
    const random = components.random.child('core');
    const { state, effects } = startReplica(identity, init.tuning, recovered, nowMs, random);
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
    const cluster = clusterOf(components.service, state.self.members);
    this.#introduction = { ...init, cluster };
    this.#service = new ServiceState(components.service, components.database);
    this.#status = new StatusKeeper({
      scheduler: components.scheduler,
      random: components.random.child('status'),
      load: () => ({
        loopDelayMs: components.loopDelayMs(),
        queueLength: state.waitingById.size,
      }),
      onChange: (status) => this.#onStatus(status),
    });
    this.#writer = new JournalWriter({
      journal: components.journal,
      length: state.log.length,
      lastGroup,
      onDurable: (length, transitions) => {
        this.#handle({ kind: 'durable', length, transitions, nowMs: this.#nowMs() });
      },
      onFailure: (error) => this.#onWriteFailure(error),
    });
    this.#snapshots = new SnapshotSaver({
      journal: components.journal,
      every: init.snapshotEvery,
      take: () => ({
        bytes: encodeSnapshot(snapshotOf(state), this.#service.export()),
        items: this.#writer.appended,
      }),
      durable: () => ({ items: this.#writer.durable, group: this.#writer.lastGroup }),
      onFailure: (error) => this.#onWriteFailure(error),
    });
    this.#wakeTimer = new WakeTimer(components.scheduler, () => {
      this.#handle({ kind: 'tick', nowMs: this.#nowMs() });
    });
    const { scheduler, sink } = components;
    this.#troubles = new TroubleLog(scheduler, (line) => sink.say('warn', line));
    this.#links = new Links({
      onHello: (link, hello) => this.#onHello(link, hello),
      onMessage: (link, message, from) => this.#onMessage(link, message, from),
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
      scheduler: components.scheduler,
      send: (link, message) => this.#links.send(link, message),
    });
    this.#hands = {
      send: (link, message) => this.#links.send(link, message),
      write: (item) => {
        this.#writer.append(item);
        this.#flushSoon();
      },
      apply: (body) => {
        this.#service.apply(body);
        this.#onApplied();
      },
      read: ({ link, query, basis }) => {
        this.#links.send(link, this.#service.answer(query, basis));
      },
      wakeAt: (atMs) => this.#wakeTimer.wakeAt(atMs),
      note: (trace) => this.#note(trace),
      probe: (peer) => void this.#probe(peer),
      onRepaired: () => this.#onRepaired(),
      halt: (message) => this.#halt(new FatalError(message)),
    };
  }

  /** `HOST:PORT` as bound. */
  get address(): string {
    return this.#listener?.address ?? this.#init.listen;
  }

  /** Where others reach it. */
  get #ownAddress(): string {
    return this.#init.advertise ?? this.address;
  }

  /** It may be counted for fresh queries: it has caught up since its start. */
  get isCounted(): boolean {
    return this.#state.counted;
  }

  /** Figures for /metrics. */
  get figures(): ReplicaFigures {
    const { journal } = this.#components;
    return replicaFigures(this.#state, this.#executed, this.#links, journal, this.#writer);
  }

  /** Stops serving, brings everything to disk, saves a snapshot, and lets go of journal and state. */
  async close(): Promise<void> {
    if (this.#isStopped) return;
    await this.#writer.drained();
    this.#stop('this replica is stopping');
    await this.#snapshots.finish(this.#executed);
    await this.#letGo();
  }

  /** Ends at once, as a crash would: nothing more is sent, written or answered. */
  async kill(): Promise<void> {
    this.#stop('killed');
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.#listener?.close();
    await this.#components.journal.close();
    this.#components.database.close();
  }

  async #open(): Promise<void> {
    if (this.#init.tuning.trace) this.#note({ event: STARTED });
    const { transport, sink } = this.#components;
    const { name, members, listen, onHttp } = this.#init;
    this.#listener = await transport.listen({
      address: listen,
      onConnection: (connection) => void this.#links.add(connection),
      ...(onHttp === undefined ? {} : { onHttp }),
      onNuisance: (what) => sink.say('warn', what),
    });
    // One connection a pair: the name that comes first dials.
    this.#dialled.dial(members.filter((member) => member.name > name));
    this.#status.start();
  }

  #hello(): ReplicaHello {
    return replicaHello(this.#introduction, this.#ownAddress, this.#state.durable.value());
  }

  #onHello(link: LinkId, hello: Hello): HearsayError | null {
    const expected = this.#dialled.expectedAt(link);
    const refusal = refusalOf(this.#introduction, hello, expected);
    if (refusal !== null) return refusal;
    if (hello.role === 'client') return null;
    // The side that dialled has said its hello already.
    if (expected === null) this.#links.send(link, this.#hello());
    const peer = hello.role === 'replica' ? this.#state.peers.get(hello.name) : undefined;
    const replaced = peer?.link ?? null;
    const counterpart = counterpartOf(hello);
    this.#handle({ kind: 'link-up', link, counterpart, nowMs: this.#nowMs() });
    if (replaced !== null) {
      // Its end may not have been noticed yet; or one of the two is an impostor, and the other dials again.
      const message = `a newer connection of ${hello.name} takes the place of this one`;
      this.#links.reject(replaced, new HearsayError('UNAVAILABLE', message));
    }
    return null;
  }

  #onMessage(link: LinkId, message: Message, from: Hello['role']): void {
    const refusal = refusalOfMessage(message, from, this.#service);
    if (refusal !== null) return this.#links.reject(link, refusal);
    const nowMs = this.#nowMs();
    switch (message.kind) {
      case 'update':
      case 'forward':
        return this.#onUpdate(link, message, nowMs);
      case 'status-request': {
        const { requestId, hash } = message;
        const report = this.report(hash);
        return this.#links.send(link, { kind: 'status-report', requestId, report });
      }
      case 'set-status':
        return this.#setStatus(link, message);
      case 'watch':
        return message.on ? this.#watchers.start(link) : this.#watchers.stop(link);
      default:
        // Others were refused above.
        if (isForCore(message)) this.#handle({ kind: 'message', link, message, nowMs });
    }
  }

  #onUpdate(link: LinkId, request: Update | Forward, nowMs: number): void {
    const wallMs = this.#components.scheduler.wallMs();
    try {
      this.#handle(updateEvent(this.#service, { link, request, wallMs, nowMs }));
    } catch (error) {
      if (!(error instanceof HearsayError)) throw error;
      // The front end checked the same: only another version of the service gets here by forwarding.
      if (request.kind === 'forward') this.#links.reject(link, error);
      else this.#links.send(link, declined(request.requestId, error));
    }
  }

  #onDown(link: LinkId): void {
    this.#dialled.forget(link);
    this.#watchers.stop(link);
    this.#handle({ kind: 'link-down', link, nowMs: this.#nowMs() });
  }

  #handle(event: ReplicaEvent): void {
    if (!this.#isStopped) this.#perform(step(this.#state, event));
  }

  /** Carries out a step's effects, then executes what it asked for, and the steps that follow of it. */
  #perform(effects: readonly ReplicaEffect[]): void {
    let body = carryOut(effects, this.#hands);
    while (body !== null && !this.#isStopped) {
      const result = this.#service.execute(body);
      this.#onApplied();
      const nowMs = this.#nowMs();
      body = carryOut(step(this.#state, { kind: 'executed', result, nowMs }), this.#hands);
    }
  }

  /** Looks whether anybody listens where a member should be. */
  async #probe(peer: Name): Promise<void> {
    const address = this.#init.members.find(({ name }) => name === peer)?.address ?? '';
    if (await isListening(this.#components.transport, address)) return;
    this.#handle({ kind: 'refused', peer, nowMs: this.#nowMs() });
  }

  #onApplied(): void {
    this.#executed++;
    this.#flushSoon();
  }

  #onRepaired(): void {
    const { sink, journal } = this.#components;
    sink.say('info', 'all that the damaged journal held is here again');
    journal.writeMeta(MUST_RECOVER, null).catch((error: unknown) => this.#onWriteFailure(error));
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
    this.#snapshots.saveWhenDue(this.#executed);
  }

  #setStatus(link: LinkId, { requestId, value }: SetStatus): void {
    this.#status.set(value);
    this.#links.send(link, { kind: 'status-report', requestId, report: this.report(false) });
  }

  #onStatus({ value, source }: ReplicaStatus): void {
    this.#components.sink.say('info', `status is now ${value} (${source})`);
    this.#handle({ kind: 'status', value, source, nowMs: this.#nowMs() });
  }

  /** What `hearsay status` shows of this replica. */
  report(withHash: boolean): Record<string, unknown> {
    return replicaReport({
      state: this.#state,
      address: this.#ownAddress,
      pid: this.#init.pid,
      status: this.#status.current,
      stateHash: withHash ? this.#service.hash() : null,
    });
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
    this.#dialled.stop();
    this.#wakeTimer.stop();
    this.#status.stop();
    this.#watchers.close();
    this.#troubles.close();
    this.#links.closeAll(message);
  }

  #nowMs(): number {
    return this.#components.scheduler.monotonicMs();
  }
}
