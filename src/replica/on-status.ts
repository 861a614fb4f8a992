/** What this replica says of itself has changed: everybody is told at once. Requests in hand go on. */

import type { ReplicaStatus } from '../wire/messages.js';
import { handOverWhenUnfit } from './forced/handover.js';
import { heartbeatAll } from './heartbeat.js';
import type { Turn } from './turn.js';

export function onStatus(turn: Turn, status: ReplicaStatus): void {
  const { state, nowMs } = turn;
  if (status.value !== state.status.value) state.statusSinceMs = nowMs;
  state.status = status;
  heartbeatAll(turn);
  handOverWhenUnfit(turn);
}
