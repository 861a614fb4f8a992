import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { groupKey } from '../../src/storage/group-format.js';
import { openLevelJournal } from '../../src/storage/level-journal.js';
import { journalContract } from '../contract/journal-contract.js';

journalContract('LevelJournal', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'hearsay-journal-'));
  const folder = join(parent, 'journal');
  return {
    open: () => openLevelJournal({ folder, create: true }),
    damageGroup: (number) => flipValue(join(folder, 'groups'), number),
    dispose: async () => rmSync(parent, { recursive: true }),
  };
});

/** Changes the last byte of a group's value behind the journal's back. */
async function flipValue(groups: string, number: number): Promise<void> {
  const level = new ClassicLevel<Buffer, Buffer>(groups, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
  });
  const value = await level.get(groupKey('group', number));
  if (value === undefined) throw new Error(`no group ${number}`);
  value[value.length - 1] = (value.at(-1) ?? 0) ^ 1;
  await level.put(groupKey('group', number), value, { sync: true });
  await level.close();
}
