/**
 * Random executions of a cluster, as events that its processes would note, with the truth about what
 * happened before what: each event knows all events before it, by its place and by its messages.
 */

import type { SeededRandom } from '../../src/base/random.js';
import { STARTED } from '../../src/observe/trace.js';
import type { TraceEvent } from '../../src/wire/messages.js';

export interface TrueEvent {
  readonly event: TraceEvent;
  /** Events that this one certainly comes after, in the order of the execution. */
  readonly past: ReadonlySet<TrueEvent>;
}

type Fields = Omit<TraceEvent, 'at' | 'host'>;

/** A message on its way: who gets it, what it does there. */
interface Travelling {
  readonly to: string;
  readonly sent: TrueEvent;
  deliver(sent: TrueEvent): void;
}

const REPLICAS = ['rm-1', 'rm-2', 'rm-3'];
const FRONTENDS = ['fe-1', 'fe-2'];

/** An execution of about `length` events; clocks of hosts differ by up to some seconds. */
export class Execution {
  readonly events: TrueEvent[] = [];
  readonly #random: SeededRandom;
  readonly #last = new Map<string, TrueEvent>();
  readonly #skewMs = new Map<string, number>();
  #travelling: Travelling[] = [];
  #nextId = 1;

  constructor(random: SeededRandom, length: number) {
    this.#random = random;
    for (const host of [...REPLICAS, ...FRONTENDS]) this.#skewMs.set(host, random.below(10_000));
    while (this.events.length < length) this.#step();
  }

  #step(): void {
    const random = this.#random;
    const replica = random.pick(REPLICAS);
    const peer = random.pick(REPLICAS.filter((name) => name !== replica));
    const frontend = random.pick(FRONTENDS);
    const id = String(this.#nextId++);
    switch (random.below(8)) {
      case 0:
        return this.#gossip(replica, peer, id);
      case 1:
        return this.#fetch(replica, peer, id);
      case 2:
        return this.#update(frontend, replica, peer, `session1:${id}`);
      case 3:
        return this.#query(frontend, replica, id);
      case 4:
        if (random.chance(1, 4)) this.#restart(random.pick([replica, frontend]));
        return;
      default:
        return this.#arrive();
    }
  }

  #gossip(from: string, to: string, id: string): void {
    const sent = this.#note(from, { event: 'gossip sent', id, to });
    this.#send(sent, to, () => this.#note(to, { event: 'gossip received', id, from }, sent));
  }

  #fetch(from: string, to: string, id: string): void {
    const asked = this.#note(from, { event: 'fetch sent', id, to });
    this.#send(asked, to, () => {
      const answered = this.#note(to, { event: 'fetch answered', id, to: from }, asked);
      this.#send(answered, from, () => {
        this.#note(from, { event: 'fetch received', id, from: to }, answered);
      });
    });
  }

  #update(frontend: string, first: string, second: string, id: string): void {
    const to = `${first} ${second}`;
    const asked = this.#note(frontend, { event: 'update rate', id, to });
    const executed: TrueEvent[] = [];
    for (const replica of [first, second]) {
      this.#send(asked, replica, () => {
        this.#note(replica, { event: 'accepted rate', id, from: frontend }, asked);
        const done = this.#note(replica, { event: 'executed rate', id, from: `${replica}.x~1` });
        this.#send(done, frontend, () => {
          executed.push(done);
          if (executed.length < 2) return;
          this.#note(frontend, { event: 'update rate done', id, from: to }, ...executed);
        });
      });
    }
  }

  #query(frontend: string, replica: string, id: string): void {
    const asked = this.#note(frontend, { event: 'query average', id, to: replica });
    this.#send(asked, replica, () => {
      const answered = this.#note(replica, { event: 'query average', id, from: frontend }, asked);
      this.#send(answered, frontend, () => {
        this.#note(frontend, { event: 'query average done', id, from: replica }, answered);
      });
    });
  }

  /** What was on its way to the process is lost with it. */
  #restart(host: string): void {
    this.#travelling = this.#travelling.filter(({ to }) => to !== host);
    this.#last.delete(host);
    this.#note(host, { event: STARTED });
  }

  #send(sent: TrueEvent, to: string, deliver: (sent: TrueEvent) => void): void {
    this.#travelling.push({ to, sent, deliver });
  }

  /** Any message arrives, whichever was sent first; some never do. */
  #arrive(): void {
    if (this.#travelling.length === 0) return;
    const [message] = this.#travelling.splice(this.#random.below(this.#travelling.length), 1);
    if (message !== undefined && !this.#random.chance(1, 10)) message.deliver(message.sent);
  }

  #note(host: string, fields: Fields, ...causes: readonly TrueEvent[]): TrueEvent {
    const past = new Set<TrueEvent>();
    const last = this.#last.get(host);
    for (const cause of last === undefined ? causes : [last, ...causes]) {
      past.add(cause);
      for (const earlier of cause.past) past.add(earlier);
    }
    const at = 1_000_000 + this.events.length + (this.#skewMs.get(host) ?? 0);
    // The detail finds the event again in what was printed.
    const event = { at, host, ...fields, detail: `event ${this.events.length}` };
    const made = { event, past };
    this.events.push(made);
    this.#last.set(host, made);
    return made;
  }
}
