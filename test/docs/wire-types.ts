/**
 * The types of fields as docs/protocol.md writes them, each with raw values that it takes and that it
 * does not: a field's schema in the code must judge them the same way.
 */

import { ERROR_CODES } from '../../src/base/errors.js';
import { LIMITS } from '../../src/base/limits.js';

export interface Samples {
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
}

const LARGEST = Number.MAX_SAFE_INTEGER;
const whole: Samples = { good: [0, 1, 300, LARGEST], bad: [-1, 0.5, '1', null, LARGEST + 1] };
const texts = (most: number): Samples => ({
  good: ['', 'é', 'x'.repeat(most)],
  bad: ['x'.repeat(most + 1), 1, null, []],
});
const digest = '0123456789abcdef0123456789abcdef';
const recordStart = [0, 1, 0, 'V1StGXR8_Z5jdHi6', 1];
const noOp = [1, [1, 'rm-1.x7'], 0, 0];
const body = ['V1StGXR8_Z5jdHi6', 1, 0, [0, 0], 'set', {}, ''];
const beforeAll = [0, null];
const members = [
  ['rm-1', 'rm-1.x7', '127.0.0.1:7200'],
  ['rm-2', null, ''],
];
const configuration = [1, members, ['rm-3.b8'], [0], 1];
const finals = [[0, 7]];

const NAMED: Readonly<Record<string, Samples>> = {
  whole,
  timestamp: whole,
  origin: whole,
  count: { good: [1, LARGEST], bad: [0, -1, 1.5, null] },
  time: { good: [1, LIMITS.timeoutMs], bad: [0, LIMITS.timeoutMs + 1, 0.5] },
  flag: { good: [true, false], bad: [0, 'true', null] },
  text: texts(LIMITS.stringLength),
  'long text': texts(16 * LIMITS.stringLength),
  name: { good: ['rm-1', 'a'], bad: ['RM', '', '1a', 'a'.repeat(33), null] },
  'member id': { good: ['rm-1.x7', 'a.00'], bad: ['rm-1', 'rm-1.x', 'rm-1.x7~3f', 1, null] },
  session: {
    good: ['V1StGXR8_Z5jdHi6', 'a'.repeat(8)],
    bad: ['a'.repeat(7), 'a'.repeat(33), 'a b c d e'],
  },
  code: { good: Object.keys(ERROR_CODES), bad: ['invalid', 'RETIRED', null] },
  stamp: {
    good: [
      [0, 0],
      [36 ** 9 - 1, 2 ** 32 - 1],
    ],
    bad: [[0], [36 ** 9, 0], [0, 2 ** 32], [-1, 0], 0],
  },
  args: { good: [{}, { a: [1, { b: null }] }], bad: [[], null, 'x', 1] },
  any: { good: [null, 0, 'x', [], {}], bad: [] },
  bytes: { good: [Uint8Array.of(), Uint8Array.of(1, 2)], bad: ['x', [1], null] },
  hash: texts(64),
  outcome: {
    good: [
      ['value', { a: 1 }],
      ['holds', null],
      ['executed', null],
      ['refused', 'no'],
    ],
    bad: [['value'], ['other', null], ['refused', null], null],
  },
  result: {
    good: [
      ['value', { a: 1 }],
      ['refused', 'no'],
      ['repeated', null],
      ['expired', null],
    ],
    bad: [['value'], ['holds', null], ['refused', null], null],
  },
  reply: {
    good: [
      [['value', 1], 0, 2, [0, 0]],
      ['UNAVAILABLE', 'no'],
    ],
    bad: [['NO_CODE', 'no'], ['UNAVAILABLE'], [['value', 1], 0, 2], null],
  },
  digest: { good: [digest], bad: [digest.toUpperCase().replace('0', 'A'), digest.slice(1), null] },
  ballot: {
    good: [beforeAll, [1, 'rm-1.x7'], [LARGEST, 'rm-1.x7']],
    bad: [[0, 'rm-1.x7'], [1, null], [1, 'rm-1'], [1], null],
  },
  tip: { good: [[beforeAll, 0]], bad: [[beforeAll, -1], [beforeAll], [0, 0], null] },
  standing: {
    good: [
      [beforeAll, beforeAll, 0, 0, false, null],
      [[2, 'rm-2.x7'], [1, 'rm-1.x7'], 5, 4, true, ['rm-2', [2, 'rm-2.x7']]],
    ],
    bad: [[beforeAll, beforeAll, 0, 0, false], [beforeAll, beforeAll, 0, 0, false, 'rm-2'], null],
  },
  entry: {
    good: [
      noOp,
      [...noOp, ...body],
      [...noOp, ['configure', [configuration]]],
      [...noOp, ['activate', [2, 0, finals]]],
      [...noOp, ['drop', [[0]]]],
      [...noOp, ['recover', [1, 'plan', 5, configuration, 0, finals]]],
    ],
    bad: [
      noOp.slice(1),
      [0, ...noOp.slice(1)],
      [...noOp, ...body.slice(1)],
      [...noOp, ['other', [configuration]]],
      [...noOp, ['drop', [configuration]]],
      null,
    ],
  },
  record: {
    good: [
      [...recordStart, [0, 0], 'set', {}, ''],
      [...recordStart, digest],
    ],
    bad: [
      recordStart,
      [...recordStart, 'no digest'],
      [0, 0, 0, 'V1StGXR8_Z5jdHi6', 1, digest],
      null,
    ],
  },
  /** The only word where others may come. */
  retire: { good: ['retire'], bad: ['add', '', null] },
  boot: {
    good: [
      [1, 'q0z9'],
      [0, ''],
    ],
    bad: [[1], ['1', 'q0z9'], [1, null], null],
  },
  address: {
    good: [['fe-1', '127.0.0.1:7100']],
    bad: [['fe-1'], ['FE', ''], ['fe-1', null], null],
  },
  configuration: {
    good: [configuration, [2, [], [], [], 2]],
    bad: [[0, ...configuration.slice(1)], configuration.slice(1), [1, [], [], [], 0], null],
  },
  final: { good: [[0, 0], finals[0]], bad: [[0], [0, -1], ['rm-1.x7~3f', 1], null] },
  event: {
    good: [
      { at: 1, host: 'rm-1', event: 'x' },
      { at: 1, host: 'rm-1', event: 'x', id: '1', before: { a: 1 }, more: true },
    ],
    bad: [{ host: 'rm-1', event: 'x' }, { at: 1, host: 'rm-1', event: 'x', before: 3 }, null],
  },
};

