/** Both ends of a fetch: answering one (PROTOCOL A12), and taking what came. */

import { isReservedOrigin } from '../base/ids.js';
import { LIMITS } from '../base/limits.js';
import type { ForcedEntry } from '../log/forced-log.js';
import type { LogRecord } from '../log/record.js';
import { weightOfPast } from '../log/update-log.js';
import type { MissingRange } from '../timestamp/vector-timestamp.js';
import type { Fetch, Fetched } from '../wire/messages.js';
import { goOnFetching } from './fetch.js';
import { storeCommitted } from './forced/committed.js';
import { asManyAsFit } from './forced/slices.js';
import type { Peer } from './state.js';
import { hear } from './hear.js';
import { toldEpoch } from './membership/label.js';
import { storeArrived } from './store.js';
import { counted, describeRanges, messageId, send, type Turn, trace } from './turn.js';

/** A peer lacks records: it gets those that are durable here, with bodies, in log order. */
export function onFetch(turn: Turn, peer: Peer, message: Fetch): void {
  const { state } = turn;
  if (peer.link === null) return;
  const { ranges } = message;
  const records: LogRecord[] = [];
  let bytes = 0;
  for (const record of state.log.inRanges(ranges, state.durableLength, LIMITS.gossipRecords)) {
    bytes += state.log.heldBy(record.origin, record.seq).weight + weightOfPast(record.prev);
    if (records.length > 0 && bytes > LIMITS.gossipBytes) break;
    records.push(record);
  }
  trace(turn, () => ({
    event: 'fetch answered',
    id: messageId(peer.origin, message.serial),
    to: peer.name,
    before: state.durable.value(),
    detail: `${counted(records.length, 'record')} for ${describeRanges(ranges)}`,
  }));
  send(turn, peer.link, {
    kind: 'fetched',
    serial: message.serial,
    replicaTimestamp: state.durable.value(),
    epoch: toldEpoch(state),
    records,
    entries: committedIn(turn, ranges),
  });
}

/** Committed entries of the forced log, where a range names some. */
function committedIn({ state }: Turn, ranges: readonly MissingRange[]): readonly ForcedEntry[] {
  const range = ranges.find(({ origin }) => isReservedOrigin(origin));
  if (range === undefined) return [];
  const { durable } = state.forced;
  const last = Math.min(range.to, durable.commit, range.from + LIMITS.gossipRecords - 1);
  return asManyAsFit(durable.slice(range.from, last));
}

export function onFetched(turn: Turn, peer: Peer, message: Fetched): void {
  const { state } = turn;
  const lengthBefore = state.log.length;
  const before = state.received.value();
  peer.epoch = message.epoch;
  hear(turn, peer, message.replicaTimestamp);
  storeArrived(turn, peer, message.records);
  storeCommitted(turn, message.entries);
  trace(turn, () => ({
    event: 'fetch received',
    id: messageId(state.self.origin, message.serial),
    from: peer.name,
    before,
    after: state.received.value(),
    detail: `${describeArrived(message)}, ${state.log.length - lengthBefore} new`,
  }));
  goOnFetching(turn, peer, before);
}

function describeArrived({ records, entries }: Fetched): string {
  const both = counted(records.length, 'record');
  return entries.length === 0 ? both : `${both}, ${counted(entries.length, 'forced entry')}`;
}
