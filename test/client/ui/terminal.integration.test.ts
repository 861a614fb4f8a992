import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasTmux, isAlive, Tmux, until } from './tmux.js';

const HEARSAY = fileURLToPath(new URL('../../../src/launch/main.js', import.meta.url));
const DEMO = fileURLToPath(new URL('./demo-main.js', import.meta.url));

/** Runs a program, then says how it ended and whether the terminal takes lines again. */
const watched = (command: string): string =>
  `${command}; echo "ended with $?"; stty -a | grep -o '[-]*icanon'; sleep 600`;

const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;
const NODE = quoted(process.execPath);

describe('the terminal client in a terminal', () => {
  let terminal: Tmux;
  let folder: string;
  /** Processes to be ended where a test could not. */
  let pids: number[];

  before(function () {
    if (hasTmux()) return;
    // A machine for tests has to have it; others may do without.
    if (process.env.CI !== undefined) throw new Error('this test needs tmux');
    this.skip();
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearsay-terminal-'));
    terminal = new Tmux(folder);
    pids = [];
  });

  afterEach(() => {
    terminal.close();
    for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('sets the status of a replica that is chosen from a list', async () => {
    terminal.start(80, 24, watched(`${NODE} ${quoted(DEMO)}`));
    await terminal.see(/user 42/);
    terminal.press('s');
    await terminal.see(/▸ rm-1 +primary +ACTIVE/);
    terminal.press('Down');
    await terminal.see(/set rm-2 to/);
    terminal.press('Right');
    terminal.press('Right');
    await terminal.see(/OFFLINE: takes no requests/);
    terminal.press('Enter');
    await terminal.see(/rm-2 +backup +OFFLINE \(hand\)/);
    terminal.press('End');
    await terminal.see(/set rm-3 to/);
    terminal.press('Enter');
    await terminal.see(/rm-3 is not OFFLINE: rm-3 cannot be reached/);
    // Both bars are cut to the width.
    terminal.resize(60, 18);
    await terminal.see(/nothing seen y…\n Right status/);
    terminal.press('Escape');
    await terminal.see(/1 movies/);
  });

  it('asks, writes, explains itself and shows gossip on a cluster, and leaves nothing behind', async () => {
    terminal.start(100, 30, watched(`${NODE} ${quoted(HEARSAY)} up 1 3 42 --ephemeral`));
    await terminal.see(/▸ average[\s\S]*gossip and timestamps[\s\S]*user 42/);

    terminal.press('Enter');
    await terminal.see(/Enter run/);
    terminal.press('1');
    await terminal.see(/movieId \* 1 /);
    // A cluster that has just begun may reach no more than `causal`: ask until it does.
    await until(
      () => {
        terminal.press('Enter');
        return /average movieId=1 +fresh/.test(terminal.screen());
      },
      () => `no fresh answer:\n${terminal.screen()}`,
    );
    expect(await terminal.see(/level auto → fresh/)).to.match(/mean +[0-9.]+/);

    terminal.press('Escape');
    await terminal.see(/Enter open/);
    terminal.press('?');
    await terminal.see(/help \(arrow keys scroll\)/);
    terminal.press('Escape');
    await terminal.see(/1 movies/);

    terminal.press('/');
    terminal.type('rate');
    await terminal.see(/▸ rate/);
    terminal.press('Enter');
    await terminal.see(/Enter open/);
    terminal.press('Enter');
    terminal.press('1');
    terminal.press('Tab');
    terminal.type('4.5');
    terminal.press('Enter');
    expect(await terminal.see(/rate movieId=1 rating=4\.5 +[0-9]+ cop/)).to.match(/rm-[1-3]:1/);

    terminal.press('Escape');
    await terminal.see(/Enter open/);
    terminal.press('4');
    await terminal.see(/p pause/);
    terminal.press('/');
    terminal.type('gossip');
    await terminal.see(/rm-[1-3] +gossip (sent|received)/);
    terminal.press('Enter');
    await terminal.see(/p pause/);

    terminal.press('q');
    const end = await terminal.see(/ended with [0-9]+\n/);
    pids = Array.from(end.matchAll(/ pid (\d+)/g), ([, pid]) => Number(pid));
    expect(end).to.include('ended with 0');
    expect(pids).to.have.length(4);
    await until(
      () => !pids.some(isAlive),
      () => `still alive: ${pids.filter(isAlive).join(', ')}`,
    );
  });

  /** Starts the client without a cluster, and gives its process id once it is drawn. */
  async function startDemo(): Promise<number> {
    const file = join(folder, 'pid');
    const inner = `echo $$ > ${quoted(file)}; exec ${NODE} ${quoted(DEMO)}`;
    terminal.start(80, 24, watched(`sh -c ${quoted(inner)}`));
    await terminal.see(/4 gossip/);
    const pid = Number(readFileSync(file, 'utf8'));
    pids = [pid];
    return pid;
  }

  it('shows what the launcher says', async () => {
    process.kill(await startDemo(), 'SIGUSR2');
    await terminal.see(/rm-2 ended with signal SIGKILL; starting again in 1 s/);
  });

  it('gives the terminal back when it is asked to end', async () => {
    process.kill(await startDemo(), 'SIGTERM');
    const screen = await terminal.see(/icanon/);
    expect(screen).to.include('the terminal was given back\nended with 0\nicanon');
    expect(screen).to.not.include('gossip');
  });

  it('gives the terminal back before it reports a defect', async () => {
    process.kill(await startDemo(), 'SIGUSR1');
    const screen = await terminal.see(/icanon/);
    expect(screen).to.include('Error: a defect').and.include('ended with 1\nicanon');
    expect(screen).to.not.include('4 gossip');
  });

  it('ends when its terminal is closed', async () => {
    const pid = await startDemo();
    terminal.close();
    await until(
      () => !isAlive(pid),
      () => `process ${pid} goes on without a terminal`,
    );
  });

  it('fits itself to the terminal', async () => {
    await startDemo();
    terminal.resize(50, 10);
    await terminal.see(/hearsay needs 60\s+columns/);
    terminal.resize(120, 40);
    await terminal.see(/ user 42 [^\n]*\n Enter open/);
    expect(terminal.screen().trimEnd().split('\n')).to.have.length(40);
  });
});
