import { expect } from 'chai';
import fc from 'fast-check';
import type { Origin } from '../../src/base/ids.js';
import { formatJson, formatTraceJson } from '../../src/observe/json.js';
import { toTraceEvent } from '../../src/observe/trace.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { Trace } from '../../src/wire/messages.js';

const anyTimestamp = fc
  .array(fc.tuple(fc.string({ unit: 'binary' }) as fc.Arbitrary<Origin>, fc.nat()))
  .map((entries) => VectorTimestamp.of(entries));

const anyText = fc.string({ unit: 'binary' });
const anyTrace = fc.record<Trace, 'event'>(
  {
    event: anyText,
    id: anyText,
    from: anyText,
    to: anyText,
    before: anyTimestamp,
    after: anyTimestamp,
    detail: anyText,
  },
  { requiredKeys: ['event'] },
);

describe('observe: json', () => {
  it('writes the keys in their order, the time as ISO 8601', () => {
    const line = formatJson({
      detail: '1 record',
      after: { 'rm-1.x7~3f': 13, '!0': 3 },
      before: { 'rm-1.x7~3f': 12 },
      to: 'rm-2',
      from: 'rm-3',
      id: '41',
      event: 'gossip sent',
      host: 'rm-1',
      at: Date.UTC(2026, 0, 2, 12, 3, 4, 5),
    });
    expect(line).to.equal(
      '{"at":"2026-01-02T12:03:04.005Z","host":"rm-1","event":"gossip sent","id":"41",' +
        '"from":"rm-3","to":"rm-2","before":{"rm-1.x7~3f":12},' +
        '"after":{"rm-1.x7~3f":13,"!0":3},"detail":"1 record"}',
    );
  });

  it('writes what JSON reads back, on one line, whatever the texts', () => {
    const times = fc.date({ noInvalidDate: true });
    fc.assert(
      fc.property(anyTrace, anyText, times, (trace, host, time) => {
        const line = formatTraceJson(trace, host, time.getTime());
        const event = toTraceEvent(trace, host, time.getTime());
        const read: unknown = JSON.parse(line);
        // Through JSON once: in a plain object, names like __proto__ would not be keys.
        expect(read).to.deep.equal(
          JSON.parse(JSON.stringify({ ...event, at: time.toISOString() })),
        );
        expect(line).to.not.match(/[\p{Cc}\u2028\u2029]/u);
      }),
    );
  });

  it('gives the same line for a trace and for its event', () => {
    fc.assert(
      fc.property(anyTrace, anyText, fc.integer(), (trace, host, at) => {
        const fromTrace: unknown = JSON.parse(formatTraceJson(trace, host, at));
        expect(JSON.parse(formatJson(toTraceEvent(trace, host, at)))).to.deep.equal(fromTrace);
      }),
    );
  });

  it('follows the clock from event to event', () => {
    const at = (ms: number): unknown => JSON.parse(formatJson({ at: ms, host: 'h', event: 'e' }));
    expect([at(1), at(1), at(2), at(1)]).to.deep.equal(
      ['001', '001', '002', '001'].map((ms) => ({
        at: `1970-01-01T00:00:00.${ms}Z`,
        host: 'h',
        event: 'e',
      })),
    );
  });

  it('writes null for a time that no date can have', () => {
    expect(formatJson({ at: 1e300, host: 'h', event: 'e' })).to.equal(
      '{"at":null,"host":"h","event":"e"}',
    );
  });
});