/** Values of a type as the page writes it; throws when it is none that the page explains. */
export function samplesOf(type: string): Samples {
  const named = NAMED[type];
  if (named !== undefined) return named;
  const nullable = /^(.*) or nil$/.exec(type);
  if (nullable !== null) {
    const { good, bad } = samplesOf(nullable[1] ?? '');
    return { good: [...good, null], bad: bad.filter((value) => value !== null) };
  }
  const list = /^list of up to (\d+) (.*)$/.exec(type);
  if (list !== null) return samplesOfList(Number(list[1]), samplesOf(list[2] ?? ''));
  const tuple = /^\[(.*)\]$/.exec(type);
  if (tuple !== null) return samplesOfTuple((tuple[1] ?? '').split(', ').map(samplesOf));
  if (type.includes(' / ')) {
    const words = type.split(' / ');
    if (!words.every((word) => /^\d+$/.test(word)))
      return { good: words, bad: ['other', '', null] };
    const numbers = words.map(Number);
    return { good: numbers, bad: [Math.min(...numbers) - 1, Math.max(...numbers) + 1, 0.5, null] };
  }
  throw new Error(`docs/protocol.md does not explain the type "${type}"`);
}

function samplesOfList(most: number, { good, bad }: Samples): Samples {
  const one = good[0];
  return {
    good: [[], good, Array.from({ length: most }, () => one)],
    bad: [...bad.map((value) => [value]), Array.from({ length: most + 1 }, () => one), null, {}],
  };
}

function samplesOfTuple(items: readonly Samples[]): Samples {
  const usual = items.map(({ good }) => good[0]);
  const withItem = (at: number, value: unknown): unknown[] => usual.with(at, value);
  return {
    good: items.flatMap(({ good }, at) => good.map((value) => withItem(at, value))),
    bad: [
      ...items.flatMap(({ bad }, at) => bad.map((value) => withItem(at, value))),
      usual.slice(1),
      null,
    ],
  };
}
