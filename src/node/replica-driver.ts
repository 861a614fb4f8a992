/**
 * The one loop of a replica process: input becomes events, `step` answers effects, effects are carried
 * out in their order. Nothing is decided here. All input of one turn of the event loop shares one
 * transaction, one group commit and one frame a connection.
 */

import { FatalError } from '../base/errors.js';
import type { Name } from '../base/ids.js';
import { STARTED } from '../observe/trace.js';
import type { Listener } from '../ports/transport.js';
import { clockAheadMs } from '../replica/clocks.js';
import type { ReplicaEffect } from '../replica/effects.js';
import type { ReplicaEvent } from '../replica/events.js';
import { queueLength } from '../replica/load.js';
import { isMember } from '../replica/membership/label.js';
import { waitsFor } from '../replica/membership/operators.js';
import type { ReplicaState } from '../replica/state.js';
import { startReplica, step } from '../replica/step.js';
import type { ReplicaStatus, Trace } from '../wire/messages.js';
import { ClockWatch } from './clock-watch.js';
import { untilIdle } from './draining.js';
import { type LinkId, Links } from './links.js';
import { StatusKeeper } from './status-keeper.js';
import { MUST_RECOVER, type RecoveredReplica, recoverReplica } from './recovery.js';
import { lostForcedUpdates, unsharedUpdates } from './own-updates.js';
import type { ReplicaComponents, ReplicaInit } from './replica-components.js';
import { ReplicaDisk } from './replica-disk.js';
import { carryOut, type Hands } from './replica-effects.js';
import { clusterIdentityOf, identityOf, isAlone } from './replica-identity.js';
import { ReplicaMeetings } from './replica-meetings.js';
import { ReplicaReception } from './replica-reception.js';
import { type ReplicaFigures, replicaFigures, replicaReport } from './replica-report.js';
import { Resubmission } from './resubmission.js';
import { ServiceState } from './service-state.js';
import { WakeTimer } from './wake-timer.js';
import { TroubleLog } from './trouble-log.js';
import { Watchers } from './watchers.js';

export class ReplicaDriver {
  readonly #components: ReplicaComponents;
  readonly #init: ReplicaInit;
  readonly #state: ReplicaState;
  readonly #service: ServiceState;
  readonly #disk: ReplicaDisk;
  readonly #links: Links;
  readonly #watchers: Watchers;
  readonly #wakeTimer: WakeTimer;
  readonly #status: StatusKeeper;
  readonly #clock: ClockWatch;
  readonly #troubles: TroubleLog;
  readonly #meetings: ReplicaMeetings;
  readonly #reception: ReplicaReception;
  readonly #resubmission: Resubmission;
  readonly #hands: Hands;
  #listener: Listener | null = null;
  #willFlush = false;
  #isStopped = false;
  #executed = 0;

