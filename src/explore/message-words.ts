/** Messages in words, for stories. */

import { type MemberId, nameOf, type Origin } from '../base/ids.js';
import type { ForcedEntry } from '../log/forced-log.js';
import { type TravellingRecord, idOf, isAlias } from '../log/record.js';
import type { ForcedOutcome } from '../log/results-table.js';
import type { Ballot } from '../timestamp/ballot.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { Travelling } from './process.js';

export function describeMessage(message: Travelling): string {
  switch (message.kind) {
    case 'greeting':
      return 'hello';
    case 'client-update':
    case 'update': {
      const { session, n, operation, requestId } = message;
      return `request ${requestId}, ${operation} as ${session}:${n}, after ${short(message.prev)}`;
    }
    case 'client-query':
      return `request ${message.requestId}, ${message.consistency} ${message.operation}, after ${short(message.prev)}`;
    case 'query':
      return `request ${message.requestId}, ${message.operation}, after ${short(message.prev)}`;
    case 'updated':
      return `request ${message.requestId} is done, ${message.copies} copies, ${short(message.timestamp)}`;
    case 'acknowledged':
      return `request ${message.requestId} is durable as ${short(message.timestamp)}`;
    case 'answered':
    case 'answer': {
      const timestamp = message.kind === 'answer' ? message.valueTimestamp : message.timestamp;
      return `answer to request ${message.requestId}, of ${short(timestamp)}`;
    }
    case 'failed':
    case 'declined':
      return `request ${message.requestId}: ${message.code}, ${message.message}`;
    case 'collected':
      return `request ${message.requestId} has to wait; ${short(message.replicaTimestamp)} is here`;
    case 'cancel':
      return `never mind request ${message.requestIds.join(', ')}`;
    case 'heartbeat': {
      const { view, commit, primary } = message.standing;
      const held = `heartbeat, has ${short(message.replicaTimestamp)}`;
      if (view.n === 0) return held;
      const heard = primary === null ? 'no primary' : `primary ${primary.name}`;
      return `${held}; ${viewWords(view)}, commit ${commit}, ${heard}`;
    }
    case 'gossip':
    case 'fetched':
      return `${message.kind} ${message.serial}: ${message.records.map(describeRecord).join(', ')}; has ${short(message.replicaTimestamp)}`;
    case 'gossip-acknowledged':
      return `got gossip ${message.serial}, has ${short(message.replicaTimestamp)}`;
    case 'fetch':
      return `fetch ${message.ranges.map(({ origin, from, to }) => `${brief(origin)}:${from}..${to}`).join(', ')}`;
    default:
      return describeForced(message);
  }
}

/** Of the forced log. */
function describeForced(message: Travelling): string {
  switch (message.kind) {
    case 'forced-answered':
      return `request ${message.requestId} came to ${resultWords(message.outcome)}, ${short(message.timestamp)}`;
    case 'forward':
      return `${message.operation} as ${message.session}:${message.n} for the primary, after ${short(message.prev)}`;
    case 'forwarded': {
      const { session, n, outcome } = message;
      const result =
        'of' in outcome ? resultWords(outcome.of) : `${outcome.code}, ${outcome.message}`;
      return `${session}:${n} came to ${result}`;
    }
    case 'pre-vote':
      return `round ${message.round}: would you vote for ${logWords(message)}?`;
    case 'vote':
      return `round ${message.round}: vote for ${viewWords(message.view)}, ${logWords(message)}`;
    case 'vote-answered': {
      const { to, round, granted, isBehind } = message;
      const answer = granted ? 'yes' : isBehind ? 'no, your log is behind' : 'no';
      return `${answer} to the ${to} of round ${round}`;
    }
    case 'prepare': {
      const { view, entries, commit } = message;
      return `prepare in ${viewWords(view)}: ${entries.map(entryWords).join(', ')}; commit ${commit}`;
    }
    case 'prepare-ok': {
      const { view, op } = message;
      return op === null
        ? `has no log of ${viewWords(view)}`
        : `has ${op} entries of ${viewWords(view)}`;
    }
    case 'nack':
      return `has promised ${viewWords(message.view)}`;
    case 'get-state':
      return `what is your log above ${message.after}?${message.takeOver ? ' to take it over' : ''}`;
    case 'state': {
      const { lnv, op, commit, entries, after } = message;
      const what = entries.length === 0 ? 'nothing' : entries.map(entryWords).join(', ');
      return `log of ${viewWords(lnv)}, ${op} entries, commit ${commit}; above ${after}: ${what}`;
    }
    default:
      return message.kind;
  }
}

const viewWords = ({ n, owner }: Ballot): string =>
  owner === null ? 'no view' : `view ${n} of ${nameOf(owner)}`;

const logWords = ({ lnv, op }: { readonly lnv: Ballot; readonly op: number }): string =>
  `a log of ${viewWords(lnv)} with ${op} entries`;

const entryWords = (entry: ForcedEntry): string =>
  entry.kind === 'update'
    ? `${entry.seq} ${entry.body.operation} as ${entry.body.session}:${entry.body.n}`
    : `${entry.seq} ${entry.kind === 'change' ? entry.change.kind : 'no-op'}`;

const resultWords = (outcome: ForcedOutcome): string =>
  outcome.kind === 'value'
    ? `"${String(outcome.value)}"`
    : outcome.kind === 'refused'
      ? `a refusal: ${outcome.message}`
      : outcome.kind;

function describeRecord(record: TravellingRecord): string {
  const { session, n } = idOf(record);
  const body = isAlias(record) ? ' without body' : '';
  return `${brief(record.origin)}:${record.seq} (${session}:${n}${body})`;
}

/** `rm-1` for its first start, then `rm-1~2`. */
function brief(origin: Origin | MemberId): string {
  const life = origin.slice(origin.indexOf('~') + 1);
  return life === '1' ? nameOf(origin) : `${nameOf(origin)}~${life}`;
}

const short = (timestamp: VectorTimestamp): string =>
  timestamp.size === 0
    ? 'nothing'
    : [...timestamp.entries()].map(([origin, count]) => `${brief(origin)}:${count}`).join(' ');
