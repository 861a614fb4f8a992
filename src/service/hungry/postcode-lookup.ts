/**
 * Finds where a postcode is: asks postcodes.io, and getthedata.com when the first gives no answer that
 * can be understood in its time. Run by a front end, never by a replica. One clear "no such postcode"
 * ends the search; everything doubtful (too busy, broken, slow, gone) only moves on to the next.
 */

import { z } from 'zod';
import { HearsayError } from '../../base/errors.js';
import type { Outside } from '../contract.js';

/** Each service has 3 s: both together stay well within a request's default deadline of 10 s. */
const ANSWER_MS = 3000;

/** From -most to most; not -0, which is no longer the same number when it has travelled as JSON. */
const degrees = (most: number) =>
  z
    .number()
    .min(-most)
    .max(most)
    .overwrite((value) => value + 0);

/** Both null for the few postcodes that have no place on the map (as on Jersey). */
export const LOCATION = z.object({
  latitude: degrees(90).nullable(),
  longitude: degrees(180).nullable(),
});

export type Location = z.output<typeof LOCATION>;

/** What one service's answer comes to. */
type Finding =
  | { readonly kind: 'found'; readonly location: Location }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'terminated' }
  | { readonly kind: 'unclear'; readonly why: string };

type Answer = Awaited<ReturnType<Outside['get']>>;

interface PostcodeService {
  readonly name: string;
  /** The setting that holds its address. */
  readonly setting: 'postcodesIo' | 'getthedata';
  /** What to ask for, after the address. */
  path(postcode: string): string;
  read(answer: Answer, postcode: string): Finding;
}

const UNKNOWN: Finding = { kind: 'unknown' };
const TERMINATED: Finding = { kind: 'terminated' };

const POSTCODES_IO_FOUND = z.object({ status: z.literal(200), result: LOCATION });
/** A postcode that is no longer in use is "not found", with `terminated` saying since when. */
const POSTCODES_IO_MISSING = z.object({
  status: z.literal(404),
  error: z.string(),
  terminated: z.unknown().optional(),
});

/** https://postcodes.io/docs: the status stands in the body as well, so a proxy's page is told apart. */
const POSTCODES_IO: PostcodeService = {
  name: 'postcodes.io',
  setting: 'postcodesIo',
  path: (postcode) => `/postcodes/${encodeURIComponent(postcode)}`,
  read({ status, body }) {
    const value = jsonIn(body);
    if (status === 200) {
      const found = POSTCODES_IO_FOUND.safeParse(value);
      if (found.success) return { kind: 'found', location: found.data.result };
    }
    if (status === 404) {
      const missing = POSTCODES_IO_MISSING.safeParse(value);
      if (missing.success) return missing.data.terminated == null ? UNKNOWN : TERMINATED;
    }
    return unclear(status);
  },
};

/** "52.1" or 52.1, or null where there is no place. */
const DEGREES_AS_TEXT = z
  .union([
    z
      .string()
      .regex(/^-?[0-9]{1,3}(?:\.[0-9]{1,12})?$/)
      .transform(Number),
    z.number(),
  ])
  .nullable();

const GETTHEDATA_MATCH = z.object({
  status: z.literal('match'),
  match_type: z.literal('unit_postcode').optional(),
  data: z
    .object({
      status: z.string().optional(),
      latitude: DEGREES_AS_TEXT,
      longitude: DEGREES_AS_TEXT,
    })
    .refine(({ latitude, longitude }) => LOCATION.safeParse({ latitude, longitude }).success),
});
const GETTHEDATA_MISSING = z.object({ status: z.literal('no_match') });

/** https://www.getthedata.com/open-postcode-geo-api: it has no postcodes of Northern Ireland (BT). */
const GETTHEDATA: PostcodeService = {
  name: 'getthedata.com',
  setting: 'getthedata',
  path: (postcode) => `/postcode/${postcode.replace(' ', '')}`,
  read({ status, body }, postcode) {
    if (status !== 200 && status !== 404) return unclear(status);
    const value = jsonIn(body);
    const match = GETTHEDATA_MATCH.safeParse(value);
    if (match.success) {
      const { status: use, latitude, longitude } = match.data.data;
      if (use === 'terminated') return TERMINATED;
      return { kind: 'found', location: { latitude, longitude } };
    }
    if (!GETTHEDATA_MISSING.safeParse(value).success) return unclear(status);
    if (!postcode.startsWith('BT')) return UNKNOWN;
    return { kind: 'unclear', why: 'it knows no postcodes of Northern Ireland' };
  },
};

/**
 * Latitude and longitude of a postcode in its usual form. Throws HearsayError INVALID when a service
 * says that there is no such postcode (any more), UNAVAILABLE when none gives a clear answer.
 */
export async function locate(postcode: string, outside: Outside): Promise<Location> {
  const reasons: string[] = [];
  for (const service of [POSTCODES_IO, GETTHEDATA]) {
    const finding = await ask(service, postcode, outside);
    switch (finding.kind) {
      case 'found':
        return finding.location;
      case 'unknown':
        throw invalid(`there is no postcode ${postcode}, says ${service.name}; check it`);
      case 'terminated':
        throw invalid(
          `the postcode ${postcode} is no longer in use, says ${service.name}; give the new one`,
        );
      case 'unclear':
        reasons.push(`${service.name}: ${finding.why}`);
    }
  }
  throw new HearsayError(
    'UNAVAILABLE',
    `the postcode ${postcode} cannot be checked now (${reasons.join('; ')}); nothing is stored, try again later`,
  );
}

async function ask(service: PostcodeService, postcode: string, outside: Outside): Promise<Finding> {
  const address = outside.settings[service.setting]?.replace(/\/+$/, '') ?? '';
  try {
    const answer = await outside.get(address + service.path(postcode), ANSWER_MS);
    return service.read(answer, postcode);
  } catch (error) {
    return { kind: 'unclear', why: error instanceof Error ? error.message : String(error) };
  }
}

const invalid = (message: string): HearsayError => new HearsayError('INVALID', message);

const unclear = (status: number): Finding => ({
  kind: 'unclear',
  why: `its answer (${status}) is none that it should give`,
});

/** Undefined for what is no JSON. */
function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
