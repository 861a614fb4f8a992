/** What flags of several commands mean, read from a command's words. */

import { serviceByName } from '../service/registry.js';
import { settingsOf } from '../service/settings.js';
import { show } from '../service/messages.js';
import type { DataPlace } from './command.js';
import {
  DEFAULT_ADMINISTRATOR,
  DEFAULT_FRONTEND,
  FORMS,
  SETTING_NAMES,
  settingFlag,
} from './forms.js';
import { usageError, type Words } from './read-words.js';
import * as values from './values.js';

/** A clock that is off by ten years is wrong enough. */
const CLOCK_OFFSET_MAX_MS = 10 * 365 * 86_400_000;

/** The words that are no flags; refuses more than there may be. */
export function plainWords({ command, plain }: Words, most: number): readonly string[] {
  const surplus = plain[most];
  if (surplus === undefined) return plain;
  throw usageError(command, `${show(surplus)} is one word too many`);
}

export function required({ command, flags }: Words, name: string): string {
  const value = flags.get(name);
  if (value !== undefined) return value;
  const shown = FORMS[command].flags.find((flag) => flag.name === name)?.value ?? '';
  throw usageError(command, `${command} needs --${name} ${shown}`);
}

export const given = ({ flags }: Words, name: string): boolean => flags.has(name);

export const onOrOff = ({ flags }: Words, name: string): 'on' | 'off' =>
  values.oneOf(`--${name}`, flags.get(name) ?? 'on', ['on', 'off']);

export const clockOffset = ({ flags }: Words): number =>
  values.integer('--clock-offset', flags.get('clock-offset') ?? '0', CLOCK_OFFSET_MAX_MS);

/** Where front ends are: their URLs, or the one place that tells them (`etcd://…`, `dns://…`). */
export function frontends(words: Words): readonly string[] {
  const { command, flags } = words;
  const place = flags.get('discover');
  if (place === undefined) {
    return values.urls('--frontend', flags.get('frontend') ?? DEFAULT_FRONTEND);
  }
  if (!flags.has('frontend')) return values.discovered('--discover', place);
  throw usageError(command, '--discover finds the front ends, so it does not go with --frontend');
}

/** The place of `--discover`, checked as far as words can be, or null. */
export function discovery({ flags }: Words): string | null {
  const place = flags.get('discover');
  return place === undefined ? null : values.discovery('--discover', place);
}

export const administrator = ({ flags }: Words): string =>
  flags.get('admin') ?? DEFAULT_ADMINISTRATOR;

/** Settings that were given, by their names; refuses those that this service does not have. */
export function settingsFor({ flags }: Words, service: string): Readonly<Record<string, string>> {
  const entries = [...SETTING_NAMES].flatMap((name) => {
    const value = flags.get(settingFlag(name));
    return value === undefined ? [] : [[name, value] as const];
  });
  const settings = Object.fromEntries(entries);
  if (entries.length > 0) {
    settingsOf(serviceByName(service), settings, (name) => `--${settingFlag(name)}`);
  }
  return settings;
}

/** Null when neither --data nor --ephemeral is given. */
export function dataPlace(words: Words): DataPlace | null {
  const path = words.flags.get('data');
  if (!given(words, 'ephemeral')) return path === undefined ? null : { kind: 'folder', path };
  if (path === undefined) return { kind: 'ephemeral' };
  throw usageError(words.command, '--ephemeral keeps nothing, so it does not go with --data');
}
