/**
 * Compiles everything into dist/, and leaves nothing there that no longer has a source: a compiled
 * test whose source is gone must not run. TypeScript's incremental state keeps repeated builds short.
 * On success dist/.built carries the time at which the build began; launch.sh asks it (prepare.mjs)
 * whether a newer source exists.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const compiledFolders = ['src', 'test', 'bench', 'chaos', 'db', 'examples'];
const emitted = /\.(js|js\.map|d\.ts)$/;

/** Removes files of dist/`folder` that were emitted from a source which does not exist any more. */
function removeOrphans(folder) {
  const outputs = join(dist, folder);
  if (!existsSync(outputs)) return;
  for (const path of readdirSync(outputs, { recursive: true })) {
    if (!emitted.test(path)) continue;
    const source = join(root, folder, path.replace(emitted, '.ts'));
    if (!existsSync(source)) rmSync(join(outputs, path));
  }
}

const began = new Date();
for (const folder of compiledFolders) removeOrphans(folder);
const tsc = spawnSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.json')],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
if (tsc.error) console.error(`the compiler did not start: ${tsc.error.message}`);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

const command = join(dist, 'src/launch/main.js');
if (existsSync(command)) chmodSync(command, 0o755);
const stamp = join(dist, '.built');
writeFileSync(stamp, '');
utimesSync(stamp, began, began);
