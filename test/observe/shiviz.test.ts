import { expect } from 'chai';
import fc from 'fast-check';
import { SeededRandom } from '../../src/base/random.js';
import { ShivizLog } from '../../src/observe/shiviz.js';
import { STARTED } from '../../src/observe/trace.js';
import type { TraceEvent } from '../../src/wire/messages.js';
import { Execution } from './executions.js';
import { type ShivizEntry, readShiviz } from './shiviz-reader.js';

const HEADER = String.raw`(?<event>.*)\n(?<host>\S*) (?<clock>{.*})` + '\n\n';

function print(events: readonly TraceEvent[]): string {
  const log = new ShivizLog();
  for (const event of events) log.add(event);
  return log.print();
}

/** `host event` → clock, for events that differ. */
function clocksOf(events: readonly TraceEvent[]): Record<string, Record<string, number>> {
  const entries = readShiviz(print(events));
  return Object.fromEntries(
    entries.map(({ host, event, clock }) => [`${host} ${event}`, Object.fromEntries(clock)]),
  );
}

const at = (ms: number, host: string, event: string, rest: object = {}): TraceEvent => ({
  at: ms,
  host,
  event,
  ...rest,
});

/** Brings streams of hosts together in any way that keeps the order of each. */
function interleave(random: SeededRandom, events: readonly TraceEvent[]): TraceEvent[] {
  const lanes = new Map<string, TraceEvent[]>();
  for (const event of events) lanes.set(event.host, [...(lanes.get(event.host) ?? []), event]);
  const together: TraceEvent[] = [];
  while (lanes.size > 0) {
    const host = random.pick([...lanes.keys()]);
    const [next, ...left] = lanes.get(host) ?? [];
    if (next !== undefined) together.push(next);
    if (left.length > 0) lanes.set(host, left);
    else lanes.delete(host);
  }
  return together;
}

const happenedBefore = (a: ShivizEntry, b: ShivizEntry): boolean =>
  a !== b && (b.clock.get(a.host) ?? 0) >= (a.clock.get(a.host) ?? 0);

const anyHost = fc.constantFrom('rm-1', 'rm-2', 'fe-1');
const anyExecution = fc.record({ seed: fc.nat(), length: fc.integer({ min: 1, max: 60 }) });

