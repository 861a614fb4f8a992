/**
 * Bringing a replica back from its journal: the newest whole snapshot that the log covers, then what the
 * log has above it. What damage took away is found again at the peers, or this directory is not used (DESIGN 3).
 */

import { FatalError, HearsayError } from '../base/errors.js';
import { isOrigin, isReservedOrigin } from '../base/ids.js';
import { ForcedLog, type ForcedTransition, NO_FORCED, orderedIn } from '../log/forced-log.js';
import type { TravellingRecord } from '../log/record.js';
import type { StateDatabase } from '../ports/database.js';
import type { Journal } from '../ports/journal.js';
import type { SnapshotState } from '../replica/state.js';
import type { Recovered } from '../replica/step.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { pack, unpack } from '../wire/msgpack.js';
import { decodeGroup, type JournalContent, type JournalPlace } from '../wire/journal-group.js';
import { JournalMarks } from './journal-marks.js';
import { decodeSnapshot } from './snapshot.js';

/** Where the journal notes what damage took away, until it is all there again. */
export const MUST_RECOVER = 'must-recover';

export interface RecoveredReplica extends Recovered {
  /** The number of the last group of the journal, and how much it has got in all groups there ever were. */
  readonly lastGroup: number;
  readonly end: JournalPlace;
  /** Where it is read from after this snapshot. */
  readonly place: JournalPlace;
  readonly marks: JournalMarks;
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
  const content = await readGroups(journal);
  const { begin, end, lastGroup, marks } = content;
  const { snapshot, transitions: reflected } = await loadSnapshot(journal, database, content);
  const records = content.records.slice(snapshot.log.base - begin.records);
  const transitions = content.transitions.slice(reflected - begin.transitions);
  const mustRecover = await findLosses(journal, heldBy(snapshot, records));
  const hasForgotten = journal.damage?.groupsLost === true;
  const place = { records: snapshot.log.base, transitions: reflected };
  return {
    ...{ snapshot, records, transitions, mustRecover, hasForgotten },
    ...{ lastGroup, end, place, marks },
  };
}

/** What is in all groups; `begin` and `end` are its places since the directory was made. */
interface Content {
  readonly records: readonly TravellingRecord[];
  readonly transitions: readonly ForcedTransition[];
  readonly begin: JournalPlace;
  readonly end: JournalPlace;
  readonly lastGroup: number;
  readonly marks: JournalMarks;
}

async function readGroups(journal: Journal): Promise<Content> {
  const records: TravellingRecord[] = [];
  const transitions: ForcedTransition[] = [];
  const marks = new JournalMarks();
  let begin: JournalPlace = { records: 0, transitions: 0 };
  let end = begin;
  let lastGroup = 0;
  for await (const { number, bytes } of journal.groups()) {
    const group = readGroup(bytes, `group ${number}`);
    if (group.place !== undefined) {
      if (records.length + transitions.length === 0) begin = end = group.place;
      expectPlace(number, group.place, end);
      marks.note(number - 1, group.place);
    }
    for (const record of group.records) records.push(record);
    for (const transition of group.transitions) transitions.push(transition);
    end = {
      records: begin.records + records.length,
      transitions: begin.transitions + transitions.length,
    };
    lastGroup = number;
  }
  return { records, transitions, begin, end, lastGroup, marks };
}

function expectPlace(number: number, place: JournalPlace, expected: JournalPlace): void {
  const { records, transitions } = expected;
  if (place.records === records && place.transitions === transitions) return;
  throw new FatalError(
    `group ${number} of the journal says that ${place.records} records and ${place.transitions} transitions ` +
      `come before it, and there are ${records} and ${transitions}; put the data directory back from a ` +
      'copy, or move it away to begin anew with what other members have',
  );
}

/** What is held durably by whoever begins with a snapshot and has these records besides. */
function heldBy({ log }: SnapshotState, records: readonly TravellingRecord[]): VectorTimestamp {
  return log.collected.merge(timestampOfAll(records));
}

/** The last forced update that is known to be committed, or 0. */
function lastCommitted(
  { forced }: SnapshotState,
  transitions: readonly ForcedTransition[],
): number {
  const log = new ForcedLog(forced ?? NO_FORCED);
  for (const transition of transitions) log.apply(transition);
  return log.lastUpdateUpTo(log.commit);
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
  content: Content,
): Promise<{ snapshot: SnapshotState; transitions: number }> {
  for await (const { bytes } of journal.snapshots()) {
    const { state, database: image, transitions } = decodeSnapshot(bytes);
    if (!isUsable(state, transitions, content)) continue;
    database.load(image);
    return { snapshot: state, transitions };
  }
  throw new FatalError(
    'the data directory has no whole snapshot; move it away to begin anew with what other members have',
  );
}

/**
 * The journal goes on where the snapshot ends. One above a log that was cut by damage shows what this
 * replica cannot serve; what one before a journal that was trimmed needs is not there any more.
 */
function isUsable(snapshot: SnapshotState, reflected: number, content: Content): boolean {
  const { begin, end } = content;
  const { base } = snapshot.log;
  if (base < begin.records || base > end.records) return false;
  if (reflected < begin.transitions || reflected > end.transitions) return false;
  const held = heldBy(snapshot, content.records.slice(base - begin.records));
  const transitions = content.transitions.slice(reflected - begin.transitions);
  const { valueTimestamp } = snapshot;
  return (
    causalPart(valueTimestamp).leq(held) &&
    orderedIn(valueTimestamp) <= lastCommitted(snapshot, transitions)
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
