/** The form for name and address, and beside it what is registered now. */

import { formLines, widestField } from '../form-pane.js';
import { type Line, span, wrap } from '../line.js';
import { draftOf } from '../state.js';
import type { DrawPage } from './page.js';
import type { Shop } from './shop.js';

export const detailsPage: DrawPage = (state, shop, left, right) => {
  const { register } = shop.operations;
  return {
    left: {
      title: 'my details',
      lines: formLines(
        register,
        draftOf(state, register),
        true,
        left,
        widestField(register, left.columns),
      ),
    },
    right: { title: 'registered now', lines: registeredLines(shop, right.columns) },
  };
};

function registeredLines({ answers: { details } }: Shop, columns: number): Line[] {
  if (details === undefined) return [[span('on its way …', 'faint')]];
  if (details === null) {
    return wrap(
      'Nothing yet. Orders are brought to the address that you give here.',
      columns,
      'faint',
    );
  }
  const { first, last, phone, postcode, address, latitude, longitude } = details;
  const place =
    latitude === null || longitude === null
      ? 'not on the map'
      : `at ${latitude.toFixed(4)}, ${longitude.toFixed(4)}`;
  const lines = [`${first} ${last}`, address, postcode, phone].flatMap((text) =>
    wrap(text, columns),
  );
  return [...lines, [], ...wrap(place, columns, 'faint')];
}