describe('observe: ShiViz', () => {
  it('follows an update from the front end to two replicas and back', () => {
    const id = 'V1StGXR8:7';
    const clocks = clocksOf([
      at(5, 'fe-1', 'update rate', { id, to: 'rm-1 rm-2' }),
      at(9, 'fe-1', 'update rate done', { id, from: 'rm-1 rm-2' }),
      at(6, 'rm-1', 'accepted rate', { id, from: 'fe-1' }),
      at(7, 'rm-1', 'executed rate', { id }),
      // This clock is slow: the causes come first all the same.
      at(1, 'rm-2', 'connected'),
      at(2, 'rm-2', 'accepted rate', { id, from: 'fe-1' }),
      at(3, 'rm-2', 'executed rate', { id }),
    ]);
    expect(clocks).to.deep.equal({
      'rm-2 connected': { 'rm-2': 1 },
      'fe-1 update rate V1StGX:7 → rm-1 rm-2': { 'fe-1': 1 },
      'rm-2 accepted rate V1StGX:7 ← fe-1': { 'rm-2': 2, 'fe-1': 1 },
      'rm-2 executed rate V1StGX:7': { 'rm-2': 3, 'fe-1': 1 },
      'rm-1 accepted rate V1StGX:7 ← fe-1': { 'rm-1': 1, 'fe-1': 1 },
      'rm-1 executed rate V1StGX:7': { 'rm-1': 2, 'fe-1': 1 },
      'fe-1 update rate done V1StGX:7 ← rm-1 rm-2': { 'fe-1': 2, 'rm-1': 2, 'rm-2': 3 },
    });
  });

  it('writes the own entry first, under the header for uploads', () => {
    expect(
      print([
        at(1, 'rm-1', 'gossip sent', { id: '4', to: 'rm-2' }),
        at(2, 'rm-2', 'gossip received', { id: '4', from: 'rm-1' }),
      ]),
    ).to.equal(
      `${HEADER}gossip sent #4 → rm-2\nrm-1 {"rm-1":1}\n` +
        'gossip received #4 ← rm-1\nrm-2 {"rm-2":1,"rm-1":1}',
    );
  });

  it('gives a receive whose send was not seen its own tick alone', () => {
    expect(
      clocksOf([
        at(1, 'rm-1', 'gossip sent', { id: '3', to: 'rm-2' }),
        at(2, 'rm-1', 'gossip sent', { id: '4', to: 'rm-3' }),
        at(3, 'rm-2', 'gossip received', { id: '4', from: 'rm-1' }),
        at(4, 'rm-2', 'fetch received', { from: 'rm-1' }),
      ]),
    ).to.deep.include({
      'rm-2 gossip received #4 ← rm-1': { 'rm-2': 1 },
      'rm-2 fetch received ← rm-1': { 'rm-2': 2 },
    });
  });

  it('makes a process that started again another one', () => {
    expect(
      clocksOf([
        at(1, 'rm-1', STARTED),
        at(2, 'rm-1', 'a'),
        at(3, 'rm-1', STARTED, { detail: 'again' }),
        at(4, 'rm-1', 'gossip sent', { id: 'two:1', to: 'rm-2' }),
        at(5, 'rm-2', 'gossip received', { id: 'two:1', from: 'rm-1' }),
      ]),
    ).to.deep.equal({
      [`rm-1 ${STARTED}`]: { 'rm-1': 1 },
      'rm-1 a': { 'rm-1': 2 },
      [`rm-1~2 ${STARTED} (again)`]: { 'rm-1~2': 1 },
      'rm-1~2 gossip sent two:1 → rm-2': { 'rm-1~2': 2 },
      'rm-2 gossip received two:1 ← rm-1': { 'rm-2': 1, 'rm-1~2': 2 },
    });
  });

  it('shows exactly what happened before what, however the streams come together', () => {
    let messages = 0;
    fc.assert(
      fc.property(anyExecution, ({ seed, length }) => {
        const random = new SeededRandom(seed);
        const { events } = new Execution(random, length);
        const entries = readShiviz(
          print(
            interleave(
              random,
              events.map(({ event }) => event),
            ),
          ),
        );
        const found = events.map(({ event }) =>
          entries.find((entry) => entry.event.endsWith(`(${event.detail})`)),
        ) as ShivizEntry[];
        expect(entries).to.have.lengthOf(events.length).and.to.have.members(found);
        events.forEach((later, i) => {
          events.forEach((earlier, j) => {
            const said = happenedBefore(found[j] as ShivizEntry, found[i] as ShivizEntry);
            expect(said, `${earlier.event.detail} before ${later.event.detail}`).to.equal(
              later.past.has(earlier),
            );
            if (said && earlier.event.host !== later.event.host) messages++;
          });
        });
      }),
    );
    expect(messages).to.be.above(1000);
  });

  it('claims nothing that did not happen when the beginning of streams is missing', () => {
    fc.assert(
      fc.property(anyExecution, fc.array(fc.nat(10)), ({ seed, length }, unseen) => {
        const random = new SeededRandom(seed);
        const { events } = new Execution(random, length);
        const left = new Map(['rm-1', 'rm-2', 'rm-3', 'fe-1'].map((h, i) => [h, unseen[i] ?? 0]));
        const seen = events.filter(({ event: { host } }) => {
          const skip = left.get(host) ?? 0;
          left.set(host, skip - 1);
          return skip <= 0;
        });
        const entries = readShiviz(
          print(
            interleave(
              random,
              seen.map(({ event }) => event),
            ),
          ),
        );
        const trueOf = (entry: ShivizEntry) =>
          seen.find(({ event }) => entry.event.endsWith(`(${event.detail})`));
        for (const later of entries) {
          const past = trueOf(later)?.past;
          for (const earlier of entries) {
            const cause = trueOf(earlier);
            if (!happenedBefore(earlier, later) || cause === undefined) continue;
            expect(past?.has(cause), `${earlier.event} before ${later.event}`).to.equal(true);
          }
        }
      }),
    );
  });

  it('never lets an event look like a process and its clock', () => {
    const lies = [at(1, 'rm-1', 'a'), at(2, 'rm-1', 'rm-2 {"rm-2":1}'), at(3, 'rm-1', 'b')];
    expect(readShiviz(print(lies)).map(({ host }) => host)).to.deep.equal(['rm-1', 'rm-1', 'rm-1']);
  });

  it('keeps the rules whatever events it is given', () => {
    const text = fc.string({ unit: 'binary' });
    const anyId = fc.oneof(fc.constantFrom('1', '2', 'session1:1'), text);
    const anyEvent = fc.record(
      {
        at: fc.oneof(fc.nat(5), fc.double()),
        host: fc.oneof({ weight: 9, arbitrary: anyHost }, { weight: 1, arbitrary: text }),
        event: fc.oneof(
          fc.constantFrom('gossip sent', 'fetch sent', 'fetch answered', 'update x', 'query x'),
          fc.constantFrom('accepted x', 'executed x', 'update x done', 'query x done', STARTED),
          text,
        ),
        id: anyId,
        from: fc.oneof(anyHost, fc.constant('rm-1 rm-2'), text),
        to: fc.oneof(anyHost, fc.constant('rm-1 rm-2'), text),
        detail: fc.oneof(fc.constant('\nrm-1 {"rm-1":7}'), text),
      },
      { requiredKeys: ['at', 'host', 'event'] },
    );
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 40 }), (events) => {
        expect(readShiviz(print(events))).to.have.lengthOf(events.length);
      }),
      { numRuns: 200 },
    );
  });

  it('holds the newest 20,000 events', () => {
    const events = Array.from({ length: 20_001 }, (_, i) => at(i, 'rm-1', `event ${i}`));
    const entries = readShiviz(print(events));
    expect(entries).to.have.lengthOf(20_000);
    expect(entries[0]?.event).to.equal('event 1');
  });
});

describe('observe: the reader of ShiViz logs that the tests trust', () => {
  const rejects = (name: string, body: string, rule: RegExp): void => {
    it(`rejects ${name}`, () => {
      expect(() => readShiviz(HEADER + body)).to.throw(rule);
    });
  };
  rejects('an entry that begins at 2', 'a\nh {"h":2}', /rise by 1/);
  rejects('an entry that skips one', 'a\nh {"h":1}\nb\nh {"h":3}', /rise by 1/);
  rejects('a clock without its host', 'a\nh {"g":1}', /rise by 1/);
  rejects('a host without events', 'a\nh {"h":1,"g":1}', /no earlier event/);
  rejects('an event before its cause', 'a\nh {"h":1,"g":1}\nb\ng {"g":1}', /no earlier event/);
  rejects('a clock that forgets', 'a\ng {"g":1}\nb\nh {"h":1,"g":1}\nc\nh {"h":2}', /forgets g:1/);
  rejects(
    'a clock that does not know what its cause knew',
    'a\ng {"g":1}\nb\nh {"h":1,"g":1}\nc\nk {"k":1,"h":1}',
    /but not its g:1/,
  );
  rejects('stray text', 'a\nb\nh {"h":1}', /not two lines|text between/);
  rejects('CR LF', 'a\r\nh {"h":1}', /LF/);
});
