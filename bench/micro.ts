/** `npm run bench -- --micro`: what each part costs by itself, as a table. */

import { availableParallelism, cpus } from 'node:os';
import { kvCases } from './micro-kv.js';
import { replicaCases } from './micro-replica.js';
import { wireCases } from './micro-wire.js';
import { type MicroCase, type MicroResult, time } from './stopwatch.js';
import { type Column, tableOf } from './table.js';

const COLUMNS: readonly Column<MicroResult>[] = [
  { title: 'what', align: 'left', show: ({ name }) => name },
  {
    title: 'microseconds',
    align: 'right',
    show: ({ nanoseconds }) => (nanoseconds / 1000).toFixed(3),
  },
  { title: 'a second', align: 'right', show: ({ nanoseconds }) => (1e9 / nanoseconds).toFixed(0) },
  { title: 'each', align: 'left', show: ({ unit }) => unit },
  { title: 'size', align: 'right', show: ({ note }) => note ?? '' },
];

export async function runMicro(print: (line: string) => void): Promise<void> {
  const processor = cpus()[0]?.model ?? 'unknown';
  print(
    `one thread of ${availableParallelism()} cores (${processor}), Node ${process.version}, ${new Date().toISOString()}`,
  );
  const sections: readonly (readonly [string, readonly MicroCase[]])[] = [
    ['wire', wireCases()],
    ["the replica's core, no I/O", replicaCases()],
    ['kv', await kvCases()],
  ];
  for (const [title, cases] of sections) {
    print('');
    print(`${title}:`);
    for (const line of tableOf(COLUMNS, cases.map(time))) print(line);
  }
}
