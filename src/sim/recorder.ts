/**
 * Writes down what clients see: every request when it is sent, and how it ended. A request that was
 * sent and never answered stays in the history as unknown: it may have had its effect.
 */

import { ERROR_CODES, type ErrorCode, HearsayError } from '../base/errors.js';
import type { History, HistoryOperation, HistoryOutcome } from '../check/history.js';
import type { Client, ClientOptions } from '../client/api.js';
import { FORCED_ORIGIN } from '../log/forced-log.js';

const UNANSWERED: HistoryOutcome = {
  kind: 'unknown',
  code: 'UNAVAILABLE',
  message: 'it was never answered',
};

/** An earlier answer was lost, and what it said is not kept any more. */
const REPEATED: HistoryOutcome = {
  kind: 'unknown',
  code: 'UNAVAILABLE',
  message: 'it was executed, and its result is not kept any more',
};

/** Noted in place of a front end for a session that has used two. */
const TRAVELLED = 'several';

/** A client leaves its front end this long to tell the end of its time, and some for the way. */
const GRACE_MS = 300;

type Writable<Record> = { -readonly [Key in keyof Record]: Record[Key] };

/** A client whose requests are written down. They never throw: how they ended is the answer. */
export interface RecordingClient {
  readonly session: string;
  readonly client: Client;
  /** Requests that have ended without an answer since the last one that had one. */
  readonly unanswered: number;
  query(
    operation: string,
    args: Readonly<Record<string, unknown>>,
    options?: Pick<ClientOptions, 'consistency' | 'timeoutMs'>,
  ): Promise<HistoryOutcome>;
  update(
    operation: string,
    args: Readonly<Record<string, unknown>>,
    options?: Pick<ClientOptions, 'minCopies' | 'timeoutMs'>,
  ): Promise<HistoryOutcome>;
}

export class HistoryRecorder {
  readonly #service: string;
  readonly #nowMs: () => number;
  readonly #operations: Writable<HistoryOperation>[] = [];
  #place = 0;
  #isFinal = false;
  readonly #frontends = new Map<string, string>();
  readonly #unanswered = new Map<string, number>();
  readonly #note: ((what: string, session: string) => void) | null;

  /** Requests that ended later than they had to, in words. */
  readonly overdue: string[] = [];

  /** What has succeeded so far, and how many sessions were answered by two front ends. */
  readonly progress = { acknowledged: 0, ordered: 0, answered: 0, fresh: 0, travelled: 0 };

  /** `note` is told in words what clients do, for the story; without it no words are made. */
  constructor(
    service: string,
    nowMs: () => number,
    note: ((what: string, session: string) => void) | null = null,
  ) {
    this.#service = service;
    this.#nowMs = nowMs;
    this.#note = note;
  }

  get operations(): readonly HistoryOperation[] {
    return this.#operations;
  }

  /** Requests from now on are asked after everything has become quiet. */
  markFinal(): void {
    this.#isFinal = true;
  }

