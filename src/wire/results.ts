/** The results of forced operations as bytes, in snapshots: `[origins, timestamps, latest, sessions]`. */

import type { Interval } from '../log/executed-table.js';
import type { KeptResults, KeptSession } from '../log/results-table.js';
import { type Field, fields, list, session, stamp, timestamp, whole } from './fields.js';
import { forcedOutcome } from './forced-codecs.js';
import { FrameReader, FrameWriter, listOf } from './frame.js';
import { digest } from './records.js';
import { malformed } from './unpack.js';

interface FlatInterval {
  readonly first: number;
  readonly last: number;
}

interface FlatResult {
  readonly n: number;
  readonly digest: string;
  readonly outcome: KeptSession[3][number][2];
  readonly timestamp: KeptSession[3][number][3];
}

interface FlatSession {
  readonly session: KeptSession[0];
  readonly latest: KeptSession[1];
  readonly executed: readonly FlatInterval[];
  readonly results: readonly FlatResult[];
}

const ANY_NUMBER = Number.MAX_SAFE_INTEGER;

const sessions: Field<readonly FlatSession[]> = list(
  fields<FlatSession>({
    session,
    latest: stamp,
    executed: list(fields<FlatInterval>({ first: whole(1), last: whole(1) }), ANY_NUMBER),
    results: list(
      fields<FlatResult>({ n: whole(1), digest, outcome: forcedOutcome, timestamp }),
      ANY_NUMBER,
    ),
  }),
  ANY_NUMBER,
);

export function encodeResults({ latest, sessions: kept }: KeptResults): unknown {
  const writer = new FrameWriter();
  const flat = kept.map(
    ([id, last, executed, results]): FlatSession => ({
      session: id,
      latest: last,
      executed: executed.map(([first, end]) => ({ first, last: end })),
      results: results.map(([n, names, came, place]) => ({
        n,
        digest: names,
        outcome: came,
        timestamp: place,
      })),
    }),
  );
  const written = sessions.write(flat, writer);
  return [writer.origins, writer.timestamps, stamp.write(latest, writer), written];
}

/** Throws HearsayError INVALID when this is not what {@link encodeResults} gave. */
export function decodeResults(raw: unknown): KeptResults {
  const parts = listOf(raw, 'results');
  if (parts.length !== 4) throw malformed('results are a list of 4');
  const [origins, timestamps, latest, kept] = parts;
  const reader = new FrameReader(origins, timestamps);
  return {
    latest: stamp.read(latest, reader),
    sessions: sessions
      .read(kept, reader)
      .map(({ session: id, latest: last, executed, results }) => [
        id,
        last,
        executed.map(({ first, last: end }): Interval => [first, end]),
        results.map(({ n, digest: names, outcome: came, timestamp: place }) => [
          n,
          names,
          came,
          place,
        ]),
      ]),
  };
}
