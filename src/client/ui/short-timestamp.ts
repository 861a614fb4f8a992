/** Timestamps in the form that the lines of the gossip log have. */

import { describeEvent } from '../../observe/text.js';
import type { PlainTimestamp } from '../api.js';

/** `rm-1:12 rm-2:3`, or with starts (`rm-1~3f:12`) where two starts of a member meet; '' for none. */
export function shortTimestamp(timestamp: PlainTimestamp): string {
  return describeEvent({ at: 0, host: '', event: '', after: timestamp }).replace(/^at /, '');
}
