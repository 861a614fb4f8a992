/**
 * SCENARIOS 3 and 4 from the journal up to the cluster: a replica's log is cut or changed while it is
 * down. It starts with a prefix of what it had executed, says what is missing, and has it again from the
 * other members, or does not start at all; it never shows a wrong value.
 */

import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FatalError } from '../../src/base/errors.js';
import { memberIdOf, type Name, originOf } from '../../src/base/ids.js';
import { SeededRandom } from '../../src/base/random.js';
import { recoverReplica } from '../../src/node/recovery.js';
import { DEFAULT_TUNING } from '../../src/replica/state.js';
import { startReplica } from '../../src/replica/step.js';
import { openLevelJournal } from '../../src/storage/level-journal.js';
import { openSqlDatabase } from '../../src/storage/sql-database.js';
import { sessionNumber } from '../world/raw-frontend.js';
import { until } from './support/until.js';
import { Load } from './support/load.js';
import { ProcessCluster } from './support/process-cluster.js';

const UPDATES = 20;

const DAMAGE = /the journal is damaged from group \d+ on .*moved to/;

const REFUSAL = /damaged from group \d+ .* no other member to repair it from/;

/** How a start with a damaged journal went. */
interface Start {
  /** Updates executed; null = it refused to start. */
  readonly executed: number | null;
  readonly isDamageNamed: boolean;
}

const REFUSED: Start = { executed: null, isDamageNamed: true };

