/** The terminal client on a client without a cluster, for looking at it: run it in a terminal. */

import { runTerminal } from '../../../src/client/ui/main.js';
import { FakeClient } from './fake-client.js';

const client = new FakeClient();
const terminal = runTerminal(client, {
  onQuit: () => {
    console.log('the terminal was given back');
  },
});
process.on('SIGUSR2', () => {
  terminal.notice('rm-2 ended with signal SIGKILL; starting again in 1 s');
  client.moveTo(client.frontend === null ? 'ws://127.0.0.1:7101' : null);
});
process.on('SIGUSR1', () => {
  throw new Error('a defect');
});
