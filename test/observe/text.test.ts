import { expect } from 'chai';
import fc from 'fast-check';
import { describeEvent, formatText } from '../../src/observe/text.js';
import type { TraceEvent } from '../../src/wire/messages.js';

const A = 'rm-1.x7k2m9qp~3fa8b1c0';
const A_RESTARTED = 'rm-1.x7k2m9qp~9c00ab12';
const B = 'rm-2.p0q1r2s3~9c00ab12';
const ID = 'V1StGXR8_Z5jdHi6B-myT:7';

/** The lines are in local time, wherever the test runs. */
const at = new Date(2026, 0, 2, 12, 3, 4, 7).getTime();

const line = (event: Omit<TraceEvent, 'at' | 'host'>): string =>
  formatText({ at, host: 'rm-2', ...event });
const timestampIn = (before: TraceEvent['before'], after: TraceEvent['after']): string =>
  describeEvent({
    at,
    host: 'rm-2',
    event: 'x',
    ...(before && { before }),
    ...(after && { after }),
  }).slice(2);

describe('observe: text', () => {
  it('tells time, host, what happened, from whom, and what moved', () => {
    const before = { [A]: 12, [B]: 3 };
    const after = { [A]: 13, [B]: 3 };
    expect(line({ event: 'executed rate', id: ID, from: A, before, after })).to.equal(
      '12:03:04.007 rm-2  executed rate V1StGX:7         ← rm-1      rm-1:12→13 | rm-2:3',
    );
    expect(line({ event: 'gossip sent', id: '41', to: 'rm-3', before, after })).to.equal(
      '12:03:04.007 rm-2  gossip sent #41                → rm-3      rm-1:12→13 | rm-2:3',
    );
    expect(line({ event: 'update rate', id: ID, to: 'rm-1 rm-2', before })).to.equal(
      '12:03:04.007 rm-2  update rate V1StGX:7           → rm-1 rm-2 at rm-1:12 rm-2:3',
    );
    expect(line({ event: 'query failed', detail: 'TIMEOUT: rm-1 lacks rm-2:9' })).to.equal(
      '12:03:04.007 rm-2  query failed                               (TIMEOUT: rm-1 lacks rm-2:9)',
    );
    expect(line({ event: 'disconnected', to: 'rm-1' })).to.equal(
      '12:03:04.007 rm-2  disconnected                   → rm-1',
    );
  });

  it('tells timestamps that did not move apart from single ones', () => {
    expect(timestampIn({ [A]: 12 }, { [A]: 12 })).to.equal('still rm-1:12');
    expect(timestampIn({ [A]: 12 }, undefined)).to.equal('at rm-1:12');
    expect(timestampIn(undefined, { [A]: 12 })).to.equal('at rm-1:12');
    expect(timestampIn({}, {})).to.equal('');
    expect(timestampIn({}, { [A]: 1, '!0': 2 })).to.equal('!0:0→2 rm-1:0→1');
    expect(timestampIn({ [A]: 2 }, { [B]: 1 })).to.equal('rm-1:2→0 rm-2:0→1');
  });

  it('tells two starts of a member apart where they meet', () => {
    expect(timestampIn({ [A]: 12, [A_RESTARTED]: 1 }, { [A]: 12, [A_RESTARTED]: 2 })).to.equal(
      'rm-1~9c:1→2 | rm-1~3f:12',
    );
    const event = { at, host: 'rm-2', event: 'executed rate', before: { [A_RESTARTED]: 1 } };
    expect(describeEvent({ ...event, from: A })).to.equal('executed rate ← rm-1~3f at rm-1~9c:1');
    expect(describeEvent({ ...event, from: 'rm-1' })).to.equal('executed rate ← rm-1 at rm-1:1');
    expect(timestampIn({ 'rm-1.x7~abc1': 1, 'rm-1.x7~abd2': 2 }, undefined)).to.equal(
      'at rm-1~abc:1 rm-1~abd:2',
    );
    expect(timestampIn({ 'rm-1.x7~ab': 1, 'rm-1.y8~ab': 2 }, undefined)).to.equal(
      'at rm-1.x7~ab:1 rm-1.y8~ab:2',
    );
  });

  it('shortens long timestamps', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`rm-${i}.x7~3f`, i + 1]));
    expect(timestampIn(many, { ...many, [B]: 1 })).to.match(/^rm-2~9c:0→1 \| .* and 3 more$/);
  });

  it('keeps a line a line, and a terminal a terminal', () => {
    const text = line({ event: 'query\u001b[31m failed', detail: 'a\nb\u202ec\u009b2J\u2028d' });
    expect(text).to.include('query [31m failed').and.to.include('(a b c 2J d)');
    const texts = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(texts, texts, texts, texts, fc.double(), (host, id, from, detail, time) => {
        const made = formatText({
          at: time,
          host,
          event: 'x',
          id,
          from,
          detail,
          after: { [id]: 1 },
        });
        expect(made).to.not.match(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
