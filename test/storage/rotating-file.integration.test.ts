import { expect } from 'chai';
import fc from 'fast-check';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RotatingFile } from '../../src/storage/rotating-file.js';

describe('storage: rotating file', () => {
  let folder = '';
  let losses: string[] = [];
  const open: RotatingFile[] = [];

  const pathOf = (name: string): string => join(folder, name);
  const textOf = (name: string): Promise<string> => readFile(pathOf(name), 'utf8');
  const make = (path: string, maxBytes?: number): RotatingFile => {
    const file = new RotatingFile({
      path,
      onLoss: (message) => losses.push(message),
      ...(maxBytes !== undefined && { maxBytes }),
    });
    open.push(file);
    return file;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hearsay-rotating-'));
    losses = [];
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((file) => file.close()));
    await rm(folder, { recursive: true, force: true });
  });

  it('writes each line with its end, in order, in folders that it makes', async () => {
    const file = make(pathOf('a/b/rm-1.jsonl'));
    for (const line of ['one', 'zwei ü', '三']) file.append(line);
    await file.close();
    expect(await textOf('a/b/rm-1.jsonl')).to.equal('one\nzwei ü\n三\n');
    expect(losses).to.deep.equal([]);
  });

  it('touches nothing before the first line', async () => {
    await make(pathOf('a/rm-1.jsonl')).close();
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('writes by itself after a moment, without being closed', async () => {
    make(pathOf('rm-1.jsonl')).append('one');
    const seen = async (): Promise<string> => textOf('rm-1.jsonl').catch(() => '');
    while ((await seen()) !== 'one\n') await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('goes on behind what is there, and ends a line that a crash cut short', async () => {
    await writeFile(pathOf('rm-1.jsonl'), 'before\ncut sho');
    for (const line of ['after', 'later']) {
      const file = make(pathOf('rm-1.jsonl'));
      file.append(line);
      await file.close();
    }
    expect(await textOf('rm-1.jsonl')).to.equal('before\ncut sho\nafter\nlater\n');
  });

  it('keeps two files: the present one and the one before', async () => {
    const file = make(pathOf('rm-1.gossip.jsonl'), 100);
    for (let n = 100; n < 160; n++) file.append(`line ${n}`);
    await file.close();
    expect((await readdir(folder)).toSorted()).to.deep.equal([
      'rm-1.gossip.1.jsonl',
      'rm-1.gossip.jsonl',
    ]);
    const both = (await textOf('rm-1.gossip.1.jsonl')) + (await textOf('rm-1.gossip.jsonl'));
    const all = Array.from({ length: 60 }, (_, n) => `line ${n + 100}\n`).join('');
    expect(all.endsWith(both)).to.equal(true);
    expect(both.length).to.be.above(100);
    expect(losses).to.deep.equal([]);
  });

  it('counts what an earlier start wrote against the bound', async () => {
    await writeFile(pathOf('rm-1.jsonl'), `${'x'.repeat(95)}\n`);
    const file = make(pathOf('rm-1.jsonl'), 100);
    file.append('fits no more');
    await file.close();
    expect(await textOf('rm-1.1.jsonl')).to.equal(`${'x'.repeat(95)}\n`);
    expect(await textOf('rm-1.jsonl')).to.equal('fits no more\n');
  });

  it('never exceeds the bound and loses only the oldest lines', async () => {
    const lines = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 300, max: 1000 }), async (texts, maxBytes) => {
        await Promise.all(
          ['x.jsonl', 'x.1.jsonl'].map((name) => rm(pathOf(name), { force: true })),
        );
        const file = make(pathOf('x.jsonl'), maxBytes);
        // The place of a line in it tells it from others.
        const written = texts.map((text, n) => `${n} ${text.replaceAll('\n', ' ')}`);
        for (const line of written) file.append(line);
        await file.close();
        let kept = '';
        for (const name of ['x.1.jsonl', 'x.jsonl']) {
          const bytes = await readFile(pathOf(name)).catch(() => Buffer.alloc(0));
          expect(bytes.length).to.be.at.most(maxBytes);
          kept += bytes.toString();
        }
        const all = written.map((line) => `${line}\n`).join('');
        expect(all.endsWith(kept)).to.equal(true);
        if (Buffer.byteLength(all) <= maxBytes) expect(kept).to.equal(all);
        if (Buffer.byteLength(all) > 2 * maxBytes) expect(kept.length).to.be.above(maxBytes / 9);
        expect(losses).to.deep.equal([]);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves out a line that is too long, and says so once', async () => {
    const file = make(pathOf('rm-1.jsonl'), 100);
    const long = 'l'.repeat(60);
    for (const line of ['before', 'x'.repeat(100), long, 'y'.repeat(300), 'after']) {
      file.append(line);
    }
    await file.close();
    expect(await textOf('rm-1.jsonl')).to.equal(`before\n${long}\nafter\n`);
    expect(losses).to.deep.equal([`a line of 101 bytes is left out of ${pathOf('rm-1.jsonl')}`]);
  });

  it('leaves lines out where the disk does not keep up, and says so once', async () => {
    const file = make(pathOf('rm-1.jsonl'));
    // All in one turn of the event loop: nothing can be written meanwhile.
    for (let n = 0; n < 10_000; n++) file.append(String(n).padEnd(999));
    await file.close();
    const kept = (await textOf('rm-1.jsonl')).split('\n').slice(0, -1);
    expect(kept.map(Number)).to.deep.equal(kept.map((_, n) => n));
    expect(kept.length).to.be.within(4000, 4500);
    expect(losses).to.deep.equal([
      `the disk does not keep up: lines are left out of ${pathOf('rm-1.jsonl')}`,
    ]);
  });

  it('says once that it cannot write, and drops what comes after', async () => {
    await writeFile(pathOf('file'), '');
    const file = make(pathOf('file/rm-1.jsonl'));
    file.append('one');
    while (losses.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    file.append('two');
    await file.close();
    expect(losses).to.have.lengthOf(1);
    expect(losses[0]).to.match(/rm-1\.jsonl gets no more lines until the next start: E[A-Z]+:/);
  });

  it('survives a rotation that fails', async () => {
    await mkdir(pathOf('rm-1.1.jsonl/in the way'), { recursive: true });
    const file = make(pathOf('rm-1.jsonl'), 30);
    for (let n = 0; n < 20; n++) file.append(`line ${n}`);
    await file.close();
    expect(losses).to.have.lengthOf(1);
    expect((await stat(pathOf('rm-1.jsonl'))).size).to.be.at.most(30);
  });

  it('may be closed twice; lines after that are dropped', async () => {
    const file = make(pathOf('rm-1.jsonl'));
    file.append('one');
    await Promise.all([file.close(), file.close()]);
    file.append('two');
    await file.close();
    expect(await textOf('rm-1.jsonl')).to.equal('one\n');
    expect(losses).to.deep.equal([]);
  });
});