describe('a replica whose journal was damaged while it was down', function () {
  this.timeout(120_000);

  describe('alone, at its start', () => {
    let parent: string;
    /** The journal of a replica that was killed after it had acknowledged every update; never changed. */
    let pristine: string;
    /** The copy that a test damages. */
    let folder: string;

    before(async () => {
      parent = await mkdtemp(join(tmpdir(), 'hearsay-damaged-'));
      pristine = join(parent, 'pristine');
      folder = join(parent, 'journal');
      const cluster = await ProcessCluster.start({ replicas: 1, frontends: 1 });
      try {
        const frontend = await cluster.rawFrontend('rm-1');
        for (let n = 1; n <= UPDATES; n++) {
          const session = sessionNumber(1);
          const { kind } = await frontend.update(
            'add',
            { key: 'counter', amount: n },
            { session, n },
          );
          expect(kind).to.equal('acknowledged');
        }
        await cluster.kill('rm-1');
        await cp(join(cluster.dataDir, 'rm-1', 'journal'), pristine, { recursive: true });
      } finally {
        await cluster.close();
      }
    });

    after(() => rm(parent, { recursive: true }));

    async function restore(): Promise<string> {
      await rm(folder, { recursive: true, force: true });
      await cp(pristine, folder, { recursive: true });
      return logFileIn(join(folder, 'groups'));
    }

    /** Starts it: what it executes must be the first so many of the updates, as they were. */
    async function start(what: string, isOnlyMember: boolean): Promise<Start> {
      const journal = await openLevelJournal({ folder, create: false });
      const database = await openSqlDatabase();
      try {
        const recovered = await recoverReplica(journal, database, isOnlyMember);
        const memberId = memberIdOf('rm-1' as Name, 'test');
        const { effects } = startReplica(
          {
            name: 'rm-1' as Name,
            memberId,
            origin: originOf(memberId, 'again'),
            members: ['rm-1' as Name],
            ...{ address: '', boot: { number: 1, nonce: 'test' } },
            ...{ versions: [1, 1] as const, joins: null },
          },
          { ...DEFAULT_TUNING, forced: 'off' },
          { ...recovered, mustRecover: null },
          0,
          new SeededRandom(1),
        );
        const executed = effects.flatMap((effect) =>
          effect.kind === 'apply' ? [effect.body] : [],
        );
        for (const [index, { n, args }] of executed.entries()) {
          expect({ n, args }, what).to.deep.equal({
            n: index + 1,
            args: { key: 'counter', amount: index + 1 },
          });
        }
        const { damage } = journal;
        if (damage !== null) {
          // Groups of the forced log stand between those of the updates.
          expect(damage.firstGroup, what).to.equal(recovered.lastGroup + 1);
          expect(readdirSync(join(damage.movedTo, 'groups')), what).to.not.be.empty;
        }
        return { executed: executed.length, isDamageNamed: damage !== null };
      } catch (error) {
        if (!(error instanceof FatalError)) throw error;
        return { executed: null, isDamageNamed: REFUSAL.test(error.message) };
      } finally {
        database.close();
        await journal.close();
      }
    }

    it('scenario 3: cut at every byte of the last record: it starts without that record, and says so', async () => {
      const whole = statSync(await restore()).size;
      const last = whole - lengthOfLastRecord(await restore());
      for (let size = last; size < whole; size++) {
        const what = `cut to ${size} of ${whole} bytes`;
        truncateSync(await restore(), size);
        expect(await start(what, false)).to.deep.equal({
          executed: UPDATES - 1,
          isDamageNamed: true,
        });
        if (size % 16 !== 0) continue;
        // It had acknowledged that record: with nobody to have it from it does not start, ever.
        truncateSync(await restore(), size);
        for (const again of [what, `${what}, again`]) {
          expect(await start(again, true), again).to.deep.equal(REFUSED);
        }
      }
    });

    it('scenario 3: a record whose writing had not ended is dropped without ado', async () => {
      const file = await restore();
      const whole = statSync(file).size;
      const last = whole - lengthOfLastRecord(file);
      for (let size = last; size < whole; size += 8) {
        const what = `cut to ${size} of ${whole} bytes`;
        truncateSync(await restore(), size);
        // The mark of the last group is written after it: a crash of the machine left none of it.
        await rm(join(folder, 'tail'));
        expect(await start(what, true), what).to.deep.equal({
          executed: UPDATES - 1,
          isDamageNamed: false,
        });
      }
    });

    it('scenario 4: a flipped bit anywhere: a right prefix and the damage named, or no start', async () => {
      const bytes = readFileSync(await restore());
      let damaged = 0;
      for (let at = 3; at < bytes.length; at += 41) {
        const what = `bit flipped in byte ${at} of ${bytes.length}`;
        const isOnlyMember = at % 2 === 0;
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
        writeFileSync(await restore(), flipped);
        const { executed, isDamageNamed } = await start(what, isOnlyMember);
        if (executed === UPDATES) continue;
        damaged++;
        expect(isDamageNamed, what).to.equal(true);
        if (isOnlyMember) expect(executed, what).to.equal(null);
      }
      expect(damaged).to.be.greaterThan(10);
    });
  });

  describe('in a cluster', () => {
    let cluster: ProcessCluster;

    afterEach(() => cluster.close());

    const fileOf = (name: string) => logFileIn(join(cluster.dataDir, name, 'journal', 'groups'));

    /** What a replica has logged; its file comes with its first line. */
    function wordsOf(name: string): string {
      const file = join(cluster.dataDir, 'log', `${name}.jsonl`);
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    }

    for (const [what, damage] of [
      ['scenario 3: the tail of its log is cut', cutTail],
      ['scenario 4: a bit in the middle of its log is flipped', flipInTheMiddle],
    ] as const) {
      it(`${what}: it says so, and has everything again from the others`, async () => {
        cluster = await ProcessCluster.start({ replicas: 3, frontends: 2 });
        const load = new Load([await cluster.client(['fe-1']), await cluster.client(['fe-2'])]);
        load.begin();
        await load.answers(300);
        await load.end();
        // A record that had not left rm-1 yet would be gone with its journal, and rm-1 could not start.
        await cluster.agreed();
        await cluster.kill('rm-1');
        damage(fileOf('rm-1'));
        load.begin();
        await load.answers(50);
        await cluster.startParts('rm-1');
        await load.answers(50);
        await load.end();
        expect(load.failures).to.deep.equal([]);
        await cluster.agreed();
        await load.expectKept(await cluster.client());
        await until('rm-1 to name the damage', async () => DAMAGE.test(wordsOf('rm-1')));
        // Damage that was dealt with is not found again.
        await cluster.kill('rm-1');
        await cluster.startParts('rm-1');
        await cluster.agreed();
        expect(wordsOf('rm-1').match(/the journal is damaged/g)).to.have.length(1);
      });
    }

    it('scenario 4: the only replica does not start, says why, and leaves everything as it is', async () => {
      cluster = await ProcessCluster.start({ replicas: 1, frontends: 1 });
      const client = await cluster.client();
      for (let n = 1; n <= 50; n++) await client.update('set', { key: `key-${n}`, value: n });
      await cluster.kill('rm-1');
      flipInTheMiddle(fileOf('rm-1'));
      for (let start = 1; start <= 2; start++) {
        const { exitStatus, printed } = await cluster.startDoomed('rm-1');
        expect(exitStatus, printed).to.equal(4);
        expect(printed).to.match(REFUSAL);
      }
    });
  });
});

/** LevelDB's log: what was written since it was opened last. */
function logFileIn(groups: string): string {
  const names = readdirSync(groups).filter((name) => name.endsWith('.log'));
  expect(names).to.have.length(1);
  return join(groups, names[0] ?? '');
}

/** Bytes from the header of LevelDB's last log record to the end: all records are alike but for n. */
function lengthOfLastRecord(file: string): number {
  const bytes = readFileSync(file);
  // A header is 4 bytes of checksum, 2 of length, 1 of type.
  let at = 0;
  for (let next = 0; next + 7 <= bytes.length; next += 7 + bytes.readUInt16LE(next + 4)) at = next;
  return bytes.length - at;
}

/** Cuts into the last record but one: the last one may not have been acknowledged, and leaves silently. */
function cutTail(file: string): void {
  truncateSync(file, statSync(file).size - lengthOfLastRecord(file) - 10);
}

function flipInTheMiddle(file: string): void {
  const bytes = readFileSync(file);
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 4, middle);
  writeFileSync(file, bytes);
}
