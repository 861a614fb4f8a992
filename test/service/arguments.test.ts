import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { readArguments } from '../../src/service/arguments.js';
import type { Service } from '../../src/service/define.js';
import { kv } from '../../src/service/kv/kv.js';
import { movies } from '../../src/service/movies/movies.js';
import type { OperationDescription } from '../../src/wire/messages.js';

/** As a client gets it: in the words of the handshake, through JSON. */
function described(service: Service, name: string): OperationDescription {
  const told: readonly OperationDescription[] = service.operations;
  const found = told.find((operation) => operation.name === name);
  if (found === undefined) throw new Error(`no operation ${name}`);
  return JSON.parse(JSON.stringify(found)) as OperationDescription;
}

describe('key=value arguments', () => {
  it('are read by the type of the argument', () => {
    const rate = described(movies, 'rate');
    expect(
      readArguments(rate, [
        ['movieId', '1'],
        ['rating', '4.5'],
      ]),
    ).to.deep.equal({
      movieId: 1,
      rating: 4.5,
    });
    const tag = described(movies, 'tag');
    expect(
      readArguments(tag, [
        ['tag', '42'],
        ['movieId', '1'],
      ]),
    ).to.deep.equal({
      movieId: 1,
      tag: '42',
    });
    expect(readArguments(rate, [])).to.deep.equal({});
  });

  it('of any type are JSON if they parse, else text', () => {
    const set = described(kv, 'set');
    const cases: [text: string, value: unknown][] = [
      ['42', 42],
      ['"42"', '42'],
      ['null', null],
      ['[1,{"a":true}]', [1, { a: true }]],
      ['hello', 'hello'],
      ['{a', '{a'],
      ['', ''],
      ['a=b', 'a=b'],
    ];
    for (const [text, value] of cases) {
      expect(
        readArguments(set, [
          ['key', 'k'],
          ['value', text],
        ]),
        text,
      ).to.deep.equal({
        key: 'k',
        value,
      });
      expect(readArguments(described(kv, 'cas'), [['expected', text]])).to.deep.equal({
        expected: value,
      });
    }
  });

  it('say what is wrong: no JSON, given twice, unknown', () => {
    const rate = described(movies, 'rate');
    const cases: [pairs: [string, string][], message: string][] = [
      [[['rating', 'abc']], 'rating must be 0.5 to 5 in steps of 0.5, not "abc"'],
      [[['movieId', '']], 'movieId must be a whole number from 1, not ""'],
      [
        [
          ['movieId', '1'],
          ['movieId', '2'],
        ],
        'movieId is given twice',
      ],
      [[['movieID', '1']], 'rate takes no argument "movieID"; did you mean movieId?'],
      [[['__proto__', '1']], 'rate takes no argument "__proto__"; choose from movieId, rating'],
    ];
    for (const [pairs, message] of cases) {
      expect(() => readArguments(rate, pairs), message)
        .to.throw(HearsayError, message)
        .with.property('code', 'INVALID');
    }
    expect(() => readArguments({ name: 'ping', arguments: [] }, [['a', '1']])).to.throw(
      HearsayError,
      'ping takes no arguments, so no "a"',
    );
  });
});
