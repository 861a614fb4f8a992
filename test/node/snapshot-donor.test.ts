import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import { SnapshotDonor } from '../../src/node/snapshot-donor.js';
import { SnapshotDownload } from '../../src/node/snapshot-download.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import type { SnapshotPart } from '../../src/wire/membership-messages.js';

const NEW = { kind: 'get-snapshot', resume: null } as const;

describe('SnapshotDonor', () => {
  /** A donor whose state is filled with the number of times that it was taken. */
  function open() {
    const scheduler = new VirtualScheduler();
    const sent: { readonly link: number; readonly part: SnapshotPart }[] = [];
    const log = { appended: 0, durable: 0, taken: 0 };
    const donor = new SnapshotDonor({
      scheduler,
      take: () => {
        log.taken++;
        const bytes = new Uint8Array(LIMITS.snapshotPartBytes * 2 + 10).fill(log.taken);
        return { bytes, items: log.appended };
      },
      durable: () => log.durable,
      send: (link, part) => sent.push({ link, part }),
    });
    return { donor, scheduler, sent, log };
  }

  const pass = (scheduler: VirtualScheduler, ms: number): void =>
    scheduler.runUntil(scheduler.monotonicMs() + ms);

  it('gives all of it, piece by piece', () => {
    const { donor, scheduler, sent } = open();
    const download = new SnapshotDownload();
    for (;;) {
      donor.onRequest(1, download.request);
      pass(scheduler, 10);
      const part = sent.shift()?.part;
      if (part === undefined) throw new Error('no piece came');
      const whole = download.take(part);
      if (whole === null) continue;
      expect(whole).to.have.length(LIMITS.snapshotPartBytes * 2 + 10);
      return;
    }
  });

  it('shows nothing before the log is durable that it reflects', () => {
    const { donor, scheduler, sent, log } = open();
    log.appended = 7;
    donor.onRequest(1, NEW);
    pass(scheduler, 10);
    log.durable = 6;
    donor.serve();
    expect(sent).to.have.length(0);
    log.durable = 7;
    donor.serve();
    expect(sent.map(({ link }) => link)).to.deep.equal([1]);
  });

  it('shares one between those who ask within a second, and makes a new one later', () => {
    const { donor, scheduler, sent, log } = open();
    donor.onRequest(1, NEW);
    pass(scheduler, 800);
    donor.onRequest(2, NEW);
    expect(log.taken).to.equal(1);
    pass(scheduler, 3000);
    donor.onRequest(3, NEW);
    pass(scheduler, 10);
    expect(log.taken).to.equal(2);
    expect(sent.map(({ link }) => link)).to.deep.equal([1, 2, 3]);
    // Whoever is at the older one goes on with it.
    const hash = sent[0]?.part.hash ?? '';
    donor.onRequest(1, { kind: 'get-snapshot', resume: { hash, offset: 100 } });
    pass(scheduler, 1);
    expect(sent.at(-1)?.part).to.include({ hash, offset: 100 });
  });

  it('begins anew with whoever asks for one that it has not, or has no longer', () => {
    const { donor, scheduler, sent, log } = open();
    donor.onRequest(1, NEW);
    pass(scheduler, 10);
    const resume = { hash: sent[0]?.part.hash ?? '', offset: 100 };
    donor.onRequest(2, { kind: 'get-snapshot', resume: { ...resume, hash: 'another' } });
    pass(scheduler, 1);
    expect(sent.at(-1)?.part.offset).to.equal(0);
    pass(scheduler, 61_000);
    donor.serve();
    donor.onRequest(1, { kind: 'get-snapshot', resume });
    pass(scheduler, 10);
    expect(log.taken).to.equal(2);
    expect(sent.at(-1)?.part.offset).to.equal(0);
  });

  it('gives one piece, the last one asked for, to whoever asks many times at once', () => {
    const { donor, scheduler, sent } = open();
    donor.onRequest(1, NEW);
    pass(scheduler, 10);
    const hash = sent[0]?.part.hash ?? '';
    for (let offset = 1; offset <= 500; offset++) {
      donor.onRequest(1, { kind: 'get-snapshot', resume: { hash, offset } });
    }
    donor.onRequest(2, { kind: 'get-snapshot', resume: { hash, offset: 7 } });
    pass(scheduler, 10);
    const pieces = sent.slice(1).map(({ link, part }) => [link, part.offset]);
    expect(pieces).to.deep.equal([
      [1, 500],
      [2, 7],
    ]);
  });

  it('sends nothing to whoever has gone away', () => {
    const { donor, scheduler, sent } = open();
    donor.onRequest(1, NEW);
    donor.forget(1);
    pass(scheduler, 10);
    expect(sent).to.have.length(0);
  });
});
