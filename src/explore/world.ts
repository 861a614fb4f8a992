/**
 * A small world in motion: what a choice does to a state. What is swapped for the real thing, and how:
 * - Connections carry whole messages in order, as TCP does. One that breaks loses what is on its way;
 *   either end learns of it for itself, and the side that dialled may dial again before the other has.
 * - A disk syncs any number of the records written, at any time; a crash keeps those, and any number of
 *   the next ones.
 * - Time stands still but for timers. Any timer may go off next: one that goes off before an earlier one
 *   belongs to a process that was not paused meanwhile. Wall clocks do not move.
 * - A step of a process happens as a whole: a crash between two of its effects looks to all others like a
 *   crash behind it that takes with it what was sent last, and loses what was written last.
 */

import type { LinkId } from '../replica/events.js';
import { type Choice, type Side, progress, trouble } from './choices.js';
import type { Cores } from './cores.js';
import { faultsOfWorld } from './invariants.js';
import { at, withItem } from './lists.js';
import type { LocalEvent, Note, ProcessView, Travelling } from './process.js';
import { EMPTY_QUEUE, LocalStates, type LocalStep, MessageTable, QueueTable } from './tables.js';
import { type Topology, topologyOf } from './topology.js';
import type { Connection, WorldState } from './world-state.js';
import type { WorldDescription } from './worlds.js';

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;

/** What a choice led to. */
export interface Transition {
  readonly state: WorldState;
  /** Broken promises, in words. */
  readonly faults: readonly string[];
  /** What the process did that the choice happened at, for stories; null when none did. */
  readonly step: { readonly process: number; readonly local: LocalStep } | null;
}

export class World {
  readonly topology: Topology;
  readonly messages = new MessageTable();
  readonly queues = new QueueTable();
  readonly #locals: readonly LocalStates[];
  readonly #description: WorldDescription;

  constructor(description: WorldDescription, cores: Cores) {
    this.#description = description;
    this.topology = topologyOf(description, cores);
    this.#locals = this.topology.members.map(({ make }) => new LocalStates(make, this.messages));
  }

  /** States of single processes that were met so far. */
  get localStates(): number {
    return this.#locals.reduce((sum, locals) => sum + locals.size, 0);
  }

  /** All processes up and connected, no call made. */
  begin(): WorldState {
    const { members, pairs } = this.topology;
    const { crashes, breaks, duplicates, ticks } = this.#description;
    let state: WorldState = {
      nowMs: 0,
      crashes: crashes?.times ?? 0,
      breaks: breaks?.times ?? 0,
      duplicates: duplicates ?? 0,
      ticks: ticks?.times ?? 0,
      processes: members.map(() => 0),
      lives: members.map(() => 1),
      acknowledged: 0,
      acknowledgedTwice: 0,
      mustHold: pairs.map(() => 0),
      made: pairs.map(() => 0),
      connections: pairs.map(() => []),
    };
    for (;;) {
      const choice = this.progress(state).find(({ kind }) => kind !== 'call');
      if (choice === undefined) return state;
      state = this.apply(state, choice).state;
    }
  }

