import { expect } from 'chai';
import fc from 'fast-check';
import type { Origin } from '../../src/base/ids.js';
import { Newest } from '../../src/observe/newest.js';
import { RecentEvents, toTraceEvent } from '../../src/observe/trace.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';

const origin = 'rm-1.x7k2m9qp~3fa8b1c0' as Origin;
const timestamp = VectorTimestamp.of([[origin, 12]]);

describe('observe: trace', () => {
  it('adds host and time, and makes timestamps plain objects', () => {
    const trace = { event: 'accepted rate', id: 'V1StGXR8:7', from: 'fe-1', before: timestamp };
    expect(toTraceEvent(trace, 'rm-1', 1500)).to.deep.equal({
      at: 1500,
      host: 'rm-1',
      event: 'accepted rate',
      id: 'V1StGXR8:7',
      from: 'fe-1',
      before: { [origin]: 12 },
    });
  });

  it('leaves out what the trace does not have', () => {
    const event = toTraceEvent({ event: 'disconnected', to: 'rm-2' }, 'rm-1', 0);
    expect(Object.keys(event)).to.have.members(['at', 'host', 'event', 'to']);
  });

  it('keeps the recent events only, oldest first', () => {
    const recent = new RecentEvents('rm-1', 2);
    for (const at of [1, 2, 3]) recent.add({ event: `event ${at}`, after: timestamp }, at);
    expect(recent.list()).to.deep.equal([
      { at: 2, host: 'rm-1', event: 'event 2', after: { [origin]: 12 } },
      { at: 3, host: 'rm-1', event: 'event 3', after: { [origin]: 12 } },
    ]);
  });

  it('holds the newest items of any stream, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.array(fc.nat()), (capacity, items) => {
        const newest = new Newest<number>(capacity);
        for (const item of items) newest.add(item);
        expect(newest.list()).to.deep.equal(items.slice(-capacity));
      }),
    );
  });
});
