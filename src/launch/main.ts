#!/usr/bin/env node
/**
 * The `hearsay` command. Only this file reads the command line and sets the exit status. Each command's
 * modules are loaded when it is run: `hearsay query` needs no database.
 */

import { readFileSync } from 'node:fs';
import { RealScheduler, SystemRandom } from '../node/system.js';
import { readCommand } from './arguments.js';
import type { Command } from './command.js';
import { errorText, exitStatusOf } from './errors.js';
import { type Launcher, runPart } from './run-part.js';
import { END_SIGNALS, type Surroundings } from './surroundings.js';
import { helpOn, overview } from './usage.js';

const scheduler = new RealScheduler();

const surroundings: Surroundings = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  scheduler,
  random: new SystemRandom(),
  async connect(urls, options) {
    const { connect } = await import('../client/connect.js');
    return connect(urls, options);
  },
  async openTerminal(client, onQuit) {
    if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
    const { hasTerminal, runTerminal } = await import('../client/ui/main.js');
    return hasTerminal() ? runTerminal(client, { onQuit }) : null;
  },
  onEndSignal(listener) {
    for (const signal of END_SIGNALS) process.on(signal, listener);
  },
  onOutputClosed(listener) {
    process.stdout.on('error', listener);
  },
};

/** Null unless a launcher started this process. */
const launcher: Launcher | null =
  process.send === undefined
    ? null
    : {
        tell: (message) =>
          new Promise((resolve) => {
            if (process.connected) process.send?.(message, () => resolve());
            else resolve();
          }),
        onGone: (listener) => {
          // It may have gone while this program was loaded.
          if (process.connected) process.on('disconnect', listener);
          else listener();
        },
      };

/** Its launcher asks a process what it waits for; a person who started one by hand is told. */
const speaks = launcher === null;

async function run(command: Command): Promise<number> {
  switch (command.kind) {
    case 'help':
      return print(command.command === null ? overview() : helpOn(command.command));
    case 'version':
      return print(version());
    case 'up':
      return (await import('./up.js')).runUp(command, surroundings);
    case 'replica': {
      const { runReplica } = await import('../node/run.js');
      return runPart(
        (onRemoved) => runReplica({ ...command.options, speaks }, { onHalt: die, onRemoved }),
        partComponents(),
      );
    }
    case 'frontend': {
      const { runFrontend } = await import('../node/run.js');
      return runPart(() => runFrontend({ ...command.options, speaks }), partComponents());
    }
    case 'client':
      return (await import('./client.js')).runClient(command, surroundings);
    case 'query':
    case 'update':
      return (await import('./operation.js')).runOperation(command, surroundings);
    case 'status':
      return (await import('./status.js')).runStatus(command, surroundings);
    case 'retire':
      return (await import('./retire.js')).runRetire(command, surroundings);
    case 'recover':
      return (await import('./recover.js')).runRecover(command, surroundings);
    case 'log':
      return (await import('./log.js')).runLog(command, surroundings);
    case 'import':
      return (await import('./import.js')).runImport(command, surroundings);
    case 'sim': {
      const { runSim } = await import('../sim/main.js');
      return runSim(command, { ...surroundings, nowMs: () => scheduler.monotonicMs() });
    }
    case 'check':
      return (await import('./check.js')).runCheck(command, surroundings);
  }
}

const partComponents = () => ({ launcher, scheduler, onEndSignal: surroundings.onEndSignal });

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Nothing can go on: says why and ends, with the status that says so. */
function die(error: unknown): never {
  process.stderr.write(`${errorText(error)}\n`);
  process.exit(exitStatusOf(error));
}

process.on('uncaughtException', die);
process.on('unhandledRejection', die);
// A reader that goes away must not end a process that has more to do than to print.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  const status = await run(readCommand(process.argv.slice(2)));
  // What was written to a pipe may still be on its way.
  process.stdout.write('', () => process.exit(status));
} catch (error) {
  die(error);
}
