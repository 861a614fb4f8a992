/** Bugs in front ends and in clients' sessions (PROTOCOL A5 to A10). */

import type { Mutant } from './mutant.js';

export const REQUEST_MUTANTS: readonly Mutant[] = [
  {
    id: 'retry-with-new-number',
    rule: 'A5',
    about: 'a client sends a retry under a new number',
    edits: [
      {
        file: 'src/client/session-requests.ts',
        find: '    ...identity,\n',
        replace: '    ...(open.unknownAttempts > 0 ? { ...identity, n: ++state.n } : identity),\n',
      },
    ],
  },
  {
    id: 'retry-with-new-stamp',
    rule: 'A6',
    about: 'a client gives a retry a new stamp, which makes it another body under the same number',
    edits: [
      {
        file: 'src/client/session-requests.ts',
        find: '    ...identity,\n',
        replace:
          '    ...identity,\n' +
          '    stamp: open.unknownAttempts > 0 ? nextStamp(state.stamp, 0) : identity.stamp,\n',
      },
    ],
  },
  {
    id: 'own-writes-forgotten',
    rule: 'A7',
    about: 'a session does not merge the timestamps of its updates',
    edits: [
      {
        file: 'src/client/session.ts',
        find: '      learn(state, message.timestamp, message.alternative);\n',
        replace: '',
      },
    ],
  },
  {
    id: 'reads-forgotten',
    rule: 'A7',
    about: 'a session does not merge the timestamps of its queries',
    edits: [
      {
        file: 'src/client/session.ts',
        find: '      learn(state, message.timestamp);\n',
        replace: '',
      },
    ],
  },
  {
    id: 'reads-in-one-form-only',
    rule: 'A7',
    about: 'the second form of a session’s past leaves out what it has read',
    edits: [
      {
        file: 'src/client/session-state.ts',
        find: 'state.alternative.merge(other ?? timestamp);',
        replace: 'state.alternative.merge(other ?? VectorTimestamp.zero);',
      },
    ],
  },
  {
    id: 'timeout-is-definite',
    rule: 'A7',
    about: 'a client is told that an update which was not answered in time has no effect',
    edits: [
      {
        file: 'src/client/session-deadlines.ts',
        find: 'const definite = open.identity === null || (open.unknownAttempts === 0 && open.sentAtMs === null);',
        replace: 'const definite = true;',
      },
    ],
  },
  {
    id: 'member-counted-twice',
    rule: 'A7',
    about: 'a front end asks the same member again, and takes its two answers for two copies',
    edits: [
      {
        file: 'src/frontend/routing.ts',
        find: '    if (pending.tried.has(replica.name)) continue;\n',
        replace: "    if (pending.kind === 'query' && pending.tried.has(replica.name)) continue;\n",
      },
      {
        file: 'src/frontend/on-update.ts',
        find: '  pending.acknowledged.set(replica.name, message);',
        replace:
          '  const answer = `${replica.name}/${pending.acknowledged.size}` as Name;\n' +
          '  pending.acknowledged.set(answer, message);',
      },
    ],
  },
  {
    id: 'stamp-by-clock-alone',
    rule: 'A8',
    about: 'a session’s stamps do not exceed those that it was shown',
    edits: [
      {
        file: 'src/client/session.ts',
        find: '  state.stamp = laterStamp(state.stamp, message.latest);\n',
        replace: '',
      },
    ],
  },
  {
    id: 'replica-refuses-on-state',
    rule: 'A9',
    about: 'a replica refuses an update on its state, and the first refusal is told to the client',
    edits: [
      {
        file: 'src/node/service-state.ts',
        find: '    const digest = bodyDigest(operation, parsed, user, stamp, session);\n',
        replace:
          '    const refusal = this.#service.check(this.#database, operation, parsed, user);\n' +
          "    if (refusal !== undefined) throw new HearsayError('REFUSED', refusal.refused);\n" +
          '    const digest = bodyDigest(operation, parsed, user, stamp, session);\n',
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
  },
  {
    id: 'retry-checked-again',
    rule: 'A9',
    about:
      'a retry’s precondition is asked again, finds what the first attempt did, and is told as refused',
    edits: [
      {
        file: 'src/frontend/step.ts',
        find: '      if (event.hasPrecondition && event.request.attempt === 1) {',
        replace: '      if (event.hasPrecondition) {',
      },
      {
        file: 'src/replica/on-query.ts',
        find: '  return executed.has(id.session, id.n) || forced.results.find(id) !== undefined;',
        replace: '  return false;',
      },
      {
        file: 'src/client/session.ts',
        find: '    (definite && (open.identity === null || open.unknownAttempts === 0 || timestamp !== undefined));',
        replace: '    definite;',
      },
    ],
  },
  {
    id: 'one-member-collected',
    rule: 'A10',
    about: 'a fresh query hears one member instead of R',
    edits: [
      {
        file: 'src/frontend/state.ts',
        find: 'Number.POSITIVE_INFINITY : collectionIn(known.configuration);',
        replace: 'Number.POSITIVE_INFINITY : Math.min(1, collectionIn(known.configuration));',
      },
    ],
  },
  {
    id: 'target-not-covered',
    rule: 'A10',
    about: 'a fresh query takes an answer that does not cover what was collected',
    edits: [
      {
        file: 'src/frontend/on-query.ts',
        find: '        else if (!reflects(answer, target)) continue;\n',
        replace: '',
      },
    ],
  },
  {
    id: 'patience-called-fresh',
    rule: 'A10',
    about: 'the causal answer that auto is content with after a while is called fresh',
    edits: [
      {
        file: 'src/frontend/on-query.ts',
        find: "    if (nowMs - pending.startedAtMs >= patienceMs) return finish(turn, pending, answer, 'causal');",
        replace:
          "    if (nowMs - pending.startedAtMs >= patienceMs) return finish(turn, pending, answer, 'fresh');",
      },
    ],
  },
];
