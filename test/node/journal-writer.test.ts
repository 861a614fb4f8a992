/** Group commit of records and transitions: one order, whole items, and nothing told that is not durable. */

import { expect } from 'chai';
import { JournalMarks } from '../../src/node/journal-marks.js';
import { type JournalItem, JournalWriter } from '../../src/node/journal-writer.js';
import { MemoryDisk, MemoryJournal } from '../../src/storage/memory-journal.js';
import { decodeGroup } from '../../src/wire/journal-group.js';
import { aBody, anUpdateEntry, aRecord, ORIGINS } from '../log/support.js';

const [ORIGIN] = ORIGINS as [(typeof ORIGINS)[0]];

/** Items of a group at most. */
const ITEMS_A_GROUP = 4096;

const record = (seq: number): JournalItem => ({
  kind: 'record',
  record: aRecord(ORIGIN, seq, aBody(0, seq)),
});

/** A transition that appends so many entries, the first of which has this number. */
const transition = (seq: number, entries = 1): JournalItem => ({
  kind: 'transition',
  transition: {
    entries: Array.from({ length: entries }, (_, i) => anUpdateEntry(seq + i)),
    commit: seq,
  },
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A writer on a disk that writes only when the test lets it, and what it told. */
function open(
  init: {
    readonly length?: number;
    readonly transitions?: number;
    readonly lastGroup?: number;
  } = {},
) {
  const disk = new MemoryDisk();
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  disk.beforeWrite = () =>
    new Promise<void>((resolve, reject) => {
      ends.push({ resolve, reject });
    });
  const told: [length: number, transitions: number][] = [];
  const failures: unknown[] = [];
  const writer = new JournalWriter({
    journal: new MemoryJournal(disk),
    place: { records: init.length ?? 0, transitions: init.transitions ?? 0 },
    lastGroup: init.lastGroup ?? 0,
    marks: new JournalMarks(),
    onDurable: (length, transitions) => told.push([length, transitions]),
    onFailure: (error) => failures.push(error),
  });
  const append = (...items: JournalItem[]): void => {
    for (const item of items) writer.append(item);
    writer.flush();
  };
  /** The write under way ends. */
  const endWrite = async (error?: Error): Promise<void> => {
    const write = ends.shift();
    if (write === undefined) throw new Error('no write is under way');
    if (error === undefined) write.resolve();
    else write.reject(error);
    await settled();
  };
  const places = () => disk.groups.map((bytes) => decodeGroup(bytes).place);
  /** What is on the disk, group by group: numbers of records, and of entries of each transition. */
  const groups = () =>
    disk.groups.map((bytes) => {
      const { records, transitions } = decodeGroup(bytes);
      return {
        records: records.map(({ seq }) => seq),
        transitions: transitions.map(({ entries = [] }) => entries.map(({ seq }) => seq)),
      };
    });
  return { writer, told, failures, append, endWrite, groups, places, writes: () => ends.length };
}

describe('JournalWriter', () => {
  it('writes what waits as one group, and what comes meanwhile as the next', async () => {
    const { append, endWrite, groups, told, writes } = open();
    append(record(1), transition(1), record(2));
    append(transition(2));
    append(record(3), transition(3));
    expect(writes(), 'one write at a time').to.equal(1);
    expect(told, 'nothing is told before it is durable').to.deep.equal([]);
    await endWrite();
    expect(groups()).to.deep.equal([{ records: [1, 2], transitions: [[1]] }]);
    expect(told).to.deep.equal([[2, 1]]);
    await endWrite();
    expect(groups()[1]).to.deep.equal({ records: [3], transitions: [[2], [3]] });
    expect(told).to.deep.equal([
      [2, 1],
      [3, 2],
    ]);
    expect(writes(), 'nothing is left').to.equal(0);
  });

  it('counts on from what the journal holds, items as well as groups', async () => {
    const { writer, append, endWrite, told, places } = open({
      length: 10,
      transitions: 7,
      lastGroup: 4,
    });
    const counts = () => [writer.appended, writer.durable, writer.lastGroup];
    append(record(11), transition(1), transition(2));
    expect(counts()).to.deep.equal([3, 0, 4]);
    append(record(12));
    await endWrite();
    expect(counts()).to.deep.equal([4, 3, 5]);
    expect(told).to.deep.equal([[11, 2]]);
    await endWrite();
    expect(counts()).to.deep.equal([4, 4, 6]);
    expect(told[1]).to.deep.equal([12, 0]);
    expect(writer.written).to.deep.equal({ groups: 2, records: 2 });
    expect(writer.transitions).to.equal(9);
    expect(places(), 'each group says what came before it').to.deep.equal([
      { records: 10, transitions: 7 },
      { records: 11, transitions: 9 },
    ]);
  });

  it('cuts a long queue between two items: each group holds all before it, of both kinds', async () => {
    const { append, endWrite, groups, told } = open();
    const items: JournalItem[] = [];
    // Three records to a transition: the cut falls between the two kinds.
    for (let n = 1; n <= ITEMS_A_GROUP / 2; n++) {
      items.push(record(3 * n - 2), record(3 * n - 1), record(3 * n), transition(n));
    }
    append(...items.slice(1), record(3 * (ITEMS_A_GROUP / 2) + 1));
    await endWrite();
    await endWrite();
    const ofEach = groups().map(({ records, transitions }) => [records.length, transitions.length]);
    expect(ofEach.map(([records = 0, changes = 0]) => records + changes)).to.deep.equal([
      ITEMS_A_GROUP,
      ITEMS_A_GROUP,
    ]);
    const cut = items.slice(1, ITEMS_A_GROUP + 1);
    const transitions = cut.filter(({ kind }) => kind === 'transition').length;
    expect(ofEach[0]).to.deep.equal([ITEMS_A_GROUP - transitions, transitions]);
    expect(told[0]).to.deep.equal(ofEach[0]);
  });

  it('never splits a transition, however many entries it appends', async () => {
    const { append, endWrite, groups, writes } = open();
    append(record(1), transition(1, ITEMS_A_GROUP + 10), record(2));
    await endWrite();
    expect(writes()).to.equal(0);
    const [group] = groups();
    expect(group?.records).to.deep.equal([1, 2]);
    expect(group?.transitions.map(({ length }) => length)).to.deep.equal([ITEMS_A_GROUP + 10]);
  });

  it('has drained once all that was appended by then is durable, whatever comes meanwhile', async () => {
    const { writer, append, endWrite } = open();
    await writer.drained();
    append(record(1));
    writer.append(transition(1));
    let hasDrained = false;
    const drained = writer.drained().then(() => {
      hasDrained = true;
    });
    await endWrite();
    expect(hasDrained, 'the transition is not durable').to.equal(false);
    append(record(2));
    await endWrite();
    expect(hasDrained).to.equal(true);
    await drained;
    expect(writer.durable).to.equal(2);
  });

  it('takes a failed write for final: it is told once, nothing more is written, nobody waits', async () => {
    const { writer, append, endWrite, told, failures, writes } = open();
    append(record(1));
    append(transition(1));
    const drained = writer.drained();
    await endWrite(new Error('no space left'));
    await drained;
    expect(failures.map(String)).to.have.length(1);
    expect(String(failures[0])).to.contain('no space left');
    append(record(2));
    await writer.drained();
    expect(writes()).to.equal(0);
    expect(told).to.deep.equal([]);
    expect([writer.durable, writer.lastGroup, writer.written.groups]).to.deep.equal([0, 0, 0]);
  });
});
