/**
 * A small tree that keeps all the house's rules, and one planted fault for each rule: which tool must
 * report it, in which file, in which words.
 */

export type LintTool = 'oxlint' | 'imports' | 'core' | 'format' | 'knip';

export interface Fault {
  readonly name: string;
  readonly tool: LintTool;
  readonly path: string;
  readonly text: string;
  /** A part of the line that reports it, beside the path. */
  readonly report: string;
}

const IDS = 'export type Id = string;\nexport const digits = 2;\n';

/** Files that do what they are allowed to do: no tool may report any of them. */
export const CLEAN_TREE: Readonly<Record<string, string>> = {
  'src/base/ids.ts': IDS,
  'src/timestamp/timestamp.ts': `import { digits } from '../base/ids.js';

export const next = (count: number): number => count + digits;
`,
  'src/wire/messages.ts': `import type { Id } from '../base/ids.js';

export type Message = { kind: 'hello'; id: Id } | { kind: 'bye' };
`,
  'src/wire/codec.ts': `import { Packr } from 'msgpackr';
import { z } from 'zod';

const packr = new Packr();
export const encode = (value: number): Uint8Array => packr.pack(z.number().parse(value));
`,
  'src/replica/step.ts': `import { next } from '../timestamp/timestamp.js';
import type { Message } from '../wire/messages.js';

export function step(count: number, message: Message): number {
  switch (message.kind) {
    case 'hello':
      return next(count);
    case 'bye':
      return count;
  }
}
`,
  'src/ports/clock.ts': 'export interface Clock {\n  nowMs(): number;\n}\n',
  'src/node/driver.ts': `import type { Clock } from '../ports/clock.js';
import { step } from '../replica/step.js';

export const drive = (clock: Clock): number => step(clock.nowMs(), { kind: 'bye' });
`,
  'src/node/main.ts': `#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { encode } from '../wire/codec.js';
import { drive } from './driver.js';

const random = Math.random() + Date.now();
setTimeout(() => console.log(drive({ nowMs: () => random }), encode(1), readFileSync), 1);
`,
  'src/index.ts': "export { drive } from './node/driver.js';\n",
};

const using = (expression: string): string => `export const used = () => ${expression};\n`;

/** Each line: file (in src, without ending) < what it may not import; `type` for `import type`. */
const FORBIDDEN_IMPORTS = `
  base/import-folder < ../timestamp/timestamp.js
  base/import-node < node:crypto
  timestamp/import-log < ../log/timer.js
  log/import-wire < type ../wire/messages.js
  wire/import-log < ../log/timer.js
  wire/import-ws < ws
  replica/import-storage < type ../storage/clock.js
  replica/import-running-messages < ../wire/messages.js
  replica/import-codec < type ../wire/codec.js
  replica/import-node < node:fs
  replica/import-zod < zod
  frontend/import-replica < ../replica/step.js
  frontend/import-ws < ws
  ports/import-base < ../base/ids.js
  observe/import-node < node:fs
  observe/import-wire < ../wire/codec.js
  storage/import-wire < type ../wire/messages.js
  storage/import-replica < ../replica/step.js
  storage/import-ws < ws
  storage/memory-import < node:fs
  transport/import-wire < type ../wire/messages.js
  transport/import-log < ../log/timer.js
  transport/import-sql < sql.js
  transport/memory-import < ws
  service/import-wire < ../wire/codec.js
  service/import-replica < ../replica/step.js
  service/import-node < node:path
  node/import-node < node:fs
  node/import-ws < ws
  node/import-sql < sql.js
  node/import-storage < ../storage/clock.js
  node/import-system < ./system.js
  client/import-replica < ../replica/step.js
  client/import-log < ../log/timer.js
  client/import-storage < ../storage/clock.js
  client/import-transport < ../transport/import-wire.js
  client/session-import < node:fs
  client/session-socket < ws
  client/main < ../replica/step.js
  discovery/import-log < ../log/timer.js
  launch/import-replica < ../replica/step.js
  launch/import-transport < ../transport/import-wire.js
  sim/import-ws < ws
  sim/import-node < node:fs
  sim/import-storage < ../storage/clock.js
  sim/import-entry < ../node/main.js
  nowhere/import < ../base/ids.js`;

function importFault(line: string): Fault {
  const [path = '', what = ''] = line.split('<').map((part) => part.trim());
  const specifier = what.replace('type ', '');
  const text = `export ${what.startsWith('type ') ? 'type ' : ''}* from '${specifier}';\n`;
  const report = path.startsWith('nowhere') ? 'in no folder' : specifier;
  return { name: `${path} imports ${what}`, tool: 'imports', path: `src/${path}.ts`, text, report };
}

/** Globals that a folder may not name, as expressions that do. */
const CLOCKS = ['Date.now()', 'new Intl.Collator()', 'performance.now()', 'crypto.randomUUID()'];
const TIMERS = ['setTimeout(used, 1)', 'setInterval(used, 1)', 'setImmediate(used)'];
const PROCESS = ['process.pid', 'console.log(1)'];
const CORE = ['base', 'timestamp', 'log', 'wire', 'replica', 'frontend'];
const SIMULATED = [
  'service',
  'sim',
  'node',
  'transport/memory',
  'storage/memory',
  'client/session',
];

