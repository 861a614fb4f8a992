/**
 * Two people at two front ends, with gossip switched off: what one was told is written, the other reads
 * at once, because a replica that lacks it fetches it. The second half shows that a session keeps what
 * it has seen when its front end dies.
 *
 *     node dist/examples/two-front-ends.js
 */

import { connect, kv, startCluster } from 'hearsay';

const cluster = await startCluster({ replicas: 3, frontends: 2, service: kv, gossip: 'off' });
const [first = '', second = ''] = cluster.frontends;

const ann = await connect([first, second], { user: 'ann' });
const bob = await connect([second], { user: 'bob' });

const atFirst = await ann.query('count', { key: 'visitors' }, { consistency: 'fresh' });
console.log(`ann reads ${JSON.stringify(atFirst.value)} (${atFirst.guarantee})`);

await ann.update('add', { key: 'visitors', amount: 1 });
const seen = await bob.query('count', { key: 'visitors' }, { consistency: 'fresh' });
console.log(`bob reads ${JSON.stringify(seen.value)} (${seen.guarantee}), and has now seen`);
console.log(bob.timestamp);

await cluster.kill('fe-1');
await ann.update('add', { key: 'visitors', amount: 1 });
const own = await ann.query('count', { key: 'visitors' }, { consistency: 'causal' });
console.log(
  `ann is at ${ann.frontend} now and reads ${JSON.stringify(own.value)} (${own.guarantee})`,
);

await ann.close();
await bob.close();
await cluster.close();
