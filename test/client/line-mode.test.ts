import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { answerWords, runLines } from '../../src/client/line-mode.js';
import { FakeClient } from './ui/fake-client.js';

interface Run {
  readonly client: FakeClient;
  readonly status: number;
  readonly output: string;
}

async function run(
  lines: readonly string[],
  init: Partial<Run & { json: boolean }> = {},
): Promise<Run> {
  const client = init.client ?? new FakeClient();
  let output = '';
  const status = await runLines(client, {
    lines: (async function* () {
      yield* lines;
    })(),
    write: (text) => {
      output += text;
    },
    json: init.json ?? false,
  });
  return { client, status, output };
}

/** A client whose next requests end as these say. */
function scripted(...answers: (() => unknown)[]): FakeClient {
  const client = new FakeClient();
  client.scripted.push(...answers);
  return client;
}

const fails = (error: unknown) => (): never => {
  throw error;
};

describe('line mode', () => {
  it('answers each line with one line, in order, and later ones see earlier ones', async () => {
    const { status, output, client } = await run([
      'average movieId=1',
      '',
      ' \t\r',
      'rate movieId=1 rating=2.5',
      'average movieId=1',
    ]);
    expect(output).to.equal('{"mean":4,"count":1}\nnull\n{"mean":2.5,"count":1}\n');
    expect(status).to.equal(0);
    expect(client.asked[1]).to.equal('rate {"movieId":1,"rating":2.5}');
  });

  it('stops at quit and prints nothing for it', async () => {
    const { status, output, client } = await run(['genres', 'quit', 'average movieId=1']);
    expect(output).to.equal('["Adventure","Animation","Comedy"]\n');
    expect(status).to.equal(0);
    expect(client.asked).to.have.length(1);
  });

  it('answers errors, which may be definite', async () => {
    const { status, output, client } = await run([
      'average movieId=999',
      'average',
      'average movieId=abc',
      'avrage movieId=1',
      "tag tag='x",
    ]);
    expect(output.split('\n')).to.deep.equal([
      'error REFUSED: there is no movie 999',
      'error REFUSED: there is no movie NaN',
      'error INVALID: movieId must be a whole number from 1, not "abc"',
      'error INVALID: there is no operation "avrage"; did you mean average?',
      "error INVALID: the ' at column 9 is not closed; write \\' for the character itself",
      '',
    ]);
    expect(status).to.equal(0);
    expect(client.asked).to.have.length(2);
  });

  it('gives 3 when an outcome is unknown, and goes on', async () => {
    const client = scripted(
      fails(new HearsayError('TIMEOUT', 'no answer within 10000 ms')),
      () => 'next',
    );
    const { status, output } = await run(['genres', 'genres'], { client });
    expect(output).to.equal('error TIMEOUT: no answer within 10000 ms\n"next"\n');
    expect(status).to.equal(3);
  });

  it('believes the error, not its code, on whether it is definite', async () => {
    const error = new HearsayError('UNAVAILABLE', 'never sent', { definite: true });
    expect(await run(['genres'], { client: scripted(fails(error)) })).to.include({ status: 0 });
  });

  it('keeps every answer on its line and away from the terminal', async () => {
    const nasty = 'a\nb\u001b[31m\u009b\u2028\u202e\u007f';
    const client = scripted(() => nasty, fails(new HearsayError('REFUSED', nasty)));
    const { output } = await run(['genres', 'genres'], { client });
    const [value = '', error] = output.split('\n');
    expect(JSON.parse(value)).to.equal(nasty);
    expect(error).to.equal('error REFUSED: a\\nb\\u001b[31m\\u009b\\u2028\\u202e\\u007f');
    expect(output).to.match(/^[ -~\n]*$/);
  });

  it('gives objects with json, one a line, whatever was asked', async () => {
    const { output } = await run(
      ['genres', 'rate movieId=1 rating=1', 'average movieId=9', 'help rate', 'status'],
      { json: true },
    );
    const [query, update, error, help, status, end] = output.split('\n');
    expect(query).to.equal(
      '{"value":["Adventure","Animation","Comedy"],"guarantee":"fresh","timestamp":{}}',
    );
    expect(update).to.equal(
      '{"result":null,"copies":2,"timestamp":{"rm-1.x7~3f":1,"rm-2.k2~90":3}}',
    );
    expect(error).to.equal(
      '{"error":{"code":"REFUSED","message":"there is no movie 9","definite":true}}',
    );
    expect(JSON.parse(help ?? '')).to.have.nested.property('operations[0].name', 'rate');
    expect(JSON.parse(status ?? '')).to.include({ clusterId: 'c1', epoch: 3 });
    expect(end).to.equal('');
  });

  it('says null where there is no value', async () => {
    const client = scripted(
      () => undefined,
      () => undefined,
    );
    expect((await run(['genres'], { client })).output).to.equal('null\n');
    expect((await run(['genres'], { client, json: true })).output).to.match(/^{"value":null,/);
  });

  it('helps in one line', async () => {
    const { output } = await run(['help', 'help search']);
    expect(output).to.equal(
      'queries: average movieId=, search [title=] [genre=] [limit=], genres; ' +
        'updates: rate movieId= rating=, tag movieId= tag=; also: help NAME, status, quit\n' +
        'search [title=] [genre=] [limit=] (query): Movies whose title contains a text and that ' +
        'have a genre, by movie number; title: 1 to 255 characters (part of the title); genre: ' +
        'the name of one genre (the whole name); limit: a whole number from 1 to 1000 (how many ' +
        'at most)\n',
    );
  });

  it('does not pass a defect off as an answer', async () => {
    let thrown: unknown;
    try {
      await run(['genres'], { client: scripted(fails(new TypeError('a defect'))) });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).to.be.instanceOf(TypeError);
  });
});

describe('one command in words', () => {
  it('is answered with the reason when it fails', async () => {
    const client = new FakeClient();
    expect(await answerWords(client, ['genres'], false)).to.deep.equal({
      text: '["Adventure","Animation","Comedy"]',
      error: null,
    });
    const answer = await answerWords(client, ['average', 'movieId=2'], false);
    expect(answer).to.have.nested.property('error.code', 'REFUSED');
    expect(await answerWords(client, ['quit'], false)).to.equal('quit');
  });
});
