/** Help, made of the same tables that command lines are read by. */

import { COMMANDS, type CommandName, FORMS } from './forms.js';

/** Terminals are at least this wide, or nearly. */
const LINE_LENGTH = 100;

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
  return rows.flatMap(({ left, about }) =>
    wrap(about, LINE_LENGTH - width - 4).map(
      (line, index) => `  ${(index === 0 ? left : '').padEnd(width)}  ${line}`,
    ),
  );
}

/** Breaks a text between words so that no line is longer, as far as its words are not. */
function wrap(text: string, length: number): string[] {
  const [first = '', ...words] = text.split(' ');
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length > length) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
