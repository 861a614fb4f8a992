/** What the person at the terminal is told besides answers. */

import { expect } from 'chai';
import { FatalError, HearsayError } from '../../src/base/errors.js';
import { errorText, exitStatusOf } from '../../src/launch/errors.js';
import { Notices } from '../../src/launch/notices.js';
import { progressShower } from '../../src/launch/progress.js';
import { StartError } from '../../src/launch/supervisor.js';
import { FakeSurroundings } from './fake-surroundings.js';

describe('notices', () => {
  it('go to stderr, but never onto a screen that is being drawn on', () => {
    const { stderr } = new FakeSurroundings();
    const notices = new Notices(stderr);
    const shown: string[] = [];
    notices.say('one');
    notices.showIn({ notice: (text) => shown.push(text), close: () => {} });
    notices.say('two');
    notices.showIn(null);
    notices.say('three\u001b[2J');
    expect(stderr.text).to.equal('one\nthree\\u001b[2J\n');
    expect(shown).to.deep.equal(['two']);
  });
});

describe('errors on the command line', () => {
  it('have the exit status of their kind', () => {
    expect(exitStatusOf(new HearsayError('REFUSED', 'x'))).to.equal(1);
    expect(exitStatusOf(new HearsayError('INVALID', 'x'))).to.equal(2);
    expect(exitStatusOf(new HearsayError('TIMEOUT', 'x'))).to.equal(3);
    expect(exitStatusOf(new FatalError('x'))).to.equal(4);
    expect(exitStatusOf(new StartError('x', 2, null))).to.equal(2);
    expect(exitStatusOf(new Error('x'))).to.equal(4);
  });

  it('are words, with a stack only where nobody foresaw them', () => {
    expect(errorText(new HearsayError('INVALID', 'x'))).to.equal('error INVALID: x');
    expect(errorText(new FatalError('x'))).to.equal('error: x');
    expect(errorText(new StartError('x', 4, null))).to.equal('error: x');
    expect(errorText(new TypeError('x'))).to.match(/^error: TypeError: x\n +at /);
  });
});

describe('the progress of an import', () => {
  function shown(isTTY: boolean): string {
    const { stderr } = new FakeSurroundings();
    stderr.isTTY = isTTY;
    const show = progressShower('/some/folder', stderr);
    for (let row = 1; row <= 1000; row++) show(row / 1000);
    show(1);
    return stderr.text;
  }

  it('is a few lines where there is no terminal', () => {
    const lines = [0, 25, 50, 75, 100].map((percent) => `importing folder: ${percent} %\n`);
    expect(shown(false)).to.equal(lines.join(''));
  });

  it('is one line that moves in a terminal', () => {
    const frames = shown(true).split('\r').slice(1);
    expect(frames).to.have.length(101);
    expect(frames[50]).to.equal(`importing folder [${'#'.repeat(15)}${' '.repeat(15)}]  50 %`);
    expect(frames.at(-1)).to.equal(`importing folder [${'#'.repeat(30)}] 100 %\n`);
  });
});
