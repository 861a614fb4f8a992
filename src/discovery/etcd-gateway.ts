/**
 * Calls to etcd (3.4 or later) by its JSON gateway. Each has a deadline; one that fails rejects with an
 * Error in words, and the next one goes to the next host. No state but whose turn it is.
 */

import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import { timeoutWords } from '../transport/words.js';
import {
  type EtcdChange,
  type EtcdEntry,
  type EtcdRange,
  readErrorText,
  readJson,
  readLease,
  readRange,
  readSucceeded,
  readTimeToLive,
  readWatched,
} from './etcd-answers.js';

/** An etcd that has not answered by then is passed by. Healthy ones take milliseconds. */
const CALL_MS = 3000;

/** Leaving is a courtesy: the lease runs out by itself. */
const REVOKE_MS = 1000;

/** Longest answer, and longest message of a watch: ten thousand registrations. */
const ANSWER_LENGTH = 4 * 1024 * 1024;

/**
 * Sends a POST and gives the answer as it comes. Rejects with an Error in words that name the address;
 * an answer that breaks off throws one that need not.
 */
export type PostJson = (
  url: string,
  body: string,
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly body: AsyncIterable<Uint8Array> }>;

export interface EtcdGatewayInit {
  /** `HOST:PORT`, at least one. */
  readonly hosts: readonly string[];
  readonly scheduler: Scheduler;
  readonly post: PostJson;
}

export interface WatchInit {
  readonly prefix: string;
  /** Changes from this revision of the store on. */
  readonly fromRevision: string;
  /** Ends it after this long: who watches reads everything again then. */
  readonly durationMs: number;
  readonly onChanges: (changes: readonly EtcdChange[]) => void;
}

interface Call {
  readonly path: string;
  readonly question: object;
  readonly limitMs: number;
}

type TakeAnswer<Result> = (body: AsyncIterable<Uint8Array>, deadline: Deadline) => Promise<Result>;

export class EtcdGateway {
  readonly #init: EtcdGatewayInit;
  readonly #underWay = new Set<Deadline>();
  #turn = 0;
  #isClosed = false;

  constructor(init: EtcdGatewayInit) {
    this.#init = init;
  }

  /** A new lease of so many seconds; answers its id. */
  async grant(ttlSeconds: number): Promise<string> {
    return this.#ask('/lease/grant', { TTL: ttlSeconds }, readLease);
  }

