/**
 * Imports in src/ point upward in the house's table only: each folder lists what it may import, and
 * everything else is an error. Usage: `check-imports.mjs [project folder]`; exits 1 after printing one
 * line for each fault. Relies on the formatter's shape of import statements, which lint checks too.
 *
 * `may` lists folders of src (or files in them, without ending) and packages. `type:` before an entry
 * allows `import type` only. `node:*` stands for every module of Node. `main` adds what entry points
 * (`main.ts`, `x-main.ts`) may import as well; `*` is everything. A row for single files replaces the
 * row of their folder. A folder may import itself, but only rows that name it reach a row of its own.
 * Only an entry point loads another one: it is a process, not a module.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const typesOf = (folder) => `type:${folder}`;

const TABLE = {
  base: { may: ['@noble/hashes'] },
  timestamp: { may: ['base'] },
  log: { may: ['base', 'timestamp'] },
  wire: { may: ['base', 'timestamp', 'type:log', 'log/record', 'zod', 'msgpackr'] },
  replica: {
    may: [
      ...['base', 'timestamp', 'log', 'type:wire/messages', 'type:wire/forced-messages'],
      'type:wire/membership-messages',
    ],
  },
  frontend: {
    may: [
      ...['base', 'timestamp', 'log/forced-log', 'log/membership'],
      ...['type:wire/messages', 'type:wire/forced-messages', 'type:wire/membership-messages'],
    ],
  },
  ports: {
    may: ['base', 'timestamp', 'log', 'wire/messages', 'replica', 'frontend'].map(typesOf),
    typesOnly: true,
  },
  observe: { may: ['base', 'timestamp', 'ports', 'type:wire/messages'] },
  storage: {
    may: [
      ...['ports', 'base', 'timestamp', 'log', 'sql.js', 'classic-level', 'csv-parse'],
      ...['node:fs', 'node:path', 'node:zlib'],
    ],
  },
  'storage/memory': { may: ['ports', 'base', 'timestamp', 'log'] },
  transport: { may: ['ports', 'base', 'ws', 'node:http', 'node:net', 'node:stream'] },
  'transport/memory': {
    may: ['ports', 'base', 'transport/address', 'transport/transport-limits', 'transport/words'],
  },
  service: { may: ['base', 'ports', 'zod', 'service/hungry'] },
  'service/hungry': { may: ['base', 'ports', 'service', 'zod', 'postcode'] },
  node: {
    may: [
      ...['base', 'timestamp', 'log', 'wire', 'replica', 'frontend', 'ports', 'observe', 'service'],
      // The same words come of every transport.
      'transport/words',
    ],
    main: ['*'],
  },
  'node/system': { may: ['base', 'ports', 'node:crypto'] },
  // The adapters' side of src/node: what these build, the drivers take as ports.
  'node/run': { may: ['*'] },
  'node/http': { may: ['ports', 'prom-client'] },
  'node/initial-state': { may: ['base', 'ports', 'service', 'storage', 'node:fs', 'node:url'] },
  client: {
    may: ['frontend', 'wire', 'ports', 'base', 'client/session', 'observe', 'service'],
    main: ['transport', 'node/system', 'node:*', 'blessed'],
  },
  'client/connect': { may: ['base', 'client', 'discovery', 'node/system', 'transport', 'nanoid'] },
  'client/session': { may: ['frontend', 'type:wire/messages', 'ports', 'base', 'timestamp'] },
  // What is promised, judged by what clients saw: it knows nothing of how it comes about.
  check: { may: ['base', 'zod'] },
  explore: {
    may: [
      ...['base', 'timestamp', 'log', 'wire', 'replica', 'frontend', 'ports', 'node'],
      'client/session',
    ],
    main: ['node:*'],
  },
  discovery: {
    may: ['base', 'ports', 'node:dns', 'transport/address', 'transport/dialer', 'transport/words'],
  },
  launch: {
    may: [
      ...['base', 'client', 'client/connect', 'client/session', 'service', 'storage', 'ports'],
      ...[
        'observe',
        'discovery/place',
        'transport/address',
        'type:node/options',
        'type:wire/messages',
        'node/system',
        'node/initial-state',
        'check',
        'type:sim/options',
      ],
      'node:*',
    ],
    main: ['node/run'],
  },
  sim: {
    may: [
      ...['base', 'timestamp', 'log', 'wire', 'replica', 'frontend', 'ports', 'observe', 'service'],
      ...['node', 'client', 'client/session', 'check'],
      ...['storage/memory', 'transport/memory', 'transport/dialer'],
    ],
    main: ['sim', 'sim/components', 'sim/crew', 'node:*'],
  },
  // What the simulator's world is given from outside.
  'sim/components': { may: ['sim', 'storage', 'service', 'service/hungry', 'type:ports'] },
  'sim/crew': { may: ['sim', 'node:worker_threads'] },
  index: { may: ['*'] },
};

const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*(?:'([^']+)')?/g;
const RUNNING_CODE =
  /^(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:const|let|var|function|(?:abstract\s+)?class)\s/gm;

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const isEntryPoint = (module) => /(^|[/-])main$/.test(module);

/** True when `module` is `entry`, lies in it, or continues its last word (`session` → `session-state`). */
function isWithin(module, entry) {
  if (!module.startsWith(entry)) return false;
  const next = module.charAt(entry.length);
  return next === '' || next === '/' || (next === '-' && entry.includes('/'));
}

