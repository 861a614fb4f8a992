/**
 * The one loop of a replica process: input becomes events, `step` answers effects, effects are carried
 * out in their order. Nothing is decided here. All input of one turn of the event loop shares one
 * transaction, one group commit and one frame a connection.
 */

import { FatalError, HearsayError } from '../base/errors.js';
import type { Name } from '../base/ids.js';
import { STARTED } from '../observe/trace.js';
import type { Listener } from '../ports/transport.js';
import { clockAheadMs } from '../replica/clocks.js';
import type { ReplicaEffect } from '../replica/effects.js';
import type { ReplicaEvent } from '../replica/events.js';
import { isBusy, queueLength } from '../replica/load.js';
import { isMember } from '../replica/membership/label.js';
import { waitsFor } from '../replica/membership/operators.js';
import type { ReplicaIdentity, ReplicaState, SnapshotState } from '../replica/state.js';
import { donationOf, reflectedBy, snapshotOf } from '../replica/snapshots.js';
import { startReplica, step } from '../replica/step.js';
import type { Forward } from '../wire/forced-messages.js';
import type { GetSnapshot } from '../wire/membership-messages.js';
import type {
  ClusterIdentity,
  Hello,
  Message,
  ReplicaStatus,
  SetStatus,
  Trace,
  Update,
} from '../wire/messages.js';
import { ClockWatch } from './clock-watch.js';
import { clusterOf, foundedCluster } from './handshake.js';
import { type LinkId, Links } from './links.js';
import { StatusKeeper } from './status-keeper.js';
import { isListening } from './probe.js';
import { MUST_RECOVER, type RecoveredReplica, recoverReplica } from './recovery.js';
import { unsharedUpdates } from './own-updates.js';
import type { ReplicaComponents, ReplicaInit } from './replica-components.js';
import { ReplicaDisk } from './replica-disk.js';
import { carryOut, type Hands } from './replica-effects.js';
import { ReplicaMeetings } from './replica-meetings.js';
import { type ReplicaFigures, replicaFigures, replicaReport } from './replica-report.js';
import { isForCore, refusalOfMessage, updateEvent } from './replica-messages.js';
import { Resubmission } from './resubmission.js';
import { declined, ServiceState } from './service-state.js';
import { encodeSnapshot } from './snapshot.js';
import { WakeTimer } from './wake-timer.js';
import { TroubleLog } from './trouble-log.js';
import { Watchers } from './watchers.js';

