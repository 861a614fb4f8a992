/** An origin on the wire: its index in the frame's table. */

import { z } from 'zod';
import type { Origin } from '../base/ids.js';
import { type Field, whole } from './fields.js';

const index = whole();

export const originField: Field<Origin> = {
  schema: z.number().int().min(0),
  write: (value, writer) => writer.origin(value),
  read: (raw, reader) => reader.origin(index.read(raw, reader)),
};
