/** SCENARIOS 2 and 7 at one replica's journal: the process dies at any moment, or the disk gives up. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openLevelJournal } from '../../src/storage/level-journal.js';
import { fatalMessage } from '../contract/journal-contract.js';

const PROGRAM = fileURLToPath(new URL('journal-process.js', import.meta.url));

describe('a journal in a process of its own', function () {
  this.timeout(120_000);

  let parent: string;
  let folder: string;
  let children: ChildProcess[];

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'hearsay-process-'));
    folder = join(parent, 'journal');
    children = [];
  });

  afterEach(async () => {
    for (const child of children) await kill(child);
    await rm(parent, { recursive: true });
  });

  function launch(mode: string): { child: ChildProcess; lines: Interface } {
    const child = spawn(process.execPath, [PROGRAM, mode, folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    return { child, lines: createInterface({ input: child.stdout }) };
  }

  async function kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Runs shell text, on Linux with mounts of its own if need be; answers its lines of output. */
  function shell(text: string, isolated = false): string[] {
    const words = [...(isolated ? ['unshare', '--mount'] : []), 'bash', '-c', text];
    const environment = { ...process.env, NODE: process.execPath, PROGRAM, FOLDER: folder };
    const { stdout } = spawnSync('env', words, { env: environment, encoding: 'utf8' });
    return stdout.split('\n').filter((line) => line !== '');
  }

  const acknowledgedIn = (lines: readonly string[]) =>
    lines.filter((line) => line.startsWith('acknowledged')).length;

  it('keeps what it acknowledged when killed, again and again', async () => {
    let acknowledged = 0;
    for (const further of [1, 40, 300, 7]) {
      const { child, lines } = launch('append');
      const target = acknowledged + further;
      for await (const line of lines) {
        acknowledged = Number(line.split(' ')[1]);
        if (acknowledged >= target) child.kill('SIGKILL');
      }
      expect(acknowledged).to.be.at.least(target);
      const journal = await openLevelJournal({ folder, create: false });
      expect(journal.damage).to.equal(null);
      // One more may have reached the disk without its answer reaching us.
      expect(journal.lastGroup).to.be.within(acknowledged, acknowledged + 1);
      acknowledged = journal.lastGroup;
      await journal.close();
    }
  });

  it('keeps a second process out, and changes nothing', async () => {
    const { child, lines } = launch('open');
    expect(await once(lines, 'line')).to.deep.equal(['groups 0 damage none']);
    const message = await fatalMessage(openLevelJournal({ folder, create: true }));
    expect(message).to.include(folder).and.include('in use by another process');
    child.stdin?.end();
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
    const journal = await openLevelJournal({ folder, create: false });
    await journal.close();
  });

  it('ends with a clear error when a file cannot grow, and keeps what it acknowledged', () => {
    const lines = shell('ulimit -f 64; exec "$NODE" "$PROGRAM" append "$FOLDER"');
    const acknowledged = acknowledgedIn(lines);
    expect(acknowledged).to.be.within(10, 70);
    const [failure = '', after = ''] = lines.slice(acknowledged);
    expect(failure).to.include(`FatalError: cannot write group ${acknowledged + 1} to ${folder}`);
    expect(failure).to.include('File too large');
    expect(after).to.equal(`ended by ${failure}`);
    expect(shell('"$NODE" "$PROGRAM" open "$FOLDER" < /dev/null')).to.deep.equal([
      `groups ${acknowledged} damage none`,
    ]);
  });

  it('survives a full disk', function () {
    // A file system of its own for one shell: needs the right to mount (root, Linux).
    const mount = 'mkdir "$FOLDER" && mount -t tmpfs -o size=1m none "$FOLDER" || exit 1';
    if (
      !existsSync('/proc/self/ns/mnt') ||
      shell(`${mount}; echo mounted`, true)[0] !== 'mounted'
    ) {
      this.skip();
    }
    const lines = shell(
      `mount -t tmpfs -o size=1m none "$FOLDER" || exit 1
       "$NODE" "$PROGRAM" append "$FOLDER"
       "$NODE" "$PROGRAM" open "$FOLDER" < /dev/null
       mount -o remount,size=8m "$FOLDER"
       "$NODE" "$PROGRAM" open "$FOLDER" < /dev/null`,
      true,
    );
    const acknowledged = acknowledgedIn(lines);
    expect(acknowledged).to.be.greaterThan(100);
    const [failure, after, fullStart, start] = lines.slice(acknowledged);
    expect(failure).to.include('FatalError: cannot write group');
    expect(failure).to.include('No space left on device');
    expect(after).to.equal(`ended by ${failure}`);
    expect(fullStart).to.include('ended by FatalError').and.include(folder);
    expect(start).to.equal(`groups ${acknowledged} damage none`);
  });
});
