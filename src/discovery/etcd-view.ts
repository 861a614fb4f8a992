/**
 * The keys under a prefix of etcd, as far as is known: everything is read, then changes are watched; when
 * the watch ends, for whatever reason, everything is read anew. While etcd is away what was known stays.
 */

import type { EtcdChange, EtcdEntry } from './etcd-answers.js';
import type { EtcdGateway } from './etcd-gateway.js';
import type { Pause } from './pause.js';
import type { Trouble } from './trouble.js';

/** A watch on a connection that is dead and does not know it is found out after this long. */
const WATCH_MS = 30_000;

/** Between the end of a watch and the next look, so that a server that ends each at once is not stormed. */
const REST_MS = 200;

export interface EtcdViewInit {
  readonly gateway: EtcdGateway;
  readonly prefix: string;
  readonly pause: Pause;
  readonly trouble: Trouble;
  /** Told of all entries, whenever they may have changed. */
  readonly onEntries: (entries: Iterable<EtcdEntry>) => void;
}

export class EtcdView {
  readonly #init: EtcdViewInit;
  readonly #entries = new Map<string, EtcdEntry>();
  readonly #ended: Promise<void>;
  #isClosed = false;

  /** Begins to look at once. */
  constructor(init: EtcdViewInit) {
    this.#init = init;
    this.#ended = this.#run();
  }

  /** Ends the loop; what it has under way the gateway must give up. Resolves once it has ended. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#init.pause.end();
    return this.#ended;
  }

  async #run(): Promise<void> {
    const { pause, trouble } = this.#init;
    while (!this.#isClosed) {
      const revision = await this.#readAll().catch((error: unknown) => {
        if (!this.#isClosed) trouble.began(error, 'going on with what is known, trying on');
        return null;
      });
      const stood = revision !== null && !this.#isClosed && (await this.#watch(revision));
      if (this.#isClosed) return;
      if (stood) {
        pause.reset();
        await pause.usual(REST_MS);
      } else {
        await pause.afterFailure();
      }
    }
  }

  /** Answers the revision that was read. */
  async #readAll(): Promise<string> {
    const { gateway, prefix, trouble } = this.#init;
    const { entries, revision } = await gateway.entriesUnder(prefix);
    trouble.ended();
    this.#entries.clear();
    for (const entry of entries) this.#entries.set(entry.key, entry);
    this.#tell();
    return revision;
  }

  /** False when it broke. That is nobody's worry: where etcd is away, the next reading will tell. */
  async #watch(revision: string): Promise<boolean> {
    const { gateway, prefix } = this.#init;
    const fromRevision = String(BigInt(revision) + 1n);
    const onChanges = (changes: readonly EtcdChange[]): void => this.#apply(changes);
    return gateway.watch({ prefix, fromRevision, durationMs: WATCH_MS, onChanges }).then(
      () => true,
      () => false,
    );
  }

  #apply(changes: readonly EtcdChange[]): void {
    if (this.#isClosed) return;
    for (const change of changes) {
      if (change.kind === 'gone') this.#entries.delete(change.key);
      else this.#entries.set(change.entry.key, change.entry);
    }
    this.#tell();
  }

  #tell(): void {
    if (!this.#isClosed) this.#init.onEntries(this.#entries.values());
  }
}
