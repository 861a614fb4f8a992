/** Hearing a primary, and who is one (PROTOCOL B, H). */

import type { Name } from '../../base/ids.js';
import { type Ballot, isLater, isSameBallot } from '../../timestamp/ballot.js';
import type { ForcedStanding } from '../../wire/forced-messages.js';
import type { Peer } from '../state.js';
import { send, trace, type Turn, wakeBy } from '../turn.js';
import { readyAll } from './ready.js';
import type { Role } from './state.js';
import { RECENT_MS, SUSPECT_MS, SUSPECT_SPREAD_MS } from './timing.js';

/** A primary with its quorum intact hears itself. */
export function hearsPrimary({ state, nowMs }: Turn): boolean {
  const { role, heardAtMs } = state.forced;
  return role === 'primary' || nowMs - heardAtMs < RECENT_MS;
}

/** The primary heard here, or null. */
export function primaryHeard(turn: Turn): Name | null {
  const { self, forced } = turn.state;
  if (forced.role === 'primary') return self.name;
  return hearsPrimary(turn) ? forced.primary : null;
}

/** What this replica says of its forced log: as it is on its disk, and what is known to be committed. */
export function standingOf(turn: Turn): ForcedStanding {
  const { log, durable, primaryView } = turn.state.forced;
  const { view, lnv, op, mayVote } = durable;
  const name = primaryHeard(turn);
  return {
    view,
    lnv,
    op,
    commit: log.commit,
    mayVote,
    primary: name === null ? null : { name, view: primaryView },
  };
}

export function suspectLater({ state, nowMs }: Turn): void {
  state.forced.suspectAtMs = nowMs + SUSPECT_MS + state.random.below(SUSPECT_SPREAD_MS);
}

export function become({ state }: Turn, role: Role): void {
  state.forced.role = role;
}

/** Stops being what it is in this view, and waits for a primary. */
export function stepBack(turn: Turn, why: string): void {
  const { forced } = turn.state;
  if (forced.role === 'backup') return;
  if (forced.role === 'primary' || forced.role === 'starting') {
    forced.heardAtMs = Number.NEGATIVE_INFINITY;
    trace(turn, () => ({ event: 'stepped down', detail: why }));
  }
  become(turn, 'backup');
  suspectLater(turn);
}

/** A primary of this view is alive: false when a later view was promised, and it is told so. */
export function follow(turn: Turn, peer: Peer, view: Ballot): boolean {
  const { forced } = turn.state;
  if (isLater(forced.log.view, view)) {
    // Promised, but its candidate did not come through: the primary takes the next ballot (rule 5).
    if (!forced.log.isNormal && peer.link !== null) {
      send(turn, peer.link, { kind: 'nack', view: forced.log.view });
    }
    return false;
  }
  become(turn, 'backup');
  forced.heardAtMs = turn.nowMs;
  forced.backOffMs = 0;
  forced.greatestN = Math.max(forced.greatestN, view.n);
  if (forced.primary !== peer.name || !isSameBallot(forced.primaryView, view)) {
    forced.primary = peer.name;
    forced.primaryView = view;
    trace(turn, () => ({ event: 'follows', to: peer.name, detail: `view ${view.n}` }));
    for (const pending of forced.pending.values()) {
      pending.forwardedAtMs = Number.NEGATIVE_INFINITY;
    }
    readyAll(turn);
  }
  suspectLater(turn);
  wakeBy(turn, forced.suspectAtMs);
  return true;
}
