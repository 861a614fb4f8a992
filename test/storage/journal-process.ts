/**
 * A process with a journal, for tests that kill it or take its disk away. One line of output per
 * event. `append FOLDER` appends groups of 1000 bytes until that fails, `open FOLDER` says what is there
 * and stays until its input ends.
 */

import { type LevelJournal, openLevelJournal } from '../../src/storage/level-journal.js';

const GROUP_BYTES = 1000;

async function appendUntilFailure(journal: LevelJournal): Promise<never> {
  for (;;) {
    await journal.append(new Uint8Array(GROUP_BYTES).fill(journal.lastGroup + 1));
    process.stdout.write(`acknowledged ${journal.lastGroup}\n`);
  }
}

async function report(journal: LevelJournal): Promise<void> {
  let groups = 0;
  for await (const { number, bytes } of journal.groups()) {
    const isRight = bytes.length === GROUP_BYTES && bytes.every((byte) => byte === number % 256);
    if (!isRight) throw new Error(`group ${number} is not what was written`);
    groups += 1;
  }
  process.stdout.write(`groups ${groups} damage ${journal.damage?.reason ?? 'none'}\n`);
}

const [mode, folder = ''] = process.argv.slice(2);
try {
  const journal = await openLevelJournal({ folder, create: true });
  if (mode === 'append') {
    await appendUntilFailure(journal).catch((error: Error) => {
      process.stdout.write(`${error.name}: ${error.message}\n`);
    });
    // The journal takes no more, although there may be room again for something smaller.
    await journal.append(new Uint8Array(1));
  } else {
    await report(journal);
    for await (const _ of process.stdin);
    await journal.close();
  }
} catch (error) {
  process.stdout.write(`ended by ${error}\n`);
  process.exitCode = 4;
}
