/**
 * The end of an identity, and what its next one takes over (PROTOCOL D7): own records that nobody else
 * ever got are made again, as ordinary updates with the same ids, so that each executes once at most.
 */

import type { LogRecord, UpdateBody } from '../../log/record.js';
import type { Retired } from '../../wire/membership-messages.js';
import { appendOwn } from '../store.js';
import { trace, type Turn } from '../turn.js';

/** A member says that this identity is over; `finals` say which of its records live on elsewhere. */
export function onRetired(turn: Turn, { id, epoch, isSettled, finals }: Retired): void {
  const { state } = turn;
  const { membership, change, self } = state;
  if (id !== self.memberId || !isSettled || change.hasLeft) return;
  // It knows that from the log, as one that is not wanted any more, and leaves by itself (C5).
  if (membership.isRetired(id) && membership.isActivated) {
    change.isDismissed = true;
    return;
  }
  change.hasLeft = true;
  const message = `${self.name} was retired in epoch ${epoch} while it was away; it begins anew as another member, and takes over what only it has`;
  turn.effects.push({ kind: 'end', reason: 'retired', message, finals });
}

/** Makes records for those of these updates that were never executed. */
export function resubmit(turn: Turn, bodies: readonly UpdateBody[]): void {
  const { state } = turn;
  const tooOld: UpdateBody[] = [];
  for (const body of bodies) {
    if (state.executed.has(body.session, body.n) || state.log.find(body) !== undefined) continue;
    if (body.stamp.physicalMs < state.forced.log.floorMs) {
      tooOld.push(body);
      continue;
    }
    const record: LogRecord = {
      origin: state.self.origin,
      seq: state.received.get(state.self.origin) + 1,
      // Its client may have seen what is here: whatever it depended on is, or is void.
      prev: state.value.value(),
      body,
    };
    appendOwn(turn, record);
    trace(turn, () => ({
      event: `resubmitted ${body.operation}`,
      id: `${body.session}:${body.n}`,
      before: record.prev,
    }));
  }
  if (tooOld.length > 0) turn.effects.push({ kind: 'unsettled', bodies: tooOld });
}
