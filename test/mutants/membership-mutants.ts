/** Bugs in changes of the members (PROTOCOL C and D; numbers in `//` are those of its part J). */

import type { Mutant } from './mutant.js';

export const MEMBERSHIP_MUTANTS: readonly Mutant[] = [
  // 9
  {
    id: 'labels-counted-together',
    rule: 'C3',
    about: 'a front end counts acknowledgements of two epochs together',
    edits: [
      {
        file: 'src/frontend/state.ts',
        find: '): boolean => epoch === state.known?.configuration.epoch && isMember(state, replica);',
        replace: '): boolean => epoch > 0 && isMember(state, replica);',
      },
    ],
    test: {
      file: 'test/frontend/configuration.test.ts',
      title: 'the older one is asked for again, and counts when it is the same',
    },
  },
  // 9
  {
    id: 'label-before-sync',
    rule: 'C3',
    about: 'a member speaks, and reports, under an epoch before its disk knows of it',
    edits: [
      {
        file: 'src/replica/membership/label.ts',
        find: '  if (forced.durable.commit < change.configuredSeq) return;',
        replace: '  if (forced.log.commit < change.configuredSeq) return;',
      },
    ],
    test: {
      file: 'test/replica/membership-mutants.test.ts',
      title: 'it remembers after a crash',
    },
  },
  {
    id: 'counted-while-pending',
    rule: 'C3',
    about: 'a member is counted for fresh queries while its log has a newer configuration',
    edits: [
      {
        file: 'src/replica/membership/label.ts',
        find: '    change.pending === null &&\n',
        replace: '',
      },
    ],
    test: {
      file: 'test/replica/membership-mutants.test.ts',
      title: 'while its log has a configuration that may be in force',
    },
  },
  // 10
  {
    id: 'new-majority-alone',
    rule: 'C2',
    about: 'a majority of the next members commits a configuration without the present ones',
    edits: [
      {
        file: 'src/replica/forced/quorum.ts',
        find: '[pending.configuration, configuration];',
        replace: '[pending.configuration];',
      },
    ],
    test: {
      file: 'test/replica/membership-mutants.test.ts',
      title: 'by a majority of its members alone',
    },
  },
  {
    id: 'next-before-in-force',
    rule: 'C2',
    about: 'a primary orders the next configuration before the one before is in force',
    edits: [
      {
        file: 'src/replica/membership/propose.ts',
        find: '!state.membership.isActivated || ',
        replace: '',
      },
    ],
    test: {
      file: 'test/replica/membership-mutants.test.ts',
      title: 'a second change waits until',
    },
  },
  // 11
  {
    id: 'activated-without-cut',
    rule: 'C4',
    about: 'an epoch comes into force without the cut of what was acknowledged before it',
    edits: [
      {
        file: 'src/replica/membership/activate.ts',
        find: "  orderChange(turn, { kind: 'activate', epoch: configuration.epoch, cut, finals });",
        replace:
          "  const activation = { kind: 'activate', epoch: configuration.epoch, cut, finals } as const;\n" +
          '  orderChange(turn, { ...activation, cut: VectorTimestamp.zero });',
      },
    ],
    test: {
      file: 'test/replica/membership-mutants.test.ts',
      title: 'is no member while it lacks what is collected',
    },
  },
  // 11
  {
    id: 'activated-by-majority',
    rule: 'C4',
    about: 'reports of a majority are enough to settle what a leaving member made',
    edits: [
      {
        file: 'src/replica/membership/activate.ts',
        find: "import { collectionIn, type Final, type Member } from '../../log/membership.js';",
        replace: "import { majorityIn, type Final, type Member } from '../../log/membership.js';",
      },
      {
        file: 'src/replica/membership/activate.ts',
        find: '>= collectionIn(previous);',
        replace: '>= majorityIn(previous);',
      },
    ],
    test: {
      file: 'test/replica/membership-mutants.test.ts',
      title: 'reports of a majority do not settle',
    },
  },
  {
    id: 'fresh-before-in-force',
    rule: 'C4',
    about: 'a fresh query is answered in an epoch that is not in force yet',
    edits: [
      {
        file: 'src/frontend/on-query.ts',
        find: '  if (cut === null || pending.collected.size < collectionSize(state)) return;\n',
        replace:
          '  if (pending.collected.size < collectionSize(state)) return;\n' +
          '  if (cut === null) return void (pending.target ??= mergeOf(pending.collected.values()));\n',
      },
    ],
    test: {
      file: 'test/frontend/fresh-epochs.test.ts',
      title: 'waits until the epoch is in force',
    },
  },
  // †
  {
    id: 'cut-without-the-one-before',
    rule: 'D',
    about: 'a cut has only what was reported, and not the cut of the epoch before',
    edits: [
      {
        file: 'src/replica/membership/activate.ts',
        find: '  const merged = held.merge(membership.cut);',
        replace: '  const merged = held;',
      },
    ],
    test: {
      file: 'test/replica/membership-mutants.test.ts',
      title: 'contain the cut before',
    },
  },
  // †
  {
    id: 'reports-of-before',
    rule: 'D',
    about: 'reports that were made for an earlier epoch settle the next one',
    edits: [
      {
        file: 'src/replica/membership/committed.ts',
        find: '      state.change.reports.clear();\n',
        replace: '',
      },
    ],
    test: {
      file: 'test/replica/membership-scenes.test.ts',
      title: 'settling waits while too few report',
    },
  },
  // †
  {
    id: 'cut-not-in-the-record',
    rule: 'D',
    about: 'an update that names void records waits for the cut, and its record does not name it',
    edits: [
      {
        file: 'src/replica/on-update.ts',
        find: "import { coveredPast, waitFor } from './waiting.js';",
        replace:
          "import { coveredPast, waitFor } from './waiting.js';\n" +
          "import { VectorTimestamp } from '../timestamp/vector-timestamp.js';",
      },
      {
        file: 'src/replica/on-update.ts',
        find: '    prev,\n    body,\n  };\n',
        replace:
          '    prev: state.membership.normalise(request.prev).isVoided\n' +
          '      ? VectorTimestamp.of(\n' +
          '          [...request.prev]\n' +
          '            .filter(([origin]) => !state.membership.dropped.has(origin))\n' +
          '            .map(([origin, count]) => [\n' +
          '              origin,\n' +
          '              Math.min(count, state.membership.finalOf(origin) ?? count),\n' +
          '            ]),\n' +
          '        )\n' +
          '      : prev,\n' +
          '    body,\n' +
          '  };\n',
      },
    ],
    test: {
      file: 'test/replica/membership-mutants.test.ts',
      title: 'whose client has seen what is void',
    },
  },
  // 12
  {
    id: 'no-freeze',
    rule: 'D',
    about: 'records of a member that leaves are taken from everybody while the reports are made',
    edits: [
      {
        file: 'src/replica/membership/freeze.ts',
        find: '  return !membership.isFrozen(origin) || from.epoch >= membership.configuration.epoch;',
        replace: '  return true;',
      },
    ],
    test: {
      file: 'test/replica/membership-claim.test.ts',
      title: 'are taken from who has frozen it too',
    },
  },
  // 12
  {
    id: 'frozen-against-everybody',
    rule: 'D',
    about: 'records of a member that leaves are taken from nobody until it is settled',
    edits: [
      {
        file: 'src/replica/membership/freeze.ts',
        find: '  return !membership.isFrozen(origin) || from.epoch >= membership.configuration.epoch;',
        replace: '  return !membership.isFrozen(origin);',
      },
    ],
    test: {
      file: 'test/replica/membership-claim.test.ts',
      title: 'are taken from who has frozen it too',
    },
  },
  // 13
  {
    id: 'nothing-clipped',
    rule: 'D',
    about:
      'a timestamp that names void records means them still: whoever has seen one waits for ever',
    edits: [
      {
        file: 'src/log/membership.ts',
        find: '    if (!isVoided) return { timestamp: clipped, isVoided };\n',
        replace: '    if (isVoided) return { timestamp, isVoided };\n',
      },
      {
        file: 'src/log/membership.ts',
        find: '    return { timestamp: clipped.merge(this.#clip(cut)), isVoided };',
        replace: '    return { timestamp: clipped, isVoided };',
      },
    ],
    test: {
      file: 'test/replica/membership-scenes.test.ts',
      title: 'what a client saw of a lost disk is void',
    },
  },
  // 13
  {
    id: 'clipped-too-early',
    rule: 'D',
    about: 'what a leaving member made counts for nothing before it is settled',
    edits: [
      {
        file: 'src/log/membership.ts',
        find: '      const final = this.finalOf(origin);\n      if (final === null) {\n',
        replace:
          '      const final = this.finalOf(origin) ?? (this.isFrozen(origin) ? 0 : null);\n' +
          '      if (final === null) {\n',
      },
    ],
    test: {
      file: 'test/log/membership.test.ts',
      title: 'a member that leaves is frozen first',
    },
  },
  {
    id: 'clipped-without-cut',
    rule: 'D',
    about: 'who was shown void records does not wait for the cut, where they may live on',
    edits: [
      {
        file: 'src/log/membership.ts',
        find: '    return { timestamp: clipped.merge(this.#clip(cut)), isVoided };',
        replace: '    return { timestamp: clipped, isVoided };',
      },
    ],
    test: {
      file: 'test/log/membership.test.ts',
      title: 'who was shown more waits for the cut',
    },
  },
];
