import { expect } from 'chai';
import { HearsayError } from '../../../src/base/errors.js';
import type { Outside } from '../../../src/service/contract.js';
import { hungry } from '../../../src/service/hungry/hungry.js';
import {
  fakeOutside,
  ALICE,
  getthedata,
  OXFORD,
  page,
  postcodesIo,
  type Reply,
} from './small-data.js';

const register = (outside: Outside, postcode: string = ALICE.postcode) =>
  hungry.lookUp('register', { ...ALICE, postcode }, 'alice', outside);

async function failureOf(outside: Outside, postcode?: string): Promise<HearsayError> {
  try {
    await register(outside, postcode);
  } catch (error) {
    if (error instanceof HearsayError) return error;
    throw error;
  }
  return expect.fail('the postcode was taken');
}

const SLOW = new Error('no answer within 3000 ms');
const DEAD = new Error('connect ECONNREFUSED');

describe('lookup of a postcode', () => {
  it('asks postcodes.io, and nobody else when it answers', async () => {
    const outside = fakeOutside(postcodesIo.found(), DEAD);
    expect(await register(outside)).to.deep.equal({ ...ALICE, ...OXFORD });
    expect(outside.asked).to.deep.equal(['https://first.test/postcodes/OX1%201DP']);
  });

  it('gives the postcode its usual form before anybody is asked', async () => {
    const outside = fakeOutside(postcodesIo.found(), DEAD);
    expect(await register(outside, ' ox11dp ')).to.include({ postcode: 'OX1 1DP' });
    expect(outside.asked).to.deep.equal(['https://first.test/postcodes/OX1%201DP']);
  });

  it('asks nobody for what has not the form of a postcode', async () => {
    for (const postcode of ['', 'OX1', 'OX1 1DPX', 'OX1-1DP', '12345', 'OX1 1DP; DROP']) {
      const outside = fakeOutside(postcodesIo.found(), getthedata.found());
      const failure = await failureOf(outside, postcode);
      expect(failure.code, postcode).to.equal('INVALID');
      expect(failure.message).to.contain('postcode must be a postcode of the United Kingdom');
      expect(outside.asked).to.deep.equal([]);
    }
  });

  const unclear: [what: string, first: Reply | Error][] = [
    ['gives no answer in time', SLOW],
    ['is gone', DEAD],
    ['has too much to do (429)', postcodesIo.tooMany],
    ['is broken (500)', postcodesIo.broken],
    ['gives another page (200)', page(200)],
    ['gives another page (404)', page(404)],
    ['gives an empty body', { status: 200, body: '' }],
    ['gives JSON that is none of its own', { status: 200, body: '{"status":200}' }],
    ['gives null', { status: 200, body: 'null' }],
    ['says 404 without saying what', { status: 404, body: '{"error":"no such path"}' }],
    ['names a place off the map', postcodesIo.found({ latitude: 151, longitude: 0 })],
  ];
  for (const [what, first] of unclear) {
    it(`asks getthedata.com when postcodes.io ${what}`, async () => {
      const outside = fakeOutside(first, getthedata.found());
      expect(await register(outside)).to.deep.equal({
        ...ALICE,
        latitude: 51.75021,
        longitude: -1.25742,
      });
      expect(outside.asked[1]).to.equal('http://second.test/postcode/OX11DP');
    });
  }

  const wrong: [what: string, first: Reply | Error, second: Reply | Error, message: string][] = [
    [
      'postcodes.io does not know',
      postcodesIo.notFound,
      getthedata.found(),
      'there is no postcode OX1 1DP, says postcodes.io',
    ],
    [
      'postcodes.io calls invalid',
      postcodesIo.invalid,
      getthedata.found(),
      'there is no postcode OX1 1DP, says postcodes.io',
    ],
    [
      'postcodes.io calls terminated',
      postcodesIo.terminated,
      getthedata.found(),
      'the postcode OX1 1DP is no longer in use, says postcodes.io',
    ],
    [
      'getthedata.com does not know',
      SLOW,
      getthedata.noMatch,
      'there is no postcode OX1 1DP, says getthedata.com',
    ],
    [
      'getthedata.com calls terminated',
      SLOW,
      getthedata.found('51.7', '-1.2', 'terminated'),
      'the postcode OX1 1DP is no longer in use, says getthedata.com',
    ],
  ];
  for (const [what, first, second, message] of wrong) {
    it(`refuses a postcode that ${what}`, async () => {
      const failure = await failureOf(fakeOutside(first, second));
      expect(failure.code).to.equal('INVALID');
      expect(failure.message).to.contain(message);
    });
  }

  const nobody: [what: string, second: Reply | Error, why: string][] = [
    ['is gone', DEAD, 'getthedata.com: connect ECONNREFUSED'],
    ['is broken', { status: 500, body: 'oops' }, 'getthedata.com: its answer (500)'],
    ['gives another page', page(200), 'getthedata.com: its answer (200)'],
    ['knows a larger area only', getthedata.sector, 'getthedata.com: its answer (200)'],
    ['gives degrees that are none', getthedata.found('north', 'west'), 'its answer (200)'],
    ['names a place off the map', getthedata.found('91.5', '0'), 'its answer (200)'],
  ];
  for (const [what, second, why] of nobody) {
    it(`can be tried again when getthedata.com ${what} too`, async () => {
      const failure = await failureOf(fakeOutside(postcodesIo.broken, second));
      expect(failure).to.include({ code: 'UNAVAILABLE', retriable: true, definite: true });
      expect(failure.message).to.contain('OX1 1DP cannot be checked now (postcodes.io: its answer');
      expect(failure.message).to.contain(why);
      expect(failure.message).to.contain('nothing is stored, try again later');
    });
  }

  it('does not take getthedata.com at its word for Northern Ireland, which it leaves out', async () => {
    const failure = await failureOf(fakeOutside(SLOW, getthedata.noMatch), 'BT1 5GS');
    expect(failure.code).to.equal('UNAVAILABLE');
    expect(failure.message).to.contain('it knows no postcodes of Northern Ireland');
  });

  it('takes a postcode without a place on the map', async () => {
    const nowhere = { latitude: null, longitude: null };
    const first = fakeOutside(postcodesIo.found(nowhere), DEAD);
    expect(await register(first, 'JE2 3AB')).to.include({ postcode: 'JE2 3AB', ...nowhere });
    const second = fakeOutside(DEAD, getthedata.found(null, null));
    expect(await register(second, 'JE2 3AB')).to.include(nowhere);
  });

  it('knows no zero below zero: on the meridian both services may say so', async () => {
    const first = await register(fakeOutside(postcodesIo.meridian, DEAD));
    const second = await register(fakeOutside(DEAD, getthedata.found('51.47', '-0.000000')));
    expect(Object.is(first['longitude'], 0)).to.equal(true);
    expect(Object.is(second['longitude'], 0)).to.equal(true);
  });

  it('gives the same arguments when they are parsed again, as every replica does', async () => {
    const args = await register(fakeOutside(postcodesIo.found(), DEAD), 'ox1   1dp');
    expect(hungry.parse('update', 'register', args, 'alice')).to.deep.equal(args);
  });
});
