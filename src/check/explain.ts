/** What the walk found, as violations of promises, in words that show why something had to be seen. */

import type { Conflict, BrokenRead, Layer, Sweep } from './sweep.js';
import type { BrokenSum } from './lines.js';
import type { History, HistoryOperation, Violation } from './history.js';
import type { Meaning } from './meaning.js';
import type { Paths, Step } from './paths.js';
import { copies, describe } from './words.js';

export class Explainer {
  readonly #history: History;
  readonly #meaning: Meaning;
  readonly #paths: Paths;

  constructor(history: History, meaning: Meaning, paths: Paths) {
    this.#history = history;
    this.#meaning = meaning;
    this.#paths = paths;
  }

  /** Which of the promises of causality a read breaks: told by the way from what it missed to it. */
  causalPromise({ read, missed }: BrokenRead, layer: Layer): string {
    const steps = this.#paths.find(missed, read.operation, layer) ?? [];
    return promiseOf(steps);
  }

  /** @param others how many more registers the same answer shows wrongly. */
  brokenRead(promise: string, broken: BrokenRead, layer: Layer, others: number): Violation {
    const { read, shown, missed } = broken;
    const story = new Story(this.#history.operations);
    const name = this.#meaning.registers[read.register]?.name ?? '';
    const value = this.#meaning.writeOf[missed]?.value ?? '';
    let words =
      `${story.tell(read.operation)} showed ${name} as ${read.value}` +
      `${this.#shownBy(broken, story)}; it had to show ${value}, ` +
      `written by ${story.tell(missed)}, or something later` +
      this.#why(missed, read.operation, layer, story);
    if (shown !== null && read.writerCount > 0) {
      const steps = this.#paths.find(shown, missed, layer) ?? [];
      if (steps.length > 0) {
        words += `\n  ${story.tell(missed)} is later than ${story.tell(shown)}:`;
        for (const step of steps) words += `\n    ${this.#stepWords(step, story)}`;
      }
    }
    if (others > 0) words += `\n  the same answer shows ${others} more that are too old`;
    return { promise, words, operations: story.told };
  }

  brokenSum(promise: string, { sum, read, least, most }: BrokenSum): Violation {
    const story = new Story(this.#history.operations);
    const expected =
      read.total < least
        ? `what it had to know of adds up to ${least} at least`
        : `all that was sent before and did not fail adds up to ${most} at most`;
    const words = `${story.tell(read.operation)} showed ${sum.name} as ${read.total}; ${expected}`;
    return { promise, words, operations: story.told };
  }

  circle(conflicts: readonly Conflict[], { chains }: Sweep): Violation {
    const story = new Story(this.#history.operations);
    let words = 'no one order of concurrent writes explains these answers, which go in a circle:';
    conflicts.forEach(({ earlier, later, reader }, index) => {
      words +=
        `\n  ${story.tell(reader)} knew of ${story.tell(earlier)} and yet showed what ` +
        `${story.tell(later)} wrote, so the second is later than the first`;
      const next = conflicts[(index + 1) % conflicts.length]?.earlier ?? later;
      if (next !== later && chains.knows(chains.clockOf(next), later)) {
        words += `\n  ${story.tell(next)} knew of ${story.tell(later)}, so it is later still`;
      }
    });
    return { promise: 'causal convergence', words, operations: story.told };
  }

  #shownBy({ read, shown }: BrokenRead, story: Story): string {
    if (shown === null) return ', the initial value';
    const several = read.writerCount + Number(read.mayBeInitial) > 1;
    const others = several ? ` or any of ${read.writerCount} that wrote the same` : '';
    return `, written by ${story.tell(shown)}${others}`;
  }

  #why(from: number, to: number, layer: Layer, story: Story): string {
    const steps = this.#paths.find(from, to, layer) ?? [];
    return steps.map((step) => `\n  ${this.#stepWords(step, story)}`).join('');
  }

  #stepWords({ from, to, kind }: Step, story: Story): string {
    const { operations } = this.#history;
    const outcome = operations[from]?.outcome;
    switch (kind) {
      case 'session': {
        const moved = movedWords(operations[from], operations[to]);
        return `${story.tell(from)} ended before ${story.tell(to)} of the same session was sent${moved}`;
      }
      case 'shows':
        return `${story.tell(to)} showed what ${story.tell(from)} wrote`;
      case 'order':
        return `${story.tell(to)} reflects the order of forced updates as far as ${story.tell(from)}`;
      case 'fresh':
      case 'final': {
        const how = outcome?.kind === 'updated' ? ` with ${copies(outcome.copies)}` : '';
        return `${story.tell(from)} was acknowledged${how} before ${story.tell(to)} was asked, which is ${kind}`;
      }
    }
  }
}

/** Tells an operation in full the first time, afterwards by its number alone. */
class Story {
  readonly #operations: readonly HistoryOperation[];
  readonly #told = new Set<number>();

  constructor(operations: readonly HistoryOperation[]) {
    this.#operations = operations;
  }

  get told(): readonly number[] {
    return [...this.#told];
  }

  tell(index: number): string {
    if (this.#told.has(index)) return `#${index}`;
    this.#told.add(index);
    return describe(this.#operations, index);
  }
}

function movedWords(from: HistoryOperation | undefined, to: HistoryOperation | undefined): string {
  const before = from?.answeredBy ?? from?.sentTo ?? null;
  const after = to?.answeredBy ?? to?.sentTo ?? null;
  if (before === null || after === null || before === after) return '';
  return `; in between the session moved from ${before} to ${after}`;
}

/** Shortest ways have no two steps of one kind in a row; their order of kinds names the promise. */
function promiseOf(steps: readonly Step[]): string {
  switch (steps.map(({ kind }) => kind).join(' ')) {
    case 'session':
      return 'read your writes';
    case 'shows session':
      return 'monotonic reads';
    case 'session shows':
    case 'session shows session':
      return 'monotonic writes';
    case 'shows session shows':
    case 'shows session shows session':
      return 'writes follow reads';
    default:
      return 'causality';
  }
}
