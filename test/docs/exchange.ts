/** The exchange that docs/protocol.md shows in bytes, in its order: frame by frame, as messages. */

import type { Name, Origin, SessionId } from '../../src/base/ids.js';
import { FORCED_ORIGIN } from '../../src/log/forced-log.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { Message } from '../../src/wire/messages.js';

const session = 'V1StGXR8_Z5jdHi6' as SessionId;
const written = VectorTimestamp.of([['rm-1.x7k2m9qp~3fa8b1' as Origin, 12]]);
const other = VectorTimestamp.of([['rm-2.b8d1s4zz~0q9c2e' as Origin, 300]]);
const seen = VectorTimestamp.of([
  ['rm-1.x7k2m9qp~3fa8b1' as Origin, 12],
  ['rm-2.b8d1s4zz~0q9c2e' as Origin, 300],
]);
const stamp = { physicalMs: 1_700_000_000_000, logical: 0 };

export const EXCHANGE: Readonly<Record<string, readonly Message[]>> = {
  'the client says hello': [{ kind: 'hello', role: 'client', protocol: [3, 3], service: 'kv' }],
  'the front end says hello': [
    {
      kind: 'hello',
      role: 'frontend',
      protocol: [3, 3],
      name: 'fe-1' as Name,
      address: '127.0.0.1:7000',
      cluster: {
        clusterId: '6f0c2a19d3b84e57',
        generation: 0,
        epoch: 1,
        service: 'kv',
        serviceVersion: [1, 1],
        schemaHash: '0f343b0931126a20f133d67c2b018a3b',
      },
      operations: [],
    },
    {
      kind: 'frontends',
      frontends: [
        { name: 'fe-1' as Name, address: '127.0.0.1:7000' },
        { name: 'fe-2' as Name, address: '127.0.0.1:7001' },
      ],
    },
  ],
  'an update': [
    {
      kind: 'client-update',
      requestId: 1,
      session,
      n: 1,
      answered: 0,
      attempt: 1,
      stamp,
      prev: VectorTimestamp.zero,
      operation: 'set',
      args: { key: 'k', value: 4.5 },
      user: '42',
      minCopies: 1,
      timeoutMs: 10_000,
    },
  ],
  'its answer': [
    {
      kind: 'updated',
      requestId: 1,
      copies: 2,
      timestamp: written,
      alternative: other,
      latest: stamp,
      result: null,
    },
  ],
  'a query': [
    {
      kind: 'client-query',
      requestId: 2,
      session,
      prev: written,
      alternative: other,
      consistency: 'fresh',
      operation: 'get',
      args: { key: 'k' },
      user: '42',
      timeoutMs: 10_000,
    },
  ],
  'two answers in one frame': [
    {
      kind: 'answered',
      requestId: 2,
      guarantee: 'fresh',
      timestamp: seen,
      latest: stamp,
      value: 4.5,
    },
    {
      kind: 'failed',
      requestId: 3,
      code: 'INVALID',
      message: 'no',
      definite: true,
    },
  ],
  'a forced update, and one that is refused': [
    {
      kind: 'updated',
      requestId: 4,
      copies: 2,
      timestamp: seen.with(FORCED_ORIGIN, 7),
      latest: stamp,
      result: { stock: 3 },
    },
    {
      kind: 'failed',
      requestId: 5,
      code: 'REFUSED',
      message: 'no k is left',
      definite: true,
      timestamp: seen.with(FORCED_ORIGIN, 8),
    },
  ],
};

/** The body whose digest docs/protocol.md works out. */
export const DIGESTED = {
  operation: 'set',
  args: { value: 4.5, key: 'k' },
  user: '42',
  stamp,
  session,
} as const;
