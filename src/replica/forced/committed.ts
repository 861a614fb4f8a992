/** Committed entries outside of any view (PROTOCOL B, "Commit knowledge outside the view"). */

import type { ForcedEntry } from '../../log/forced-log.js';
import { type Ballot, isLater, isSameBallot, laterBallot } from '../../timestamp/ballot.js';
import type { Turn } from '../turn.js';
import { change, commitTo } from './change.js';
import { stepBack } from './follow.js';
import { holdsPast } from './past.js';

/**
 * Committed entries, from whoever has them. One that stands in the place of another entry proves that
 * the other was never committed; and that its view was started, where that is later than this log's.
 */
export function storeCommitted(turn: Turn, entries: readonly ForcedEntry[]): void {
  const { state } = turn;
  const { forced } = state;
  const { log } = forced;
  for (const entry of entries) {
    const { seq, born } = entry;
    if (seq <= log.commit || seq > log.op + 1) continue;
    const own = log.at(seq);
    if (own !== undefined && isSameBallot(own.born, born)) {
      commitTo(turn, seq);
      continue;
    }
    if (seq !== log.commit + 1) continue;
    if (!holdsPast(turn, entry)) return;
    const proof = proofOfLaterView(turn, entry, own);
    change(turn, { keep: seq - 1, entries: [entry], commit: seq, ...proof });
    forced.early.clear();
    forced.greatestN = Math.max(forced.greatestN, born.n);
    if (proof.view !== undefined && forced.role !== 'asking') {
      stepBack(turn, 'a later view was started');
    }
  }
}

/**
 * A committed entry that is younger than this log's view, or that stands where this log has another one,
 * proves that a later view was started: this log is not that of its view any more, and must not be taken
 * for it, by a bare commit number or by its own primary. Which view that is is not known in the second
 * case; no ballot of this member between its view and the next number was ever used.
 */
function proofOfLaterView(
  { state }: Turn,
  { born }: ForcedEntry,
  replaced: ForcedEntry | undefined,
): { readonly view?: Ballot } {
  const { log } = state.forced;
  if (isLater(born, log.lnv)) return { view: laterBallot(log.view, born) };
  if (replaced === undefined) return {};
  if (!log.isNormal) return { view: log.view };
  return { view: { n: log.lnv.n + 1, owner: state.self.memberId } };
}
