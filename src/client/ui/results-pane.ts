/**
 * The pane of answers, newest first. Lines of an exchange are kept with it (an exchange never changes),
 * so that no frame lays out again what was answered before.
 */

import type { PlainTimestamp } from '../api.js';
import { between, type Line, plainText, type Role, type Span, span, wrap } from './line.js';
import { shortTimestamp } from './short-timestamp.js';
import { type Exchange, passes, type State } from './state.js';
import { valueLines } from './value-lines.js';

/** Cells that an answer stands to the right of its request. */
const INDENT = 2;

interface Kept {
  readonly width: number;
  readonly raw: boolean;
  readonly lines: readonly Line[];
}
const keptLines = new WeakMap<Exchange, Kept>();

/** All lines of the pane that pass its filter; empty when nothing was asked yet. */
export function resultLines(state: State, width: number): Line[] {
  const filter = state.filters.results;
  return state.exchanges.flatMap((exchange) => {
    const [heading, ...answer] = linesOf(exchange, width, state.rawResults);
    if (heading === undefined) return [];
    if (filter === '') return [heading, ...answer, []];
    const passing = answer.filter((line) => passes(plainText(line), filter));
    if (passing.length > 0) return [heading, ...passing, []];
    return passes(exchange.request, filter) ? [heading, []] : [];
  });
}

/** What a newcomer reads where no answer is yet. */
export const RESULT_HINTS: readonly string[] = [
  'To ask: choose an operation in panel 1 with the arrow keys, press Enter, fill in the form, and ' +
    'press Enter again.',
  'Answers will stand here, the newest first.',
  'Each says how fresh it is, or how many replicas hold the update on disk.',
];

function linesOf(exchange: Exchange, width: number, raw: boolean): readonly Line[] {
  const kept = keptLines.get(exchange);
  if (kept?.width === width && kept.raw === raw) return kept.lines;
  const heading = between(
    [span(exchange.request, exchange.operation.kind)],
    verdictOf(exchange),
    width,
  );
  const answer = answerLines(exchange, width - INDENT, raw);
  const lines = [heading, ...answer.map((line) => [span(' '.repeat(INDENT)), ...line])];
  keptLines.set(exchange, { width, raw, lines });
  return lines;
}

/** What was reached, at the right of the request. */
function verdictOf({ outcome, consistency }: Exchange): Span[] {
  switch (outcome.kind) {
    case 'waiting':
      return [
        span(outcome.seconds === 0 ? 'waiting …' : `waiting ${outcome.seconds} s …`, 'warning'),
      ];
    case 'value':
      return [
        span(outcome.guarantee, guaranteeRole(outcome.guarantee, consistency)),
        ...took(outcome.tookMs),
      ];
    case 'done':
      return [
        span(copiesText(outcome.copies), copiesRole(outcome.copies)),
        ...took(outcome.tookMs),
      ];
    case 'failed':
      return [
        span(outcome.definite ? outcome.code : `${outcome.code}, outcome unknown`, 'bad'),
        ...took(outcome.tookMs),
      ];
  }
}

const took = (ms: number): Span[] => [span(` ${Math.round(ms)} ms`, 'faint')];

/** `causal` where more was hoped for is worth a look. */
export const guaranteeRole = (guarantee: 'causal' | 'fresh', asked: State['consistency']): Role =>
  guarantee === 'fresh' || asked === 'causal' ? 'good' : 'warning';

const copiesText = (copies: number): string => (copies === 1 ? '1 copy' : `${copies} copies`);
export const copiesRole = (copies: number): Role => (copies > 1 ? 'good' : 'warning');

function answerLines({ outcome, operation }: Exchange, width: number, raw: boolean): Line[] {
  switch (outcome.kind) {
    case 'waiting':
      return [];
    case 'value':
      return [...valueLines(outcome.value, width, raw), ...seenLines(outcome.timestamp, width)];
    case 'done':
      return [
        ...(outcome.result === null || outcome.result === undefined
          ? [[span('done', 'good')]]
          : valueLines(outcome.result, width, raw)),
        ...seenLines(outcome.timestamp, width),
      ];
    case 'failed': {
      const lines = wrap(outcome.message, width, 'bad');
      if (outcome.definite || operation.kind === 'query') return lines;
      return [
        ...lines,
        ...wrap('It may have been carried out, or may still be.', width, 'warning'),
      ];
    }
  }
}

function seenLines(timestamp: PlainTimestamp, width: number): Line[] {
  const text = shortTimestamp(timestamp);
  return text === '' ? [] : wrap(`at ${text}`, width, 'faint');
}
