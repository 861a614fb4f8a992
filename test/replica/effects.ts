/** Looking at what a step of a replica wants done. */

import { expect } from 'chai';
import { isAlias, type TravellingRecord } from '../../src/log/record.js';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import type { ReplicaToFrontend, ReplicaToReplica } from '../../src/wire/messages.js';

type Sent = ReplicaToFrontend | ReplicaToReplica;
type SentOf<Kind extends Sent['kind']> = Extract<Sent, { kind: Kind }>;
type EffectOf<Kind extends ReplicaEffect['kind']> = Extract<ReplicaEffect, { kind: Kind }>;

/** The messages of one kind among effects, in order. */
export function sends<Kind extends Sent['kind']>(
  effects: readonly ReplicaEffect[],
  kind: Kind,
): SentOf<Kind>[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.kind === kind ? [effect.message as SentOf<Kind>] : [],
  );
}

/** The only message of one kind among effects; fails when there is none or more than one. */
export function sent<Kind extends Sent['kind']>(
  effects: readonly ReplicaEffect[],
  kind: Kind,
): SentOf<Kind> {
  const found = sends(effects, kind);
  expect(found, `messages of kind ${kind}`).to.have.length(1);
  return found[0] as SentOf<Kind>;
}

/** The links that messages of one kind went to, in order. */
export function linksOf(effects: readonly ReplicaEffect[], kind: Sent['kind']): number[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.kind === kind ? [effect.link] : [],
  );
}

export function effectsOf<Kind extends ReplicaEffect['kind']>(
  effects: readonly ReplicaEffect[],
  kind: Kind,
): EffectOf<Kind>[] {
  return effects.filter((effect): effect is EffectOf<Kind> => effect.kind === kind);
}

/** `n` of each update executed by these effects. */
export const applied = (effects: readonly ReplicaEffect[]): number[] =>
  effectsOf(effects, 'apply').map(({ body }) => body.n);

/** `rm-2:3` of each record appended by these effects, with a `'` for an alias. */
export const appended = (effects: readonly ReplicaEffect[]): string[] =>
  effectsOf(effects, 'append').map(({ record }) => shown(record));

export const shown = (record: TravellingRecord): string =>
  `${record.origin.split('.')[0]}:${record.seq}${isAlias(record) ? "'" : ''}`;
