/**
 * A replica whose journal is trimmed, killed at any moment: between any two writes, with writes under way
 * kept, lost or torn, in any order. Whatever the disk has then brings back all that was acknowledged, each
 * update once, and no more than was asked for. One core without peers on a disk in memory.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { SeededRandom } from '../../src/base/random.js';
import type { MemberId, Name, Origin } from '../../src/base/ids.js';
import { JournalWriter } from '../../src/node/journal-writer.js';
import { recoverReplica } from '../../src/node/recovery.js';
import { encodeSnapshot } from '../../src/node/snapshot.js';
import { SnapshotSaver } from '../../src/node/snapshot-saver.js';
import type { StateDatabase } from '../../src/ports/database.js';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import type { ReplicaEvent } from '../../src/replica/events.js';
import { reflectedBy, snapshotOf } from '../../src/replica/snapshots.js';
import { DEFAULT_TUNING, EMPTY_SNAPSHOT, type ReplicaState } from '../../src/replica/state.js';
import { startReplica, step } from '../../src/replica/step.js';
import { MemoryDisk, MemoryJournal, type WriteFate } from '../../src/storage/memory-journal.js';
import { bodyDigest } from '../../src/wire/digest.js';
import { frontendNamed, identityAmong } from '../replica/identities.js';
import { requestOf, WALL_MS } from '../replica/forced-requests.js';

const SNAPSHOT_EVERY = 80;

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A service that remembers which updates it executed, and how often. */
class Counter {
  counts = new Map<string, number>();

  execute(id: string): void {
    this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
  }

  get database(): StateDatabase {
    const load = (bytes: Uint8Array): void => {
      this.counts = new Map(JSON.parse(new TextDecoder().decode(bytes)) as [string, number][]);
    };
    return { load } as Partial<StateDatabase> as StateDatabase;
  }

  export(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify([...this.counts]));
  }
}

class Replica {
  readonly disk = new MemoryDisk();
  readonly random: SeededRandom;
  readonly acknowledged = new Set<string>();
  asked = 0;
  starts = 0;
  mostHeld = 0;
  #service = new Counter();
  #state: ReplicaState | null = null;
  #writer: JournalWriter | null = null;
  #saver: SnapshotSaver | null = null;
  #executed = 0;
  #nowMs = 1000;
  #writes: (() => void)[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.disk.snapshots.set(0, encodeSnapshot(EMPTY_SNAPSHOT, new Counter().export()));
    this.disk.beforeWrite = () => new Promise((resolve) => this.#writes.push(resolve));
  }

  /** Starts on what is on the disk, and checks that it is what it should be. */
  async start(): Promise<void> {
    const start = `s${++this.starts}`;
    const journal = new MemoryJournal(this.disk);
    this.#service = new Counter();
    this.#writes = [];
    const recovered = await recoverReplica(journal, this.#service.database, false);
    const name = 'rm-1' as Name;
    const memberId = 'rm-1.d1' as MemberId;
    const { state, effects } = startReplica(
      identityAmong([name], { name, memberId, origin: `${memberId}~${start}` as Origin }),
      DEFAULT_TUNING,
      recovered,
      this.#nowMs,
      this.random.child(start),
    );
    this.#state = state;
    this.#executed = 0;
    const { place, end, lastGroup, marks } = recovered;
    const fail = (error: unknown): never => {
      throw error;
    };
    const writer = new JournalWriter({
      ...{ journal, place: end, lastGroup, marks, onFailure: fail },
      onDurable: (length, transitions) => this.#step({ kind: 'durable', length, transitions }),
    });
    this.#writer = writer;
    this.#saver = new SnapshotSaver({
      logLimit: 250_000,
      ...{ journal, place, marks, every: SNAPSHOT_EVERY, onFailure: fail },
      take: () => {
        const kept = snapshotOf(state);
        const { transitions } = writer;
        return {
          bytes: encodeSnapshot(kept, this.#service.export(), transitions),
          items: writer.appended,
          place: { records: kept.log.base, transitions },
          reflected: reflectedBy(state),
        };
      },
      durable: () => ({ items: writer.durable, group: writer.lastGroup }),
      onSaved: (reflected) => this.#step({ kind: 'snapshot-saved', ...reflected }),
    });
    this.#perform(effects);
    this.#step({ kind: 'link-up', link: 1, counterpart: frontendNamed('fe-1') });
    // It becomes primary again: alone, it has nobody to ask. What it had ordered is committed then.
    while (state.forced.role !== 'primary') await this.pass(50);
    while (state.forced.executed < state.forced.log.op) await this.pass(50);
    this.#expectKept();
  }

