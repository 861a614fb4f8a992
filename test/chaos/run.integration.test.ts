/** A short run of chaos itself, with a few kinds of faults: that it works, and that it judges. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseHistory } from '../../src/check/history-file.js';
import { until } from '../integration/support/until.js';

const PROGRAM = fileURLToPath(new URL('../../chaos/main.js', import.meta.url));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('npm run chaos', function () {
  this.timeout(240_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearsay-chaos-test-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs it; all that it leaves is in `folder`. */
  function chaos(...words: readonly string[]): Promise<Ended> {
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      env: { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text: Buffer) => void (stdout += text.toString()));
    child.stderr.on('data', (text: Buffer) => void (stderr += text.toString()));
    return new Promise((resolve) => {
      child.once('close', (status) => resolve({ status, stdout, stderr }));
    });
  }

  const faultsOf: Readonly<Record<string, readonly string[]>> = {
    kv: ['kill', 'freeze', 'partition', 'cut-primary'],
    hungry: ['kill-primary', 'kill-in-election'],
  };
  for (const [service, faults] of Object.entries(faultsOf)) {
    it(`holds all promises of ${service} under a few faults, and leaves nothing behind`, async () => {
      const words = ['--service', service, '--minutes', '0.2', '--seed', '1', '--clients', '4'];
      const { status, stdout, stderr } = await chaos(...words, '--faults', faults.join(','));
      expect(stderr).to.equal('');
      expect(stdout).to.match(/^all promises held$/m);
      for (const kind of faults) {
        expect(stdout).to.match(new RegExp(`^faults: .*[ (]${kind} [1-9]`, 'm'));
      }
      expect(stdout).to.match(/^requests: \d+ in \d+ s: [1-9]\d* updates, [1-9]\d* queries/m);
      expect(stdout).to.match(/^forced updates: [1-9]\d* done/m);
      expect(stdout).to.match(/^faults: .* the last view is number [1-9]/m);
      expect(stdout).to.match(/from the end of all faults to equal states: \d+ ms/);
      expect(status).to.equal(0);
      expect(readdirSync(folder)).to.deep.equal([]);
    });
  }

  it('fails a run in which a process ends by itself, and keeps all there is to look into it', async () => {
    const words = ['--minutes', '0.05', '--replicas', '2', '--clients', '2', '--faults', 'move'];
    const run = chaos(...words);
    const kept = () => join(folder, readdirSync(folder)[0] ?? '');
    const storyOf = () => {
      const file = join(kept(), 'story.log');
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    };
    await until('rm-2 to start', async () => / rm-2 starts as process \d/.test(storyOf()));
    process.kill(Number(/ rm-2 starts as process (\d+)/.exec(storyOf())?.[1]), 'SIGKILL');
    const { status, stdout } = await run;
    expect(stdout).to.match(/^FAILED rm-2 was ended by SIGKILL/m);
    expect(stdout).not.to.include('all promises held');
    expect(status).to.equal(1);
    expect(stdout).to.include(`data and logs are in ${kept()}`);
    expect(storyOf()).to.include('PROBLEM rm-2 was ended by SIGKILL');
    expect(parseHistory(readFileSync(join(kept(), 'history.jsonl'), 'utf8')).service).to.equal(
      'kv',
    );
  });

  it('refuses wrong words', async () => {
    const { status, stdout, stderr } = await chaos('--minutes', 'long');
    expect(stderr).to.match(/^--minutes must be a number above 0/);
    expect([status, stdout]).to.deep.equal([2, '']);
  });
});
