import { expect } from 'chai';
import { helpText, readFlags } from '../../chaos/options.js';
import { HearsayError } from '../../src/base/errors.js';

const FAULTS = [
  { name: 'kill', replicasAtLeast: 1 },
  { name: 'bridge', replicasAtLeast: 3 },
];

const read = (line: string) =>
  readFlags(line === '' ? [] : line.split(' '), { faults: FAULTS, drawSeed: () => 42 });

const DEFAULTS = {
  minutes: 2,
  seed: 42,
  replicas: 3,
  frontends: 2,
  clients: 6,
  service: 'kv',
  faults: ['kill', 'bridge'],
  keep: false,
};

describe('the flags of chaos', () => {
  const understood: Readonly<Record<string, object>> = {
    '': DEFAULTS,
    '--minutes 0.4 --seed 0 --keep': { ...DEFAULTS, minutes: 0.4, seed: 0, keep: true },
    '--replicas=5 --frontends 1 --clients 20 --service movies': {
      ...DEFAULTS,
      ...{ replicas: 5, frontends: 1, clients: 20, service: 'movies' },
    },
    '--service hungry': { ...DEFAULTS, service: 'hungry' },
    '--faults bridge,bridge': { ...DEFAULTS, faults: ['bridge'] },
    '--replicas 2': { ...DEFAULTS, replicas: 2, faults: ['kill'] },
  };
  for (const [line, options] of Object.entries(understood)) {
    it(`are understood: ${line}`, () => {
      expect(read(line)).to.deep.equal(options);
    });
  }

  const refused: Readonly<Record<string, string>> = {
    now: '"now" is no flag',
    '--minuts 3': 'there is no flag --minuts; did you mean --minutes?',
    '--minutes': '--minutes needs a value: --minutes N',
    '--minutes --keep': '--minutes needs a value',
    '--minutes 0': '--minutes must be a number above 0, at most 1440, not "0"',
    '--minutes 1441': 'not "1441"',
    '--minutes 1e2': 'not "1e2"',
    '--seed 1 --seed 2': '--seed is given twice',
    '--seed -1': '--seed needs a value',
    '--replicas 0': '--replicas must be a whole number from 1 to 9, not "0"',
    '--replicas 10': 'not "10"',
    '--clients 21': '--clients must be a whole number from 1 to 20, not "21"',
    '--service files': '--service must be kv, movies or hungry, not "files"',
    '--faults kil': 'there is no fault "kil"; did you mean kill?',
    '--faults bridge --replicas 2': 'bridge takes 3 replicas or more, not 2',
    '--keep=yes': '--keep takes no value',
  };
  for (const [line, message] of Object.entries(refused)) {
    it(`are refused: ${line}`, () => {
      expect(() => read(line))
        .to.throw(HearsayError, message)
        .with.property('code', 'INVALID');
    });
  }

  it('ask for help, which names them and all faults', () => {
    expect(read('--help')).to.equal(null);
    const text = helpText(FAULTS);
    for (const name of Object.keys(DEFAULTS))
      expect(text).to.match(new RegExp(`^ +--${name}\\b`, 'm'));
    expect(text).to.include('kill, bridge');
    for (const line of text.split('\n')) expect(line.length).to.be.at.most(100);
  });
});
