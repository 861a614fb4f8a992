/**
 * A group of the journal: what one write to the disk brings there as a whole. `[origins, timestamps,
 * records, transitions, [position, number]]`, where the last part says how many records and transitions
 * the journal had got before. Groups of version 1 have three parts, those of version 2 three or four.
 */

import type { ForcedTransition } from '../log/forced-log.js';
import type { TravellingRecord } from '../log/record.js';
import { transition } from './entries.js';
import { whole } from './fields.js';
import { FrameReader, FrameWriter, listOf } from './frame.js';
import { pack } from './msgpack.js';
import { record } from './records.js';
import { malformed, unpackStrictly } from './unpack.js';

/** A place in the journal: so many records, and transitions, came before. */
export interface JournalPlace {
  readonly records: number;
  readonly transitions: number;
}

export interface JournalContent {
  /** Records of the update log, in its order. */
  readonly records: readonly TravellingRecord[];
  /** Changes of the forced log, in their order; what they depend on is in this group or before it. */
  readonly transitions: readonly ForcedTransition[];
  /** Where the group begins; older ones did not say. */
  readonly place?: JournalPlace;
}

const count = whole();

const FIELDS_BEFORE = 6;

export function encodeGroup({ records, transitions, place }: JournalContent): Uint8Array {
  const writer = new FrameWriter();
  const encoded = records.map((each) => record.write(each, writer));
  const changes = transitions.map((each) => transition.write(each, writer));
  const parts: unknown[] = [writer.origins, writer.timestamps, encoded];
  if (changes.length > 0 || place !== undefined) parts.push(changes);
  if (place !== undefined) parts.push([place.records, place.transitions]);
  return pack(parts);
}

/** Reads what {@link encodeGroup} wrote; throws HearsayError INVALID on anything else. */
export function decodeGroup(bytes: Uint8Array): JournalContent {
  const parts = listOf(unpackStrictly(bytes, bytes.length), 'group');
  if (parts.length < 3 || parts.length > 5) throw malformed('a group is a list of 3 to 5');
  const [origins, timestamps, records, transitions = [], place] = parts;
  const reader = new FrameReader(origins, timestamps);
  return {
    records: listOf(records, 'records').map((each) => record.read(each, reader)),
    transitions: listOf(transitions, 'transitions').map((each) =>
      transition.read(completed(each), reader),
    ),
    ...(parts.length < 5 ? {} : { place: readPlace(place, reader) }),
  };
}

/** A transition of version 2 ends after `mayVote`. */
function completed(raw: unknown): unknown {
  return Array.isArray(raw) && raw.length === FIELDS_BEFORE
    ? [...(raw as unknown[]), null, null, null]
    : raw;
}

function readPlace(raw: unknown, reader: FrameReader): JournalPlace {
  const parts = listOf(raw, 'the place of a group');
  if (parts.length !== 2) throw malformed('the place of a group is a list of two');
  return { records: count.read(parts[0], reader), transitions: count.read(parts[1], reader) };
}
