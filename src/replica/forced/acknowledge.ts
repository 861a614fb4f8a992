/** A backup tells the primary what is durable here, in the primary's view (PROTOCOL B, normal case 4). */

import { mayAcknowledge } from './voting.js';
import { type Ballot, isSameBallot } from '../../timestamp/ballot.js';
import type { Peer } from '../state.js';
import { send, trace, type Turn } from '../turn.js';

/** The primary is told what is durable here, once it is. */
export function owe(turn: Turn, peer: Peer, view: Ballot): void {
  turn.state.forced.owesAnswer = { to: peer.name, view };
}

/** Tells the primary how far this log is durable in its view. */
export function answerPrimary(turn: Turn): void {
  const { state } = turn;
  const { forced } = state;
  const { owesAnswer, durable, log, underWay } = forced;
  if (owesAnswer === null || !mayAcknowledge(state)) return;
  if (underWay.length > 0 && !forced.hasReachedDisk) return;
  const peer = state.peers.get(owesAnswer.to);
  const { view } = owesAnswer;
  if (underWay.length === 0 || !isSameBallot(log.view, view)) forced.owesAnswer = null;
  if (peer === undefined || peer.link === null || !isSameBallot(log.view, view)) return;
  const isInView = isSameBallot(durable.view, view) && isSameBallot(durable.lnv, view);
  if (isInView && durable.op > forced.answeredOp) {
    trace(turn, () => ({
      event: 'prepare answered',
      to: peer.name,
      detail: `durable up to entry ${durable.op}`,
    }));
  }
  forced.answeredOp = durable.op;
  send(turn, peer.link, { kind: 'prepare-ok', view, op: isInView ? durable.op : null });
}
