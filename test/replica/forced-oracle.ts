/**
 * Watches cores with a forced log for broken invariants (PROTOCOL J), knowing all that happens
 * anywhere: I1 one entry a place, I2 nothing durable goes back, I3 what was answered is with a majority
 * and with every later primary, I4 one primary a view, I5 durable entries have their past durable, I6
 * one effect and one result an id, I7 the same state after the same entry, I9 one name one thing, I20
 * nothing told that is not committed.
 */

import { assert } from '../../src/base/assert.js';
import { isReservedOrigin, type MemberId } from '../../src/base/ids.js';
import { FORCED_ORIGIN, type ForcedEntry, ForcedLog } from '../../src/log/forced-log.js';
import { isAlias, keyOf } from '../../src/log/record.js';
import type { ForcedResult } from '../../src/log/results-table.js';
import type { Role } from '../../src/replica/forced/state.js';
import { type Ballot, compareBallots, isLater, ZERO_BALLOT } from '../../src/timestamp/ballot.js';
import { TimestampBuilder } from '../../src/timestamp/vector-timestamp.js';
import type { Answer } from './forced-cluster-types.js';
import type { CoreNode } from './forced-node.js';

interface Committed {
  readonly what: string;
  /** The view in which it was known to be committed first. */
  readonly view: Ballot;
}

/** What a disk holds, followed as it is written. */
interface DiskView {
  member: MemberId;
  items: number;
  readonly log: ForcedLog;
  readonly held: TimestampBuilder;
}

interface Watched {
  commit: number;
  role: Role;
  disk: DiskView;
}

export class ForcedOracle {
  readonly #nodes: readonly CoreNode[];
  readonly #watched = new Map<CoreNode, Watched>();
  readonly #committed: Committed[] = [];
  /** What (seq, born) names, and what (origin, seq). */
  readonly #names = new Map<string, string>();
  readonly #primaries = new Map<string, string>();
  /** The one result that was told of each id. */
  readonly #told = new Map<string, string>();
  /** The result of the k-th execution by the service. */
  readonly #results: string[] = [];
  /** Disks that were lost or damaged: a majority of what is left must do. */
  lostDisks = 0;
  /** Views that were started, and answers that told a result. */
  readonly counts = { views: 0, answers: 0, refusals: 0 };

  constructor(nodes: readonly CoreNode[]) {
    this.#nodes = nodes;
    for (const node of nodes) {
      this.#watched.set(node, { commit: 0, role: 'backup', disk: emptyDisk(node) });
    }
  }

  get committed(): number {
    return this.#committed.length;
  }

  /** Entries that are committed, in words. */
  get order(): readonly string[] {
    return this.#committed.map(({ what }) => what);
  }

  started(node: CoreNode): void {
    const watched = this.#of(node);
    if (watched.disk.member !== node.member) {
      watched.disk = emptyDisk(node);
      this.lostDisks++;
    }
    watched.role = 'backup';
    watched.commit = 0;
  }

  /** The disk was damaged: what is gone from it may go back. */
  forgetDisk(node: CoreNode): void {
    this.#of(node).disk = emptyDisk(node);
    this.lostDisks++;
    this.checkDisk(node);
  }

  /** After each step of a core. */
  check(node: CoreNode): void {
    const { state } = node;
    if (state === null) return;
    const watched = this.#of(node);
    const { log, role, durable } = state.forced;
    for (let seq = watched.commit + 1; seq <= log.commit; seq++) this.#onCommitted(node, seq);
    watched.commit = log.commit;
    assert(state.value.value().leq(state.received), `${node.name}: value is above received`);
    assert(
      durable.commit <= log.commit && !isLater(durable.lnv, log.lnv),
      `${node.name}: the disk is ahead`,
    );
    if (role !== watched.role) {
      watched.role = role;
      if (role === 'starting') this.#onStarting(node);
    }
    if (role === 'primary' || role === 'starting') {
      assert(
        log.view.owner === node.member,
        `I4: ${node.name} leads a view of ${String(log.view.owner)}`,
      );
    }
  }

  #onCommitted({ name, state }: CoreNode, seq: number): void {
    const { log } = state?.forced ?? { log: new ForcedLog() };
    const entry = log.at(seq);
    assert(entry !== undefined, `I1: ${name} has no entry ${seq}, which is committed`);
    const what = wordsOf(entry);
    const known = this.#committed[seq - 1];
    if (known === undefined) {
      assert(seq === this.#committed.length + 1, `I1: ${name} leaves a gap before ${seq}`);
      const holders = this.#holders(seq, what);
      assert(
        holders + this.lostDisks >= this.#majority,
        `I3: ${name} commits ${what}, held by ${holders}`,
      );
      this.#committed.push({ what, view: log.lnv });
    } else assert(known.what === what, `I1: ${name} commits ${what}, it was ${known.what}`);
  }

