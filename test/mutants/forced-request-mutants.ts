/**
 * Bugs in what becomes of forced updates and of queries that must reflect them (PROTOCOL B; numbers in
 * `//` are those of its part J).
 */

import type { Mutant } from './mutant.js';

export const FORCED_REQUEST_MUTANTS: readonly Mutant[] = [
  // 7
  {
    id: 'known-by-results-only',
    rule: 'B2',
    about:
      'a new primary looks for an update among the results, not in its log, and executes it again',
    edits: [
      {
        file: 'src/replica/forced/order.ts',
        find: '  if (forced.executed < forced.noOpSeq) return;\n',
        replace: '',
      },
      {
        file: 'src/replica/forced/order.ts',
        find: '  if (forced.unexecuted.has(idOf(pending.body))) return;\n',
        replace:
          '  const held = forced.unexecuted.get(idOf(pending.body));\n' +
          '  if (held?.born === forced.log.view) return;\n',
      },
      {
        file: 'src/replica/forced/execute.ts',
        find: '    const known = forced.results.find(entry.body);\n',
        replace: '    const known = undefined;\n',
      },
    ],
    test: {
      file: 'test/world/forced-elections.test.ts',
      title: 'before it knows that a backup has the entry',
    },
  },
  {
    id: 'ordered-at-each-look',
    rule: 'B2',
    about: 'an update that is in the log already is ordered again, and executed again',
    edits: [
      {
        file: 'src/replica/forced/order.ts',
        find: '  if (forced.unexecuted.has(idOf(pending.body))) return;\n',
        replace: '',
      },
      {
        file: 'src/replica/forced/execute.ts',
        find: '    const known = forced.results.find(entry.body);\n',
        replace: '    const known = undefined;\n',
      },
    ],
  },
  // 7
  {
    id: 'results-not-in-snapshots',
    rule: 'B6',
    about: 'a start from a snapshot does not know which forced updates were executed',
    edits: [
      {
        file: 'src/replica/snapshots.ts',
        find: '    results: forced.results.kept(),',
        replace: '    results: { latest: { physicalMs: 0, logical: 0 }, sessions: [] },',
      },
    ],
    test: { file: 'test/world/forced-answers.test.ts', title: 'after a restart of all' },
  },
  {
    id: 'refusal-forgotten',
    rule: 'B6',
    about: 'a refusal is told and not kept: a second copy of the update may be executed',
    edits: [
      {
        file: 'src/replica/forced/execute.ts',
        find: '  forced.results.add(entry, answer);\n  state.latest',
        replace:
          "  if (result.kind !== 'refused') forced.results.add(entry, answer);\n  state.latest",
      },
    ],
    test: { file: 'test/world/forced-answers.test.ts', title: 'a refusal is the one result' },
  },
  // 8
  {
    id: 'fresh-by-commit-numbers',
    rule: 'B11',
    about: 'a fresh query asks what members know to be committed instead of how far their logs go',
    edits: [
      {
        file: 'src/replica/on-query.ts',
        find: '  return { view: lnv, seq: lastUpdate };',
        replace: "  return { view: lnv, seq: state.durable.get('!0' as never) };",
      },
    ],
  },
  // 8
  {
    id: 'discarded-tip-awaited',
    rule: 'B11',
    about: 'a fresh query waits for an entry that a later view has discarded',
    edits: [
      {
        file: 'src/frontend/target.ts',
        find: ' || isLater(executedView, tip.view);',
        replace: ' || (isLater(executedView, tip.view) && false);',
      },
      {
        file: 'src/replica/waiting.ts',
        find: '  return isLater(state.forced.executedView, tip.view);',
        replace: '  return false;',
      },
    ],
    test: { file: 'test/world/forced-answers.test.ts', title: 'that a later view has discarded' },
  },
  // 16
  {
    id: 'answered-when-ordered',
    rule: 'B4',
    about: 'a primary executes and answers an update when its own disk has it',
    edits: [
      {
        file: 'src/replica/forced/execute.ts',
        find: '    if (entry === undefined || entry.seq > forced.log.commit) break;',
        replace:
          "    const { commit } = forced.role === 'primary' ? { commit: forced.durable.op } : forced.log;\n" +
          '    if (entry === undefined || entry.seq > commit) break;',
      },
    ],
  },
  {
    id: 'answered-from-the-log',
    rule: 'B5',
    about: 'an update that is in the log is answered as done before, committed or not',
    edits: [
      {
        file: 'src/replica/forced/order.ts',
        find: '  if (forced.unexecuted.has(idOf(pending.body))) return;\n',
        replace:
          '  const held = forced.unexecuted.get(idOf(pending.body));\n' +
          '  if (held !== undefined) {\n' +
          "    const timestamp = held.prev.with('!0' as never, held.seq);\n" +
          "    const outcome = { kind: 'repeated' } as const;\n" +
          '    return answerWith(turn, pending, { outcome, timestamp, copies: 1, latest });\n' +
          '  }\n',
      },
    ],
  },
  // 17
  {
    id: 'expired-by-own-clock',
    rule: 'B6',
    about: 'whether an update has expired is decided by the clock of whoever executes it',
    edits: [
      {
        file: 'src/replica/step.ts',
        find: '      const { link, request, body, wallMs, nowMs } = event;\n',
        replace:
          '      const { link, request, body, wallMs, nowMs } = event;\n' +
          '      Object.assign(state.forced, { wallMs });\n',
      },
      {
        file: 'src/replica/forced/execute.ts',
        find: 'forced.results.isExpired(entry.body.stamp)',
        replace:
          'entry.body.stamp.physicalMs < (forced as never)["wallMs"] - state.tuning.resultTtlMs',
      },
    ],
    test: { file: 'test/world/forced-answers.test.ts', title: 'with its clock an hour ahead' },
  },
  // 18
  {
    id: 'forced-reads-causal',
    rule: 'B4',
    about: 'a forced update reads what causal updates write',
    edits: [
      {
        file: 'src/service/kv/forced.ts',
        find: '    if (there === null || there < amount) return { taken: 0, left: there };',
        replace:
          "    const { n } = db.get<{ n: number }>('SELECT count(*) AS n FROM entries', [])!;\n" +
          '    if (there === null || there < amount + (n % 2)) return { taken: 0, left: there };',
      },
      {
        file: 'src/service/statement-guard.ts',
        find: "  'apply-forced': { writes: true, owner: 'forced' },",
        replace: "  'apply-forced': { writes: true, owner: null },",
      },
    ],
  },
  // 23
  {
    id: 'first-refusal-is-definite',
    rule: 'A9',
    about: 'the refusal of one replica is told as definite though another one was sent the update',
    edits: [
      {
        file: 'src/frontend/on-forced.ts',
        find: '  noteDeclined(pending, replica.name, message);\n',
        replace:
          '  noteDeclined(pending, replica.name, message);\n' +
          "  if (message.code === 'INVALID' || message.code === 'REFUSED') {\n" +
          '    return fail(turn, pending, message.code, message.message, true);\n' +
          '  }\n',
      },
      {
        file: 'src/frontend/on-update.ts',
        find: '  noteDeclined(pending, replica.name, message);\n',
        replace:
          '  noteDeclined(pending, replica.name, message);\n' +
          "  if (message.code === 'INVALID' || message.code === 'REFUSED') {\n" +
          '    return fail(turn, pending, message.code, message.message, true);\n' +
          '  }\n',
      },
    ],
    test: { file: 'test/world/forced-answers.test.ts', title: 'while another one may yet execute' },
  },
  {
    id: 'place-not-learned',
    rule: 'B5',
    about: 'a session does not learn the place of its forced updates',
    edits: [
      {
        file: 'src/client/session.ts',
        find: "import { laterStamp } from '../timestamp/stamp.js';\n",
        replace:
          "import { laterStamp } from '../timestamp/stamp.js';\n" +
          "import { VectorTimestamp } from '../timestamp/vector-timestamp.js';\n",
      },
      {
        file: 'src/client/session.ts',
        find: '      learn(state, message.timestamp, message.alternative);\n',
        replace:
          "      const parts = [...message.timestamp.entries()].filter(([name]) => name !== '!0');\n" +
          '      learn(state, VectorTimestamp.of(parts), message.alternative);\n',
      },
    ],
  },
];
