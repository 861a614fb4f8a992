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

await cluster.kill('rm-1');
const { value, guarantee } = await client.query('get', { key: 'greeting' });
console.log(`read ${JSON.stringify(value)}, guarantee ${guarantee}`);

await client.close();
await cluster.close();
