/** A path as a story that can be read aloud, and as one word that can be played again. */

import { HearsayError } from '../base/errors.js';
import type { Choice } from './choices.js';
import { at } from './lists.js';
import { describeMessage } from './message-words.js';
import type { Transition, World } from './world.js';
import type { WorldState } from './world-state.js';

/** All choices that a state leaves, in the order that words of paths count them in. */
export const allChoices = (world: World, state: WorldState): Choice[] => [
  ...world.progress(state),
  ...world.trouble(state),
];

const same = (one: Choice, other: Choice): boolean => JSON.stringify(one) === JSON.stringify(other);

/** A path as one word: the place of each choice among all that its state leaves. */
export function wordOf(world: World, path: readonly Choice[]): string {
  let state = world.begin();
  const places = path.map((choice) => {
    const place = allChoices(world, state).findIndex((candidate) => same(candidate, choice));
    ({ state } = world.apply(state, choice));
    return place;
  });
  return places.join('.');
}

/** The path that a word names. Throws INVALID where the word does not fit this world. */
export function pathOf(world: World, word: string): Choice[] {
  let state = world.begin();
  return word.split('.').map((place, step) => {
    const choices = allChoices(world, state);
    const choice = /^[0-9]+$/.test(place) ? choices[Number(place)] : undefined;
    if (choice === undefined) {
      throw new HearsayError(
        'INVALID',
        `step ${step + 1} of the path is "${place}", and there are choices 0 to ${choices.length - 1}; ` +
          'is it a path of this world, printed by this version?',
      );
    }
    ({ state } = world.apply(state, choice));
    return choice;
  });
}

/** Where a path leads, and what happens on the way, a line for each step. */
export function tell(
  world: World,
  path: readonly Choice[],
): { readonly state: WorldState; readonly lines: string[] } {
  let state = world.begin();
  const lines: string[] = [];
  path.forEach((choice, step) => {
    const transition = world.apply(state, choice);
    lines.push(`${String(step + 1).padStart(3)}. ${describeChoice(world, state, choice)}`);
    lines.push(...describeStep(world, transition).map((line) => `       ${line}`));
    ({ state } = transition);
  });
  return { state, lines };
}

function describeChoice(world: World, state: WorldState, choice: Choice): string {
  const { members, pairs } = world.topology;
  const nameAt = (index: number): string => at(members, index).name;
  const ends = (pair: number): readonly [string, string] => {
    const { dialler, acceptor } = at(pairs, pair);
    return [nameAt(dialler), nameAt(acceptor)];
  };
  switch (choice.kind) {
    case 'deliver': {
      const { forth, back } = at(at(state.connections, choice.pair), choice.place);
      const [dialler, acceptor] = ends(choice.pair);
      const isForth = choice.to === 'acceptor';
      const [from, to] = isForth ? [dialler, acceptor] : [acceptor, dialler];
      const what = describeMessage(world.first(isForth ? forth : back));
      return `${to} gets from ${from}: ${what}${choice.again ? ' (and will get it once more)' : ''}`;
    }
    case 'notice': {
      const [dialler, acceptor] = ends(choice.pair);
      return choice.at === 'dialler'
        ? `${dialler} notices that its connection to ${acceptor} is gone`
        : `${acceptor} notices that its connection from ${dialler} is gone`;
    }
    case 'connect':
      return ends(choice.pair).join(' connects to ');
    case 'break':
      return `the connection of ${ends(choice.pair).join(' and ')} breaks`;
    case 'durable':
      return `the next ${choice.count} writes of ${nameAt(choice.process)} are on its disk`;
    case 'call':
      return `${nameAt(choice.process)} makes its next call`;
    case 'start':
      return `${nameAt(choice.process)} starts again`;
    case 'crash':
      return `${nameAt(choice.process)} crashes; ${choice.kept} unsynced writes survive`;
    case 'cut':
      return 'connections are cut off';
    case 'silence':
      return `${nameAt(choice.process)} hears nobody, and has had enough of it`;
    case 'change':
      return `${nameAt(choice.process)} is to do something about the members`;
    case 'refused':
      return `${nameAt(choice.process)} finds that the process of ${nameAt(choice.peer)} is gone`;
    default:
      return `a timer of ${nameAt(choice.process)} goes off`;
  }
}

function describeStep(world: World, { step, faults }: Transition): string[] {
  const lines: string[] = [];
  if (step !== null) {
    const { members, pairs } = world.topology;
    for (const { link, message } of step.local.sends) {
      const { dialler, acceptor } = at(pairs, link % pairs.length);
      const to = at(members, dialler === step.process ? acceptor : dialler).name;
      lines.push(`sends ${to}: ${describeMessage(world.messages.get(message))}`);
    }
  }
  return [...lines, ...faults.map((fault) => `BROKEN: ${fault}`)];
}
