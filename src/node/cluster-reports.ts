/**
 * What `hearsay status` shows: every member is asked what it says of itself, and those that do not
 * answer in time are shown as UNREACHABLE. Also carries single requests to one replica and back.
 */

import { compareNames, type Name } from '../base/ids.js';
import { ERROR_CODES } from '../base/errors.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type {
  ChangeMembers,
  Recover,
  Declined,
  MemberAddress,
  MembersChanged,
  Message,
  SetStatus,
  StatusReport,
} from '../wire/messages.js';
import type { LinkId } from './links.js';

/** A state hash reads the whole state: it may take a while. */
const TIMEOUT_MS = 5000;

/** Questions have numbers of their own, above those of the requests that go to the same replicas. */
const FIRST_QUESTION = 2 ** 40;

/** What is known of the cluster without asking. */
export interface ClusterKnown {
  readonly clusterId: string;
  readonly epoch: number;
  readonly members: readonly MemberAddress[];
  readonly frontends: readonly (MemberAddress & { readonly pid: number | null })[];
}

interface ReportsInit {
  readonly scheduler: Scheduler;
  readonly known: () => ClusterKnown;
  readonly linkOf: (name: Name) => LinkId | null;
  readonly send: (link: LinkId, message: Message) => void;
}

/** What a replica answers to a question; null: it went away instead. */
type ReplicaAnswer = StatusReport | MembersChanged | Declined | null;

interface Question {
  readonly link: LinkId;
  readonly onAnswer: (answer: ReplicaAnswer) => void;
}

type Report = Readonly<Record<string, unknown>>;

export class ClusterReports {
  readonly #init: ReportsInit;
  readonly #questions = new Map<number, Question>();
  readonly #timers = new Set<TimerHandle>();
  #nextId = FIRST_QUESTION;

  constructor(init: ReportsInit) {
    this.#init = init;
  }

  /** Asks all members and answers the client once all have answered, or the time is up. */
  ask(client: LinkId, requestId: number, hash: boolean): void {
    const { known, linkOf } = this.#init;
    const reports = new Map<Name, Report>();
    const asked: number[] = [];
    let isDone = false;
    const finish = (): void => {
      if (isDone) return;
      isDone = true;
      timer.cancel();
      this.#timers.delete(timer);
      for (const id of asked) this.#questions.delete(id);
      const report = assemble(known(), reports);
      this.#init.send(client, { kind: 'status-report', requestId, report });
    };
    const timer = this.#init.scheduler.after(TIMEOUT_MS, finish);
    this.#timers.add(timer);
    let awaited = 0;
    for (const { name } of known().members) {
      const link = linkOf(name);
      if (link === null) continue;
      awaited++;
      const id = this.#question(link, (answer) => {
        if (answer?.kind === 'status-report' && isReport(answer.report)) {
          reports.set(name, answer.report);
        }
        if (--awaited === 0) finish();
      });
      asked.push(id);
      this.#init.send(link, { kind: 'status-request', requestId: id, hash });
    }
    if (awaited === 0) finish();
  }

  /** Sends a client's request to one replica, and its answer back to the client. */
  relay(client: LinkId, replica: LinkId, request: SetStatus | ChangeMembers | Recover): void {
    const { requestId } = request;
    const own = this.#question(replica, (answer) => {
      if (answer !== null && answer.kind !== 'declined') {
        return this.#init.send(client, { ...answer, requestId });
      }
      const code = answer?.code ?? 'UNAVAILABLE';
      const message = answer?.message ?? 'the replica went away before it answered';
      const { definite } = ERROR_CODES[code];
      this.#init.send(client, { kind: 'failed', requestId, code, message, definite });
    });
    this.#init.send(replica, { ...request, requestId: own });
  }

  /** A replica answered; answers whether it was a question of this kind. */
  onAnswer(answer: StatusReport | MembersChanged | Declined): boolean {
    const question = this.#questions.get(answer.requestId);
    this.#questions.delete(answer.requestId);
    question?.onAnswer(answer);
    return question !== undefined;
  }

  /** A replica went away: its questions have no answer. */
  onReplicaDown(link: LinkId): void {
    for (const [id, question] of this.#questions) {
      if (question.link !== link) continue;
      this.#questions.delete(id);
      question.onAnswer(null);
    }
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  #question(link: LinkId, onAnswer: Question['onAnswer']): number {
    const id = this.#nextId++;
    this.#questions.set(id, { link, onAnswer });
    return id;
  }
}

function assemble(known: ClusterKnown, reports: ReadonlyMap<Name, Report>): unknown {
  const merged = mergeAll([...reports.values()].map(({ replicaTS }) => replicaTS));
  return {
    clusterId: known.clusterId,
    epoch: known.epoch,
    view: latestView([...reports.values()]),
    members: known.members
      .toSorted((one, other) => compareNames(one.name, other.name))
      .map(({ name, address }) => {
        const report = reports.get(name);
        if (report === undefined) return unreachable(name, address);
        const lagRecords = lagOf(report['replicaTS'], merged);
        return { epoch: null, waitsFor: null, ...report, lagRecords };
      }),
    frontends: known.frontends,
  };
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
    clockAheadMs: null,
    role: null,
    mayVote: null,
    view: null,
    epoch: null,
    waitsFor: null,
  };
}
