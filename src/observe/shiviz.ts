/**
 * Events of all processes as a log for ShiViz (Beschastnikh et al., *Debugging Distributed Systems*,
 * CACM 59(8), 2016; https://bestchai.bitbucket.io/shiviz), which draws who knew what from whom. It needs
 * a clock of events, which timestamps of updates are not: an entry a process that counts its events,
 * merged at each receive. The events carry none; it follows from their order at each process and from
 * the messages between them (`shiviz-messages.ts`).
 *
 * Whatever events come in, what goes out keeps ShiViz' rules:
 * - A process' own entry is 1 at its first event and rises by exactly 1 with each.
 * - An entry never names an event that is not in the log, or that comes further down.
 * - A process that started again is another process: `rm-1`, then `rm-1~2`.
 */

import type { TraceEvent } from '../wire/messages.js';
import { Newest } from './newest.js';
import { messagesOf } from './shiviz-messages.js';
import { describeEvent } from './text.js';
import { STARTED } from './trace.js';

/** What ShiViz' own default expects: the event on one line, then its process and its clock. */
const EXPRESSION = String.raw`(?<event>.*)\n(?<host>\S*) (?<clock>{.*})`;

/** More than a browser draws; about 10 MB of memory. */
const EVENTS_MAX = 20_000;

/** An event on its way into the log. */
interface Step {
  readonly event: TraceEvent;
  /** Its process: the host, and which start of it. */
  readonly process: string;
  /** Events of other processes that it comes after. */
  readonly causes: Step[];
  /** Null until it has its place in the log. */
  clock: Clock | null;
}

/** How many events of each process an event comes after; its own is the last of its process. */
type Clock = ReadonlyMap<string, number>;

/** Gathers events, of many processes in any order between them, and prints the newest 20,000. */
export class ShivizLog {
  readonly #events = new Newest<TraceEvent>(EVENTS_MAX);

  /** Events of one process must come in the order in which they happened there. */
  add(event: TraceEvent): void {
    this.#events.add(event);
  }

  /** The whole log, ready for upload, without the end of its last line. */
  print(): string {
    const entries = inCausalOrder(stepsByHost(this.#events.list())).map(
      (step) => `${labelOf(step.event)}\n${step.process} ${clockText(step)}`,
    );
    return [EXPRESSION, '', ...entries].join('\n');
  }
}

/** The steps of each host, in order, each with its causes at other hosts. */
function stepsByHost(events: readonly TraceEvent[]): Step[][] {
  const lanes = new Map<string, Step[]>();
  const starts = new Map<string, number>();
  const senders = new Map<string, Step>();
  const receivers: { readonly step: Step; readonly keys: readonly string[] }[] = [];
  for (const event of events) {
    const host = hostText(event.host);
    const lane = lanes.get(host) ?? [];
    lanes.set(host, lane);
    const start = (starts.get(host) ?? 1) + (event.event === STARTED && lane.length > 0 ? 1 : 0);
    starts.set(host, start);
    const process = start === 1 ? host : `${host}~${start}`;
    const step: Step = { event, process, causes: [], clock: null };
    lane.push(step);
    const { sends, receives } = messagesOf(event, host);
    // Of a message that is sent again, nobody can say which copy came: the first is surely before.
    for (const key of sends) if (!senders.has(key)) senders.set(key, step);
    if (receives.length > 0) receivers.push({ step, keys: receives });
  }
  for (const { step, keys } of receivers) {
    for (const key of keys) {
      const cause = senders.get(key);
      if (cause !== undefined) step.causes.push(cause);
    }
  }
  return [...lanes.values()];
}

/**
 * One line of all lanes in which causes come first, and else by time. Clocks of machines differ, so
 * time alone would not do. Where events claim to cause each other (an id was used twice), the earliest
 * goes first without its cause: the log then shows less than happened, but nothing impossible.
 */
function inCausalOrder(lanes: readonly (readonly Step[])[]): Step[] {
  const ordered: Step[] = [];
  const clocks = new Map<string, Clock>();
  // The next step of a lane is its last item: taking it away is cheap there.
  const left = lanes.map((lane) => lane.toReversed());
  for (;;) {
    const heads = left.flatMap((lane) => lane.at(-1) ?? []);
    if (heads.length === 0) return ordered;
    const ready = heads.filter((step) => step.causes.every((cause) => cause.clock !== null));
    const next = (ready.length > 0 ? ready : heads).reduce(earlier);
    left.find((lane) => lane.at(-1) === next)?.pop();
    next.clock = tick(next, clocks.get(next.process) ?? new Map());
    clocks.set(next.process, next.clock);
    ordered.push(next);
  }
}

const earlier = (a: Step, b: Step): Step => (b.event.at < a.event.at ? b : a);

/** The clock of a step: that of its process before, one further, merged with those of its causes. */
function tick(step: Step, before: Clock): Clock {
  const own = (before.get(step.process) ?? 0) + 1;
  // The own entry comes first, where a reader looks for it.
  const clock = new Map([[step.process, own], ...before, [step.process, own]]);
  for (const cause of step.causes) {
    for (const [process, count] of cause.clock ?? []) {
      clock.set(process, Math.max(clock.get(process) ?? 0, count));
    }
  }
  return clock;
}

/** A name that ShiViz can read: what else a host may be called would end it. */
const hostText = (host: string): string => host.replace(/[^A-Za-z0-9.-]/g, '-') || '-';

/** One line without braces, so that it cannot be taken for a line of process and clock. */
const labelOf = (event: TraceEvent): string =>
  describeEvent(event).replaceAll('{', '(').replaceAll('}', ')');

const clockText = (step: Step): string => JSON.stringify(Object.fromEntries(step.clock ?? []));
