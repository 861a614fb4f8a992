/** Invariants of one replica, looked at after each of its steps (docs/protocol.md, I1 to I7). */

import { FORCED_ORIGIN } from '../log/forced-log.js';
import type { Membership } from '../log/membership.js';
import { RECENT_MS } from '../replica/forced/timing.js';
import { isMember } from '../replica/membership/label.js';
import type { ReplicaState } from '../replica/state.js';
import { TimestampBuilder, VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { Disk } from './disk.js';
import { fingerprint } from './fingerprint.js';
import { forcedViewOf } from './forced-checks.js';
import type { ReplicaView, Travelling } from './process.js';
import type { ServiceModel } from './service-model.js';

/** What is wrong with the state of a replica that has this disk. */
export function faultsOfState(state: ReplicaState, disk: Disk): string[] {
  const { name, origin } = state.self;
  const faults: string[] = [];
  const durable = state.durable.value();
  const value = state.value.value();
  if (!durable.leq(state.received)) faults.push(`I5: ${name} has more durable than received`);
  if (!value.leq(state.received)) faults.push(`I5: ${name} executed what is not in its log`);
  if (value.get(origin) > durable.get(origin)) {
    faults.push(`I5: ${name} executed an own record before it was durable`);
  }
  const { recordsWritten, records } = disk;
  if (state.log.length !== recordsWritten) {
    faults.push(`${name} has ${state.log.length} records in its log and wrote ${recordsWritten}`);
  }
  if (state.durableLength > records.length)
    faults.push(`${name} takes for durable what is not on disk`);
  faults.push(...faultsOfLog(state));
  return faults;
}

/** I2 and I3: no gaps, and causally closed at every length; what is committed is looked at on the disk. */
function faultsOfLog(state: ReplicaState): string[] {
  const { log, self, received, durable, durableLength, membership } = state;
  const faults: string[] = [];
  const before = new TimestampBuilder();
  before.advance(FORCED_ORIGIN, received.get(FORCED_ORIGIN));
  for (let position = 0; position < log.length; position++) {
    const { origin, seq, prev } = log.at(position);
    if (seq !== before.get(origin) + 1)
      faults.push(`I2: ${self.name} lacks what is before ${origin}:${seq}`);
    if (!prev.leq(before)) faults.push(`I3: ${self.name} lacks what ${origin}:${seq} depends on`);
    before.advance(origin, seq);
    const isDurable = position + 1 === durableLength;
    if (isDurable && !opened(withoutForced(before), membership).equals(withoutForced(durable))) {
      faults.push(`I5: the replicaTS of ${self.name} is not that of its durable log`);
    }
  }
  if (!opened(before.value(), membership).equals(received.value())) {
    faults.push(`${self.name} takes for received what is not in its log`);
  }
  return faults;
}

const withoutForced = (timestamp: TimestampBuilder): VectorTimestamp =>
  VectorTimestamp.of(
    [...timestamp.value().entries()].filter(([origin]) => origin !== FORCED_ORIGIN),
  );

/** Without what timestamps name no more. */
function opened(timestamp: VectorTimestamp, { dropped }: Membership): VectorTimestamp {
  if (dropped.size === 0) return timestamp;
  return VectorTimestamp.of([...timestamp.entries()].filter(([origin]) => !dropped.has(origin)));
}

/** What a message shows that is not on the disk (PROTOCOL A2: no message of any kind does). */
export function faultOfMessage(
  { self, log }: ReplicaState,
  { held, records: onDisk }: Disk,
  message: Travelling,
): string[] {
  const shown: VectorTimestamp[] = [];
  switch (message.kind) {
    case 'greeting':
      if (message.counterpart.role === 'replica') shown.push(message.counterpart.replicaTimestamp);
      break;
    case 'gossip':
    case 'fetched':
      shown.push(message.replicaTimestamp);
      for (const { origin, seq } of message.records)
        shown.push(VectorTimestamp.of([[origin, seq]]));
      break;
    case 'gossip-acknowledged':
    case 'frozen':
    case 'heartbeat':
    case 'collected':
      shown.push(message.replicaTimestamp);
      break;
    case 'answer': {
      const own = message.valueTimestamp.get(self.origin);
      shown.push(message.replicaTimestamp, VectorTimestamp.of([[self.origin, own]]));
      break;
    }
    case 'acknowledged':
      shown.push(message.timestamp);
      break;
    default:
  }
  if (shown.every((timestamp) => timestamp.leq(held))) return [];
  // What an acknowledgement names besides its own record may be durable elsewhere only.
  if (message.kind === 'acknowledged') {
    const isHeld = onDisk.some(
      ({ origin, seq }, position) =>
        message.timestamp.get(origin) === seq &&
        log.at(position).prev.with(origin, seq).equals(message.timestamp),
    );
    if (isHeld) return [];
  }
  return [`${self.name} sends ${message.kind}, which tells of what is not on its disk`];
}

export function viewOf(
  state: ReplicaState,
  service: ServiceModel,
  forcedStates: ReadonlyMap<number, string>,
): ReplicaView {
  const records = new Map<string, string>();
  for (let position = 0; position < state.log.length; position++) {
    const { origin, seq, prev, body } = state.log.at(position);
    records.set(
      `${origin}:${seq}`,
      `${body.session}:${body.n} ${body.digest} ${fingerprint(prev)}`,
    );
  }
  return {
    value: state.value.value(),
    durable: state.durable.value(),
    records,
    applied: new Set(service.applied),
    service: service.text(),
    forced: forcedViewOf(state.forced.log),
    standing: {
      epoch: state.membership.configuration.epoch,
      label: state.change.label,
      isActivated: state.membership.isActivated,
      isMember: isMember(state),
      isClaimed: state.change.isClaimed,
    },
    forcedStates: new Map(forcedStates),
  };
}

/** It has heard of a primary lately that it is not itself. */
export const hears = ({ forced }: ReplicaState, nowMs: number): boolean =>
  forced.role !== 'primary' && nowMs - forced.heardAtMs < RECENT_MS;
