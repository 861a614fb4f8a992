/**
 * A group of the journal: what one write to the disk brings there as a whole. `[origins, timestamps,
 * records, transitions]`; groups of version 1 have no fourth part.
 */

import type { ForcedTransition } from '../log/forced-log.js';
import type { TravellingRecord } from '../log/record.js';
import { transition } from './entries.js';
import { FrameReader, FrameWriter, listOf } from './frame.js';
import { pack } from './msgpack.js';
import { record } from './records.js';
import { malformed, unpackStrictly } from './unpack.js';

export interface JournalContent {
  /** Records of the update log, in its order. */
  readonly records: readonly TravellingRecord[];
  /** Changes of the forced log, in their order; what they depend on is in this group or before it. */
  readonly transitions: readonly ForcedTransition[];
}

export function encodeGroup({ records, transitions }: JournalContent): Uint8Array {
  const writer = new FrameWriter();
  const encoded = records.map((each) => record.write(each, writer));
  const changes = transitions.map((each) => transition.write(each, writer));
  const parts = [writer.origins, writer.timestamps, encoded];
  return pack(changes.length === 0 ? parts : [...parts, changes]);
}

/** Reads what {@link encodeGroup} wrote; throws HearsayError INVALID on anything else. */
export function decodeGroup(bytes: Uint8Array): JournalContent {
  const parts = listOf(unpackStrictly(bytes, bytes.length), 'group');
  if (parts.length !== 3 && parts.length !== 4) throw malformed('a group is a list of 3 or 4');
  const [origins, timestamps, records, transitions = []] = parts;
  const reader = new FrameReader(origins, timestamps);
  return {
    records: listOf(records, 'records').map((each) => record.read(each, reader)),
    transitions: listOf(transitions, 'transitions').map((each) => transition.read(each, reader)),
  };
}
