/** What became of a request, as `[kind, content]`: a value, words of refusal, or nil for all else. */

import { z } from 'zod';
import { LIMITS } from '../base/limits.js';
import { anything, type Field, oneOf, text } from './fields.js';
import { listOf } from './frame.js';
import { malformed } from './unpack.js';

/** Words for people. */
export const message = text(16 * LIMITS.stringLength);

type OutcomeOf<Bare extends string> =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: Bare };

/** A value, a refusal, or one of `bare`, which say no more than their name. */
export function outcomeField<const Bare extends string>(
  bare: readonly [Bare, ...Bare[]],
): Field<OutcomeOf<Bare>> {
  const bareKind = oneOf(bare);
  return {
    schema: z.union([
      z.tuple([z.enum(['value', ...bare]), anything.schema]),
      z.tuple([z.literal('refused'), message.schema]),
    ]),
    write: (outcome) => {
      if ('value' in outcome) return [outcome.kind, outcome.value];
      return [outcome.kind, 'message' in outcome ? outcome.message : null];
    },
    read: (raw, reader) => {
      const pair = listOf(raw, 'an outcome');
      if (pair.length !== 2) throw malformed('an outcome is a list of two');
      const [kind, content] = pair;
      if (kind === 'value') return { kind, value: content };
      if (kind === 'refused') return { kind, message: message.read(content, reader) };
      return { kind: bareKind.read(kind, reader) };
    },
  };
}
