/** Help, made of the same tables that command lines are read by. */

import { COMMANDS, type CommandName, FORMS } from './forms.js';

const HELP_FLAG = { left: '-h, --help', about: 'show this' };

/** All commands, one line each. */
export function overview(): string {
  const rows = COMMANDS.map((name) => ({ left: name, about: FORMS[name].about }));
  return [
    'usage: hearsay COMMAND [WORDS] [FLAGS]',
    '',
    ...columns(rows),
    '',
    '"hearsay help COMMAND" says more; "hearsay --version" names the version.',
  ].join('\n');
}

/** One command with its flags. */
export function helpOn(command: CommandName): string {
  const form = FORMS[command];
  const rows = form.flags.map(({ name, value, about }) => ({
    left: `--${name}${value === null ? '' : ` ${value}`}`,
    about,
  }));
  return [
    `usage: hearsay ${[command, form.words, '[FLAGS]'].filter((part) => part !== '').join(' ')}`,
    '',
    `${command} ${form.about}.`,
    ...form.notes,
    '',
    ...columns([...rows, HELP_FLAG]),
  ].join('\n');
}

function columns(rows: readonly { readonly left: string; readonly about: string }[]): string[] {
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, about }) => `  ${left.padEnd(width)}  ${about}`);
}
