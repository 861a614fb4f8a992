/**
 * What causal operations of the service hungry mean: the details of each user are a register, written
 * whole, and so is the message of the day. Forced operations are in `hungry-forced.ts`.
 */

import type { History, HistoryOperation } from './history.js';
import { hungryForced } from './hungry-forced.js';
import { identityOf, type Meaning, MeaningBuilder } from './meaning.js';
import { oddAnswer } from './words.js';

/** Nobody is registered at first; what the first message is stands in the initial data. */
const NOBODY = identityOf(null);

type Fields = Readonly<Record<string, unknown>>;

export function hungryMeaning(history: History): Meaning {
  const builder = new MeaningBuilder(history, hungryForced.updates);
  const motd = (): number => builder.register('the message of the day', null);
  const details = (user: string): number => builder.register(`the details of ${user}`, NOBODY);
  history.operations.forEach(({ kind, operation, user, args }, index) => {
    if (kind !== 'update') return;
    if (operation === 'setMotd') builder.write(index, motd(), identityOf(trimmed(args['text'])));
    else if (operation === 'register') builder.write(index, details(user), identityOfDetails(args));
    else if (!hungryForced.updates.has(operation)) builder.note(unknownWords(operation));
  });
  history.operations.forEach((query, index) => {
    if (query.kind !== 'query' || query.outcome.kind !== 'answered') return;
    const { value } = query.outcome;
    switch (query.operation) {
      case 'motd':
        builder.read(index, motd(), identityOf(value));
        break;
      case 'details':
        if (value === null) builder.read(index, details(query.user), NOBODY);
        else if (typeof value !== 'object') {
          builder.violations.push(oddAnswer(history.operations, index));
        } else builder.read(index, details(query.user), identityOfDetails(value as Fields));
        break;
      case 'deliveries':
        break;
      default:
        if (!hungryForced.queries.has(query.operation)) builder.note(unknownWords(query.operation));
    }
  });
  return builder.finish();
}

/** What the customer says; the service shows it trimmed, and the postcode in its usual form. */
function identityOfDetails({ first, last, phone, postcode, address }: Fields): string {
  const code =
    typeof postcode === 'string' ? postcode.replaceAll(/\s/g, '').toUpperCase() : postcode;
  return identityOf([first, last, phone, code, address].map(trimmed));
}

const trimmed = (value: unknown): unknown => (typeof value === 'string' ? value.trim() : value);

const unknownWords = (operation: HistoryOperation['operation']): string =>
  `${operation} was not checked: the checkers do not know it`;
