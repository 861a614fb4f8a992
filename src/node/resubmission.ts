/**
 * Updates that an identity takes over from the one before it: kept with the new identity from its first
 * moment, until they are in its own log. What is given to the core twice is executed once (PROTOCOL D7).
 */

import type { Origin } from '../base/ids.js';
import { isAlias, keyOf, type UpdateBody } from '../log/record.js';
import type { Journal } from '../ports/journal.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { decodeGroup, encodeGroup } from '../wire/journal-group.js';

/** The journal's metadata that hold them. */
export const RESUBMIT = 'resubmit';

/** As records of no consequence: their form is the journal's, which every later version reads. */
export function encodeUpdates(bodies: readonly UpdateBody[], origin: Origin): Uint8Array {
  const prev = VectorTimestamp.zero;
  const unique = [...new Map(bodies.map((body) => [keyOf(body), body])).values()];
  const records = unique.map((body, index) => ({ origin, seq: index + 1, prev, body }));
  return encodeGroup({ records, transitions: [] });
}

/** Those that are still to be taken again. */
export async function readUpdates(journal: Journal): Promise<UpdateBody[]> {
  const bytes = await journal.readMeta(RESUBMIT);
  if (bytes === null) return [];
  return decodeGroup(bytes).records.flatMap((record) => (isAlias(record) ? [] : [record.body]));
}

export interface ResubmissionInit {
  readonly bodies: readonly UpdateBody[];
  /** This identity is a member, in a configuration that is in force. */
  readonly isDue: () => boolean;
  /** Gives them to the core, which answers `keep` with those that are too old. */
  readonly submit: (bodies: readonly UpdateBody[]) => void;
  /** Resolves once all that the core wanted written so far is durable. */
  readonly written: () => Promise<void>;
  /** Keeps updates for people. */
  readonly keepUnsettled: (bodies: readonly UpdateBody[]) => Promise<void>;
  readonly onDone: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Waits until this identity may make records, then takes the updates of the one before it. */
export class Resubmission {
  readonly #init: ResubmissionInit;
  #isDone: boolean;
  #keeping: Promise<void> = Promise.resolve();

  constructor(init: ResubmissionInit) {
    this.#init = init;
    this.#isDone = init.bodies.length === 0;
  }

  look(): void {
    const { bodies, isDue, submit } = this.#init;
    if (this.#isDone || !isDue()) return;
    this.#isDone = true;
    submit(bodies);
    void this.#finish();
  }

  /** These are too old to be executed. */
  keep(bodies: readonly UpdateBody[]): void {
    this.#keeping = this.#keeping.then(() => this.#init.keepUnsettled(bodies));
    this.#keeping.catch(this.#init.onFailure);
  }

  async #finish(): Promise<void> {
    const { written, onDone } = this.#init;
    await written();
    const isKept = await this.#keeping.then(
      () => true,
      () => false,
    );
    if (isKept) onDone();
  }
}