function globalFault(tool: LintTool, folder: string, expression: string): Fault {
  const name = expression.replace('new ', '').replace(/\W.*/, '');
  const path = `src/${folder}${folder.includes('/') ? '-' : '/'}${tool}-${name.toLowerCase()}.ts`;
  const report = tool === 'core' ? `'${name}'` : `'${name}'. [Error/eslint(no-restricted-globals)]`;
  return { name: `${tool}: ${name} in ${folder}`, tool, path, text: using(expression), report };
}

/** A file that breaks one of oxlint's rules. */
const oxlint = (report: string, path: string, text: string): Fault => ({
  ...{ name: `${report} in ${path}`, tool: 'oxlint', path: `src/${path}.ts`, text, report },
});

export const FAULTS: readonly Fault[] = [
  ...FORBIDDEN_IMPORTS.trim().split('\n').map(importFault),
  {
    ...{ name: 'an import over lines', tool: 'imports', path: 'src/base/lines.ts', report: ':3: ' },
    text: "// One.\n\nimport {\n  next,\n} from '../timestamp/timestamp.js';\n",
  },
  {
    ...{ name: 'a computed import', tool: 'imports', path: 'src/storage/computed.ts' },
    ...{ text: using('import(`./${name}`)'), report: 'computed' },
  },
  {
    ...{ name: 'code in ports', tool: 'imports', path: 'src/ports/code.ts' },
    ...{ text: using('1'), report: 'types only' },
  },

  ...CORE.flatMap((folder) => [
    ...[...CLOCKS, 'Promise.resolve()'].map((expression) =>
      globalFault('oxlint', folder, expression),
    ),
    ...[...TIMERS, ...PROCESS].map((expression) => globalFault('core', folder, expression)),
    oxlint('no-async-await', `${folder}/async`, 'export async function used() {}\n'),
  ]),
  ...SIMULATED.flatMap((folder) =>
    [...CLOCKS, ...TIMERS, ...PROCESS].map((expression) =>
      globalFault('oxlint', folder, expression),
    ),
  ),
  ...[...CORE, ...SIMULATED].map((folder) =>
    oxlint(
      'Math.random',
      `${folder}${folder.includes('/') ? '-' : '/'}chance`,
      using('Math.random()'),
    ),
  ),
  globalFault('core', 'client/session', 'setTimeout(used, 1)'),
  oxlint("'Date'", 'base/hidden', using('globalThis.Date.now()')),
  oxlint('localeCompare', 'service/locale', using("'a'.localeCompare('b')")),
  oxlint('no-console', 'storage/console', using("console.log('a')")),
  oxlint('no-process-env', 'storage/environment', using('process.env.HOME')),
  oxlint(
    'no-param-reassign',
    'timestamp/argument',
    'export function used(list: { a: number }): void {\n  list.a = 1;\n}\n',
  ),

  oxlint('no-cycle', 'storage/one', "import { b } from './two.js';\n\nexport const a = () => b;\n"),
  oxlint('no-cycle', 'storage/two', "import { a } from './one.js';\n\nexport const b = () => a;\n"),
  oxlint(
    'no-floating-promises',
    'storage/floating',
    'export function used(work: () => Promise<void>): void {\n  work();\n}\n',
  ),
  oxlint(
    'no-misused-promises',
    'storage/misused',
    'export const used = (work: Promise<boolean>): number => (work ? 1 : 2);\n',
  ),
  oxlint(
    'switch-exhaustiveness-check',
    'storage/switch',
    "export function used(kind: 'a' | 'b'): void {\n  switch (kind) {\n    case 'a':\n  }\n}\n",
  ),
  oxlint('no-explicit-any', 'storage/any', 'export const used = (value: any): unknown => value;\n'),
  oxlint(
    'no-unsafe-return',
    'storage/unsafe',
    'export const used = (text: string): number => JSON.parse(text);\n',
  ),
  oxlint(
    'no-non-null-assertion',
    'storage/bang',
    'export const used = (list: number[]): number => list[0]!;\n',
  ),
  oxlint('no-default-export', 'storage/default', 'export default 1;\n'),
  oxlint('filename-case', 'storage/someName', using('1')),
  oxlint(
    'consistent-type-imports',
    'storage/type',
    "import { Id } from '../base/ids.js';\n\nexport const used = (id: Id): Id => id;\n",
  ),
  // In two pieces, so that this line is not a left-over note itself.
  oxlint('no-warning-comments', 'storage/note', ['// TO', 'DO: later\n', using('1')].join('')),
  oxlint('max-lines', 'storage/long', `${'\n'.repeat(400)}${using('1')}`),

  {
    ...{ name: 'form', tool: 'format', path: 'src/storage/form.ts' },
    ...{ text: 'export const used = "a"\n', report: 'format' },
  },
  {
    ...{ name: 'an unused file', tool: 'knip', path: 'src/storage/unused.ts' },
    ...{ text: using('1'), report: '' },
  },
  {
    ...{ name: 'an unused export', tool: 'knip', path: 'src/base/ids.ts' },
    ...{ text: `${IDS}export const idle = 1;\n`, report: 'idle' },
  },
];
