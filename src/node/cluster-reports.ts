/**
 * What `hearsay status` shows: every replica is asked what it says of itself, and those that do not
 * answer in time are shown as UNREACHABLE. Also carries single requests to one replica and back.
 */

import type { Name } from '../base/ids.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { ClusterIdentity, MemberAddress, Message, StatusReport } from '../wire/messages.js';
import type { LinkId } from './links.js';

/** A state hash reads the whole state: it may take a while. */
const TIMEOUT_MS = 5000;

interface ReportsInit {
  readonly scheduler: Scheduler;
  readonly members: readonly MemberAddress[];
  readonly cluster: ClusterIdentity;
  readonly linkOf: (name: Name) => LinkId | null;
  readonly send: (link: LinkId, message: Message) => void;
  readonly frontend: () => {
    readonly name: string;
    readonly address: string;
    readonly pid: number;
  };
}

interface Question {
  readonly link: LinkId;
  readonly onReport: (report: unknown) => void;
}

type Report = Readonly<Record<string, unknown>>;

export class ClusterReports {
  readonly #init: ReportsInit;
  readonly #questions = new Map<number, Question>();
  readonly #timers = new Set<TimerHandle>();
  #nextId = 1;

  constructor(init: ReportsInit) {
    this.#init = init;
  }

  /** Asks all replicas and answers the client once all have answered, or the time is up. */
  ask(client: LinkId, requestId: number, hash: boolean): void {
    const { members, linkOf } = this.#init;
    const reports = new Map<Name, Report>();
    const asked: number[] = [];
    let isDone = false;
    const finish = (): void => {
      if (isDone) return;
      isDone = true;
      timer.cancel();
      this.#timers.delete(timer);
      for (const id of asked) this.#questions.delete(id);
      this.#init.send(client, {
        kind: 'status-report',
        requestId,
        report: this.#assemble(reports),
      });
    };
    const timer = this.#init.scheduler.after(TIMEOUT_MS, finish);
    this.#timers.add(timer);
    let awaited = 0;
    for (const { name } of members) {
      const link = linkOf(name);
      if (link === null) continue;
      awaited++;
      asked.push(
        this.#question(link, (report) => {
          if (isReport(report)) reports.set(name, report);
          if (--awaited === 0) finish();
        }),
      );
      this.#init.send(link, {
        kind: 'status-request',
        requestId: asked.at(-1) as number,
        hash,
      });
    }
    if (awaited === 0) finish();
  }

  /** Sends one request to a replica and its report back to the client. */
  relay(
    client: LinkId,
    requestId: number,
    replica: LinkId,
    make: (requestId: number) => Message,
  ): void {
    const id = this.#question(replica, (report) => {
      if (report !== null) this.#init.send(client, { kind: 'status-report', requestId, report });
      else {
        const message = 'the replica went away before it answered';
        const failed = { kind: 'failed', requestId, code: 'UNAVAILABLE', message } as const;
        this.#init.send(client, { ...failed, definite: false });
      }
    });
    this.#init.send(replica, make(id));
  }

  onReport({ requestId, report }: StatusReport): void {
    const question = this.#questions.get(requestId);
    this.#questions.delete(requestId);
    question?.onReport(report);
  }

  /** A replica went away: its questions have no answer. */
  onReplicaDown(link: LinkId): void {
    for (const [id, question] of this.#questions) {
      if (question.link !== link) continue;
      this.#questions.delete(id);
      question.onReport(null);
    }
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  #question(link: LinkId, onReport: (report: unknown) => void): number {
    const id = this.#nextId++;
    this.#questions.set(id, { link, onReport });
    return id;
  }

  #assemble(reports: ReadonlyMap<Name, Report>): unknown {
    const { cluster, members, frontend } = this.#init;
    const known = mergeAll([...reports.values()].map(({ replicaTS }) => replicaTS));
    return {
      clusterId: cluster.clusterId,
      epoch: cluster.epoch,
      view: latestView([...reports.values()]),
      members: members.map(({ name, address }) => {
        const report = reports.get(name);
        if (report === undefined) return unreachable(name, address);
        return { ...report, lagRecords: lagOf(report['replicaTS'], known) };
      }),
      frontends: [frontend()],
    };
  }
}

/** The view of the primary; where two say they are it, the later one's. Null while there is none. */
function latestView(reports: readonly Report[]): unknown {
  const numberOf = ({ view }: Report): number => (isReport(view) ? Number(view['n']) : 0);
  const primaries = reports.filter(({ role }) => role === 'primary');
  return primaries.toSorted((one, other) => numberOf(other) - numberOf(one))[0]?.['view'] ?? null;
}

function isReport(value: unknown): value is Report {
  return typeof value === 'object' && value !== null;
}

function mergeAll(timestamps: readonly unknown[]): Map<string, number> {
  const merged = new Map<string, number>();
  for (const timestamp of timestamps) {
    for (const [origin, count] of Object.entries(isReport(timestamp) ? timestamp : {})) {
      merged.set(origin, Math.max(merged.get(origin) ?? 0, Number(count)));
    }
  }
  return merged;
}

/** Records known of anywhere that this replica does not hold. */
function lagOf(held: unknown, known: ReadonlyMap<string, number>): number {
  const own = isReport(held) ? held : {};
  let lag = 0;
  for (const [origin, count] of known) lag += count - Number(own[origin] ?? 0);
  return lag;
}

function unreachable(name: Name, address: string): Report {
  return {
    name,
    id: null,
    origin: null,
    address,
    pid: null,
    status: { value: 'UNREACHABLE', source: 'auto' },
    replicaTS: null,
    valueTS: null,
    stateHash: null,
    logRecords: null,
    lagRecords: null,
    counted: null,
    role: null,
    mayVote: null,
    view: null,
  };
}