  recording(client: Client, session: string): RecordingClient {
    const unanswered = (): number => this.#unanswered.get(session) ?? 0;
    return {
      session,
      client,
      get unanswered() {
        return unanswered();
      },
      query: (operation, args, options) =>
        this.#record(client, { session, kind: 'query', operation, args }, options, async () => {
          const { value, guarantee, timestamp } = await client.query(operation, args, options);
          return { kind: 'answered', value, guarantee, ...placeIn(timestamp) };
        }),
      update: (operation, args, options) =>
        this.#record(client, { session, kind: 'update', operation, args }, options, async () => {
          const done = await client.update(operation, args, options);
          const { copies, result, timestamp } = done;
          if (done.repeated === true) return REPEATED;
          if (!isForced(client, operation)) return { kind: 'updated', copies };
          return { kind: 'updated', copies, result, ...placeIn(timestamp) };
        }),
    };
  }

  history(circumstances: Pick<History, 'leastCopies' | 'takesBack' | 'finalHashes'>): History {
    return { service: this.#service, operations: this.#operations, ...circumstances };
  }

  async #record(
    client: Client,
    request: Pick<HistoryOperation, 'session' | 'kind' | 'operation' | 'args'>,
    options: { readonly timeoutMs?: number } | undefined,
    send: () => Promise<HistoryOutcome>,
  ): Promise<HistoryOutcome> {
    const operation: Writable<HistoryOperation> = {
      ...request,
      user: client.user,
      sentTo: client.frontend,
      answeredBy: null,
      called: this.#place++,
      returned: null,
      calledMs: this.#nowMs(),
      returnedMs: null,
      outcome: UNANSWERED,
      final: this.#isFinal,
    };
    this.#operations.push(operation);
    this.#note?.(`asks for ${describeRequest(operation)}`, request.session);
    const outcome = await send().catch(outcomeOf);
    operation.answeredBy = client.frontend;
    operation.returned = this.#place++;
    operation.returnedMs = this.#nowMs();
    operation.outcome = outcome;
    this.#count(operation);
    const tookMs = operation.returnedMs - operation.calledMs;
    if (options?.timeoutMs !== undefined && tookMs > options.timeoutMs + GRACE_MS) {
      this.overdue.push(
        `${request.session} waited ${tookMs} ms for ${describeRequest(operation)}, which had ` +
          `${options.timeoutMs} ms`,
      );
    }
    this.#note?.(`${describeRequest(operation)} is ${describeOutcome(outcome)}`, request.session);
    return outcome;
  }

  #count({ session, answeredBy, outcome }: HistoryOperation): void {
    const { progress } = this;
    const isAnswered = !('code' in outcome) || !ERROR_CODES[outcome.code as ErrorCode].retriable;
    this.#unanswered.set(session, isAnswered ? 0 : (this.#unanswered.get(session) ?? 0) + 1);
    if (outcome.kind === 'updated') {
      progress.acknowledged++;
      if (outcome.order !== undefined) progress.ordered++;
    } else if (outcome.kind !== 'answered') return;
    else {
      progress.answered++;
      if (outcome.guarantee === 'fresh') progress.fresh++;
    }
    if (answeredBy === null) return;
    const before = this.#frontends.get(session) ?? answeredBy;
    // Counted once: what is noted then equals no front end's name.
    if (before !== answeredBy && before !== TRAVELLED) progress.travelled++;
    this.#frontends.set(session, before === answeredBy ? answeredBy : TRAVELLED);
  }
}

function outcomeOf(error: unknown): HistoryOutcome {
  if (!(error instanceof HearsayError)) throw error;
  const { code, message, definite, timestamp } = error;
  if (!definite) return { kind: 'unknown', code, message };
  return { kind: 'failed', code, message, ...(timestamp === null ? {} : placeIn(timestamp)) };
}

const isForced = ({ operations }: Client, operation: string): boolean =>
  operations.some(({ name, ordering }) => name === operation && ordering === 'forced');

/** How far the one order of forced updates is reflected; nothing where there was none yet. */
function placeIn(timestamp: Readonly<Record<string, number>>): { readonly order?: number } {
  const order = timestamp[FORCED_ORIGIN];
  return order === undefined ? {} : { order };
}

const describeRequest = ({
  operation,
  args,
}: Pick<HistoryOperation, 'operation' | 'args'>): string => `${operation} ${JSON.stringify(args)}`;

function describeOutcome(outcome: HistoryOutcome): string {
  switch (outcome.kind) {
    case 'updated':
      return `done, ${outcome.copies} copies${describeResult(outcome)}`;
    case 'answered':
      return `${JSON.stringify(outcome.value)} (${outcome.guarantee})`;
    case 'failed':
    case 'unknown':
      return `${outcome.kind}: ${outcome.code}: ${outcome.message}`;
  }
}

const describeResult = ({ result, order }: Extract<HistoryOutcome, { kind: 'updated' }>): string =>
  order === undefined ? '' : `, ${JSON.stringify(result)} at place ${order}`;
