/**
 * The causal updates of hungry. Each writes one row, a user's details or the message of the day, which
 * keeps the stamp of its last write: a write takes effect only over a smaller stamp, so whatever the
 * order, the greatest stamp stays.
 */

import { z } from 'zod';
import { defineUpdate } from '../contract.js';
import { ADDRESS, FIRST, LAST, MOTD, PHONE, POSTCODE } from './forms.js';
import { LOCATION, locate } from './postcode-lookup.js';

export const register = defineUpdate({
  about: 'Say who you are and where; again to change it',
  ordering: 'causal',
  args: z.object({ first: FIRST, last: LAST, phone: PHONE, postcode: POSTCODE, address: ADDRESS }),
  lookup: { found: LOCATION, look: ({ postcode }, outside) => locate(postcode, outside) },
  /** Writes one row whole, so two writes never mix; the greatest stamp stays. */
  apply(db, details, { user, stamp }) {
    const { first, last, phone, postcode, address, latitude, longitude } = details;
    db.run(
      `INSERT INTO details (user, first, last, phone, postcode, address, latitude, longitude, stamp)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET
         first = excluded.first, last = excluded.last, phone = excluded.phone,
         postcode = excluded.postcode, address = excluded.address,
         latitude = excluded.latitude, longitude = excluded.longitude, stamp = excluded.stamp
       WHERE excluded.stamp > stamp`,
      [user, first, last, phone, postcode, address, latitude, longitude, stamp],
    );
  },
});

export const setMotd = defineUpdate({
  about: 'Change the message of the day',
  ordering: 'causal',
  administrator: true,
  args: z.object({ text: MOTD }),
  /** The text with the greatest stamp stays. */
  apply(db, { text }, { stamp }) {
    db.run(
      `INSERT INTO motd (only, text, stamp) VALUES (1, ?, ?)
       ON CONFLICT DO UPDATE SET text = excluded.text, stamp = excluded.stamp
       WHERE excluded.stamp > stamp`,
      [text, stamp],
    );
  },
});
