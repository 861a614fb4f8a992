/** Shows how far an import is: a bar that moves where there is a terminal, else a line now and then. */

import { basename } from 'node:path';
import type { Surroundings } from './surroundings.js';

const BAR_WIDTH = 30;
/** Per cent between two lines where nothing can move. */
const LINE_STEP = 25;

/** Takes how much is done, 0 to 1, in rising order. `what` is a path; its last part is shown. */
export function progressShower(
  what: string,
  stderr: Surroundings['stderr'],
): (done: number) => void {
  const step = stderr.isTTY === true ? 1 : LINE_STEP;
  let shown = -1;
  return (done) => {
    const percent = Math.floor((done * 100) / step) * step;
    if (percent <= shown) return;
    shown = percent;
    if (stderr.isTTY !== true) {
      stderr.write(`importing ${basename(what)}: ${percent} %\n`);
      return;
    }
    const filled = '#'.repeat(Math.round((percent * BAR_WIDTH) / 100)).padEnd(BAR_WIDTH);
    const end = percent === 100 ? '\n' : '';
    stderr.write(
      `\rimporting ${basename(what)} [${filled}] ${String(percent).padStart(3)} %${end}`,
    );
  };
}
