/** What the ordering screen has to say now: what is under way, else what came of the last thing done. */

import type { Notice, Sent, Shop } from './shop.js';

/** An update that takes longer is worth an explanation, seconds. */
const LONG_S = 3;

export function noticeOf({ sent, notice }: Shop): Notice {
  if (sent === null) return notice ?? { text: '', role: 'plain' };
  const { seconds } = sent;
  const time = seconds === 0 ? '' : ` ${seconds} s`;
  const why = seconds < LONG_S ? '' : ` ${REASONS[sent.kind]}`;
  return { text: `${doing(sent)} …${time}${why}`, role: 'warning' };
}

function doing(sent: Sent): string {
  switch (sent.kind) {
    case 'order':
      return 'Ordering';
    case 'cancel':
      return `Cancelling order ${sent.orderId}`;
    case 'register':
      return 'Looking up the postcode and saving your details';
  }
}

const REPLICAS = '(the replicas may be agreeing on a new primary, or too few of them are up)';

const REASONS: Readonly<Record<Sent['kind'], string>> = {
  order: REPLICAS,
  cancel: REPLICAS,
  register: '(the services that know postcodes take their time)',
};