/** The name of the row that rules a module of src, given without its ending: the most exact one. */
function rowNameOf(module) {
  const names = Object.keys(TABLE).filter((name) => isWithin(module, name));
  return names.sort((one, other) => other.length - one.length)[0];
}

/** What an import specifier in `module` names: a module of src without its ending, or a package. */
function targetOf(module, specifier) {
  if (!specifier.startsWith('.')) return { inSource: false, name: specifier };
  const name = posix.join(posix.dirname(module), specifier.replace(/\.js$/, ''));
  return { inSource: true, name };
}

function isAllowed(entry, target, typeOnly) {
  if (entry === '*') return true;
  const [, typeMark, name] = /^(type:)?(.*)$/.exec(entry);
  if (typeMark !== undefined && !typeOnly) return false;
  if (name === 'node:*') return target.name.startsWith('node:');
  if (!target.inSource || name === target.name) return isWithin(target.name, name);
  // A folder's entry does not open the files in it which have a row of their own.
  return isWithin(target.name, name) && rowNameOf(target.name) === rowNameOf(name);
}

/** The imports of a file, with the line where each begins. */
function* importsOf(text) {
  for (const match of text.matchAll(STATEMENT)) {
    yield { specifier: match[2], typeOnly: match[1] !== undefined, index: match.index };
  }
  for (const match of text.matchAll(DYNAMIC)) {
    yield { specifier: match[1], typeOnly: false, index: match.index };
  }
}

function* faultsOf(module, text) {
  const rowName = rowNameOf(module);
  if (rowName === undefined) {
    yield { index: 0, message: 'lies in no folder of the table in scripts/check-imports.mjs' };
    return;
  }
  const row = TABLE[rowName];
  const allowed = [rowName, ...row.may, ...(isEntryPoint(module) ? (row.main ?? []) : [])];
  for (const { specifier, typeOnly, index } of importsOf(text)) {
    if (specifier === undefined) {
      yield { index, message: 'imports a computed name' };
      continue;
    }
    const target = targetOf(module, specifier);
    if (target.inSource && isEntryPoint(target.name)) {
      if (isEntryPoint(module)) continue;
      yield { index, message: `imports '${specifier}', an entry point` };
    } else if (!allowed.some((entry) => isAllowed(entry, target, typeOnly))) {
      const how = typeOnly ? 'import the types of' : 'import';
      yield { index, message: `src/${rowName} may not ${how} '${specifier}'` };
    }
  }
  if (row.typesOnly) {
    for (const { index } of text.matchAll(RUNNING_CODE)) {
      yield { index, message: `src/${rowName} holds types only, no running code` };
    }
  }
}

const files = readdirSync(join(root, 'src'), { recursive: true }).filter((f) => f.endsWith('.ts'));
if (files.length === 0) throw new Error(`no TypeScript files in ${join(root, 'src')}`);
let faults = 0;
for (const file of files.sort()) {
  const path = file.replaceAll('\\', '/');
  const text = readFileSync(join(root, 'src', file), 'utf8');
  for (const { index, message } of faultsOf(path.replace(/\.ts$/, ''), text)) {
    const line = text.slice(0, index).split('\n').length;
    console.log(`src/${path}:${line}: ${message}`);
    faults++;
  }
}
if (faults > 0) process.exit(1);
