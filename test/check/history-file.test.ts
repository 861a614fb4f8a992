import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { encodeHistory, parseHistory } from '../../src/check/history-file.js';
import { modelHistory } from './model-store.js';
import { Script } from './support.js';

const history = new Script()
  .updated('a', 'set', { key: 'x', value: { deep: [1, null, 'ü\n'] } })
  .unknown('a', 'set', { key: 'x', value: 2 }, { returned: null, sentTo: null, answeredBy: null })
  .failed('a', 'set', { key: 'x', value: 3 })
  .fresh('b', 'get', { key: 'x' }, null, { final: true })
  .history('kv', { leastCopies: 1, finalHashes: { 'rm-1': 'aa' } });

const lines = (): string[] => [...encodeHistory(history)];

function expectInvalid(text: string, ...words: string[]): void {
  let thrown: unknown;
  try {
    parseHistory(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).to.be.instanceOf(HearsayError);
  expect((thrown as HearsayError).code).to.equal('INVALID');
  for (const part of words) expect((thrown as HearsayError).message).to.contain(part);
}

/** The text with one line changed. */
function withLine(index: number, change: (line: string) => string): string {
  return lines()
    .map((line, at) => (at === index ? change(line) : line))
    .join('\n');
}

describe('check/history-file', () => {
  it('gives back what was written, with or without a line end at the end', () => {
    expect(parseHistory(lines().join('\n'))).to.deep.equal(history);
    expect(parseHistory(`${lines().join('\n')}\n`)).to.deep.equal(history);
    const options = { sessions: 4, replicas: 3, keys: 3, values: 0, deletes: 10 };
    const model = modelHistory({ seed: 1, operations: 200, ...options });
    expect(parseHistory([...encodeHistory(model)].join('\n'))).to.deep.equal(model);
  });

  it('begins with a header and ends with the hashes', () => {
    expect(lines()[0]).to.equal('{"history":1,"service":"kv","leastCopies":1}');
    expect(lines().at(-1)).to.equal('{"finalHashes":{"rm-1":"aa"}}');
    expect(lines()).to.have.length(history.operations.length + 2);
  });

  it('names the line that is wrong, and what is wrong with it', () => {
    expectInvalid('', 'this has 0 lines');
    expectInvalid(lines().slice(1).join('\n'), 'line 1 of the history', 'history');
    expectInvalid(lines().slice(0, -1).join('\n'), 'line 5 of the history', 'finalHashes');
    expectInvalid(
      withLine(0, () => '{"history":2,"service":"kv","leastCopies":1}'),
      'line 1',
    );
    expectInvalid(
      withLine(2, () => '{"a":'),
      'line 3 of the history: is not JSON',
    );
    expectInvalid(
      withLine(2, () => ''),
      'line 3 of the history: is not JSON',
    );
    const replace = (from: string, to: string) => withLine(1, (line) => line.replace(from, to));
    expectInvalid(replace('"kind":"update"', '"kind":"write"'), 'line 2 of the history: kind');
    expectInvalid(replace('"session":"a",', ''), 'line 2 of the history: session');
    expectInvalid(replace('"copies":2', '"copies":"two"'), 'outcome.copies');
    expectInvalid(replace('"user"', '"extra":1,"user"'), 'line 2', 'extra');
  });

  it('keeps results and places of forced updates, and reads histories without them', () => {
    const forced = new Script()
      .forced('a', 'take', { key: 'x', amount: 2 }, { taken: 2, left: null }, 7)
      .forced('a', 'put', { key: 'x', value: 2 }, null, 8)
      .refused('a', 'order', {}, 9)
      .shown('a', 'left', { key: 'x' }, null, 9)
      .updated('a', 'set', { key: 'x', value: 1 })
      .history();
    const text = [...encodeHistory(forced)].join('\n');
    expect(parseHistory(text)).to.deep.equal(forced);
    expect(parseHistory(text).operations[4]?.outcome).to.deep.equal({ kind: 'updated', copies: 2 });
    const wrong = (from: string, to: string) => expectInvalid(text.replace(from, to), 'order');
    wrong('"order":7', '"order":0');
    wrong('"order":8', '"order":1.5');
    wrong('"order":9', '"order":"9"');
    expectInvalid(
      text.replace('"kind":"update","operation":"order"', '"kind":"query","operation":"order"'),
      'line 4',
      'a query failed with a place',
    );
  });

  it('refuses operations that form no history', () => {
    const replace = (from: string, to: string) => withLine(1, (line) => line.replace(from, to));
    expectInvalid(replace('"called":1', '"called":9'), 'line 2', 'returned is 2');
    expectInvalid(replace('"returned":2', '"returned":null'), 'line 2', 'returned is null');
    expectInvalid(replace('"returned":2', '"returned":3'), 'line 3', 'the place 3 is taken');
    expectInvalid(replace('"kind":"update"', '"kind":"query"'), 'a query has the outcome updated');
    const swapped = [lines()[0], lines()[2], lines()[1], ...lines().slice(3)].join('\n');
    expectInvalid(swapped, 'line 3', 'called is 1, after 3');
    const answered = withLine(4, (line) => line.replace('"kind":"query"', '"kind":"update"'));
    expectInvalid(answered, 'line 5', 'an update has the outcome answered');
  });
});
