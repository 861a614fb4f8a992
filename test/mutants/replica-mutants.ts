/** Bugs in how a replica takes, stores and executes records (PROTOCOL A1 to A5). */

import type { Mutant } from './mutant.js';

export const REPLICA_MUTANTS: readonly Mutant[] = [
  {
    id: 'same-origin',
    rule: 'A1',
    about: 'every start of a data directory writes the same entry of timestamps',
    edits: [
      {
        file: 'src/base/ids.ts',
        find: '=> `${member}~${start}` as Origin;',
        replace: '=> `${member}~1` as Origin;',
      },
    ],
  },
  {
    id: 'acknowledge-before-sync',
    rule: 'A2',
    about: 'a replica acknowledges an update as soon as its record is made',
    edits: [
      {
        file: 'src/replica/on-update.ts',
        find: '  acknowledgeWhenDurable(turn, position, link, request.requestId);',
        replace: '  acknowledge(turn, position, link, request.requestId);',
      },
    ],
  },
  {
    id: 'execute-before-sync',
    rule: 'A2',
    about: 'own records are executed, and shown to readers, before they are durable',
    edits: [
      {
        file: 'src/replica/store.ts',
        find: '  if (record.origin !== state.self.origin) state.unexecuted.add(record);',
        replace: '  state.unexecuted.add(record);',
      },
    ],
  },
  {
    id: 'durable-at-begin-of-write',
    rule: 'A2',
    about: 'records count as durable when their write begins',
    edits: [
      {
        file: 'src/node/journal-writer.ts',
        find: '    this.#isWriting = true;\n',
        replace:
          '    this.#isWriting = true;\n' +
          '    const length = this.#place.records + records.length;\n' +
          '    this.#init.onDurable(length, transitions.length);\n',
      },
      {
        file: 'src/node/journal-writer.ts',
        find: '        this.#init.onDurable(this.#place.records, transitions.length);\n',
        replace: '',
      },
    ],
  },
  {
    id: 'one-record-too-many',
    rule: 'A2',
    about: 'a group commit counts the first record of the next group as durable too',
    edits: [
      {
        file: 'src/node/journal-writer.ts',
        find: '        this.#init.onDurable(this.#place.records, transitions.length);\n',
        replace:
          "        const isNext = this.#waiting.some(({ kind }) => kind === 'record');\n" +
          '        const length = this.#place.records + Number(isNext);\n' +
          '        this.#init.onDurable(length, transitions.length);\n',
      },
    ],
  },
  {
    id: 'word-of-the-sender',
    rule: 'A2',
    about: 'replicaTS is merged from what the sender of gossip holds, not from what is stored here',
    edits: [
      {
        file: 'src/replica/gossip.ts',
        find: '  storeArrived(turn, peer, message.records);',
        replace:
          '  storeArrived(turn, peer, message.records);\n' +
          '  state.durable.mergeIn(message.replicaTimestamp);',
      },
    ],
  },
  {
    id: 'accept-without-past',
    rule: 'A2',
    about: 'an update is taken before its past is here, and depends on what is here instead',
    edits: [
      {
        file: 'src/replica/on-update.ts',
        find:
          '  const prev = coveredPast(turn, request);\n' +
          "  if (prev === null) return waitFor(turn, { kind: 'update', ...update });\n",
        replace: '  const prev = coveredPast(turn, request) ?? state.value.value();\n',
      },
    ],
  },
  {
    id: 'log-without-past',
    rule: 'A3',
    about: 'an update is logged and acknowledged before its past is here',
    edits: [
      {
        file: 'src/replica/on-update.ts',
        find:
          '  const prev = coveredPast(turn, request);\n' +
          "  if (prev === null) return waitFor(turn, { kind: 'update', ...update });\n",
        replace: '  const prev = coveredPast(turn, request) ?? request.prev;\n',
      },
    ],
  },
  {
    id: 'order-of-arrival',
    rule: 'A3',
    about: 'records are stored and executed in the order in which they arrive, whatever their prev',
    edits: [
      {
        file: 'src/log/causal-queue.ts',
        find: '      if (missing !== null) return this.#blocked.park(origin, missing[0], missing[1]);\n',
        replace: '',
      },
    ],
  },
  {
    id: 'early-stored',
    rule: 'A3',
    about: 'a record that came early is stored without what its prev names, and executed later',
    edits: [
      {
        file: 'src/replica/store.ts',
        find: '    if (isNext || state.early.size < LIMITS.earlyRecords) state.early.add(record);\n',
        replace:
          '    if (isNext && !isAlias(record)) {\n' +
          '      append(turn, record);\n' +
          '      state.early.moved(record.origin, record.seq);\n' +
          '    } else if (state.early.size < LIMITS.earlyRecords) state.early.add(record);\n',
      },
    ],
  },
  {
    id: 'alias-without-body',
    rule: 'A4',
    about: 'an alias is stored where its body is not, and the body that comes later never executes',
    edits: [
      {
        file: 'src/replica/store.ts',
        find: '  if (held !== undefined) return { origin, seq, prev, body: held.body };\n',
        replace:
          '  if (held !== undefined) return { origin, seq, prev, body: held.body };\n' +
          '  const stamp = { physicalMs: 0, logical: 0 };\n' +
          "  const nothing = { ...id, stamp, operation: '', args: {}, user: '' };\n" +
          '  if (held === undefined) return { origin, seq, prev, body: nothing };\n',
      },
      {
        file: 'src/replica/on-durable.ts',
        find: '  const isAlias = held.executed || wasCollected(state, held);',
        replace:
          "  const isAlias = held.executed || wasCollected(state, held) || body.operation === '';",
      },
    ],
  },
  {
    id: 'first-record-only',
    rule: 'A4',
    about: 'an update executes at the first of its records in the log, stable or not',
    edits: [
      {
        file: 'src/replica/on-durable.ts',
        find: '  const isAlias = held.executed || wasCollected(state, held);',
        replace:
          '  const first = state.log.at(held.positions[0] as number);\n' +
          '  const isFirst = first.origin === record.origin;\n' +
          '  const isAlias = held.executed || wasCollected(state, held) || !isFirst;',
      },
    ],
  },
  {
    id: 'executed-flags-forgotten',
    rule: 'A5',
    about: 'a start does not restore which updates the snapshot has executed',
    edits: [
      {
        file: 'src/replica/step.ts',
        find:
          '    if (record.seq <= state.value.get(record.origin)) held.executed = true;\n' +
          '    else state.unexecuted.add(record);',
        replace:
          '    if (record.seq > state.value.get(record.origin)) state.unexecuted.add(record);',
      },
    ],
  },
  {
    id: 'mark-moved-by-client',
    rule: 'A5',
    about: 'updates that the client has answered or given up count as executed',
    edits: [
      {
        file: 'src/replica/on-update.ts',
        find: '  const position = appendOwn(turn, record);',
        replace:
          '  for (let n = 1; n <= request.answered; n++) state.executed.add(body.session, n);\n' +
          '  const position = appendOwn(turn, record);',
      },
      {
        file: 'src/replica/on-durable.ts',
        find: '  if (isAlias) return;\n',
        replace: '  if (isAlias || state.executed.has(body.session, body.n)) return;\n',
      },
    ],
  },
];