  views(state: WorldState): ProcessView[] {
    return state.processes.map((number, process) => at(this.#locals, process).view(number));
  }

  progress(state: WorldState): Choice[] {
    return progress(this.topology, state, this.views(state));
  }

  trouble(state: WorldState): Choice[] {
    return trouble(this.topology, state, this.views(state), (queue) => this.#isRepeatable(queue));
  }

  /** The first message of a queue. */
  first(queue: number): Travelling {
    return this.messages.get(at(this.queues.contents(queue), 0));
  }

  apply(state: WorldState, choice: Choice): Transition {
    switch (choice.kind) {
      case 'deliver':
        return this.#deliver(state, choice);
      case 'notice':
        return this.#notice(state, choice.pair, choice.place, choice.at);
      case 'connect':
        return this.#connect(state, choice.pair);
      case 'durable':
        return this.#step(state, choice.process, { kind: 'durable', length: choice.length });
      case 'call':
        return this.#step(state, choice.process, { kind: 'call' });
      case 'start': {
        const life = at(state.lives, choice.process) + 1;
        const lives = withItem(state.lives, choice.process, life);
        return this.#step({ ...state, lives }, choice.process, { kind: 'start', life });
      }
      case 'crash':
        return this.#crash(state, choice.process, choice.kept);
      case 'break':
        return {
          state: this.#cut({ ...state, breaks: state.breaks - 1 }, choice.pair, choice.place, {}),
          faults: [],
          step: null,
        };
      default: {
        const { wakeAtMs } = at(this.views(state), choice.process);
        const nowMs = Math.max(state.nowMs, wakeAtMs);
        const later = { ...state, nowMs, ticks: Math.max(0, state.ticks - 1) };
        return this.#step(later, choice.process, { kind: 'tick' });
      }
    }
  }

  #deliver(
    state: WorldState,
    { pair, place, to, again }: Extract<Choice, { kind: 'deliver' }>,
  ): Transition {
    const connection = this.#connectionAt(state, pair, place);
    const isForth = to === 'acceptor';
    const queue = isForth ? connection.forth : connection.back;
    const message = this.first(queue);
    const left = again ? queue : this.queues.withoutFirst(queue);
    const isGreeting = message.kind === 'greeting';
    const duplicates = state.duplicates - (again ? 1 : 0);
    const after = this.#replace({ ...state, duplicates }, pair, place, {
      ...(isForth ? { forth: left } : { back: left }),
      ...(isGreeting ? (isForth ? { accepted: true } : { dialled: true }) : {}),
    });
    const { dialler, acceptor } = at(this.topology.pairs, pair);
    return this.#step(after, isForth ? acceptor : dialler, {
      kind: 'receive',
      link: this.#linkOf(pair, connection.generation),
      message,
      dialled: !isForth,
    });
  }

  #notice(state: WorldState, pair: number, place: number, side: Side): Transition {
    const { generation } = this.#connectionAt(state, pair, place);
    const { dialler, acceptor } = at(this.topology.pairs, pair);
    const isDialler = side === 'dialler';
    const after = this.#cut(
      state,
      pair,
      place,
      isDialler ? { dialled: false } : { accepted: false },
    );
    const link = this.#linkOf(pair, generation);
    const forgotten = isDialler ? after : { ...after, mustHold: withItem(after.mustHold, pair, 0) };
    return this.#step(forgotten, isDialler ? dialler : acceptor, { kind: 'down', link });
  }

  #connect(state: WorldState, pair: number): Transition {
    const { dialler } = at(this.topology.pairs, pair);
    const generation = at(state.made, pair) + 1;
    // A front end's core is not told of a new client: the connection is whole at once.
    const isClients = at(this.topology.members, dialler).role === 'client';
    const connection: Connection = {
      generation,
      isDead: false,
      dialled: isClients,
      accepted: isClients,
      forth: EMPTY_QUEUE,
      back: EMPTY_QUEUE,
    };
    const connections = withItem(state.connections, pair, [
      ...at(state.connections, pair),
      connection,
    ]);
    const made = withItem(state.made, pair, generation);
    const link = this.#linkOf(pair, generation);
    return this.#step({ ...state, made, connections }, dialler, { kind: 'dial', link });
  }

  #crash(state: WorldState, process: number, kept: number): Transition {
    let after: WorldState = { ...state, crashes: state.crashes - 1 };
    this.topology.pairs.forEach(({ dialler, acceptor }, pair) => {
      if (dialler !== process && acceptor !== process) return;
      for (let place = at(after.connections, pair).length - 1; place >= 0; place--) {
        after = this.#cut(
          after,
          pair,
          place,
          dialler === process ? { dialled: false } : { accepted: false },
        );
      }
      after = { ...after, mustHold: withItem(after.mustHold, pair, 0) };
    });
    return this.#step(after, process, { kind: 'crash', kept });
  }

  /** Lets a process take an event in, and puts what it sends on its way. */
  #step(state: WorldState, process: number, event: WithoutTime<LocalEvent>): Transition {
    const { nowMs } = state;
    const text = this.#textOf(event, nowMs);
    const from = at(state.processes, process);
    const local = at(this.#locals, process).step(from, { ...event, nowMs }, text);
    let after: WorldState = { ...state, processes: withItem(state.processes, process, local.to) };
    for (const { link, message } of local.sends) after = this.#send(after, process, link, message);
    for (const link of local.closes) after = this.#close(after, link);
    const faults: string[] = [];
    for (const note of local.notes) after = this.#take(after, note, faults);
    faults.push(...faultsOfWorld(this.topology, after, this.views(after)));
    return { state: after, faults, step: { process, local } };
  }

  /** What tells this event from others that may happen to the same process in the same state. */
  #textOf(event: WithoutTime<LocalEvent>, nowMs: number): string {
    const { kind } = event;
    switch (kind) {
      case 'receive':
        return `${nowMs} ${event.link} ${this.messages.numberOf(event.message)}`;
      case 'start':
        return `${nowMs} ${kind} ${event.life}`;
      case 'crash':
        return `${nowMs} ${kind} ${event.kept}`;
      case 'dial':
      case 'down':
        return `${nowMs} ${kind} ${event.link}`;
      case 'durable':
        return `${nowMs} ${kind} ${event.length}`;
      default:
        return `${nowMs} ${kind}`;
    }
  }

  /** What is sent on a connection that is gone goes nowhere. */
  #send(state: WorldState, process: number, link: LinkId, message: number): WorldState {
    const { pair, place } = this.#placeOf(state, link);
    if (place < 0) return state;
    const { isDead, forth, back } = this.#connectionAt(state, pair, place);
    if (isDead) return state;
    const isForth = at(this.topology.pairs, pair).dialler === process;
    return this.#replace(
      state,
      pair,
      place,
      isForth
        ? { forth: this.queues.with(forth, message) }
        : { back: this.queues.with(back, message) },
    );
  }

  /** Only clients leave a connection by themselves. */
  #close(state: WorldState, link: LinkId): WorldState {
    const { pair, place } = this.#placeOf(state, link);
    return place < 0 ? state : this.#cut(state, pair, place, { dialled: false });
  }

  #take(state: WorldState, note: Note, faults: string[]): WorldState {
    switch (note.kind) {
      case 'violation':
        faults.push(note.text);
        return state;
      case 'updated': {
        const bit = this.#bitOf(note.update);
        const { acknowledged, acknowledgedTwice } = state;
        return {
          ...state,
          acknowledged: acknowledged | bit,
          acknowledgedTwice: acknowledgedTwice | (note.copies >= 2 ? bit : 0),
        };
      }
      case 'asked': {
        const { pair } = this.#placeOf(state, note.link);
        // One that is asked twice may be answered for its first time.
        if (at(state.mustHold, pair) > 0) return state;
        return { ...state, mustHold: withItem(state.mustHold, pair, state.acknowledgedTwice + 1) };
      }
      default: {
        const { pair } = this.#placeOf(state, note.link);
        const mustHold = at(state.mustHold, pair) - 1;
        for (const [update, bit] of this.topology.bits) {
          if (mustHold > 0 && (mustHold & (1 << bit)) !== 0 && !note.applied.includes(update)) {
            faults.push(`I8: a fresh answer lacks ${update}, acknowledged before it was asked for`);
          }
        }
        return { ...state, mustHold: withItem(state.mustHold, pair, 0) };
      }
    }
  }

  #bitOf(update: string): number {
    const bit = this.topology.bits.get(update);
    if (bit === undefined) throw new Error(`nobody makes an update ${update}`);
    return 1 << bit;
  }

  /** A connection carries nothing more; forgotten when no end has to be told. */
  #cut(state: WorldState, pair: number, place: number, told: Partial<Connection>): WorldState {
    const gone = { isDead: true, forth: EMPTY_QUEUE, back: EMPTY_QUEUE, ...told };
    const after = this.#replace(state, pair, place, gone);
    const left = at(after.connections, pair).filter(
      ({ isDead, dialled, accepted }) => !isDead || dialled || accepted,
    );
    return { ...after, connections: withItem(after.connections, pair, left) };
  }

  #replace(
    state: WorldState,
    pair: number,
    place: number,
    change: Partial<Connection>,
  ): WorldState {
    const connections = at(state.connections, pair);
    const changed = withItem(connections, place, { ...at(connections, place), ...change });
    return { ...state, connections: withItem(state.connections, pair, changed) };
  }

  #connectionAt(state: WorldState, pair: number, place: number): Connection {
    return at(at(state.connections, pair), place);
  }

  /** The same number at both ends; of one pair the newer connection has the greater. */
  #linkOf(pair: number, generation: number): LinkId {
    return generation * this.topology.pairs.length + pair;
  }

  #placeOf(state: WorldState, link: LinkId): { readonly pair: number; readonly place: number } {
    const pair = link % this.topology.pairs.length;
    const generation = Math.floor(link / this.topology.pairs.length);
    const place = at(state.connections, pair).findIndex(
      (connection) => connection.generation === generation,
    );
    return { pair, place };
  }

  /** A first word is said once: whoever says it twice is shut out by the driver. */
  #isRepeatable(queue: number): boolean {
    if (queue === EMPTY_QUEUE) return false;
    const { kind } = this.first(queue);
    return kind !== 'greeting' && kind !== 'heartbeat';
  }
}
