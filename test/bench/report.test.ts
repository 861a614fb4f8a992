/** The report: aligned, and frank about figures that mean less than they seem to. */

import { expect } from 'chai';
import { readFlags } from '../../bench/flags.js';
import { header, report } from '../../bench/report.js';
import type { RunResult } from '../../bench/result.js';
import { result } from './support.js';

const machine = {
  cores: 2,
  processor: 'a processor',
  memoryGiB: 24,
  node: 'v20.19.0',
  date: '2026-11-21T03:00:00.000Z',
  loadAverage: 0.1,
  journalsInMemory: false,
};

const command = readFlags(['--seed', '7']);
if (command.kind !== 'cluster') throw new Error('the flags were not read');
const { options } = command;

const linesOf = (...runs: RunResult[]): string[] => report({ machine, options, runs });
const notesOf = (...runs: RunResult[]): string[] =>
  linesOf(...runs).filter((line) => line.startsWith('!'));

describe('bench report', () => {
  it('names machine, versions, date and seed', () => {
    const text = header({ machine, options }).join('\n');
    for (const part of ['2 cores', '24 GiB', 'v20.19.0', '2026-11-21', 'seed 7', 'gossip log off'])
      expect(text).to.contain(part);
    expect(text).not.to.contain('in memory');
  });

  it('says when the journals lie in memory', () => {
    const text = header({ machine: { ...machine, journalsInMemory: true }, options }).join('\n');
    expect(text).to.contain('journals lie in memory');
  });

  it('aligns the columns', () => {
    const [titles = '', first = '', second = ''] = linesOf(
      result(),
      result({ workload: 'mix', operationsPerSecond: 123_456 }),
    );
    const end = titles.indexOf('ops/s') + 'ops/s'.length;
    expect(first.slice(0, end)).to.match(/ 10000$/);
    expect(second.slice(0, end)).to.match(/ 123456$/);
    expect(first).to.match(/^updates +single .* 9\.88 .* 350 .* 40\.0 .* - .* 0$/);
  });

  it('has nothing to add to a good run', () => {
    expect(notesOf(result())).to.deep.equal([]);
  });

  it('says when a run had errors, or answers that were weaker', () => {
    const bad = result({ errors: 2, errorMessages: ['too slow'], causalOnly: 5 });
    const notes = notesOf(result(), bad).join('\n');
    expect(notes).to.contain('updates single 64: 2 errors, such as: too slow');
    expect(notes).to.contain('5 auto queries were answered as causal');
  });

  it('says when others used the machine', () => {
    expect(notesOf(result(), result({ otherCores: 0.5 })).join()).to.contain(
      'others used up to 0.50 cores, in 1 of 2 runs',
    );
  });

  it('says when the client, or the machine, was the limit', () => {
    const [client, ...replicas] = result().processes;
    if (client === undefined) throw new Error('no client');
    const busy = { ...client, cores: 0.97 };
    expect(notesOf(result({ processes: [busy, ...replicas] })).join()).to.contain(
      'a client process was as busy as it can be',
    );
    const all = [busy, ...replicas].map((each) => ({ ...each, cores: 0.66 }));
    expect(notesOf(result({ processes: all })).join()).to.contain('kept all 2 cores busy');
  });
});
