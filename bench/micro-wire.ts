/** The codec, message by message, alone in a frame and 64 together; groups of the journal; digests. */

import type { MemberId } from '../src/base/ids.js';
import { decodeFrame, encodeFrames } from '../src/wire/codec.js';
import { bodyDigest } from '../src/wire/digest.js';
import { decodeGroup, encodeGroup, type JournalContent } from '../src/wire/journal-group.js';
import { MESSAGES, recordOf, timestampAfter, updateOf } from './samples.js';
import type { MicroCase } from './stopwatch.js';

const GROUP = 64;

const MEMBER = 'rm-1.x7k2m9qp' as MemberId;

export function wireCases(): MicroCase[] {
  return [
    ...Object.entries(MESSAGES).flatMap(([name, make]) => [
      ...codecCases(name, make, 1),
      ...(name.startsWith('gossip,') ? [] : codecCases(name, make, GROUP)),
    ]),
    ...journalCases(),
    digestCase(),
  ];
}

function codecCases(name: string, make: (typeof MESSAGES)[string], group: number): MicroCase[] {
  const messages = Array.from({ length: group }, (_, number) => make(number));
  const frames = encodeFrames(messages);
  const bytes = frames.reduce((total, frame) => total + frame.length, 0) / group;
  const where = group === 1 ? '' : `, ${group} a frame`;
  const common = { unit: 'message', note: `${bytes.toFixed(0)} B` };
  return [
    {
      ...common,
      name: `encode ${name}${where}`,
      round: () => {
        encodeFrames(messages);
        return group;
      },
    },
    {
      ...common,
      name: `decode ${name}${where}`,
      round: () => {
        for (const frame of frames) decodeFrame(frame);
        return group;
      },
    },
  ];
}

function journalCases(): MicroCase[] {
  const numbers = Array.from({ length: GROUP }, (_, number) => number);
  const records = numbers.map((number) => recordOf(number, timestampAfter(number + 5)));
  const transitions = records.map(({ prev, body }, number) => {
    const place = { seq: number + 1, born: { n: 1, owner: MEMBER }, committed: number, prev };
    return { entries: [{ kind: 'update', ...place, body, answered: body.n - 1 }] } as const;
  });
  return [
    ...groupCases('records', { records, transitions: [] }),
    ...groupCases('forced entries', { records: [], transitions }),
  ];
}

function groupCases(what: string, content: JournalContent): MicroCase[] {
  const bytes = encodeGroup(content);
  const common = { unit: 'record', note: `${(bytes.length / GROUP).toFixed(0)} B` };
  return [
    {
      ...common,
      name: `encode journal ${what}, ${GROUP} a batch`,
      round: () => {
        encodeGroup(content);
        return GROUP;
      },
    },
    {
      ...common,
      name: `decode journal ${what}, ${GROUP} a batch`,
      round: () => {
        decodeGroup(bytes);
        return GROUP;
      },
    },
  ];
}

function digestCase(): MicroCase {
  const updates = Array.from({ length: GROUP }, (_, number) => updateOf(number));
  return {
    name: 'digest of a body',
    unit: 'update',
    round: () => {
      for (const { operation, args, user, stamp, session } of updates) {
        bodyDigest(operation, args, user, stamp, session);
      }
      return GROUP;
    },
  };
}
