/** Bugs in what replicas tell each other, and in what they find on their disks (PROTOCOL A10 to A14). */

import type { Mutant } from './mutant.js';

export const EXCHANGE_MUTANTS: readonly Mutant[] = [
  {
    id: 'query-without-past',
    rule: 'A10',
    about: 'a query is answered before the state covers its prev',
    edits: [
      {
        file: 'src/replica/on-query.ts',
        find: '  if (coveredPast(turn, query) === null || !reachesTip(turn, query.tip)) {\n',
        replace: '  if (!reachesTip(turn, query.tip)) {\n',
      },
    ],
  },
  {
    id: 'counted-at-once',
    rule: 'A10',
    about: 'a replica counts for fresh queries from its start, whatever its disk has lost',
    edits: [
      {
        file: 'src/replica/state.ts',
        find: '    counted: false,',
        replace: '    counted: true,',
      },
    ],
  },
  {
    id: 'counted-by-one',
    rule: 'A10',
    about: 'a replica counts once it has caught up with those members that it has heard, be it one',
    edits: [
      {
        file: 'src/replica/counted.ts',
        find: '    if (heard === null) return;\n',
        replace: '    if (heard === null) continue;\n',
      },
      {
        file: 'src/replica/counted.ts',
        find: '  if (remembers && told.leq(state.durable)) state.counted = true;',
        replace:
          '  const isHeard = [...state.peers.values()].some(({ firstHeard }) => firstHeard !== null);\n' +
          '  if (isHeard && told.leq(state.durable)) state.counted = true;',
      },
    ],
  },
  {
    id: 'never-starts-over',
    rule: 'A11',
    about: 'gossip that was lost is not sent again, neither after a hello nor by anti-entropy',
    edits: [
      {
        file: 'src/replica/links.ts',
        find: '  startOver(turn, peer, state.durableLength);\n',
        replace: '',
      },
      {
        file: 'src/replica/gossip.ts',
        find: '      if (peer.inFlight === null) startOver(turn, peer, state.antiEntropyLength);\n',
        replace: '',
      },
    ],
  },
  {
    id: 'table-only-upwards',
    rule: 'A11',
    about: 'a hello never takes away from what a peer is believed to hold, though it lost its disk',
    edits: [
      {
        file: 'src/replica/links.ts',
        find: '  peer.timestamp = counterpart.replicaTimestamp;',
        replace: '  peer.timestamp = peer.timestamp.merge(counterpart.replicaTimestamp);',
      },
    ],
  },
  {
    id: 'fetch-never-ends',
    rule: 'A12',
    about: 'a fetch goes on for ever, though nobody waits for it any more and nobody has it',
    edits: [
      {
        file: 'src/replica/fetch.ts',
        find: '  if (!done && turn.nowMs < fetch.giveUpAtMs) return false;',
        replace: '  if (!done) return false;',
      },
    ],
  },
  {
    id: 'snapshot-above-log',
    rule: 'A14',
    about: 'a snapshot is saved, and loaded, that holds more than the durable log',
    edits: [
      {
        file: 'src/node/snapshot-saver.ts',
        find: '    if (taken === null || items < taken.items) return;',
        replace: '    if (taken === null) return;',
      },
      {
        file: 'src/node/recovery.ts',
        find: '    if (!isUsable(state, transitions, content)) continue;\n',
        replace: '',
      },
      {
        file: 'src/replica/step.ts',
        find: '    recovered.snapshot.valueTimestamp.leq(state.durable),\n',
        replace: '    true,\n',
      },
    ],
  },
  {
    id: 'snapshot-takes-records',
    rule: 'A14',
    about: 'a start takes what its snapshot holds, and drops the records above it that it had told',
    edits: [
      {
        file: 'src/node/recovery.ts',
        find: '  const records = content.records.slice(snapshot.log.base - begin.records);\n',
        replace:
          '  const records = content.records\n' +
          '    .slice(snapshot.log.base - begin.records)\n' +
          '    .filter(({ origin, seq }) => seq <= snapshot.valueTimestamp.get(origin));\n',
      },
    ],
  },
  {
    id: 'snapshot-ahead-of-its-name',
    rule: 'A14',
    about: 'a snapshot has the state as it is under the timestamp of what is durable here',
    edits: [
      {
        file: 'src/replica/snapshots.ts',
        find: '    valueTimestamp: value.value(),',
        replace: '    valueTimestamp: state.durable.value(),',
      },
    ],
  },
];
