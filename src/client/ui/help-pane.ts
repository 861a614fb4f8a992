/** The help page: every key that means something with this service, and what the colours and words mean. */

import { keymapOf } from './keymap.js';
import { type Line, pad, span, wrap } from './line.js';
import type { State } from './state.js';

const KEY_WIDTH = 22;

export function helpLines(state: State, width: number): Line[] {
  const keys = keymapOf(state).flatMap(({ title, bindings }): Line[] => [
    [span(title, 'strong')],
    ...bindings.map(
      ({ shown, about }): Line => [span(`  ${pad(shown, KEY_WIDTH)}`), span(about, 'faint')],
    ),
    [],
  ]);
  return [...keys, [span('Words and colours', 'strong')], ...legend(width)];
}

function legend(width: number): Line[] {
  const entries: readonly (readonly [Line[number], string])[] = [
    [span('query', 'query'), 'asks; changes nothing'],
    [span('update', 'update'), 'changes something, once, at every replica'],
    [
      span('forced update', 'update'),
      'in one sequence at all replicas, by way of the primary; it may be refused',
    ],
    [
      span('fresh', 'good'),
      'the answer has every update that anybody had acknowledged with 2 copies',
    ],
    [
      span('causal', 'warning'),
      'the answer has all that you have seen or written (green when you asked for no more)',
    ],
    [span('2 copies', 'good'), 'so many replicas hold the update on disk; yellow: only one'],
    [span('REFUSED', 'bad'), 'errors; "outcome unknown": an update may have been carried out'],
    [span('at rm-1:12'), 'a timestamp: the first 12 updates that rm-1 took are in it'],
  ];
  return entries.flatMap(([word, meaning]) =>
    wrap(meaning, width - KEY_WIDTH - 2, 'faint').map((line, index): Line => {
      const lead = index === 0 ? word.text : '';
      return [span('  '), span(pad(lead, KEY_WIDTH), word.role), ...line];
    }),
  );
}
