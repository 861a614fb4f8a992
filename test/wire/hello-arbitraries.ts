/** Hellos of every role for property tests. */

import fc from 'fast-check';
import type {
  ClusterIdentity,
  Hello,
  MemberAddress,
  OperationDescription,
} from '../../src/wire/messages.js';
import { anOrigin, aTimestamp } from '../timestamp/arbitraries.js';
import { json, memberId, name, positive, text, whole } from './field-arbitraries.js';

const version = fc.tuple(positive, positive);

const cluster: fc.Arbitrary<ClusterIdentity> = fc.record({
  clusterId: text,
  generation: whole,
  epoch: positive,
  service: text,
  serviceVersion: version,
  schemaHash: text,
});

const anOperation: fc.Arbitrary<OperationDescription> = fc.record({
  name: text,
  kind: fc.constantFrom('query', 'update'),
  about: text,
  arguments: fc.array(
    fc.record(
      {
        name: text,
        reads: fc.constantFrom('string', 'json', 'text-or-json'),
        type: text,
        required: fc.boolean(),
        default: json,
        about: text,
      },
      { requiredKeys: ['name', 'reads', 'type', 'required', 'about'], noNullPrototype: true },
    ),
    { maxLength: 3 },
  ),
  anonymous: fc.boolean(),
  hasCheck: fc.boolean(),
  ordering: fc.constantFrom('causal', 'forced', null),
  hasLookup: fc.boolean(),
  administrator: fc.boolean(),
});

export const addresses: fc.Arbitrary<MemberAddress[]> = fc.array(
  fc.record({ name, address: text }),
  { maxLength: 3 },
);
export const boot = fc.record({ number: whole, nonce: text });

export const hello: fc.Arbitrary<Hello> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    role: fc.constant('client' as const),
    protocol: version,
    service: text,
  }),
  fc.record({
    kind: fc.constant('hello' as const),
    role: fc.constant('frontend' as const),
    protocol: version,
    name,
    address: text,
    cluster,
    operations: fc.array(anOperation, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('hello' as const),
    role: fc.constant('replica' as const),
    protocol: version,
    name,
    memberId,
    origin: anOrigin,
    address: text,
    cluster,
    initialHash: text,
    members: addresses,
    plan: text,
    boot,
    promises: whole,
    versions: version,
    joins: fc.constantFrom('add', 'replace', null),
    replicaTimestamp: aTimestamp,
  }),
  fc.record({
    kind: fc.constant('hello' as const),
    role: fc.constant('joiner' as const),
    protocol: version,
    name,
    service: text,
    serviceVersion: version,
    schemaHash: text,
    initialHash: fc.option(text),
    replaces: fc.boolean(),
    clusterId: fc.option(text),
  }),
);
