/**
 * A small world in motion: what a choice does to a state. What is swapped for the real thing, and how:
 * - Connections carry whole messages in order, as TCP does. One that breaks loses what is on its way;
 *   either end learns of it for itself, and the side that dialled may dial again before the other has.
 * - A disk syncs any number of the records written, at any time; a crash keeps those, and any number of
 *   the next ones.
 * - Time stands still but for timers. Any timer may go off next: one that goes off before an earlier one
 *   belongs to a process that was not paused meanwhile. Wall clocks do not move.
 * - Where there is a primary, each process has a clock of its own, moved by its own timers only: no
 *   promise may rest on the speed of clocks. All that the timers of a replica do until it acts on having
 *   heard nobody is one event, a silence; the words of life that it sends meanwhile are left out.
 * - Where members can change, a connection is made anew once both ends know that the old one is gone; a
 *   change is ordered when the world asks for it, and origins of earlier starts are not closed. An identity
 *   that is over does not begin anew as another.
 * - A step of a process happens as a whole: a crash between two of its effects looks to all others like a
 *   crash behind it that takes with it what was sent last, and loses what was written last.
 */

import type { Name } from '../base/ids.js';
import type { LinkId } from '../replica/events.js';
import { type Choice, type Side, progress, trouble } from './choices.js';
import { changed, connectionAt, cut, cutAll, linkOf, placeOf, sever } from './connections.js';
import type { Cores } from './cores.js';
import { faultsOfWorld } from './invariants.js';
import { at, withItem } from './lists.js';
import { EMPTY_ORDER, OrderTable } from './order.js';
import type { LocalEvent, ProcessView, Travelling } from './process.js';
import { takeNote } from './promises.js';
import { EMPTY_QUEUE, LocalStates, type LocalStep, MessageTable, QueueTable } from './tables.js';
import { type Topology, topologyOf } from './topology.js';
import type { Connection, WorldState } from './world-state.js';
import type { WorldDescription } from './world-description.js';

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;

/**
 * Before the trouble begins, so much time passes that whoever asked for something may ask once more; no
 * timer goes off so soon.
 */
