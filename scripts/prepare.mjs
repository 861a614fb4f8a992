/**
 * What launch.sh and launch.ps1 run first: sees that Node is new enough, installs the packages when
 * they are missing or older than package-lock.json, and builds when a source is newer than the build.
 * When nothing is to be done, which is nearly always, it only looks at times of files. Two of these at
 * once take turns (.launch-lock holds the process id of the one at work). All output goes to stderr and
 * nothing reads stdin: they belong to the command that follows.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MIN = [20, 19];
const LOCK_POLL_MS = 200;

const root = fileURLToPath(new URL('..', import.meta.url));
const lock = join(root, '.launch-lock');
const say = (message) => process.stderr.write(`hearsay: ${message}\n`);

class PrepareError extends Error {}

/** When `path` in the project was last written, in ms; 0 when it does not exist. */
function writtenMs(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function needsInstall() {
  // npm writes this file at the end of an installation.
  return writtenMs('package-lock.json') > writtenMs('node_modules/.package-lock.json');
}

function needsBuild() {
  const builtMs = writtenMs('dist/.built');
  const isNewer = (path) => writtenMs(path) > builtMs;
  if (['package-lock.json', 'tsconfig.json', 'scripts/build.mjs'].some(isNewer)) return true;
  // A folder's time tells of files that were removed.
  return ['src', 'db'].some(
    (folder) =>
      isNewer(folder) ||
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).some(
        (entry) =>
          (entry.isDirectory() || entry.name.endsWith('.ts')) &&
          statSync(join(entry.parentPath, entry.name)).mtimeMs > builtMs,
      ),
  );
}

function run(command) {
  // One string through the shell, because npm is a .cmd file on Windows.
  const { status, signal } = spawnSync(command, {
    cwd: root,
    shell: true,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new PrepareError(`\`${command}\` failed (${signal ?? status})`);
}

/** Whether the process that wrote `owner` into the lock still runs; an empty file is being written. */
function isAlive(owner) {
  if (owner === '') return true;
  try {
    process.kill(Number(owner), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readOwner(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Creates the lock file; false when it exists. */
function tryLock(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a lock whose owner has died. A second lock lets only one at a time judge the first. */
function removeDeadLock() {
  const judging = `${lock}.judge`;
  if (!tryLock(judging)) return;
  try {
    const owner = readOwner(lock);
    if (owner !== undefined && !isAlive(owner)) rmSync(lock);
  } finally {
    rmSync(judging);
  }
}

async function withLock(work) {
  for (let attempt = 0; !tryLock(lock); attempt++) {
    const owner = readOwner(lock);
    if (owner !== undefined && !isAlive(owner)) removeDeadLock();
    if (attempt === 10) {
      say(`waiting for another start of hearsay to install or build (process ${owner}; if there`);
      say(`is none, remove ${lock}*)`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  const needed = NODE_MIN.join('.');
  throw new PrepareError(
    `Node.js ${needed} or newer is needed, this is ${process.versions.node} (${process.execPath}); ` +
      'get it from https://nodejs.org',
  );
}

function checkNpm() {
  const { status } = spawnSync('npm --version', { cwd: root, shell: true, stdio: 'ignore' });
  if (status === 0) return;
  throw new PrepareError(
    'npm is needed to install packages, and was not found; it comes with Node.js',
  );
}

try {
  checkNode();
  if (needsInstall() || needsBuild()) {
    await withLock(() => {
      if (needsInstall()) {
        checkNpm();
        say('installing packages (npm ci)');
        // Compiling needs the development dependencies, whatever NODE_ENV says.
        run('npm ci --include=dev --no-audit --no-fund');
      }
      if (needsBuild()) {
        say('building');
        run(`"${process.execPath}" scripts/build.mjs`);
      }
    });
  }
  if (!existsSync(join(root, 'dist/src/launch/main.js'))) {
    throw new PrepareError('the build has made no dist/src/launch/main.js');
  }
} catch (error) {
  if (!(error instanceof PrepareError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