  #onStarting({ name, origin, state }: CoreNode): void {
    const { log } = state?.forced ?? { log: new ForcedLog() };
    const view = ballotWords(log.view);
    const known = this.#primaries.get(view);
    assert(known === undefined, `I4: view ${view} was started by ${known} and ${name}`);
    this.#primaries.set(view, origin);
    this.counts.views++;
    for (const [index, { what, view: of }] of this.#committed.entries()) {
      if (compareBallots(of, log.view) >= 0) continue;
      const own = log.at(index + 1);
      const has = own === undefined ? 'nothing' : wordsOf(own);
      assert(has === what, `I3: ${name} begins view ${view} with ${has}, committed is ${what}`);
    }
  }

  /** What has just been written, and whether it may be. */
  checkDisk(node: CoreNode): void {
    const { disk } = this.#of(node);
    const { log, held } = disk;
    for (const item of node.disk.slice(disk.items, node.written)) {
      disk.items++;
      if (item.kind === 'record') {
        const { record } = item;
        const key = isAlias(record) ? keyOf(record.id) : keyOf(record.body);
        this.#name(`${record.origin}:${record.seq}`, key);
        assert(record.prev.missingFrom(held).every(isForced), `I5: ${node.name} ${key}`);
        held.advance(record.origin, record.seq);
        continue;
      }
      // The log itself asserts that view, lnv and commit do not go back (I2).
      log.apply(item.transition);
      for (const entry of item.transition.entries ?? []) {
        this.#name(`!:${entry.seq} ${ballotWords(entry.born)}`, wordsOf(entry));
        const lacking = entry.prev.missingFrom(held).filter((range) => !isForced(range));
        assert(lacking.length === 0, `I5: ${node.name} lacks the past of ${wordsOf(entry)}`);
        assert(entry.prev.get(FORCED_ORIGIN) < entry.seq, 'I5: an entry depends on a later one');
      }
    }
  }

  #name(name: string, what: string): void {
    const known = this.#names.get(name);
    assert(known === undefined || known === what, `I9: ${name} is ${known} and ${what}`);
    this.#names.set(name, what);
  }

  /** The service has executed one more update: everywhere the same comes of it. */
  executed(node: CoreNode, result: ForcedResult): void {
    const { done } = node.service;
    const id = done.at(-1);
    assert(done.indexOf(id ?? '') === done.length - 1, `I6: ${node.name} executed ${id} twice`);
    const what = `${id} ${JSON.stringify(result)}`;
    const known = this.#results[done.length - 1];
    assert(known === undefined || known === what, `I7: ${node.name} made ${what}, others ${known}`);
    this.#results[done.length - 1] = what;
  }

  answered({ name, state }: CoreNode, answer: Answer): void {
    if (answer.kind === 'answer') {
      const told = answer.valueTimestamp.get(FORCED_ORIGIN);
      assert(told <= this.committed, `I20: ${name} tells of !${told}`);
    }
    if (answer.kind !== 'forced-answered') return;
    const { outcome, timestamp } = answer;
    if (outcome.kind === 'expired' || outcome.kind === 'repeated') return;
    const seq = timestamp.get(FORCED_ORIGIN);
    const what = this.#committed[seq - 1]?.what;
    assert(what !== undefined, `I20: ${name} answers entry ${seq}, which is not committed`);
    const holders = this.#holders(seq, what);
    assert(holders + this.lostDisks >= this.#majority, `I3: ${what} is answered, at ${holders}`);
    const known = this.#told.get(what);
    const told = JSON.stringify(outcome);
    assert(known === undefined || known === told, `I6: ${what} came to ${known} and ${told}`);
    this.#told.set(what, told);
    this.counts[outcome.kind === 'refused' ? 'refusals' : 'answers']++;
    assert(state !== null, 'only who runs answers');
  }

  /** What the disk of a node holds. */
  diskOf(node: CoreNode): ForcedLog {
    return this.#of(node).disk.log;
  }

  #holders(seq: number, what: string): number {
    let count = 0;
    for (const { disk } of this.#watched.values()) {
      const entry = disk.log.at(seq);
      if (entry !== undefined && wordsOf(entry) === what) count++;
    }
    return count;
  }

  get #majority(): number {
    return Math.floor(this.#nodes.length / 2) + 1;
  }

  #of(node: CoreNode): Watched {
    const watched = this.#watched.get(node);
    assert(watched !== undefined, 'every node is watched');
    return watched;
  }
}

const emptyDisk = ({ member }: CoreNode): DiskView => ({
  member,
  items: 0,
  log: new ForcedLog(),
  held: new TimestampBuilder(),
});

const isForced = ({ origin }: { readonly origin: string }): boolean =>
  isReservedOrigin(origin as typeof FORCED_ORIGIN);

export const ballotWords = ({ n, owner }: Ballot = ZERO_BALLOT): string =>
  `${n}/${owner ?? 'none'}`;

export const wordsOf = (entry: ForcedEntry): string =>
  `${entry.seq} ${entry.kind === 'update' ? keyOf(entry.body) : 'no-op'} of ${ballotWords(entry.born)}`;
