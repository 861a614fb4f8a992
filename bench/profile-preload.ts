/**
 * Loaded into every process of the benchmark before its own code, when profiles are wanted: SIGUSR2
 * begins a CPU profile, the next one ends it and writes it. So a profile holds one measurement, and no
 * start and no idling.
 */

import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { PROFILE_FOLDER, profilePath } from './profile.js';

const folder = process.env[PROFILE_FOLDER];
const session = new Session();
session.connect();
let isRunning = false;
let written = 0;

function begin(): void {
  session.post('Profiler.enable');
  session.post('Profiler.start');
}

function end(into: string): void {
  session.post('Profiler.stop', (error, answer) => {
    if (error !== null) return;
    const path = profilePath(into, process.pid, ++written);
    // Whoever waits for the file finds it whole.
    writeFileSync(`${path}.part`, JSON.stringify(answer.profile));
    renameSync(`${path}.part`, path);
  });
}

if (folder !== undefined) {
  process.on('SIGUSR2', () => {
    if (isRunning) end(folder);
    else begin();
    isRunning = !isRunning;
  });
}
