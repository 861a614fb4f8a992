/** Operations in words, for those who read what a checker found. */

import type { HistoryOperation, Violation } from './history.js';
import { identityOf } from './meaning.js';

/** Longer arguments and answers are cut. */
const TEXT_LENGTH = 120;

/** An operation with its place in the history, what it did, who sent it where and when, how it ended. */
export function describe(operations: readonly HistoryOperation[], index: number): string {
  const operation = operations[index];
  if (operation === undefined) return `#${index}`;
  const { session, user, calledMs } = operation;
  const who = user === '' ? `session ${session}` : `session ${session} of user ${user}`;
  return `#${index} ${requestOf(operation)} (${who}, ${frontEndOf(operation)}, sent at ${milliseconds(calledMs)}, ${endOf(operation)})`;
}

/** An answer of a form that the operation never gives. */
export function oddAnswer(operations: readonly HistoryOperation[], index: number): Violation {
  const outcome = operations[index]?.outcome;
  const value = outcome?.kind === 'answered' ? short(identityOf(outcome.value)) : 'nothing';
  return {
    promise: 'no thin air',
    words: `${describe(operations, index)} was answered with ${value}, which is no possible answer`,
    operations: [index],
  };
}

const requestOf = ({ operation, args }: HistoryOperation): string =>
  Object.entries(args).reduce(
    (text, [name, value]) => `${text} ${name}=${short(identityOf(value))}`,
    operation,
  );

function frontEndOf({ sentTo, answeredBy }: HistoryOperation): string {
  const from = sentTo ?? 'no front end';
  return answeredBy === null || answeredBy === sentTo ? from : `${from} then ${answeredBy}`;
}

function endOf({ outcome, returnedMs, final }: HistoryOperation): string {
  const when = returnedMs === null ? '' : ` at ${milliseconds(returnedMs)}`;
  switch (outcome.kind) {
    case 'updated':
      return `acknowledged with ${copies(outcome.copies)}${resultOf(outcome.result)}${placeWords(outcome.order)}${when}`;
    case 'answered':
      return `answered as ${outcome.guarantee}${final ? ', final' : ''}${when}`;
    case 'failed':
      return `failed for certain with ${outcome.code}${placeWords(outcome.order)}${when}`;
    case 'unknown':
      return `outcome unknown, ${outcome.code}${when}`;
  }
}

export const copies = (count: number): string => (count === 1 ? '1 copy' : `${count} copies`);

const resultOf = (result: unknown): string =>
  result === undefined || result === null ? '' : `, result ${short(identityOf(result))}`;

const placeWords = (order: number | undefined): string =>
  order === undefined ? '' : `, place ${order} in the order`;

const milliseconds = (ms: number): string => `${Math.round(ms * 10) / 10} ms`;

const short = (text: string): string =>
  text.length <= TEXT_LENGTH ? text : `${text.slice(0, TEXT_LENGTH)}… (${text.length} characters)`;