  /** Recovers from the journal, then listens and dials. Rejects with FatalError where it cannot. */
  static async start(components: ReplicaComponents, init: ReplicaInit): Promise<ReplicaDriver> {
    const { journal, database } = components;
    const recovered = await recoverReplica(journal, database, isAlone(init.cluster));
    const identity = identityOf(init, recovered.snapshot);
    const nowMs = components.scheduler.monotonicMs();
    const random = components.random.child('core');
    const { state, effects } = startReplica(identity, init.tuning, recovered, nowMs, random);
    const driver = new ReplicaDriver(components, init, state, recovered);
    driver.#perform(effects);
    driver.#flush();
    if (!driver.#isStopped) await driver.#open();
    return driver;
  }

  private constructor(
    components: ReplicaComponents,
    init: ReplicaInit,
    state: ReplicaState,
    recovered: RecoveredReplica,
  ) {
    this.#components = components;
    this.#init = init;
    this.#state = state;
    this.#service = new ServiceState(components.service, components.database);
    this.#status = new StatusKeeper({
      scheduler: components.scheduler,
      random: components.random.child('status'),
      load: () => ({
        loopDelayMs: components.loopDelayMs(),
        queueLength: queueLength(state),
      }),
      onChange: (status) => this.#onStatus(status),
    });
    this.#clock = new ClockWatch({
      scheduler: components.scheduler,
      name: init.name,
      onClock: (wallMs) => {
        this.#handle({ kind: 'clock', wallMs, nowMs: this.#nowMs() });
        this.#onConfigured();
      },
      aheadMs: () => clockAheadMs(state),
      say: (level, message) => components.sink.say(level, message),
    });
    this.#disk = new ReplicaDisk({
      journal: components.journal,
      scheduler: components.scheduler,
      recovered,
      snapshotEvery: init.snapshotEvery,
      state,
      service: this.#service,
      onSaved: (reflected) => {
        this.#handle({ kind: 'snapshot-saved', ...reflected, nowMs: this.#nowMs() });
      },
      onDurable: (length, transitions) =>
        this.#handle({ kind: 'durable', length, transitions, nowMs: this.#nowMs() }),
      onFailure: (error) => this.#onWriteFailure(error),
      sendPart: (link, part) => this.#links.send(link, part),
    });
    this.#wakeTimer = new WakeTimer(components.scheduler, () => {
      this.#handle({ kind: 'tick', nowMs: this.#nowMs() });
    });
    const { scheduler, sink } = components;
    this.#troubles = new TroubleLog(scheduler, sink);
    this.#links = new Links({
      onHello: (link, hello) => this.#meetings.onHello(link, hello),
      onMessage: (link, message, from) => this.#reception.onMessage(link, message, from),
      onDown: (link) => this.#onDown(link),
      onTrouble: (trouble) => this.#troubles.tell(trouble),
      onDirty: () => this.#flushSoon(),
    });
    const members = init.cluster.kind === 'fixed' ? init.cluster.members : null;
    this.#meetings = new ReplicaMeetings({
      ...components,
      links: this.#links,
      introduction: {
        state,
        members,
        cluster: clusterIdentityOf(components.service, init.cluster),
        initialHash: init.initialHash,
        address: () => this.#ownAddress,
      },
      seeds: init.cluster.kind === 'fixed' ? null : init.cluster.seeds,
      onLinkUp: (link, counterpart) =>
        this.#handle({ kind: 'link-up', link, counterpart, nowMs: this.#nowMs() }),
    });
    this.#watchers = new Watchers({
      host: init.name,
      scheduler,
      send: (link, message) => this.#links.send(link, message),
    });
    this.#reception = new ReplicaReception({
      ...{ name: init.name, scheduler, links: this.#links, service: this.#service },
      ...{ watchers: this.#watchers, status: this.#status, donor: this.#disk.donor },
      isMember: () => this.isMember,
      report: (withHash) => this.report(withHash),
      handle: (event) => this.#handle(event),
    });
    this.#resubmission = new Resubmission({
      bodies: init.resubmit ?? [],
      isDue: () => this.isMember && state.membership.isActivated,
      submit: (bodies) => {
        const wallMs = components.scheduler.wallMs();
        this.#handle({ kind: 'resubmit', bodies, wallMs, nowMs: this.#nowMs() });
      },
      written: () => this.#disk.writer.drained(),
      keepUnsettled: async (bodies) => init.onUnsettled?.(bodies),
      onDone: () => init.onResubmitted?.(),
      onFailure: (error) => this.#onWriteFailure(error),
    });
    this.#hands = {
      send: (link, message) => this.#links.send(link, message),
      write: (item) => {
        this.#disk.write(item);
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
      onConfigured: () => components.scheduler.soon(() => this.#onConfigured()),
      forget: (beforeMs) => this.#service.forget(beforeMs),
      hangUp: (link, message) => {
        this.#links.flush();
        this.#links.close(link, { kind: 'normal', message });
      },
      keepUnsettled: (bodies) => this.#resubmission.keep(bodies),
      end: (effect) => void this.#end(effect),
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

  /** Its identity is a member of the newest configuration that it knows. */
  get isMember(): boolean {
    return isMember(this.#state);
  }

  /** A majority of the members has granted this start; where they are given, it needs no grant. */
  get isClaimed(): boolean {
    return this.#state.change.isClaimed;
  }

  /** What a change of the members, or its own start, waits for, in words; null: nothing. */
  get waitsFor(): string | null {
    return waitsFor({ state: this.#state });
  }

  /** Figures for /metrics. */
  get figures(): ReplicaFigures {
    const { journal } = this.#components;
    return replicaFigures(this.#state, this.#executed, this.#links, journal, this.#disk);
  }

  /** Takes no new requests, lets another replica lead, answers what it has in hand, and closes. */
  async drain(): Promise<void> {
    if (this.#isStopped) return;
    this.#status.leave();
    await untilIdle(this.#state, this.#components.scheduler, () => this.#isStopped);
    await this.close();
  }

  /** Stops serving, brings everything to disk, saves a snapshot, and lets go of journal and state. */
  async close(): Promise<void> {
    if (this.#isStopped) return;
    await this.#disk.writer.drained();
    this.#stop('this replica is stopping');
    await this.#disk.finish(this.#executed);
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
    const { listen, onHttp } = this.#init;
    this.#listener = await transport.listen({
      address: listen,
      onConnection: (connection) => void this.#links.add(connection),
      ...(onHttp === undefined ? {} : { onHttp }),
      onNuisance: (what) => sink.say('warn', what),
    });
    this.#meetings.follow();
    this.#clock.start();
    this.#status.start();
  }

  /** Whom to dial, and whether this identity is a member, may be another matter now. */
  #onConfigured(): void {
    if (this.#isStopped) return;
    this.#meetings.follow();
    this.#resubmission.look();
  }

  #onDown(link: LinkId): void {
    this.#meetings.onDown(link);
    this.#disk.donor.forget(link);
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

  async #probe(peer: Name): Promise<void> {
    if (await this.#meetings.isListening(peer)) return;
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
    this.#disk.flush(this.#executed);
    this.#links.flush();
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
    const words = `${this.#init.name} cannot write to its data directory and stops: ${why}`;
    this.#halt(new FatalError(words, { cause: error }));
  }

  #halt(error: FatalError): void {
    if (this.#isStopped) return;
    this.#stop(error.message);
    this.#init.onHalt(error);
  }

  /** This identity is over; what only it has goes to the next one. */
  async #end({ reason, message, finals }: Extract<ReplicaEffect, { kind: 'end' }>): Promise<void> {
    if (this.#isStopped) return;
    this.#components.sink.say(reason === 'removed' ? 'info' : 'warn', message);
    const bodies = unsharedUpdates(this.#state, finals);
    const lost = lostForcedUpdates(this.#state, finals);
    const others = [...this.#state.peers.values()].map(({ name, address }) => ({ name, address }));
    this.#stop(message);
    await this.#letGo();
    this.#init.onEnd?.({ reason, message, bodies, lost, others });
  }

  #stop(message: string): void {
    this.#isStopped = true;
    this.#meetings.stop();
    this.#disk.donor.stop();
    this.#wakeTimer.stop();
    this.#status.stop();
    this.#clock.stop();
    this.#watchers.close();
    this.#troubles.close();
    this.#links.closeAll(message);
  }

  #nowMs(): number {
    return this.#components.scheduler.monotonicMs();
  }
}
