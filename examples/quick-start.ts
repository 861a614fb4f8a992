/**
 * A cluster in this process, a client, and a replica that dies without anybody noticing:
 *
 *     node dist/examples/quick-start.js
 */

import { connect, kv, startCluster } from 'hearsay';

const cluster = await startCluster({ replicas: 3, frontends: 2, service: kv });
const client = await connect(cluster.frontends);

const { copies } = await client.update('set', { key: 'greeting', value: 'hello' });
console.log(`written, durable at ${copies} replicas`);

const before = await client.query('get', { key: 'greeting' }, { consistency: 'fresh' });
console.log(`read ${JSON.stringify(before.value)} (${before.guarantee})`);

await cluster.kill('rm-1');
const after = await client.query('get', { key: 'greeting' }, { consistency: 'fresh' });
console.log(`rm-1 is dead, read ${JSON.stringify(after.value)} (${after.guarantee})`);

await client.close();
await cluster.close();
