/**
 * Everything that a state of the world is made of, by number: the states of each process, messages, and
 * queues of messages. A state of the world is then a short list of numbers, and a step that a process
 * has done once, in whatever world, is looked up the next time.
 */

import { assert } from '../base/assert.js';
import { digestOf } from '../base/digest.js';
import type { LinkId } from '../replica/events.js';
import { fingerprint } from './fingerprint.js';
import type { LiveProcess, LocalEvent, Note, ProcessView, Travelling } from './process.js';

export class MessageTable {
  readonly #messages: Travelling[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(message: Travelling): number {
    const text = fingerprint(message);
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#messages.push(message) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }

  get(number: number): Travelling {
    const message = this.#messages[number];
    assert(message !== undefined, `no message ${number}`);
    return message;
  }
}

/** Number 0 is the empty queue. */
export const EMPTY_QUEUE = 0;

/** Queues of messages: each is an older one with a message more. */
export class QueueTable {
  readonly #contents: (readonly number[])[] = [[]];
  readonly #numbers = new Map<string, number>([['', EMPTY_QUEUE]]);

  /** Numbers of the messages, the oldest first. */
  contents(queue: number): readonly number[] {
    const contents = this.#contents[queue];
    assert(contents !== undefined, `no queue ${queue}`);
    return contents;
  }

  with(queue: number, message: number): number {
    return this.#numberOf([...this.contents(queue), message]);
  }

  withoutFirst(queue: number): number {
    return this.#numberOf(this.contents(queue).slice(1));
  }

  #numberOf(contents: readonly number[]): number {
    const text = contents.join();
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#contents.push(contents) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }
}

/** A step of one process, with messages by number. */
export interface LocalStep {
  /** The number of the state it leads to. */
  readonly to: number;
  readonly sends: readonly { readonly link: LinkId; readonly message: number }[];
  readonly closes: readonly LinkId[];
  readonly notes: readonly Note[];
  readonly endsAtMs: number | null;
}

interface LocalState {
  /** One way here: the state before and what happened then. Null for the first state. */
  readonly origin: { readonly from: number; readonly event: LocalEvent } | null;
  readonly view: ProcessView;
  readonly steps: Map<string, LocalStep>;
}

/** Live processes that are kept because their states are the newest ones. */
const LIVE_MOST = 4096;

/**
 * The states of one process. A core cannot be copied, but it does the same again with the same events:
 * a state is kept as one sequence of events that leads to it.
 */
export class LocalStates {
  readonly #make: () => LiveProcess;
  readonly #messages: MessageTable;
  readonly #states: LocalState[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #live = new Map<number, LiveProcess>();

  /** State 0 is that of a process just made. */
  constructor(make: () => LiveProcess, messages: MessageTable) {
    this.#make = make;
    this.#messages = messages;
    this.#enter(make(), null);
  }

  get size(): number {
    return this.#states.length;
  }

  view(number: number): ProcessView {
    return this.#state(number).view;
  }

  step(number: number, event: LocalEvent, eventText: string): LocalStep {
    const { steps } = this.#state(number);
    const known = steps.get(eventText);
    if (known !== undefined) return known;
    const live = this.#revive(number);
    const { sends, closes, notes, endsAtMs } = live.handle(event);
    const step = {
      to: this.#enter(live, { from: number, event }),
      sends: sends.map(({ link, message }) => ({
        link,
        message: this.#messages.numberOf(message),
      })),
      closes,
      notes,
      endsAtMs,
    };
    steps.set(eventText, step);
    return step;
  }

  /** The number of the state that `live` is in. */
  #enter(live: LiveProcess, origin: LocalState['origin']): number {
    const digest = digestOf(new TextEncoder().encode(live.fingerprint()));
    const known = this.#numbers.get(digest);
    if (known !== undefined) return known;
    const number = this.#states.push({ origin, view: live.view(), steps: new Map() }) - 1;
    this.#numbers.set(digest, number);
    this.#live.set(number, live);
    if (this.#live.size > LIVE_MOST) {
      const [oldest] = this.#live.keys();
      if (oldest !== undefined) this.#live.delete(oldest);
    }
    return number;
  }

  /** A process in this state, which nobody else has. */
  #revive(number: number): LiveProcess {
    const kept = this.#live.get(number);
    if (kept !== undefined) {
      this.#live.delete(number);
      return kept;
    }
    const events: LocalEvent[] = [];
    let state = this.#state(number);
    while (state.origin !== null) {
      events.push(state.origin.event);
      state = this.#state(state.origin.from);
    }
    const live = this.#make();
    for (const event of events.reverse()) live.handle(event);
    return live;
  }

  #state(number: number): LocalState {
    const state = this.#states[number];
    assert(state !== undefined, `no state ${number}`);
    return state;
  }
}