  /** Makes a lease last for its full time again; false when it is over or unknown. */
  async keepAlive(lease: string): Promise<boolean> {
    return (await this.#ask('/lease/keepalive', { ID: lease }, readTimeToLive)) > 0;
  }

  /** Ends a lease, and with it the keys it carries. */
  async revoke(lease: string): Promise<void> {
    const goodbye = { path: '/lease/revoke', question: { ID: lease }, limitMs: REVOKE_MS };
    await this.#call(goodbye, textOf);
  }

  /** All keys that begin with `prefix`. */
  async entriesUnder(prefix: string): Promise<EtcdRange> {
    return this.#ask('/kv/range', { ...keysUnder(prefix) }, readRange);
  }

  async entryAt(key: string): Promise<EtcdEntry | null> {
    const { entries } = await this.#ask('/kv/range', { key: encoded(key) }, readRange);
    return entries[0] ?? null;
  }

  /** Puts a key if its last change is still this one, `0` for none; answers whether it was. */
  async putIfUnchanged(entry: EtcdEntry): Promise<boolean> {
    const { value, lease, modRevision } = entry;
    const key = encoded(entry.key);
    const body = {
      compare: [{ key, target: 'MOD', result: 'EQUAL', mod_revision: modRevision }],
      success: [{ request_put: { key, value: encoded(value), lease } }],
    };
    return this.#ask('/kv/txn', body, readSucceeded);
  }

  /**
   * Tells of changes as they happen. Resolves when its time is over or the server has ended it, rejects
   * when it cannot be had or breaks.
   */
  async watch({ prefix, fromRevision, durationMs, onChanges }: WatchInit): Promise<void> {
    const request = { create_request: { ...keysUnder(prefix), start_revision: fromRevision } };
    await this.#callWhileOpen({ path: '/watch', question: request }, async (body, deadline) => {
      let isStanding = false;
      try {
        for await (const line of linesOf(body)) {
          const { isCanceled, changes } = readWatched(readJson(line));
          if (isCanceled) return;
          // The first message says that the watch stands. From then on silence is no bad sign.
          if (!isStanding) deadline.extend(durationMs);
          isStanding = true;
          if (changes.length > 0) onChanges(changes);
        }
      } catch (error) {
        if (!isStanding || !deadline.isOver) throw error;
        return;
      }
      throw new Error('the watch ended without a word');
    });
  }

  /** Gives up all that is under way, and refuses everything but `revoke` from now on. */
  close(): void {
    this.#isClosed = true;
    for (const deadline of this.#underWay) deadline.end();
  }

  /** One question, one answer. */
  #ask<Answer>(
    path: string,
    question: object,
    read: (answer: ReturnType<typeof readJson>) => Answer,
  ): Promise<Answer> {
    return this.#callWhileOpen({ path, question }, async (body) =>
      read(readJson(await textOf(body))),
    );
  }

  async #callWhileOpen<Result>(
    call: Omit<Call, 'limitMs'>,
    take: TakeAnswer<Result>,
  ): Promise<Result> {
    if (this.#isClosed) throw new Error('etcd is no longer asked');
    return this.#call({ ...call, limitMs: CALL_MS }, take);
  }

  async #call<Result>(
    { path, question, limitMs }: Call,
    take: TakeAnswer<Result>,
  ): Promise<Result> {
    const { hosts, scheduler, post } = this.#init;
    const turn = this.#turn;
    const host = hosts[turn % hosts.length] ?? '';
    const deadline = new Deadline(scheduler, limitMs);
    this.#underWay.add(deadline);
    let isAnswered = false;
    try {
      const { status, body } = await post(
        `http://${host}/v3${path}`,
        JSON.stringify(question),
        deadline.signal,
      );
      isAnswered = true;
      if (status !== 200) throw new Error(statusWords(status, await textOf(body)));
      return await take(body, deadline);
    } catch (error) {
      if (this.#turn === turn) this.#turn++;
      if (deadline.isOver) throw new Error(timeoutWords(host, limitMs), { cause: error });
      const words = error instanceof Error ? error.message : String(error);
      throw new Error(isAnswered ? `${host}: ${words}` : words, { cause: error });
    } finally {
      this.#underWay.delete(deadline);
      deadline.end();
    }
  }
}

/** When a call is given up. */
class Deadline {
  readonly #scheduler: Scheduler;
  readonly #controller = new AbortController();
  #timer: TimerHandle;
  /** It was reached. */
  isOver = false;

  constructor(scheduler: Scheduler, limitMs: number) {
    this.#scheduler = scheduler;
    this.#timer = this.#after(limitMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Puts it off to so many milliseconds from now. */
  extend(limitMs: number): void {
    this.#timer.cancel();
    this.#timer = this.#after(limitMs);
  }

  /** Gives the call up, if it is still under way. */
  end(): void {
    this.#timer.cancel();
    this.#controller.abort();
  }

  #after(limitMs: number): TimerHandle {
    return this.#scheduler.after(limitMs, () => {
      this.isOver = true;
      this.end();
    });
  }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64');

/** The range of all keys with this prefix: up to the prefix with its last byte raised. */
function keysUnder(prefix: string): { readonly key: string; readonly range_end: string } {
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end.at(-1) ?? 0) + 1;
  return { key: encoded(prefix), range_end: end.toString('base64') };
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of body) text = bounded(text + decoder.decode(piece, { stream: true }));
  return text + decoder.decode();
}

/** The lines of an endless answer, as they become complete. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of body) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = bounded(lines.pop() ?? '');
    for (const line of lines) if (line.trim() !== '') yield line;
  }
}

function bounded(text: string): string {
  if (text.length <= ANSWER_LENGTH) return text;
  throw new Error(`the answer is longer than ${ANSWER_LENGTH} characters`);
}

function statusWords(status: number, text: string): string {
  if (status === 404 && !text.startsWith('{')) {
    return 'something answers there, but not etcd 3.4 or later at its client port';
  }
  return `it answered ${status}: ${readErrorText(text)}`;
}
