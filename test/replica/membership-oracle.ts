/**
 * Watches cores of a cluster whose members change, knowing all that happens anywhere (PROTOCOL J): I1 one
 * entry a place, I3 every later primary has what was committed, I6 one effect an id, I7 the same state
 * after the same entry, I9 one name one record, I10 what enough members acknowledged is in the next cut,
 * I11 nothing void is served, I13 one change at a time, by one member, I14 nobody speaks under a label that
 * is no member of it, or whose start is not claimed; and labels never go back.
 */

import { assert } from '../../src/base/assert.js';
import type { MemberId, Origin } from '../../src/base/ids.js';
import type { ForcedEntry } from '../../src/log/forced-log.js';
import { type Configuration, copiesIn, type MembershipChange } from '../../src/log/membership.js';
import { isAlias, keyOf, type TravellingRecord, type UpdateBody } from '../../src/log/record.js';
import type { ForcedResult } from '../../src/log/results-table.js';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import { type Ballot, compareBallots } from '../../src/timestamp/ballot.js';
import type { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { ReplicaToFrontend, ReplicaToReplica } from '../../src/wire/messages.js';
import { ballotWords } from './forced-oracle.js';
import { idOf, type MemberNode } from './membership-node.js';

interface Watched {
  commit: number;
  role: string;
}

export class MembershipOracle {
  readonly #watched = new Map<MemberNode, Watched>();
  readonly #committed = new Map<number, { readonly what: string; readonly view: Ballot }>();
  readonly #names = new Map<string, string>();
  readonly #primaries = new Map<string, Origin>();
  readonly #results: string[] = [];
  /** By process: a clone may be behind. */
  readonly #labels = new Map<string, number>();
  readonly configurations = new Map<number, Configuration>();
  readonly #cuts = new Map<number, VectorTimestamp>();
  readonly #dropped = new Map<Origin, number>();
  readonly #finals = new Map<Origin, number>();
  /** Records of each update, wherever they are. */
  readonly #records = new Map<string, { readonly origin: Origin; readonly seq: number }[]>();
  /** By update and label, the members that acknowledged it. */
  readonly #acknowledged = new Map<string, Set<MemberId>>();
  /** Updates that enough members acknowledged, with the label. */
  readonly durable = new Map<string, number>();
  /** An operator has accepted losses. */
  mayLose = false;
  readonly counts = {
    configurations: 0,
    activations: 0,
    drops: 0,
    views: 0,
    closed: 0,
    durable: 0,
  };

  founded(configuration: Configuration): void {
    this.configurations.set(1, configuration);
  }

  /** What was acknowledged before an epoch; null while it is not activated. */
  cutOf(epoch: number): VectorTimestamp | null {
    return this.#cuts.get(epoch) ?? null;
  }

  get committed(): number {
    return this.#committed.size;
  }

  started(node: MemberNode): void {
    const base = node.state?.forced.log.base ?? 0;
    this.#watched.set(node, { commit: base, role: 'backup' });
  }

  appended({ state }: MemberNode, record: TravellingRecord): void {
    const { origin, seq } = record;
    const key = isAlias(record) ? keyOf(record.id) : keyOf(record.body);
    const past = [...record.prev].map((part) => part.join(':')).toSorted();
    const name = `${origin}:${seq}`;
    const what = `${key} after ${past.join(' ')}`;
    const known = this.#names.get(name);
    assert(known === undefined || known === what, `I9: ${name} is ${known} and ${what}`);
    this.#names.set(name, what);
    if (known !== undefined) return;
    assert(origin === state?.self.origin, `I9: ${name} was first seen at ${state?.self.origin}`);
    const id = idOf(isAlias(record) ? record.id : record.body);
    const records = this.#records.get(id) ?? [];
    records.push({ origin, seq });
    this.#records.set(id, records);
  }

  applied({ place, service }: MemberNode, body: UpdateBody): void {
    const id = idOf(body);
    assert(!service.applied.has(id), `I6: ${place} executes ${id} again`);
  }

  executed({ place, service }: MemberNode, result: ForcedResult): void {
    const { done } = service;
    const id = done.at(-1) ?? '';
    assert(done.indexOf(id) === done.length - 1, `I6: ${place} executed ${id} twice`);
    const what = `${id} ${JSON.stringify(result)}`;
    const known = this.#results[done.length - 1];
    assert(known === undefined || known === what, `I7: ${place} made ${what}, others ${known}`);
    this.#results[done.length - 1] = what;
  }

  /** Whatever leaves a core. */
  sent({ place, state }: MemberNode, message: ReplicaToFrontend | ReplicaToReplica): void {
    if (!('epoch' in message) || state === null) return;
    if (message.kind === 'frozen' || message.kind === 'retired') return;
    if (message.kind === 'members-changed') return;
    const { epoch } = message;
    if (epoch === 0) return;
    const { memberId } = state.self;
    assert(state.change.isClaimed, `I14: ${place} says ${message.kind} under ${epoch}, unclaimed`);
    const members = this.configurations.get(epoch)?.members ?? [];
    const isMember = members.some(({ id }) => id === memberId);
    assert(isMember, `I14: ${place} says ${message.kind} under ${epoch}, without ${memberId}`);
    const process = `${memberId} at ${place}`;
    const known = this.#labels.get(process) ?? 0;
    assert(epoch >= known, `I2: ${process} goes back from epoch ${known} to ${epoch}`);
    this.#labels.set(process, epoch);
  }

  acknowledged(id: string, member: MemberId, epoch: number): void {
    const configuration = this.configurations.get(epoch);
    if (epoch === 0 || configuration === undefined) return;
    const key = `${id} under ${epoch}`;
    const members = this.#acknowledged.get(key) ?? new Set();
    this.#acknowledged.set(key, members.add(member));
    if (members.size < copiesIn(configuration) || this.durable.has(id)) return;
    this.durable.set(id, epoch);
    this.counts.durable++;
    this.#checkCut(id, epoch);
  }

  /** I10: whoever reads under a later label sees it. */
  #checkCut(id: string, epoch: number): void {
    if (this.mayLose) return;
    const cut = this.#cuts.get(epoch + 1);
    if (cut === undefined) return;
    assert(this.isCovered(id, cut), `I10: ${id}, acknowledged under ${epoch}, is not in its cut`);
  }

  /** One of its records is in this timestamp, or was dropped as everybody's. */
  isCovered(id: string, timestamp: VectorTimestamp): boolean {
    return (this.#records.get(id) ?? []).some(
      ({ origin, seq }) => seq <= Math.max(timestamp.get(origin), this.#dropped.get(origin) ?? 0),
    );
  }

  recordsOf(id: string): string {
    const records = this.#records.get(id) ?? [];
    return records.map(({ origin, seq }) => `${origin}:${seq}`).join(' ');
  }

  /** After each step of a core. */
  check(node: MemberNode, effects: readonly ReplicaEffect[]): void {
    const { state, place } = node;
    const watched = this.#watched.get(node);
    if (state === null || watched === undefined) return;
    const { log, role } = state.forced;
    for (let seq = watched.commit + 1; seq <= log.commit; seq++) this.#onCommitted(node, seq);
    watched.commit = log.commit;
    assert(state.value.value().leq(state.received), `I5: ${place}: value is above received`);
    if (role !== watched.role) {
      watched.role = role;
      if (role === 'starting') this.#onStarting(node);
    }
    const hasEnded = effects.some(({ kind }) => kind === 'end' || kind === 'halt');
    if (hasEnded) return;
    for (const [origin, held] of state.received.value()) {
      const final = state.membership.finalOf(origin);
      assert(
        final === null || held <= final,
        `I11: ${place} holds ${origin}:${held}, its final is ${final}`,
      );
    }
  }

  #onCommitted({ place, state }: MemberNode, seq: number): void {
    const { log } = state?.forced ?? {};
    const entry = log?.at(seq);
    if (log === undefined || (entry === undefined && seq <= log.base)) return;
    assert(entry !== undefined, `I1: ${place} has no entry ${seq}, which is committed`);
    const what = wordsOf(entry);
    const known = this.#committed.get(seq);
    assert(
      known === undefined || known.what === what,
      `I1: ${what} at ${place}, was ${known?.what}`,
    );
    if (known !== undefined) return;
    assert(seq === this.#committed.size + 1, `I1: ${place} leaves a gap before ${seq}`);
    this.#committed.set(seq, { what, view: log.lnv });
    if (entry.kind === 'change') this.#onChange(entry.change);
  }

  #onChange(change: MembershipChange): void {
    switch (change.kind) {
      case 'configure': {
        const { configuration } = change;
        const { epoch, members } = configuration;
        const before = this.configurations.get(epoch - 1)?.members ?? [];
        const ids = new Set(members.map(({ id }) => id));
        const gone = before.filter(({ id }) => !ids.has(id)).length;
        const come = members.length - before.length + gone;
        assert(gone <= 1 && come <= 1, `I13: epoch ${epoch} changes ${gone} and ${come} members`);
        assert(this.configurations.size === epoch - 1, `I13: epoch ${epoch} comes too soon`);
        assert(this.#cuts.size >= epoch - 2, `I13: epoch ${epoch - 1} is not activated`);
        this.configurations.set(epoch, configuration);
        this.counts.configurations++;
        break;
      }
      case 'activate':
        this.#cuts.set(change.epoch, change.cut);
        this.counts.activations++;
        this.counts.closed += change.finals.length;
        for (const [id, label] of this.durable) {
          if (label === change.epoch - 1) this.#checkCut(id, label);
        }
        for (const { origin, final } of change.finals) this.#finals.set(origin, final);
        break;
      case 'drop':
        for (const origin of change.origins) {
          this.#dropped.set(origin, this.#finals.get(origin) ?? 0);
          this.counts.drops++;
        }
        break;
      case 'recover':
        this.configurations.set(change.configuration.epoch, change.configuration);
        this.#cuts.set(change.configuration.epoch, change.cut);
        break;
    }
  }

  #onStarting({ place, origin, state }: MemberNode): void {
    if (state === null) return;
    const { log } = state.forced;
    const view = ballotWords(log.view);
    const known = this.#primaries.get(view);
    assert(known === undefined, `I4: view ${view} was started by ${known} and ${origin}`);
    this.#primaries.set(view, origin);
    this.counts.views++;
    for (const [seq, { what, view: of }] of this.#committed) {
      if (compareBallots(of, log.view) >= 0 || seq <= log.base) continue;
      const own = log.at(seq);
      const has = own === undefined ? 'nothing' : wordsOf(own);
      assert(has === what, `I3: ${place} begins view ${view} with ${has}, committed is ${what}`);
    }
  }
}

function wordsOf(entry: ForcedEntry): string {
  const place = `${entry.seq} of ${ballotWords(entry.born)}`;
  if (entry.kind === 'update') return `${place} ${keyOf(entry.body)}`;
  if (entry.kind === 'no-op') return `${place} no-op`;
  const { change } = entry;
  if (change.kind !== 'activate') return `${place} ${JSON.stringify(change)}`;
  const cut = [...change.cut].map((part) => part.join(':')).toSorted();
  return `${place} activate ${change.epoch} ${cut.join(' ')} ${JSON.stringify(change.finals)}`;
}
