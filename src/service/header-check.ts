/** Checks what a definition says of the service itself, apart from its operations and tables. */

import { assert } from '../base/assert.js';
import type { Schemas, ServiceDefinition } from './contract.js';
import { show } from './messages.js';

const SERVICE_NAME = /^[a-z][a-z0-9-]{0,31}$/;
const SETTING_NAME = /^[a-z][A-Za-z0-9-]{0,31}$/;

/** Throws InvariantError for a name, a version, a statement or a setting of a form that is not allowed. */
export function checkHeader({
  name,
  version,
  visibleState,
  settings = {},
}: ServiceDefinition<Schemas, Schemas>): void {
  assert(
    SERVICE_NAME.test(name),
    `a service's name is a lower-case letter, then up to 31 letters, digits or "-", not ${show(name)}`,
  );
  assert(
    Number.isSafeInteger(version) && version >= 1,
    `the version of ${name} is a whole number from 1, not ${version}`,
  );
  for (const statement of visibleState) {
    assert(
      /\bORDER BY\b/i.test(statement),
      `a statement of ${name}'s visible state needs an ORDER BY: ${statement}`,
    );
  }
  for (const setting of Object.keys(settings)) {
    assert(
      SETTING_NAME.test(setting),
      `the name of a setting of ${name} is a lower-case letter, then up to 31 letters, digits or "-", not ${show(setting)}`,
    );
  }
}