/** How long a replica that is to end answers what it was asked before, and how often it looks. */
const DRAIN_MS = 3000;
const DRAIN_LOOK_MS = 10;

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
  readonly #resubmission: Resubmission;
  readonly #hands: Hands;
  #listener: Listener | null = null;
  #willFlush = false;
  #isStopped = false;
  #executed = 0;
  /** Ends when the updates for people are kept that are known by now. */
  #unsettled: Promise<void> = Promise.resolve();

  /** Recovers from the journal, then listens and dials. Rejects with FatalError where it cannot. */
  static async start(components: ReplicaComponents, init: ReplicaInit): Promise<ReplicaDriver> {
    const { journal, database } = components;
    const recovered = await recoverReplica(journal, database, isAlone(init));
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
      takeSnapshot: (transitions) => {
        const kept = snapshotOf(state);
        return {
          bytes: encodeSnapshot(kept, this.#service.export(), transitions),
          place: { records: kept.log.base, transitions },
          reflected: reflectedBy(state),
        };
      },
      donate: () => encodeSnapshot(donationOf(state), this.#service.export()),
      onSaved: (reflected) => {
        this.#handle({ kind: 'snapshot-saved', ...reflected, nowMs: this.#nowMs() });
      },
      onDurable: (length, transitions) => {
        this.#handle({ kind: 'durable', length, transitions, nowMs: this.#nowMs() });
      },
      onFailure: (error) => this.#onWriteFailure(error),
      sendPart: (link, part) => this.#links.send(link, part),
    });
    this.#wakeTimer = new WakeTimer(components.scheduler, () => {
      this.#handle({ kind: 'tick', nowMs: this.#nowMs() });
    });
    const { scheduler, sink } = components;
    this.#troubles = new TroubleLog(scheduler, (line) => sink.say('warn', line));
    this.#links = new Links({
      onHello: (link, hello) => this.#meetings.onHello(link, hello),
      onMessage: (link, message, from) => this.#onMessage(link, message, from),
      onDown: (link) => this.#onDown(link),
      onTrouble: (what) => this.#troubles.tell(what),
      onDirty: () => this.#flushSoon(),
    });
    const members = init.cluster.kind === 'fixed' ? init.cluster.members : null;
    this.#meetings = new ReplicaMeetings({
      ...components,
      links: this.#links,
      introduction: {
        state,
        members,
        cluster: clusterIdentity(components, init),
        initialHash: init.initialHash,
        address: () => this.#ownAddress,
      },
      seeds: init.cluster.kind === 'fixed' ? null : init.cluster.seeds,
      onLinkUp: (link, counterpart) => {
        this.#handle({ kind: 'link-up', link, counterpart, nowMs: this.#nowMs() });
      },
    });
    this.#resubmission = new Resubmission({
      bodies: init.resubmit ?? [],
      isDue: () => this.isMember && state.membership.isActivated,
      submit: (bodies) => {
        const wallMs = components.scheduler.wallMs();
        this.#handle({ kind: 'resubmit', bodies, wallMs, nowMs: this.#nowMs() });
      },
      written: async () => {
        await this.#disk.writer.drained();
        await this.#unsettled;
      },
      onDone: () => init.onResubmitted?.(),
    });
    this.#watchers = new Watchers({
      host: init.name,
      scheduler: components.scheduler,
      send: (link, message) => this.#links.send(link, message),
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
      keepUnsettled: (bodies) => {
        const keep = async () => init.onUnsettled?.(bodies);
        this.#unsettled = this.#unsettled.then(keep).catch((error) => this.#onWriteFailure(error));
      },
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

  /** What a change of the members, or its own start, waits for, in words; null: nothing. */
  get waitsFor(): string | null {
    return waitsFor({ state: this.#state });
  }

  /** Figures for /metrics. */
  get figures(): ReplicaFigures {
    const { journal } = this.#components;
    return replicaFigures(this.#state, this.#executed, this.#links, journal, this.#disk);
  }

  /**
   * Ends in good order: takes no new requests, lets another replica lead, and answers what it was asked
   * before, for 3 s at most; then closes.
   */
  async drain(): Promise<void> {
    if (this.#isStopped) return;
    const endsAtMs = this.#nowMs() + DRAIN_MS;
    this.#status.leave();
    while (!this.#isStopped && isBusy(this.#state) && this.#nowMs() < endsAtMs) {
      await new Promise<void>((resolve) => {
        this.#components.scheduler.after(DRAIN_LOOK_MS, resolve);
      });
    }
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
      case 'get-snapshot':
        return this.#onGetSnapshot(link, message);
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

  #onGetSnapshot(link: LinkId, message: GetSnapshot): void {
    if (this.isMember) return this.#disk.donor.onRequest(link, message);
    const words = `${this.#init.name} is no member yet itself`;
    this.#links.reject(link, new HearsayError('UNAVAILABLE', words));
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

  /** Looks whether anybody listens where a member should be. */
  async #probe(peer: Name): Promise<void> {
    const { cluster } = this.#init;
    const given = cluster.kind === 'fixed' ? cluster.members : [];
    const address =
      given.find(({ name }) => name === peer)?.address ?? this.#state.peers.get(peer)?.address;
    if (address === undefined || address === '') return;
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
    this.#disk.flush(this.#executed);
    this.#links.flush();
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

  /** This identity is over; what only it has goes to the next one. */
  async #end({ reason, message, finals }: Extract<ReplicaEffect, { kind: 'end' }>): Promise<void> {
    if (this.#isStopped) return;
    this.#components.sink.say('warn', message);
    const bodies = unsharedUpdates(this.#state, finals);
    const others = [...this.#state.peers.values()].map(({ name, address }) => ({ name, address }));
    this.#stop(message);
    await this.#letGo();
    this.#init.onEnd?.({ reason, message, bodies, others });
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

/** How a recovered replica knows itself. */
function identityOf(init: ReplicaInit, { membership }: SnapshotState): ReplicaIdentity {
  const { name, memberId, origin, boot, versions, cluster, advertise, listen } = init;
  const self = { name, memberId, origin, boot, versions, address: advertise ?? listen };
  if (cluster.kind === 'fixed') {
    return { ...self, members: cluster.members.map((member) => member.name), joins: null };
  }
  // One that the log makes a member later has no use for it.
  const members = membership?.configuration.members ?? [];
  const isReplacing = members.some((member) => member.name === name && member.id !== memberId);
  return { ...self, members: null, joins: isReplacing ? 'replace' : 'add' };
}

const isAlone = ({ cluster }: ReplicaInit): boolean =>
  cluster.kind === 'fixed' && cluster.members.length === 1;

function clusterIdentity({ service }: ReplicaComponents, { cluster }: ReplicaInit): ClusterIdentity {
  if (cluster.kind === 'founded') {
    return foundedCluster(service, cluster.clusterId, cluster.generation);
  }
  return clusterOf(
    service,
    cluster.members.map(({ name }) => name),
  );
}
