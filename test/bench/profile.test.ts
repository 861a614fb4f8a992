/** Summing up a CPU profile. */

import { expect } from 'chai';
import { topFunctions } from '../../bench/profile.js';

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: id },
  children,
});

const STEP = 'file:///home/me/hearsay/dist/src/replica/step.js';

describe('bench profile', () => {
  it('adds up the time of a function over all its callers, without idling', () => {
    const other = { ...node(4, 'step', STEP), callFrame: node(3, 'step', STEP).callFrame };
    const profile = {
      nodes: [
        node(1, '(root)', '', [2, 3, 4, 5]),
        node(2, '(idle)', ''),
        node(3, 'step', STEP),
        other,
        node(5, '', 'file:///home/me/hearsay/node_modules/ws/lib/sender.js'),
      ],
      samples: [2, 3, 4, 5, 3],
      timeDeltas: [900, 10, 20, 60, 10],
    };
    expect(topFunctions(profile, 2)).to.deep.equal([
      { name: 'anonymous node_modules/ws/lib/sender.js:6', fraction: 0.6 },
      { name: 'step src/replica/step.js:4', fraction: 0.4 },
    ]);
  });

  it('names the callers of native functions, and takes all of SQLite together', () => {
    const profile = {
      nodes: [
        node(1, 'flush', 'file:///x/src/node/links.js', [2, 3, 4]),
        node(2, 'writev', ''),
        node(3, 'wasm-function[407]', 'wasm://wasm/002a0116'),
        node(4, 'wasm-function[1819]', 'wasm://wasm/002a0116'),
      ],
      samples: [2, 3, 4],
      timeDeltas: [40, 30, 30],
    };
    expect(topFunctions(profile, 5)).to.deep.equal([
      { name: 'SQLite (WebAssembly)', fraction: 0.6 },
      { name: 'writev (native), from flush src/node/links.js:2', fraction: 0.4 },
    ]);
  });
});
