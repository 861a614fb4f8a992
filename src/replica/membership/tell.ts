/** Front ends are told of the configuration before anything is answered under it (PROTOCOL C, Label). */

import { LIMITS } from '../../base/limits.js';
import type { LinkId } from '../events.js';
import type { Turn } from '../turn.js';
import type { ReplicaState } from '../state.js';

export function tellConfiguration({ state, effects }: Turn, link: LinkId): void {
  const { membership } = state;
  if (membership.isFixed || state.change.label !== membership.configuration.epoch) return;
  const { configuration, isActivated, cut } = membership;
  effects.push({
    kind: 'send',
    link,
    message: {
      kind: 'configuration',
      configuration,
      cut: isActivated ? membership.normalise(cut).timestamp : null,
      frontends: frontendsOf(state),
    },
  });
}

/** Whoever says that it is a front end is one: those that came later than so many are left out. */
const frontendsOf = ({ frontends }: ReplicaState) =>
  [...new Map([...frontends.values()].map((each) => [each.name, each])).values()].slice(
    0,
    LIMITS.frontendsTold,
  );

/** Tells all front ends where something has changed since they were told last. */
export function tellWhenChanged(turn: Turn): void {
  const { state } = turn;
  const { membership, change } = state;
  if (membership.isFixed || change.label !== membership.configuration.epoch) return;
  const { isActivated } = membership;
  const { told, label, frontendsVersion: version } = change;
  if (told?.label === label && told.isActivated === isActivated && told.version === version) return;
  change.told = { label, isActivated, version };
  for (const link of state.frontends.keys()) tellConfiguration(turn, link);
}

/** A network that loses what was told once must not keep a front end in the past, ms. */
const TELL_EVERY_MS = 3000;

export function tellNowAndThen(turn: Turn): void {
  const { state, nowMs } = turn;
  if (nowMs < state.change.toldAtMs + TELL_EVERY_MS) return;
  state.change.toldAtMs = nowMs;
  for (const link of state.frontends.keys()) tellConfiguration(turn, link);
}
