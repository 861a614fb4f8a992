/** A menu of four dishes in two courses, one of them sold out, and answers of the postcode services. */

import type { Outside } from '../../../src/service/contract.js';
import type { Source } from '../../../src/ports/source.js';
import { sourceOf } from '../support.js';

type Files = Record<'menu.csv' | 'motd.csv', readonly string[][]>;

export const SMALL_FILES: Files = {
  'menu.csv': [
    ['item', 'course', 'name', 'about', 'price', 'stock'],
    ['soup', 'Starters', 'Tomato Soup', 'hot', '450', '10'],
    ['pie', 'Mains', 'Steak Pie', '', '1250', '3'],
    ['toast', 'Starters', 'Crab Toast', '', '795', '2'],
    ['cake', 'Mains', 'Birthday Cake', '', '2400', '0'],
  ],
  'motd.csv': [['text'], ['We are open']],
};

export const smallSource = (): Source => sourceOf(SMALL_FILES);

/** The small folder with one file's row (0 = header) replaced or, past its end, added. */
export function withRow(file: keyof Files, row: number, fields: string[]): Source {
  const rows = [...SMALL_FILES[file]];
  rows[row] = fields;
  return sourceOf({ ...SMALL_FILES, [file]: rows });
}

/** Well-formed details; every postcode service below knows the place. */
export const ALICE = {
  first: 'Alice',
  last: 'Liddell',
  phone: '01865-276-150',
  postcode: 'OX1 1DP',
  address: 'The Deanery, Oxford',
};

export const OXFORD = { latitude: 51.750207, longitude: -1.257421 };

export interface Reply {
  readonly status: number;
  readonly body: string;
}

const json = (status: number, value: unknown): Reply => ({ status, body: JSON.stringify(value) });

/** postcodes.io's answers, as its documentation has them (some fields of many). */
export const postcodesIo = {
  found: (place: { latitude: number | null; longitude: number | null } = OXFORD) =>
    json(200, {
      status: 200,
      result: {
        postcode: 'OX1 1DP',
        quality: place.latitude === null ? 9 : 1,
        country: 'England',
        ...place,
        codes: { admin_district: 'E07000178' },
      },
    }),
  /** JSON knows the zero below zero, JavaScript does not write it. */
  meridian: { status: 200, body: '{"status":200,"result":{"latitude":51.47,"longitude":-0.0}}' },
  notFound: json(404, { status: 404, error: 'Postcode not found' }),
  invalid: json(404, { status: 404, error: 'Invalid postcode' }),
  terminated: json(404, {
    status: 404,
    error: 'Postcode not found',
    terminated: { postcode: 'OX1 1DP', year_terminated: 1996, month_terminated: 6, ...OXFORD },
  }),
  tooMany: json(429, { status: 429, error: 'Too many requests' }),
  broken: json(500, { status: 500, error: 'Internal server error' }),
};

/** getthedata.com's answers: degrees are text. */
export const getthedata = {
  found: (
    latitude: string | null = '51.750210',
    longitude: string | null = '-1.257420',
    status = 'live',
  ) =>
    json(200, {
      status: 'match',
      match_type: 'unit_postcode',
      input: 'OX11DP',
      data: { postcode: 'OX1 1DP', status, country: 'England', latitude, longitude },
      copyright: ['Contains OS data (c) Crown copyright and database right 2024'],
    }),
  sector: json(200, {
    status: 'match',
    match_type: 'postcode_sector',
    input: 'OX11',
    data: { latitude: '51.75', longitude: '-1.25' },
  }),
  noMatch: json(200, { status: 'no_match', input: 'OX11DP', data: null }),
};

/** A page that something between us and the service might give, with any status. */
export const page = (status: number): Reply => ({
  status,
  body: '<html>Sign in to the café</html>',
});

export interface FakeOutside extends Outside {
  /** The addresses that were asked, in order. */
  readonly asked: string[];
}

/** What stands for the services answers as given; an Error is no answer. */
export function fakeOutside(first: Reply | Error, second: Reply | Error): FakeOutside {
  const asked: string[] = [];
  return {
    asked,
    settings: { postcodesIo: 'https://first.test/', getthedata: 'http://second.test' },
    get(url) {
      asked.push(url);
      const reply = url.startsWith('https://first.test/') ? first : second;
      return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
    },
  };
}
