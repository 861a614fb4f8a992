/**
 * Invariants of one replica's forced log (docs/protocol.md): it is what the disk has, and what a message
 * tells of it is on the disk. A promise, an acknowledgement, an entry or a tip that is told and can be
 * forgotten by a crash is what elections rest on.
 */

import type { ForcedEntry, ForcedLog } from '../log/forced-log.js';
import { FORCED_ORIGIN } from '../log/forced-log.js';
import type { ForcedOutcome } from '../log/results-table.js';
import type { ReplicaState } from '../replica/state.js';
import { isSameBallot } from '../timestamp/ballot.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { Tip } from '../wire/forced-messages.js';
import type { Disk } from './disk.js';
import { fingerprint } from './fingerprint.js';
import type { ForcedView, Note, Travelling } from './process.js';

/** What is wrong with the forced log of a replica that has this disk. */
export function faultsOfForced({ self, forced }: ReplicaState, disk: Disk): string[] {
  const faults: string[] = [];
  if (fingerprint(forced.log) !== fingerprint(disk.forcedWritten)) {
    faults.push(`${self.name} has another forced log than it wrote`);
  }
  if (fingerprint(forced.durable) !== fingerprint(disk.forced)) {
    faults.push(`I12: ${self.name} takes another forced log for durable than is on its disk`);
  }
  return faults;
}

/** Whether what a message tells of its sender's forced log is on the sender's disk. */
export function tellsDisk(disk: ForcedLog, message: Travelling): boolean {
  const isView = (view: typeof disk.view): boolean => isSameBallot(view, disk.view);
  const isNormalView = (view: typeof disk.view): boolean => isSameBallot(view, disk.lnv);
  switch (message.kind) {
    case 'pre-vote':
      return isNormalView(message.lnv) && message.op === disk.op;
    case 'vote':
      return isView(message.view) && isNormalView(message.lnv) && message.op === disk.op;
    case 'vote-answered':
      return message.to === 'pre-vote' || !message.granted || isView(message.view);
    case 'prepare':
      return (
        isView(message.view) &&
        isNormalView(message.view) &&
        message.op === disk.op &&
        hasAll(disk, message.entries)
      );
    case 'prepare-ok': {
      if (message.op === null) return true;
      return isView(message.view) && isNormalView(message.view) && message.op <= disk.op;
    }
    case 'state':
      return isNormalView(message.lnv) && message.op === disk.op && hasAll(disk, message.entries);
    case 'fetched':
      return (
        hasAll(disk, message.entries) && message.entries.every(({ seq }) => seq <= disk.commit)
      );
    case 'heartbeat': {
      const { view, lnv, op, mayVote } = message.standing;
      return isView(view) && isNormalView(lnv) && op === disk.op && mayVote === disk.mayVote;
    }
    case 'answer':
    case 'collected':
      return isTipOf(disk, message.tip);
    default:
      return true;
  }
}

const hasAll = (disk: ForcedLog, entries: readonly ForcedEntry[]): boolean =>
  entries.every((entry) => fingerprint(disk.at(entry.seq)) === fingerprint(entry));

const isTipOf = ({ lnv, lastUpdate }: ForcedLog, { view, seq }: Tip): boolean =>
  isSameBallot(view, lnv) && seq === lastUpdate;

/** What a message says came of a forced update, if it does: the world compares all who say it. */
export function toldBy(message: Travelling, updateOf: (requestId: number) => string): Note[] {
  if (message.kind === 'forced-answered') {
    return told(updateOf(message.requestId), message.timestamp, message.outcome);
  }
  if (message.kind !== 'forwarded' || !('of' in message.outcome)) return [];
  const { session, n, outcome } = message;
  return told(`${session}:${n}`, outcome.timestamp, outcome.of);
}

/** A result that was freed is none that could differ: its client has it. */
function told(update: string, timestamp: VectorTimestamp, outcome: ForcedOutcome): Note[] {
  if (outcome.kind !== 'value' && outcome.kind !== 'refused') return [];
  const seq = timestamp.get(FORCED_ORIGIN);
  const result = outcome.kind === 'value' ? String(outcome.value) : `refused: ${outcome.message}`;
  return [{ kind: 'told', update, seq, result }];
}

export function forcedViewOf(log: ForcedLog): ForcedView {
  const entries = log.slice(1, log.op);
  return {
    lnv: log.lnv,
    commit: log.commit,
    entries: entries.map((entry) => fingerprint(entry)),
    births: entries.map(({ born }) => `${born.n} ${born.owner}`),
    updates: entries.map((entry) =>
      entry.kind === 'update' ? `${entry.body.session}:${entry.body.n}` : null,
    ),
    changes: entries.map((entry) => (entry.kind === 'change' ? entry.change : null)),
  };
}
