/**
 * An etcd in memory, as its JSON gateway shows itself, in virtual time: leases, keys, conditional puts
 * and watches. A test takes it away, wipes it, and lets it answer nonsense.
 */

import type { PostJson } from '../../src/discovery/etcd-gateway.js';
import type { Scheduler, TimerHandle } from '../../src/ports/scheduler.js';

interface Key {
  readonly value: string;
  readonly lease: string;
  readonly modRevision: number;
}

interface Watch {
  readonly prefix: string;
  readonly send: (message: object) => void;
  readonly end: () => void;
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** What the fake does with a call; `works` answers it as etcd would. */
export type Mood =
  | { readonly kind: 'works' }
  | { readonly kind: 'away' }
  | { readonly kind: 'silent' }
  | ({ readonly kind: 'says' } & Reply);

const decoded = (text: unknown): string => Buffer.from(String(text), 'base64').toString();
const encoded = (text: string): string => Buffer.from(text).toString('base64');

export class FakeEtcd {
  readonly keys = new Map<string, Key>();
  /** Paths asked for, in order. */
  readonly asked: string[] = [];
  mood: Mood = { kind: 'works' };
  readonly #scheduler: Scheduler;
  readonly #leases = new Map<string, { readonly seconds: number; timer: TimerHandle }>();
  readonly #watches = new Set<Watch>();
  #revision = 1;
  #nextLease = 7587000000000000001n;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get watches(): number {
    return this.#watches.size;
  }

  get leases(): number {
    return this.#leases.size;
  }

  readonly post: PostJson = async (url, body, signal) => {
    const path = new URL(url).pathname;
    this.asked.push(path);
    const { mood } = this;
    if (mood.kind === 'away') throw new Error(`nothing listens at ${new URL(url).host}`);
    if (mood.kind === 'silent') await aborted(signal);
    if (mood.kind === 'says') return { status: mood.status, body: pieces(mood.text) };
    const question = JSON.parse(body) as Record<string, unknown>;
    if (path === '/v3/watch') return { status: 200, body: this.#watch(question, signal) };
    return { status: 200, body: pieces(JSON.stringify(this.#answer(path, question))) };
  };

  /** As another process would, or an operator. */
  put(key: string, value: string, lease = '0'): void {
    this.keys.set(key, { value, lease, modRevision: ++this.#revision });
    this.#tell(key, { kv: this.#kv(key) });
  }

  remove(key: string): void {
    this.keys.delete(key);
    this.#revision++;
    const kv = { key: encoded(key), mod_revision: String(this.#revision) };
    this.#tell(key, { type: 'DELETE', kv });
  }

  /** The process ends: watches break, nobody answers. What it stored stays. */
  stop(): void {
    this.mood = { kind: 'away' };
    for (const watch of this.#watches) watch.end();
    this.#watches.clear();
  }

  /** Its data are gone: leases, keys, and the count of revisions. */
  wipe(): void {
    for (const { timer } of this.#leases.values()) timer.cancel();
    this.#leases.clear();
    this.keys.clear();
    this.#revision = 1;
  }

  /** Sends a message to all who watch. */
  send(message: object): void {
    for (const watch of this.#watches) watch.send(message);
  }

  #answer(path: string, question: Record<string, unknown>): object {
    const header = { revision: String(this.#revision) };
    switch (path) {
      case '/v3/lease/grant': {
        const id = String(this.#nextLease++);
        this.#renew(id, Number(question['TTL']));
        return { header, ID: id, TTL: String(question['TTL']) };
      }
      case '/v3/lease/keepalive': {
        const id = String(question['ID']);
        const seconds = this.#leases.get(id)?.seconds;
        if (seconds === undefined) return { result: { header, ID: id } };
        this.#renew(id, seconds);
        return { result: { header, ID: id, TTL: String(seconds) } };
      }
      case '/v3/lease/revoke':
        this.#expire(String(question['ID']));
        return { header };
      case '/v3/kv/range': {
        const key = decoded(question['key']);
        const isMatch = (each: string): boolean =>
          question['range_end'] === undefined ? each === key : each.startsWith(key);
        const found = [...this.keys.keys()].filter(isMatch).map((each) => this.#kv(each));
        return found.length === 0 ? { header } : { header, kvs: found };
      }
      case '/v3/kv/txn':
        return this.#transact(question, header);
      default:
        throw new Error(`the fake does not know ${path}`);
    }
  }

  #transact(question: Record<string, unknown>, header: object): object {
    const { compare, success } = question as {
      compare: [{ key: string; mod_revision: string }];
      success: [{ request_put: { key: string; value: string; lease: string } }];
    };
    const isUnchanged =
      String(this.keys.get(decoded(compare[0].key))?.modRevision ?? 0) === compare[0].mod_revision;
    if (!isUnchanged) return { header };
    const { key, value, lease } = success[0].request_put;
    this.put(decoded(key), decoded(value), lease);
    return { header, succeeded: true };
  }

  #kv(key: string): object {
    const { value, lease, modRevision } = this.keys.get(key) as Key;
    return {
      key: encoded(key),
      value: encoded(value),
      mod_revision: String(modRevision),
      ...(lease === '0' ? {} : { lease }),
    };
  }

  #renew(id: string, seconds: number): void {
    this.#leases.get(id)?.timer.cancel();
    const timer = this.#scheduler.after(seconds * 1000, () => this.#expire(id));
    this.#leases.set(id, { seconds, timer });
  }

  #expire(id: string): void {
    this.#leases.get(id)?.timer.cancel();
    this.#leases.delete(id);
    for (const [key, { lease }] of this.keys) if (lease === id) this.remove(key);
  }

  #tell(key: string, event: object): void {
    for (const watch of this.#watches) {
      if (key.startsWith(watch.prefix)) watch.send({ result: { events: [event] } });
    }
  }

  async *#watch(question: Record<string, unknown>, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const { key } = question['create_request'] as { key: string };
    const queue: (object | null)[] = [{ result: { created: true } }];
    let wake = (): void => {};
    const add = (message: object | null): void => {
      queue.push(message);
      wake();
    };
    const watch = { prefix: decoded(key), send: add, end: () => add(null) };
    this.#watches.add(watch);
    signal.addEventListener('abort', () => add(null));
    try {
      for (;;) {
        while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        const message = queue.shift();
        if (message === null || message === undefined) {
          throw new Error('the connection was reset by the peer');
        }
        // In two pieces, as a network may cut it.
        const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
        yield bytes.subarray(0, 7);
        yield bytes.subarray(7);
      }
    } finally {
      this.#watches.delete(watch);
    }
  }
}

async function* pieces(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('This operation was aborted')));
  });
}
