/**
 * Another configuration is in force, or one that was known is activated (PROTOCOL C). What replicas have
 * said is looked at again in its light: copies are those of its members under its label, collections
 * begin anew, and whoever is no member any more is not waited for. No request fails by it.
 */

import type { FrontendEvent } from './events.js';
import { advanceForced } from './on-forced.js';
import { onActivated, onNewEpoch } from './on-query.js';
import { recount } from './on-update.js';
import { type FrontendState, isListed, isMember, type Pending, unknownReplica } from './state.js';
import { distinctPending, type Turn, trace } from './turn.js';

type ConfigurationEvent = Extract<FrontendEvent, { kind: 'configuration' }>;

export function onConfiguration(turn: Turn, { configuration, cut }: ConfigurationEvent): void {
  const { state } = turn;
  const { known } = state;
  if (state.self.members !== null) return;
  const { epoch } = configuration;
  const knownEpoch = known?.configuration.epoch ?? 0;
  if (epoch < knownEpoch) return;
  if (known !== null && epoch === knownEpoch) {
    if (known.cut !== null || cut === null) return;
    known.cut = cut;
    for (const pending of distinctPending(state)) {
      if (pending.kind === 'query') onActivated(turn, pending);
    }
    return;
  }
  state.known = { configuration, cut };
  noteMembers(state);
  trace(turn, () => ({
    event: `epoch ${epoch}`,
    detail: configuration.members.map(({ name }) => name).join(' '),
  }));
  for (const pending of distinctPending(state)) {
    forgetStrangers(state, pending);
    if (pending.kind === 'update') recount(turn, pending);
    else if (pending.kind === 'forced') advanceForced(turn, pending);
    else onNewEpoch(turn, pending);
  }
}

/** Members are listed whether or not they are connected, others only while they are. */
function noteMembers({ known, replicas }: FrontendState): void {
  for (const { name } of known?.configuration.members ?? []) {
    if (!replicas.has(name)) replicas.set(name, unknownReplica(name));
  }
  forgetAbsent({ known, replicas });
}

/** Forgets replicas that are neither members nor connected. */
export function forgetAbsent({ known, replicas }: Pick<FrontendState, 'known' | 'replicas'>): void {
  for (const [name, replica] of replicas) {
    if (replica.link === null && !isListed({ known }, replica)) replicas.delete(name);
  }
}

/** Nobody waits for a replica that is no member any more; what became of an update there is unknown. */
function forgetStrangers(state: FrontendState, pending: Pending): void {
  for (const name of [...pending.outstanding.keys()]) {
    const replica = state.replicas.get(name);
    if (replica !== undefined && isMember(state, replica)) continue;
    pending.outstanding.delete(name);
    if (pending.kind !== 'query') pending.unknown = true;
  }
}
