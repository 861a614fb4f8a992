/**
 * Bugs in who a replica is, and in what it begins with or lets go of (PROTOCOL A8, A13, A14, E and F;
 * numbers in `//` are those of its part J).
 */

import type { Mutant } from './mutant.js';

export const IDENTITY_MUTANTS: readonly Mutant[] = [
  // †
  {
    id: 'floor-without-its-past',
    rule: 'A8',
    about: 'a floor counts at once, though records that its member made before are not here',
    edits: [
      {
        file: 'src/replica/horizon.ts',
        find: '  if (peer.unsettledFloor?.past.leq(value) !== true) return;\n',
        replace: '  if (peer.unsettledFloor === null || value === null) return;\n',
      },
    ],
    test: {
      file: 'test/replica/collect.test.ts',
      title: 'counts a floor once all is here',
    },
  },
  // †
  {
    id: 'collected-without-the-absent',
    rule: 'A13',
    about: 'a member that is away holds nothing back: records that it lacks are collected',
    edits: [
      {
        file: 'src/replica/collect.ts',
        find:
          '  const rows: Row[] = members.map(({ id, peer }) =>\n' +
          '    peer === undefined || (id !== null && peer.memberId !== id) ? UNHEARD : peer,\n' +
          '  );\n',
        replace:
          '  const rows: Row[] = members.flatMap(({ id, peer }) =>\n' +
          '    peer?.link == null ? [] : id !== null && peer.memberId !== id ? UNHEARD : peer,\n' +
          '  );\n',
      },
    ],
    test: {
      file: 'test/replica/collect.test.ts',
      title: 'takes a member of which nothing is known',
    },
  },
  {
    id: 'collected-when-told',
    rule: 'A13',
    about:
      'what all say that they hold is collected, though second records of it are still to come',
    edits: [
      {
        file: 'src/replica/collect.ts',
        find: '  if (peer.unsettled?.leq(value) !== true) return;\n',
        replace: '  if (peer.unsettled === null || value === null) return;\n',
      },
    ],
    test: {
      file: 'test/replica/collect.test.ts',
      title: 'second records come first',
    },
  },
  // †
  {
    id: 'joins-above-the-logs',
    rule: 'A14',
    about: 'a learner becomes a member though what it lacks is collected everywhere',
    edits: [
      {
        file: 'src/replica/membership/propose.ts',
        find: '  if (op < forced.log.base || op < collection.givenForced || !log.reaches(timestamp)) return false;\n',
        replace: '',
      },
      {
        file: 'src/replica/membership/propose.ts',
        find: '  if (before === null || !before.held.leq(timestamp)) return false;\n',
        replace: '  if (before === null) return false;\n',
      },
      {
        file: 'src/replica/membership/propose.ts',
        find: '  const { log, forced, change, collection } = state;\n',
        replace: '  const { forced, change } = state;\n',
      },
      {
        file: 'src/replica/membership/propose.ts',
        find: '  return isHeldByMembers(state, peer);\n',
        replace: '  return true;\n',
      },
    ],
    test: { file: 'test/replica/membership-random.test.ts', title: '60 runs: one order' },
  },
  // †
  {
    id: 'donation-above-its-state',
    rule: 'A14',
    about: 'a joiner’s logs begin above all that its donor has, not above what the state reflects',
    edits: [
      {
        file: 'src/replica/snapshots.ts',
        find: 'collected: causalPart(value.value()), bodies',
        replace: 'collected: causalPart(state.received.value()), bodies',
      },
      {
        file: 'src/replica/snapshots.ts',
        find: '  const { log, value, forced } = state;\n  const order = keptOrder(state, forced.executed);',
        replace:
          '  const { log, forced } = state;\n  const order = keptOrder(state, forced.log.commit);',
      },
    ],
    test: {
      file: 'test/replica/membership-mutants.test.ts',
      title: 'lacks nothing that its donor had not executed',
    },
  },
  // 22
  {
    id: 'donation-without-table',
    rule: 'A14',
    about: 'a joiner begins without the table of what was executed',
    edits: [
      {
        file: 'src/replica/snapshots.ts',
        find: '    ...stateOf(state),\n    forced: {\n',
        replace: '    ...stateOf(state),\n    executed: [],\n    forced: {\n',
      },
    ],
    test: {
      file: 'test/replica/membership-mutants.test.ts',
      title: 'a retry is not executed again',
    },
  },
  // 22
  {
    id: 'donation-with-promises',
    rule: 'A14',
    about: 'a joiner begins with the views, the promises and the uncommitted entries of its donor',
    edits: [
      {
        file: 'src/replica/snapshots.ts',
        find:
          '      ...{ ...order, entries, view, lnv: view },\n' +
          "      ...{ mayVote: true, promises: 0, notes: [], halted: '' },\n",
        replace: '      ...{ ...order },\n',
      },
    ],
    test: {
      file: 'test/replica/membership-mutants.test.ts',
      title: 'binds it to nothing',
    },
  },
  // 14
  {
    id: 'rolled-back-goes-on',
    rule: 'E',
    about: 'a disk that was put back goes on, and votes, under its identity',
    edits: [
      {
        file: 'src/replica/membership/claim.ts',
        find: '  if (promises < promised) {\n',
        replace: '  if (promises < promised && promises < 0) {\n',
      },
      {
        file: 'src/replica/membership/claim.ts',
        find: '    if (told === 0 || told >= count) continue;\n',
        replace: '    if (told >= 0) continue;\n',
      },
      {
        file: 'src/replica/membership/claim.ts',
        find: '  if (note !== undefined && !isSameBoot(boot, note.boot) && boot.number <= note.boot.number) {\n',
        replace: '  if (note !== undefined && boot.number < 0) {\n',
      },
      {
        file: 'src/replica/membership/claim.ts',
        find: '  if (forgotten !== null) return',
        replace: '  if (forgotten !== null && nowMs < 0) return',
      },
    ],
    test: {
      file: 'test/replica/membership-scenes.test.ts',
      title: 'a disk that was put back is noticed',
    },
  },
  // 14
  {
    id: 'records-not-compared',
    rule: 'E',
    about: 'a disk that has forgotten records is granted, if it has forgotten no promise',
    edits: [
      {
        file: 'src/replica/membership/claim.ts',
        find: '    if (told === 0 || told >= count) continue;\n',
        replace: '    if (told >= 0) continue;\n',
      },
      {
        file: 'src/replica/membership/claim.ts',
        find: '  if (forgotten !== null) return',
        replace: '  if (forgotten !== null && nowMs < 0) return',
      },
    ],
    test: {
      file: 'test/replica/membership-claim.test.ts',
      title: 'whose disk has forgotten records, promises',
    },
  },
  {
    id: 'promises-not-compared',
    rule: 'E',
    about: 'a disk that has forgotten promises is granted, if it has forgotten no record',
    edits: [
      {
        file: 'src/replica/membership/claim.ts',
        find: '  if (promises < promised) {\n',
        replace: '  if (promises < promised && promises < 0) {\n',
      },
    ],
    test: {
      file: 'test/replica/membership-claim.test.ts',
      title: 'whose disk has forgotten records, promises',
    },
  },
  {
    id: 'two-of-one-identity',
    rule: 'E',
    about: 'a start is granted though another process of its identity is heard',
    edits: [
      {
        file: 'src/replica/membership/claim.ts',
        find: '  if (isHeard && known.boot !== null && !isSameBoot(known.boot, boot)) {\n',
        replace: '  if (isHeard && known.boot === null && !isSameBoot(boot, boot)) {\n',
      },
    ],
    test: {
      file: 'test/replica/membership-claim.test.ts',
      title: 'not another one while the first is heard',
    },
  },
  // 19
  {
    id: 'generation-kept',
    rule: 'F',
    about: 'a recovery goes on counting the order under its old name',
    edits: [
      {
        file: 'src/log/membership.ts',
        find: 'const orderOf = (generation: number): Origin => `!${generation}` as Origin;',
        replace: 'const orderOf = (_generation: number): Origin => `!0` as Origin;',
      },
    ],
    test: {
      file: 'test/replica/membership-recovery.test.ts',
      title: 'a name of its own',
    },
  },
  // 19
  {
    id: 'tail-dropped',
    rule: 'F',
    about: 'a recovery drops what was ordered and is not known to be committed',
    edits: [
      {
        file: 'src/replica/membership/recover.ts',
        find: '  for (const entry of log.slice(log.commit + 1, log.op)) {\n',
        replace: '  for (const entry of log.slice(log.commit + 1, log.commit)) {\n',
      },
    ],
    test: {
      file: 'test/replica/membership-recovery.test.ts',
      title: 'may have been answered',
    },
  },
  // 19
  {
    id: 'survivor-not-halted',
    rule: 'F',
    about: 'a recovery does not wait until all survivors stand still and have told what they hold',
    edits: [
      {
        file: 'src/replica/membership/recover.ts',
        find: '  if (recovery.survivors.some((name) => !recovery.halted.has(name))) return;\n',
        replace: '',
      },
    ],
    test: {
      file: 'test/replica/membership-recovery.test.ts',
      title: 'once all survivors stand still',
    },
  },
];
