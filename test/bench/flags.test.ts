/** The benchmark's command line. */

import { expect } from 'chai';
import { type BenchOptions, helpText, readFlags } from '../../bench/flags.js';

function optionsOf(...words: string[]): BenchOptions {
  const command = readFlags(words);
  if (command.kind !== 'cluster') throw new Error(`read as ${command.kind}`);
  return command.options;
}

describe('bench flags', () => {
  it('measures everything by default, without a gossip log', () => {
    expect(optionsOf()).to.deep.equal({
      seconds: 3,
      inFlight: [1, 16, 64, 256],
      workloads: ['updates', 'forced', 'causal', 'fresh', 'mix'],
      shape: null,
      gossipLog: 'off',
      drivers: 1,
      seed: 1,
      data: null,
      profile: null,
      json: { kind: 'nowhere' },
    });
  });

  it('reads values behind a blank and behind an equals sign', () => {
    const options = optionsOf('--in-flight', '1,64', '--only=mix', '--sessions', 'pipelined');
    expect(options.inFlight).to.deep.equal([1, 64]);
    expect(options.workloads).to.deep.equal(['mix']);
    expect(options.shape).to.equal('pipelined');
  });

  it('takes --json with a file and without', () => {
    expect(optionsOf('--json', 'x.json').json).to.deep.equal({ kind: 'file', path: 'x.json' });
    expect(optionsOf('--json').json).to.deep.equal({ kind: 'stdout' });
    const options = optionsOf('--json', '--seconds', '5');
    expect(options.json).to.deep.equal({ kind: 'stdout' });
    expect(options.seconds).to.equal(5);
  });

  const WRONG: readonly (readonly [string, RegExp])[] = [
    ['--onyl mix', /no flag --onyl; did you mean --only\?/],
    ['--toString', /no flag --toString/],
    ['updates', /"updates" is no flag/],
    ['--seconds', /--seconds needs a value: --seconds N/],
    ['--seconds 0', /--seconds must be a whole number from 1 to 600/],
    ['--seed 1 --seed 2', /--seed is given twice/],
    ['--only updates,reads', /--only must be updates, forced, causal, fresh or mix, not "reads"/],
    ['--in-flight 1,,2', /--in-flight must be a whole number/],
    ['--micro=yes', /--micro takes no value/],
    ['--micro --seconds 3', /--micro takes no other flags/],
  ];
  for (const [line, message] of WRONG) {
    it(`refuses ${line}`, () => {
      expect(() => readFlags(line.split(' '))).to.throw(message);
    });
  }

  it('knows every flag that its help names', () => {
    const named = [...helpText().matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name]) => name);
    expect(named).to.include.members(['seconds', 'profile', 'json', 'help']);
    for (const name of named) {
      try {
        readFlags([`--${name}`]);
      } catch (error) {
        expect(String(error)).not.to.contain('there is no flag');
      }
    }
  });
});
