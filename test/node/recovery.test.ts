/** Coming back from a disk that cannot be read: the operator is told so, and nothing is taken for lost. */

import { expect } from 'chai';
import { FatalError } from '../../src/base/errors.js';
import { recoverReplica } from '../../src/node/recovery.js';
import type { Journal } from '../../src/ports/journal.js';
import { MemoryDisk, MemoryJournal } from '../../src/storage/memory-journal.js';
import { openSqlDatabase } from '../../src/storage/sql-database.js';

const failed = (): never => {
  throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
};

/** A journal of which `part` cannot be read. */
function unreadable(part: 'groups' | 'snapshots'): Journal {
  const journal = new MemoryJournal(new MemoryDisk());
  return Object.defineProperty(journal, part, { value: failed });
}

describe('a replica whose disk cannot be read', () => {
  for (const part of ['groups', 'snapshots'] as const) {
    it(`does not start, and says why (${part})`, async () => {
      const database = await openSqlDatabase();
      const error = await recoverReplica(unreadable(part), database, false).then(
        () => null,
        (reason: unknown) => reason,
      );
      database.close();
      expect(error).to.be.instanceOf(FatalError);
      expect((error as FatalError).message).to.match(/EIO.*nothing was changed: mend the disk/);
    });
  }
});
