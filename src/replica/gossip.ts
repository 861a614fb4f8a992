/**
 * Gossip (Ladin et al., section 2.4; PROTOCOL A11). Eager: each replica sends the records of its own
 * start onward as soon as they are durable, one message at a time to each peer, so that a burst is
 * coalesced behind the message under way. Anti-entropy: now and then, and after each hello, it sends
 * whatever the peer is known to lack, whoever made it.
 *
 * Records go in log order, which is causal. A record whose body the receiver has, or gets from the
 * replica named first by the front end, travels as an alias.
 */

import { LIMITS } from '../base/limits.js';
import { isAlias, type LogRecord, type TravellingRecord } from '../log/record.js';
import { weightOfPast } from '../log/update-log.js';
import type { Gossip, GossipAcknowledged } from '../wire/messages.js';
import type { Peer } from './state.js';
import { hear } from './hear.js';
import { toldEpoch } from './membership/label.js';
import { storeArrived } from './store.js';
import { counted, messageId, send, type Turn, trace, wakeBy } from './turn.js';

/** A gossip message that is not acknowledged after this long is taken for lost. */
const ACKNOWLEDGEMENT_TIMEOUT_MS = 1000;

/** Greatest number of bytes that an alias takes when it travels, its `prev` apart. */
const ALIAS_WEIGHT = 128;

/** An acknowledgement is held back while more early records than this wait: the sender slows down. */
const EARLY_RECORDS_HIGH = LIMITS.earlyRecords / 4;

/** Sends each peer what is new for it, where nothing is under way to it. */
export function gossipToAll(turn: Turn): void {
  if (turn.state.tuning.gossip === 'off') return;
  for (const peer of turn.state.peers.values()) gossipTo(turn, peer);
  forgetHolders(turn);
}

function gossipTo(turn: Turn, peer: Peer): void {
  const { state } = turn;
  if (peer.link === null || peer.inFlight !== null) return;
  const records: TravellingRecord[] = [];
  let bytes = 0;
  let position = peer.sentUpTo;
  for (; position < state.durableLength; position++) {
    const record = state.log.at(position);
    if (!isFor(turn, peer, record, position)) continue;
    const travelling = asSent(turn, peer, record, position);
    bytes += isAlias(travelling) ? ALIAS_WEIGHT : state.log.heldAt(position).weight;
    bytes += weightOfPast(record.prev);
    if (records.length > 0 && bytes > LIMITS.gossipBytes) break;
    records.push(travelling);
    if (records.length === LIMITS.gossipRecords) {
      position++;
      break;
    }
  }
  peer.sentUpTo = position;
  if (records.length === 0) return;
  const serial = peer.nextSerial++;
  peer.inFlight = { serial, sentAtMs: turn.nowMs };
  trace(turn, () => ({
    event: 'gossip sent',
    id: messageId(state.self.origin, serial),
    to: peer.name,
    after: state.durable.value(),
    detail: describeRecords(records),
  }));
  send(turn, peer.link, {
    kind: 'gossip',
    serial,
    replicaTimestamp: state.durable.value(),
    epoch: toldEpoch(state),
    records,
  });
}

/** Below `completeUpTo` all that the peer may lack, above it only what this start made. */
function isFor(turn: Turn, peer: Peer, record: LogRecord, position: number): boolean {
  if (record.origin === peer.origin) return false;
  if (record.seq <= peer.timestamp.get(record.origin)) return false;
  if (turn.state.membership.dropped.has(record.origin)) return false;
  return position < peer.completeUpTo || record.origin === turn.state.self.origin;
}

/** With its body, or as an alias where the peer has the body or gets it from somebody else. */
function asSent(turn: Turn, peer: Peer, record: LogRecord, position: number): TravellingRecord {
  const { state } = turn;
  const [firstPosition] = state.log.heldAt(position).positions;
  const holders = state.holders.get(position);
  const getsItElsewhere =
    holders !== undefined && (holders.includes(peer.name) || holders[0] !== state.self.name);
  if (firstPosition === position && !getsItElsewhere) return record;
  return { origin: record.origin, seq: record.seq, prev: record.prev, id: record.body };
}

export function onGossip(turn: Turn, peer: Peer, message: Gossip): void {
  const { state } = turn;
  const before = state.received.value();
  const lengthBefore = state.log.length;
  peer.epoch = message.epoch;
  hear(turn, peer, message.replicaTimestamp);
  storeArrived(turn, peer, message.records);
  trace(turn, () => ({
    event: 'gossip received',
    id: messageId(peer.origin, message.serial),
    from: peer.name,
    before,
    after: state.received.value(),
    detail: `${describeRecords(message.records)}, ${state.log.length - lengthBefore} stored`,
  }));
  peer.owedSerial = message.serial;
}

/** Acknowledges a peer's gossip, which lets it send more: not while too much of it waits here. */
export function acknowledgeGossip(turn: Turn, peer: Peer): void {
  const { state } = turn;
  if (peer.owedSerial === null || peer.link === null) return;
  if (state.early.size > EARLY_RECORDS_HIGH) return;
  send(turn, peer.link, {
    kind: 'gossip-acknowledged',
    serial: peer.owedSerial,
    replicaTimestamp: state.durable.value(),
  });
  peer.owedSerial = null;
}

export function onGossipAcknowledged(turn: Turn, peer: Peer, message: GossipAcknowledged): void {
  hear(turn, peer, message.replicaTimestamp);
  if (peer.inFlight?.serial === message.serial) peer.inFlight = null;
  if (turn.state.tuning.gossip === 'on') gossipTo(turn, peer);
}

/** The periodic round: finds peers that lack what has been durable for a whole period. */
export function antiEntropy(turn: Turn): void {
  const { state, nowMs } = turn;
  if (nowMs >= state.nextAntiEntropyMs) {
    state.nextAntiEntropyMs = nowMs + state.tuning.gossipIntervalMs;
    for (const peer of state.peers.values()) {
      if (peer.inFlight !== null && nowMs - peer.inFlight.sentAtMs >= ACKNOWLEDGEMENT_TIMEOUT_MS) {
        peer.inFlight = null;
      }
      if (peer.inFlight === null) startOver(turn, peer, state.antiEntropyLength);
    }
    state.antiEntropyLength = state.durableLength;
    gossipToAll(turn);
  }
  wakeBy(turn, state.nextAntiEntropyMs);
}

/** Goes back to the first record the peer is not known to have; sends all it lacks below `length`. */
export function startOver(turn: Turn, peer: Peer, length: number): void {
  const uncovered = turn.state.log.firstUncovered(peer.timestamp);
  if (uncovered >= length) return;
  peer.sentUpTo = Math.min(peer.sentUpTo, uncovered);
  peer.completeUpTo = length;
}

/** Hints on who got a body matter only until the record has been sent once. */
function forgetHolders(turn: Turn): void {
  const { holders, peers, durableLength } = turn.state;
  if (holders.size === 0) return;
  let sent = durableLength;
  for (const peer of peers.values()) if (peer.link !== null) sent = Math.min(sent, peer.sentUpTo);
  for (const position of holders.keys()) {
    if (position >= sent) break;
    holders.delete(position);
  }
}

function describeRecords(records: readonly TravellingRecord[]): string {
  const aliases = records.filter(isAlias).length;
  const bodies = records.length - aliases;
  if (aliases === 0) return counted(bodies, 'record');
  const withoutBody = `${counted(aliases, 'record')} without body`;
  return bodies === 0 ? withoutBody : `${counted(bodies, 'record')}, ${withoutBody}`;
}
