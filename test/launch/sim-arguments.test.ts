/** Reading the command lines of `sim` and `check`. */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { readCommand } from '../../src/launch/arguments.js';

const read = (line: string) => readCommand(line.split(' '));

const SIM = {
  kind: 'sim',
  from: 1,
  seeds: 1,
  jobs: null,
  keepGoing: false,
  trace: null,
  history: null,
  json: false,
};

describe('reading a command line of proof', () => {
  const understood: Readonly<Record<string, object>> = {
    sim: SIM,
    'sim --seed 17': { ...SIM, from: 17 },
    'sim --seed 17 --trace': { ...SIM, from: 17, trace: 'text' },
    'sim --seed 17 --format shiviz': { ...SIM, from: 17, trace: 'shiviz' },
    'sim --seed 999999999 --history h --json': {
      ...SIM,
      from: 999_999_999,
      history: 'h',
      json: true,
    },
    'sim --seeds 1000 --seed 5 --jobs 2 --keep-going': {
      ...SIM,
      from: 5,
      seeds: 1000,
      jobs: 2,
      keepGoing: true,
    },
    'check history.jsonl': { kind: 'check', file: 'history.jsonl', json: false },
    'check --json history.jsonl': { kind: 'check', file: 'history.jsonl', json: true },
  };
  for (const [line, command] of Object.entries(understood)) {
    it(`understands ${line}`, () => expect(read(line)).to.deep.equal(command));
  }

  const refused: Readonly<Record<string, RegExp>> = {
    'sim 17': /"17" is one word too many/,
    'sim --seed -1': /--seed/,
    'sim --seed 1000000000': /--seed.*999999999/,
    'sim --seeds 0': /--seeds/,
    'sim --jobs 65': /--jobs.*64/,
    'sim --seeds 2 --trace': /--trace is for one seed, not for --seeds 2/,
    'sim --seeds 2 --history h': /--history is for one seed/,
    'sim --trace --format xml': /text, json or shiviz|text\|json\|shiviz/,
    check: /the file to check is missing/,
    'check one two': /"two" is one word too many/,
  };
  for (const [line, message] of Object.entries(refused)) {
    it(`refuses ${line}`, () => {
      expect(() => read(line))
        .to.throw(HearsayError, message)
        .with.property('code', 'INVALID');
    });
  }
});
