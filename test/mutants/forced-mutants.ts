/** Bugs in the forced log and in the change of views (PROTOCOL B; numbers in `//` are those of its part J). */

import type { Mutant } from './mutant.js';

export const FORCED_MUTANTS: readonly Mutant[] = [
  // 1
  {
    id: 'prepare-ok-before-sync',
    rule: 'B3',
    about: 'a backup answers the primary before the entries are durable there',
    edits: [
      {
        file: 'src/replica/forced/acknowledge.ts',
        find: '  if (underWay.length > 0 && !forced.hasReachedDisk) return;\n',
        replace: '',
      },
      {
        file: 'src/replica/forced/acknowledge.ts',
        find: 'const isInView = isSameBallot(durable.view, view) && isSameBallot(durable.lnv, view);',
        replace: 'const isInView = isSameBallot(log.lnv, view);',
      },
      {
        file: 'src/replica/forced/acknowledge.ts',
        find: 'op: isInView ? durable.op : null });',
        replace: 'op: isInView ? log.op : null });',
      },
    ],
    test: { file: 'test/world/forced-elections.test.ts', title: 'while the backup writes' },
  },
  // 1
  {
    id: 'own-copy-before-sync',
    rule: 'B3',
    about: 'a primary sends an entry while it writes it, and counts its own copy at once',
    edits: [
      {
        file: 'src/replica/forced/prepare.ts',
        find: '    if (known.sent >= forced.durable.op && !forced.commitUntold) continue;',
        replace: '    if (known.sent >= forced.log.op && !forced.commitUntold) continue;',
      },
      {
        file: 'src/replica/forced/prepare.ts',
        find: 'asManyAsFit(forced.durable.slice(known.sent + 1, forced.durable.op));',
        replace: 'asManyAsFit(forced.log.slice(known.sent + 1, forced.log.op));',
      },
      {
        file: 'src/replica/forced/prepare.ts',
        find: '    const { view, op } = forced.durable;\n',
        replace: '    const { view, op } = forced.log;\n',
      },
      {
        file: 'src/replica/forced/prepare.ts',
        find: 'heldByQuorum(turn.state, held.set(self.name, durable.op));',
        replace: 'heldByQuorum(turn.state, held.set(self.name, log.op));',
      },
    ],
    test: { file: 'test/world/forced-elections.test.ts', title: 'while the primary writes' },
  },
  // 2
  {
    id: 'vote-before-sync',
    rule: 'B8',
    about: 'a vote is told before the promise is durable',
    edits: [
      {
        file: 'src/replica/forced/election.ts',
        find: '  else if (isSameBallot(durable.view, promise.view)) {',
        replace: '  else {',
      },
    ],
    test: { file: 'test/world/forced-elections.test.ts', title: 'after a vote was told' },
  },
  // 3
  {
    id: 'view-before-its-log',
    rule: 'B9',
    about:
      'a backup writes down that it is in a view, then, in another write, the log of that view',
    edits: [
      {
        file: 'src/replica/forced/state-transfer.ts',
        find:
          '    keep: log.commit,\n' +
          '    entries: tail,\n' +
          '    lnv,\n' +
          '    view: laterBallot(log.view, lnv),\n' +
          '  });\n',
        replace:
          '    lnv,\n' +
          '    view: laterBallot(log.view, lnv),\n' +
          '  });\n' +
          '  change(turn, { keep: log.commit, entries: tail });\n',
      },
      // Transitions of one step would be in one write all the same.
      {
        file: 'src/node/journal-writer.ts',
        find: 'const ITEMS_A_GROUP = 4096;',
        replace: 'const ITEMS_A_GROUP = 1;',
      },
    ],
    test: { file: 'test/world/forced-elections.test.ts', title: 'between a view and its log' },
  },
  // 4
  {
    id: 'commit-number-of-another-view',
    rule: 'B10',
    about: 'a commit number of the primary counts for a log that is still that of an older view',
    edits: [
      {
        file: 'src/replica/forced/prepare.ts',
        find: '  if (!isSameBallot(log.lnv, view)) return askForState(turn, peer, false);\n',
        replace:
          '  if (!isSameBallot(log.lnv, view)) {\n' +
          '    commitTo(turn, commit);\n' +
          '    return askForState(turn, peer, false);\n' +
          '  }\n',
      },
      {
        file: 'src/replica/forced/watch.ts',
        find: '  if (!isSameBallot(log.lnv, lnv)) return askForState(turn, peer, false);\n',
        replace:
          '  if (!isSameBallot(log.lnv, lnv)) {\n' +
          '    commitTo(turn, commit);\n' +
          '    return askForState(turn, peer, false);\n' +
          '  }\n',
      },
    ],
  },
  {
    id: 'committed-entry-without-its-view',
    rule: 'B10',
    about: 'a committed entry that a later view ordered is taken, and the own view goes on',
    edits: [
      {
        file: 'src/replica/forced/committed.ts',
        find: '    const proof = proofOfLaterView(turn, entry, own);\n',
        replace: '    const proof: { view?: Ballot } = {};\n',
      },
    ],
    test: {
      file: 'test/replica/forced-discarded.test.ts',
      title: 'is no proof of what a view between them may commit',
    },
  },
  // 5
  {
    id: 'entry-without-its-past',
    rule: 'B3',
    about: 'a backup logs an entry whose past it lacks',
    edits: [
      {
        file: 'src/replica/forced/past.ts',
        find: '  return missing.length === 0;',
        replace: '  return true;',
      },
    ],
  },
  // 6
  {
    id: 'waits-inside-the-log',
    rule: 'B2',
    about:
      'a primary gives an update its place before its past is here, and all later ones wait for it',
    edits: [
      {
        file: 'src/replica/forced/order.ts',
        find: '  const past = coveredPast(turn, pending);\n',
        replace: '  const past = coveredPast(turn, pending) ?? pending.prev;\n',
      },
    ],
  },
  {
    id: 'committed-by-too-few',
    rule: 'B3',
    about: 'an entry counts as committed when one member less than a majority holds it',
    edits: [
      {
        file: 'src/replica/forced/quorum.ts',
        find: '[majorityIn(configuration) - 1]',
        replace: '[Math.max(0, majorityIn(configuration) - 2)]',
      },
    ],
  },
  {
    id: 'shorter-log-elected',
    rule: 'B8',
    about: 'a member votes for a candidate whose log is behind its own',
    edits: [
      {
        file: 'src/replica/forced/election.ts',
        find:
          '  const isBehind = log.compareTo({ lnv, op }) > 0;\n' +
          '  const granted = mayVote(turn.state) && !hearsPrimary(turn) && !isBehind;',
        replace:
          '  const isBehind = false;\n  const granted = mayVote(turn.state) && !hearsPrimary(turn);',
      },
      {
        file: 'src/replica/forced/election.ts',
        find: '  const isBehind = log.compareTo({ lnv, op }) > 0;\n  // A vote asked for',
        replace: '  const isBehind = false;\n  // A vote asked for',
      },
    ],
  },
  {
    id: 'longer-log-elected',
    rule: 'B8',
    about: 'logs are compared by their length, whatever their views',
    edits: [
      {
        file: 'src/log/forced-log.ts',
        find: '    return compareBallots(this.#lnv, lnv) || this.op - op;',
        replace: '    return this.op - op || compareBallots(this.#lnv, lnv);',
      },
    ],
    test: {
      file: 'test/world/forced-elections.test.ts',
      title: 'its log is longer, and worth less',
    },
  },
  {
    id: 'votes-for-another-ballot',
    rule: 'B8',
    about:
      'a candidate that has taken a later log over begins that view, with the votes for its own',
    edits: [
      {
        file: 'src/replica/forced/state-transfer.ts',
        find: "  if (forced.role === 'candidate') become(turn, 'backup');\n",
        replace: '',
      },
      {
        file: 'src/replica/forced/election.ts',
        find: "    if (message.to === 'vote' && !isSameBallot(message.view, forced.log.view)) return;\n",
        replace: '',
      },
      {
        file: 'src/replica/forced/election.ts',
        find: "  assert(log.view.owner === state.self.memberId, 'a candidate stands for its own ballot');\n",
        replace: '',
      },
    ],
    test: {
      file: 'test/replica/forced-election.test.ts',
      title: 'begins no view with votes for its own',
    },
  },
  {
    id: 'forgetful-voter',
    rule: 'B12',
    about: 'a member that has lost its disk votes at once, though it knows nothing of its promises',
    edits: [
      {
        file: 'src/replica/forced/settle.ts',
        find: '    if (firstStanding === null || durable.compareTo(firstStanding) < 0) return;\n',
        replace: '    if (firstStanding === null) continue;\n',
      },
    ],
    test: { file: 'test/world/forced-elections.test.ts', title: 'one of which loses its disk' },
  },
  // 15
  {
    id: 'no-stickiness',
    rule: 'B7',
    about: 'a member that hears its primary helps to elect another one',
    edits: [
      {
        file: 'src/replica/forced/election.ts',
        find: '  const granted = mayVote(turn.state) && !hearsPrimary(turn) && !isBehind;',
        replace: '  const granted = mayVote(turn.state) && !isBehind;',
      },
      {
        file: 'src/replica/forced/election.ts',
        find: "    !handover && hearsPrimary(turn) && (forced.role === 'primary' || forced.primary !== peer.name);",
        replace: '    false;',
      },
    ],
    test: {
      file: 'test/world/forced-partitions.test.ts',
      title: 'a chain with the primary at its end',
    },
  },
  // 15
  {
    id: 'no-check-quorum',
    rule: 'B7',
    about: 'a primary that no majority answers goes on as one',
    edits: [
      {
        file: 'src/replica/forced/watch.ts',
        find: "  if (forced.role === 'primary' && !isAnswered(turn)) {",
        replace: "  if (forced.role === 'primary' && !isAnswered(turn) && false) {",
      },
    ],
    test: { file: 'test/world/forced-partitions.test.ts', title: 'a primary that hears nobody' },
  },
  // 20
  {
    id: 'no-nack',
    rule: 'B8',
    about: 'a member that promised a view nobody leads does not tell the primary of an earlier one',
    edits: [
      {
        file: 'src/replica/forced/follow.ts',
        find: '    if (!forced.log.isNormal && peer.link !== null) {',
        replace: '    if (!forced.log.isNormal && peer.link !== null && false) {',
      },
    ],
    test: { file: 'test/world/forced-elections.test.ts', title: 'that one member has voted for' },
  },
  // 21
  {
    id: 'better-log-not-taken-over',
    rule: 'B9',
    about: 'a candidate that was refused for its log does not take the better one over',
    edits: [
      {
        file: 'src/replica/forced/election.ts',
        find: '  if (message.isBehind) askForState(turn, peer, true);\n',
        replace: '',
      },
    ],
    test: { file: 'test/world/forced-partitions.test.ts', title: 'a star whose centre was away' },
  },
];