  /** An update that was never asked for, or one of those again: causal or forced. */
  ask(): void {
    const isRetry = this.asked > 0 && this.random.chance(1, 6);
    const n = isRetry ? 1 + this.random.below(this.asked) : ++this.asked;
    const operation = n % 4 === 0 ? 'put' : 'set';
    const { request, body, ordering } = requestOf({ n, operation }, n, WALL_MS);
    const { args, user, stamp, session } = body;
    const whole = { ...body, digest: bodyDigest(operation, args, user, stamp, session) };
    this.#step({ kind: 'update', link: 1, request, body: whole, ordering, wallMs: WALL_MS });
  }

  /** Time goes by; what was asked of the disk is done, one write after the other. */
  async pass(ms: number): Promise<void> {
    this.#nowMs += ms;
    this.#step({ kind: 'tick' });
    this.#flush();
    while (this.#writes.length > 0) await this.write();
  }

  /** One of the writes under way ends. */
  async write(): Promise<void> {
    this.#flush();
    const [end] = this.#writes.splice(this.random.below(Math.max(this.#writes.length, 1)), 1);
    end?.();
    await settled();
    this.#flush();
  }

  crash(): void {
    this.disk.crash(() => this.random.pick<WriteFate>(['kept', 'lost', 'torn']));
    this.#state = null;
    this.#writer = null;
    this.#saver = null;
  }

  #flush(): void {
    this.#writer?.flush();
    this.#saver?.saveWhenDue(this.#executed, this.#writer?.appended ?? 0);
    const { log, forced } = this.#state ?? {};
    if (log === undefined || forced === undefined) return;
    this.mostHeld = Math.max(this.mostHeld, log.size + forced.log.op - forced.log.base);
  }

  #step(event: Parameters<typeof withTime>[0]): void {
    if (this.#state === null) return;
    this.#perform(step(this.#state, withTime(event, this.#nowMs)));
  }

  #perform(effects: readonly ReplicaEffect[]): void {
    let toExecute: string | null = null;
    for (const effect of effects) {
      if (effect.kind === 'append') this.#writer?.append({ ...effect, kind: 'record' });
      if (effect.kind === 'persist') this.#writer?.append({ ...effect, kind: 'transition' });
      if (effect.kind === 'apply') this.#execute(String(effect.body.n));
      if (effect.kind === 'execute') toExecute = String(effect.body.n);
      if (effect.kind === 'halt') throw new Error(effect.message);
      if (effect.kind !== 'send') continue;
      const { message } = effect;
      if (message.kind === 'declined') throw new Error(message.message);
      if (message.kind === 'acknowledged' || message.kind === 'forced-answered') {
        this.acknowledged.add(String(message.requestId));
      }
    }
    if (toExecute === null) return;
    this.#execute(toExecute);
    this.#step({ kind: 'executed', result: { kind: 'value', value: null } });
  }

  #execute(id: string): void {
    this.#executed++;
    this.#service.execute(id);
  }

  #expectKept(): void {
    const { counts } = this.#service;
    for (const id of this.acknowledged) {
      expect(counts.get(id), `update ${id} after start ${this.starts}`).to.equal(1);
    }
    for (const [id, count] of counts) {
      expect(count, `update ${id} is executed once`).to.equal(1);
      expect(Number(id)).to.be.at.most(this.asked);
    }
  }
}

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;

const withTime = (event: WithoutTime<ReplicaEvent>, nowMs: number): ReplicaEvent => ({
  ...event,
  nowMs,
});

describe('a replica whose journal is trimmed', function () {
  this.timeout(60_000);

  it('comes back from any crash with all that it acknowledged, each once', async () => {
    let trimmed = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const replica = new Replica(seed);
        const { random } = replica;
        for (let life = 0; life < 6; life++) {
          await replica.start();
          for (let left = random.below(600); left > 0; left--) {
            replica.ask();
            if (random.chance(1, 3)) await replica.write();
          }
          replica.crash();
        }
        await replica.start();
        trimmed += replica.disk.trimmed;
        // What is held is what came since the last two snapshots.
        expect(replica.mostHeld).to.be.at.most(12 * SNAPSHOT_EVERY);
      }),
      { numRuns: 8 },
    );
    expect(trimmed, 'groups that went').to.be.above(150);
  });
});
