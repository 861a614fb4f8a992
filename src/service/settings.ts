/** The settings of a service's lookups, as somebody who starts a front end gives them. */

import { HearsayError } from '../base/errors.js';
import type { Service } from './define.js';
import { show } from './messages.js';

/**
 * All settings: those given, checked, and the defaults of the others. `wordFor` says how messages name
 * a setting. Throws HearsayError INVALID for one that the service does not have, and for text in place
 * of a web address.
 */
export function settingsOf(
  { name: service, settings }: Pick<Service, 'name' | 'settings'>,
  given: Readonly<Record<string, string>>,
  wordFor: (setting: string) => string = (setting) => `the setting ${setting}`,
): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(given)) {
    const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (setting === undefined) {
      throw new HearsayError('INVALID', `service ${service} has no use for ${wordFor(name)}`);
    }
    if (isWebAddress(setting.default) && !isWebAddress(value)) {
      const message = `${wordFor(name)} must be an address such as ${setting.default}, not ${show(value)}`;
      throw new HearsayError('INVALID', message);
    }
  }
  const defaults = Object.entries(settings).map(([name, setting]) => [name, setting.default]);
  return { ...(Object.fromEntries(defaults) as Record<string, string>), ...given };
}

/** A setting whose default is one must be one. */
export const isWebAddress = (text: string): boolean =>
  /^https?:\/\//i.test(text) && URL.canParse(text);
