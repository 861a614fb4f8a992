import { expect } from 'chai';
import { RunningHash } from '../../src/base/digest.js';
import { SnapshotDownload } from '../../src/node/snapshot-download.js';
import type { SnapshotPart } from '../../src/wire/membership-messages.js';

const PIECE = 4;

function hashOf(bytes: Uint8Array): string {
  const running = new RunningHash();
  running.update(bytes);
  return running.finish();
}

/** What a donor that has these bytes answers to a download's request. */
function answer(bytes: Uint8Array, download: SnapshotDownload): SnapshotPart {
  const hash = hashOf(bytes);
  const { resume } = download.request;
  const offset = resume?.hash === hash ? resume.offset : 0;
  const piece = bytes.subarray(offset, offset + PIECE);
  return { kind: 'snapshot-part', hash, size: bytes.length, offset, bytes: piece };
}

describe('SnapshotDownload', () => {
  const state = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const other = Uint8Array.from([9, 8, 7, 6, 5, 4]);

  function rest(bytes: Uint8Array, download: SnapshotDownload): Uint8Array {
    for (;;) {
      const whole = download.take(answer(bytes, download));
      if (whole !== null) return whole;
    }
  }

  it('takes the pieces in their order and gives the whole', () => {
    const download = new SnapshotDownload();
    expect(download.request).to.deep.equal({ kind: 'get-snapshot', resume: null });
    expect(rest(state, download)).to.deep.equal(state);
  });

  it('resumes at another donor of the same snapshot', () => {
    const download = new SnapshotDownload();
    expect(download.take(answer(state, download))).to.equal(null);
    expect(download.request.resume).to.deep.equal({ hash: hashOf(state), offset: PIECE });
    expect(rest(state.slice(), download)).to.deep.equal(state);
  });

  it('begins again with a donor that has another one', () => {
    const download = new SnapshotDownload();
    download.take(answer(state, download));
    expect(rest(other, download)).to.deep.equal(other);
  });

  it('refuses a whole whose hash is another than was announced, and forgets it', () => {
    const download = new SnapshotDownload();
    const first = answer(state, download);
    download.take(first);
    download.take({ ...answer(state, download), bytes: Uint8Array.from([0, 0, 0, 0]) });
    const last = answer(state, download);
    expect(() => download.take(last)).to.throw(/announced as/);
    expect(download.request.resume).to.equal(null);
    expect(rest(state, download)).to.deep.equal(state);
  });

  const misfits: [string, (part: SnapshotPart) => SnapshotPart][] = [
    ['of another place', (part) => ({ ...part, offset: part.offset + 1 })],
    ['of another size', (part) => ({ ...part, size: part.size + 1 })],
    ['of another snapshot', (part) => ({ ...part, hash: hashOf(other) })],
    ['with nothing in it', (part) => ({ ...part, bytes: new Uint8Array(0) })],
    ['that goes beyond the end', (part) => ({ ...part, bytes: new Uint8Array(99) })],
  ];
  for (const [what, bend] of misfits) {
    it(`refuses a piece ${what}`, () => {
      const download = new SnapshotDownload();
      download.take(answer(state, download));
      const bent = bend(answer(state, download));
      expect(() => download.take(bent)).to.throw(/does not fit/);
      expect(download.request.resume).to.equal(null);
    });
  }
});