const BREATH_MS = 100;

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
  readonly orders = new OrderTable();
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
    const { members, pairs, bits, isForced } = this.topology;
    const { crashes, breaks, duplicates, ticks, silences, cut, changes } = this.#description;
    let state: WorldState = {
      clocks: members.map(() => 0),
      crashes: crashes?.times ?? 0,
      breaks: breaks?.times ?? 0,
      duplicates: duplicates ?? 0,
      ticks: ticks?.times ?? 0,
      silences: silences?.times ?? 0,
      cuts: cut === undefined ? 0 : 1,
      changes: changes?.times ?? 0,
      isSevered: pairs.map(() => false),
      processes: members.map(() => 0),
      lives: members.map(() => 1),
      acknowledged: 0,
      acknowledgedTwice: 0,
      acknowledgedIn: [...bits].map(() => 0),
      order: EMPTY_ORDER,
      told: [...bits].map(() => ''),
      mustHold: pairs.map(() => 0),
      made: pairs.map(() => 0),
      connections: pairs.map(() => []),
    };
    state = this.#settle(state);
    if (!isForced) return state;
    // The first replica loses patience first, as soon as all know each other.
    state = this.#settle(this.#step(state, 0, { kind: 'silence', until: 'action' }).state);
    state = this.#settle(sever(state, (pair) => at(pairs, pair).isApart));
    const clocks = state.clocks.map((clockMs) => clockMs + BREATH_MS);
    return { ...state, clocks };
  }

  /** Everything goes on by itself, but that nobody makes a call. */
  #settle(from: WorldState): WorldState {
    for (let state = from; ; ) {
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
        return this.#step(state, choice.process, { kind: 'durable', count: choice.count });
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
          state: cut({ ...state, breaks: state.breaks - 1 }, choice, {}),
          faults: [],
          step: null,
        };
      case 'cut':
        return {
          state: sever({ ...state, cuts: 0 }, (pair) => at(this.topology.pairs, pair).mayBeCut),
          faults: [],
          step: null,
        };
      case 'silence': {
        const after = { ...state, silences: state.silences - 1 };
        const until = at(this.topology.members, choice.process).silence ?? 'action';
        return this.#step(after, choice.process, { kind: 'silence', until });
      }
      case 'change': {
        const { change } = at(this.topology.members, choice.process);
        const after = { ...state, changes: state.changes - 1 };
        return this.#step(after, choice.process, {
          kind: 'change',
          retire: change?.retire ?? null,
        });
      }
      case 'refused': {
        const peer = at(this.topology.members, choice.peer).name as Name;
        return this.#step(state, choice.process, { kind: 'refused', peer });
      }
      default:
        return this.#tick(state, choice.process);
    }
  }

  /** Time passes until a timer goes off: that of one process, or of all, as the world has it. */
  #tick(state: WorldState, process: number): Transition {
    const { wakeAtMs } = at(this.views(state), process);
    const nowMs = at(state.clocks, process);
    // What is due already takes no time.
    const isDue = this.topology.isForced && wakeAtMs <= nowMs;
    const ticks = isDue ? state.ticks : Math.max(0, state.ticks - 1);
    const clocks = this.topology.isForced
      ? withItem(state.clocks, process, Math.max(nowMs, wakeAtMs))
      : state.clocks.map(() => Math.max(nowMs, wakeAtMs));
    return this.#step({ ...state, ticks, clocks }, process, { kind: 'tick' });
  }

  /** The members have been changed, or were to be. */
  hasChanged({ changes }: WorldState): boolean {
    return changes < (this.#description.changes?.times ?? 0);
  }

  /** The end of all trouble: whoever is down starts, and whoever was cut off is not any more. */
  mended(state: WorldState): { readonly state: WorldState; readonly faults: readonly string[] } {
    const { pairs, members } = this.topology;
    const isSevered = pairs.map(({ isApart }) => isApart);
    let after: WorldState = { ...state, isSevered };
    const faults: string[] = [];
    members.forEach((_, process) => {
      const { isUp, isOver } = at(this.views(after), process);
      if (isUp || isOver) return;
      const transition = this.apply(after, { kind: 'start', process });
      faults.push(...transition.faults);
      after = transition.state;
    });
    return { state: after, faults };
  }

  /** Time passes for all processes, as long as it takes until the next timer goes off; null: there is none. */
  nextTimer(state: WorldState): { readonly state: WorldState; readonly choice: Choice } | null {
    let process = -1;
    let leastMs = Number.POSITIVE_INFINITY;
    this.views(state).forEach(({ wakeAtMs }, index) => {
      const leftMs = Math.max(0, wakeAtMs - at(state.clocks, index));
      if (leftMs >= leastMs) return;
      leastMs = leftMs;
      process = index;
    });
    if (process < 0) return null;
    const clocks = state.clocks.map((clockMs) => clockMs + leastMs);
    return { state: { ...state, clocks }, choice: { kind: 'tick', process } };
  }

  #deliver(
    state: WorldState,
    { pair, place, to, again }: Extract<Choice, { kind: 'deliver' }>,
  ): Transition {
    const connection = connectionAt(state, { pair, place });
    const isForth = to === 'acceptor';
    const queue = isForth ? connection.forth : connection.back;
    const message = this.first(queue);
    const left = again ? queue : this.queues.withoutFirst(queue);
    const isGreeting = message.kind === 'greeting';
    const duplicates = state.duplicates - (again ? 1 : 0);
    const after = changed(
      { ...state, duplicates },
      { pair, place },
      {
        ...(isForth ? { forth: left } : { back: left }),
        ...(isGreeting ? (isForth ? { accepted: true } : { dialled: true }) : {}),
      },
    );
    const { dialler, acceptor } = at(this.topology.pairs, pair);
    return this.#step(after, isForth ? acceptor : dialler, {
      kind: 'receive',
      link: linkOf(state, pair, connection.generation),
      message,
      dialled: !isForth,
    });
  }

  #notice(state: WorldState, pair: number, place: number, side: Side): Transition {
    const { generation } = connectionAt(state, { pair, place });
    const { dialler, acceptor } = at(this.topology.pairs, pair);
    const isDialler = side === 'dialler';
    const told = isDialler ? { dialled: false } : { accepted: false };
    const after = cut(state, { pair, place }, told);
    const link = linkOf(state, pair, generation);
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
    const link = linkOf(state, pair, generation);
    return this.#step({ ...state, made, connections }, dialler, { kind: 'dial', link });
  }

  #crash(state: WorldState, process: number, kept: number): Transition {
    const after = this.#disconnect({ ...state, crashes: state.crashes - 1 }, process);
    return this.#step(after, process, { kind: 'crash', kept });
  }

  /** A process is gone: the others have to learn it of their connections. */
  #disconnect(state: WorldState, process: number): WorldState {
    let after = state;
    this.topology.pairs.forEach(({ dialler, acceptor }, pair) => {
      if (dialler !== process && acceptor !== process) return;
      after = cutAll(after, pair, dialler === process ? { dialled: false } : { accepted: false });
      after = { ...after, mustHold: withItem(after.mustHold, pair, 0) };
    });
    return after;
  }

  /** Lets a process take an event in, and puts what it sends on its way. */
  #step(state: WorldState, process: number, event: WithoutTime<LocalEvent>): Transition {
    const nowMs = at(state.clocks, process);
    const text = this.#textOf(event, nowMs);
    const from = at(state.processes, process);
    const local = at(this.#locals, process).step(from, { ...event, nowMs }, text);
    let after: WorldState = { ...state, processes: withItem(state.processes, process, local.to) };
    const { endsAtMs } = local;
    if (endsAtMs !== null) after = { ...after, clocks: withItem(after.clocks, process, endsAtMs) };
    for (const { link, message } of local.sends) after = this.#send(after, process, link, message);
    for (const link of local.closes) after = this.#close(after, link);
    const faults: string[] = [];
    const { replica, isOver } = at(this.#locals, process).view(local.to);
    if (isOver) after = this.#disconnect(after, process);
    if (replica !== null && this.topology.isForced) {
      const { name } = at(this.topology.members, process);
      const { order, faults: found } = this.orders.take(after.order, name, replica.forced);
      faults.push(...found);
      after = { ...after, order };
    }
    for (const note of local.notes) {
      after = takeNote(this.topology, this.orders, after, note, faults);
    }
    faults.push(...faultsOfWorld(this.topology, this.orders, after, this.views(after)));
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
        return `${nowMs} ${kind} ${event.count}`;
      case 'refused':
        return `${nowMs} ${kind} ${event.peer}`;
      case 'silence':
        return `${nowMs} ${kind} ${event.until}`;
      case 'change':
        return `${nowMs} ${kind} ${event.retire}`;
      default:
        return `${nowMs} ${kind}`;
    }
  }

  /** What is sent on a connection that is gone goes nowhere. */
  #send(state: WorldState, process: number, link: LinkId, message: number): WorldState {
    const where = placeOf(state, link);
    if (where.place < 0) return state;
    const { isDead, forth, back } = connectionAt(state, where);
    if (isDead) return state;
    const isForth = at(this.topology.pairs, where.pair).dialler === process;
    return changed(
      state,
      where,
      isForth
        ? { forth: this.queues.with(forth, message) }
        : { back: this.queues.with(back, message) },
    );
  }

  /** Only clients leave a connection by themselves. */
  #close(state: WorldState, link: LinkId): WorldState {
    const where = placeOf(state, link);
    return where.place < 0 ? state : cut(state, where, { dialled: false });
  }

  /** A first word is said once: whoever says it twice is shut out by the driver. */
  #isRepeatable(queue: number): boolean {
    if (queue === EMPTY_QUEUE) return false;
    const { kind } = this.first(queue);
    return kind !== 'greeting' && kind !== 'heartbeat';
  }
}
