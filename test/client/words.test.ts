import { expect } from 'chai';
import fc from 'fast-check';
import { HearsayError } from '../../src/base/errors.js';
import { parseCommand, quoteWord, splitWords, usageOf } from '../../src/client/words.js';
import { OPERATIONS } from './ui/fake-client.js';

/** The message of the INVALID that it throws. */
function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof HearsayError && error.code === 'INVALID') return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('words of a line', () => {
  const cases: readonly (readonly [line: string, words: readonly string[]])[] = [
    ['', []],
    [' \t ', []],
    ['average movieId=1', ['average', 'movieId=1']],
    ['  a   b\t', ['a', 'b']],
    ["title='Toy Story'", ['title=Toy Story']],
    ['title="Toy Story"', ['title=Toy Story']],
    ['a" b "c', ['a b c']],
    ["''", ['']],
    ['a "" b', ['a', '', 'b']],
    ["'a\\'", ['a\\']],
    ['"a\\"b\\\\c\\d"', ['a"b\\c\\d']],
    ['a\\ b\\"', ['a b"']],
    ["it\\'s", ["it's"]],
    [`value='{"a": [1, "x"]}'`, ['value={"a": [1, "x"]}']],
    [`"it's"`, ["it's"]],
    ['title=Amélie 日本', ['title=Amélie', '日本']],
  ];
  for (const [line, words] of cases) {
    it(`splits ${JSON.stringify(line)}`, () => {
      expect(splitWords(line)).to.deep.equal(words);
    });
  }

  it('names the quote that is not closed and where it is', () => {
    expect(problemOf(() => splitWords('tag tag="so it'))).to.include('the " at column 9');
    expect(problemOf(() => splitWords("it's"))).to.include("the ' at column 3");
  });

  it('refuses a backslash that nothing follows', () => {
    expect(problemOf(() => splitWords('a b\\'))).to.include('nothing follows');
  });

  it('reads back any words that were quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        expect(splitWords(words.map(quoteWord).join(' '))).to.deep.equal(words);
      }),
    );
  });

  it('either splits a line or says INVALID', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '=', ' ', '\\', '"', "'", '\t') }),
        (line) => {
          try {
            splitWords(line);
          } catch (error) {
            expect(error).to.be.instanceOf(HearsayError);
          }
        },
      ),
    );
  });
});

describe('commands', () => {
  const parse = (...words: string[]) => parseCommand(words, OPERATIONS);

  it('reads an operation with its arguments, cut at the first =', () => {
    const command = parse('tag', 'movieId=1', 'tag=a=b', 'x=');
    expect(command).to.include({ kind: 'operation' });
    expect(command).to.have.nested.property('operation.name', 'tag');
    expect(command).to.have.deep.property('pairs', [
      ['movieId', '1'],
      ['tag', 'a=b'],
      ['x', ''],
    ]);
  });

  it('knows the reserved words', () => {
    expect(parse('quit')).to.deep.equal({ kind: 'quit' });
    expect(parse('status')).to.deep.equal({ kind: 'status' });
    expect(parse('help')).to.deep.equal({ kind: 'help', operation: null });
    expect(parse('help', 'rate')).to.have.nested.property('operation.name', 'rate');
  });

  it('helps with what is wrong', () => {
    expect(problemOf(() => parse('averge', 'movieId=1'))).to.equal(
      'there is no operation "averge"; did you mean average?',
    );
    expect(problemOf(() => parse('xyzzy'))).to.include('choose from average, genres, help');
    expect(problemOf(() => parse('help', 'rat'))).to.include('did you mean rate?');
    expect(problemOf(() => parse('rate', '1'))).to.equal(
      '"1" has no =; write key=value: rate movieId= rating=',
    );
    expect(problemOf(() => parse('genres', 'all'))).to.equal(
      '"all" has no =; genres takes no arguments',
    );
    expect(problemOf(() => parse('log'))).to.include('`hearsay log`');
    expect(problemOf(() => parse('quit', 'now'))).to.include('quit takes no arguments');
    expect(problemOf(() => parse(''))).to.include('no operation ""');
  });

  it('shows what may be left out in brackets', () => {
    expect(OPERATIONS.map(usageOf)).to.include('search [title=] [genre=] [limit=]');
  });
});
