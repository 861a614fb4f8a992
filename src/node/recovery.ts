/**
 * Bringing a replica back from its journal: the newest whole snapshot that the log covers, then the
 * log. What damage took away is found again at the peers, or this directory is not used (DESIGN 3).
 */

import { FatalError, HearsayError } from '../base/errors.js';
import { isOrigin, isReservedOrigin } from '../base/ids.js';
import { FORCED_ORIGIN, ForcedLog, type ForcedTransition } from '../log/forced-log.js';
import type { TravellingRecord } from '../log/record.js';
import type { StateDatabase } from '../ports/database.js';
import type { Journal } from '../ports/journal.js';
import type { SnapshotState } from '../replica/state.js';
import type { Recovered } from '../replica/step.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { pack, unpack } from '../wire/msgpack.js';
import { decodeGroup, type JournalContent } from '../wire/journal-group.js';
import { decodeSnapshot } from './snapshot.js';

/** Where the journal notes what damage took away, until it is all there again. */
export const MUST_RECOVER = 'must-recover';

export interface RecoveredReplica extends Recovered {
  /** The number of the last group of the journal. */
  readonly lastGroup: number;
}

/**
 * Loads the state into `database`; answers what `startReplica` needs. A damaged journal of the only
 * member has nobody to be repaired from: FatalError.
 */
export async function recoverReplica(
  journal: Journal,
  database: StateDatabase,
  isOnlyMember: boolean,
): Promise<RecoveredReplica> {
  if (isOnlyMember) refuseDamage(journal);
  try {
    return await readAll(journal, database);
  } catch (cause) {
    // The system's errors have codes, ours do not.
    if (!(cause instanceof Error) || !('code' in cause) || cause instanceof HearsayError)
      throw cause;
    const why = cause.message;
    const advice = 'nothing was changed: mend the disk, then start again';
    throw new FatalError(`the data directory cannot be read: ${why}; ${advice}`, { cause });
  }
}

async function readAll(journal: Journal, database: StateDatabase): Promise<RecoveredReplica> {
  const records: TravellingRecord[] = [];
  const transitions: ForcedTransition[] = [];
  let lastGroup = 0;
  for await (const group of journal.groups()) {
    const content = readGroup(group.bytes, `group ${group.number}`);
    for (const record of content.records) records.push(record);
    for (const transition of content.transitions) transitions.push(transition);
    lastGroup = group.number;
  }
  const held = timestampOfAll(records);
  const committed = lastCommitted(transitions);
  const covered = committed === 0 ? held : held.with(FORCED_ORIGIN, committed);
  const snapshot = await loadSnapshot(journal, database, covered);
  const mustRecover = await findLosses(journal, held);
  const hasForgotten = journal.damage?.groupsLost === true;
  return { snapshot, records, transitions, mustRecover, hasForgotten, lastGroup };
}

/** The last forced update that is known to be committed, or 0. */
function lastCommitted(transitions: readonly ForcedTransition[]): number {
  const log = new ForcedLog();
  for (const transition of transitions) log.apply(transition);
  let seq = log.commit;
  while (seq > 0 && log.at(seq)?.kind === 'no-op') seq--;
  return seq;
}

/** Before anything is appended: the journal tells of its damage until then, at every start. */
function refuseDamage({ damage }: Journal): void {
  if (damage === null || !damage.groupsLost) return;
  throw new FatalError(
    `the journal is damaged from group ${damage.firstGroup} on (${damage.reason}) and there is no other ` +
      `member to repair it from; what was there is in ${damage.movedTo}; put the data directory back ` +
      'from a copy, or move it away to begin anew',
  );
}

function readGroup(bytes: Uint8Array, what: string): JournalContent {
  try {
    return decodeGroup(bytes);
  } catch (error) {
    throw new FatalError(
      `${what} of the journal is whole but cannot be read; was it written by a newer version?`,
      { cause: error },
    );
  }
}

async function loadSnapshot(
  journal: Journal,
  database: StateDatabase,
  held: VectorTimestamp,
): Promise<SnapshotState> {
  for await (const { bytes } of journal.snapshots()) {
    const snapshot = decodeSnapshot(bytes);
    // A snapshot above a log that was cut by damage shows what this replica cannot serve.
    if (!snapshot.state.valueTimestamp.leq(held)) continue;
    database.load(snapshot.database);
    return snapshot.state;
  }
  throw new FatalError(
    'the data directory has no whole snapshot; move it away to begin anew with what other members have',
  );
}

/** What the journal once held and does not any more: remembered until it is all there again. */
async function findLosses(
  journal: Journal,
  held: VectorTimestamp,
): Promise<VectorTimestamp | null> {
  let known = await readMustRecover(journal);
  if (journal.damage !== null) {
    for (const group of journal.damage.readable) {
      const { records } = readGroup(group.bytes, `damaged group ${group.number}`);
      known = known.merge(timestampOfAll(records));
    }
    for await (const { bytes } of journal.snapshots()) {
      known = known.merge(causalPart(decodeSnapshot(bytes).state.valueTimestamp));
    }
  }
  if (known.leq(held)) return null;
  await journal.writeMeta(MUST_RECOVER, pack([...known.entries()]));
  return known;
}

async function readMustRecover(journal: Journal): Promise<VectorTimestamp> {
  const bytes = await journal.readMeta(MUST_RECOVER);
  if (bytes === null) return VectorTimestamp.zero;
  const entries = unpack(bytes) as [string, number][];
  return VectorTimestamp.of(
    entries.flatMap(([origin, count]) => (isOrigin(origin) ? [[origin, count] as const] : [])),
  );
}

/** What was lost of the forced log is asked for by other means: its replica does not vote meanwhile. */
const causalPart = (timestamp: VectorTimestamp): VectorTimestamp =>
  VectorTimestamp.of([...timestamp.entries()].filter(([origin]) => !isReservedOrigin(origin)));

function timestampOfAll(records: readonly TravellingRecord[]): VectorTimestamp {
  const counts = new Map(records.map(({ origin, seq }) => [origin, seq]));
  return VectorTimestamp.of(counts);
}
