import { expect } from 'chai';
import { clock, ProgressLine } from '../../chaos/progress.js';

describe('the progress of chaos', () => {
  function written(isTTY: boolean): string[] {
    const texts: string[] = [];
    let nowMs = 0;
    const output = { isTTY, write: (text: string) => texts.push(text) };
    const line = new ProgressLine(output, () => nowMs);
    for (; nowMs <= 20_000; nowMs += 500) line.offer(() => `${nowMs}`);
    line.end();
    line.end();
    return texts;
  }

  it('is a new line every ten seconds', () => {
    expect(written(false)).to.deep.equal(['10000\n', '20000\n']);
  });

  it('is one line in a terminal, rewritten every second', () => {
    const texts = written(true);
    expect(texts).to.have.length(21);
    expect(texts[0]).to.equal('\r\u001B[K1000');
    expect(texts.at(-1)).to.equal('\n');
  });

  it('counts minutes and seconds', () => {
    expect([0, 999, 65_000, 3_600_000].map(clock)).to.deep.equal(['0:00', '0:00', '1:05', '60:00']);
  });
});
