/** Each example runs by itself, ends by itself, and prints what it says it does. */

import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { blocks } from './pages.js';

const run = promisify(execFile);

/** What the compiled example prints; rejects when it does not end with status 0 in time. */
async function output(example: string): Promise<string> {
  const path = fileURLToPath(new URL(`../../examples/${example}.js`, import.meta.url));
  const { stdout } = await run(process.execPath, [path], { timeout: 60_000 });
  return stdout;
}

describe('examples', () => {
  it('quick-start prints what the README shows', async () => {
    const shown = blocks('README.md', 'console').find((block) => block.includes('quick-start.js'));
    expect(shown).to.equal(`$ node dist/examples/quick-start.js\n${await output('quick-start')}`);
  });

  it('two-front-ends reads fresh at another front end, and goes on when its own dies', async () => {
    const text = await output('two-front-ends');
    expect(text).to.match(/^ann reads 0 \(fresh\)\nbob reads 1 \(fresh\), and has now seen\n/);
    expect(text).to.match(/\nann is at ws:\/\/127\.0\.0\.1:\d+ now and reads 2 \(causal\)\n$/);
  });

  it('own-service converges, and serves', async () => {
    expect(await output('own-service')).to.match(
      /^\d+ updates in \d+ other orders: always the same state\n\[ 'Ann' \]\n$/,
    );
  });

  it('last-ticket has one buyer, and goes on when the primary dies', async () => {
    expect(await output('last-ticket')).to.match(
      /^\d+ updates, \d+ of them forced: always the same results\nHamlet is sold out; bought \{"ticket":1\}\nafter an election: \{"left":0,"hands":1\}\n$/,
    );
  });
});
