/**
 * What counters of kv mean. Where all amounts added to one are different powers of 4, a count is read
 * digit by digit in base 4: 0 = that add is not in it, 1 = it is, more = it was executed more than once.
 * Each such add is a register of its own. Other counters are sums, of which only bounds can be told.
 */

import type { HistoryOperation } from './history.js';
import type { MeaningBuilder, SumRead } from './meaning.js';
import { describe, oddAnswer } from './words.js';

/** 4^26 and all below it add up to less than 2^53. */
const POWERS = Array.from({ length: 26 }, (_, exponent) => 4 ** exponent);

const NOT_DONE = 'not done';
const DONE = 'done';

interface Counter {
  readonly name: string;
  readonly adds: { readonly operation: number; readonly amount: number }[];
  readonly reads: SumRead[];
  /** The register of each amount; null when amounts are not different powers of 4. */
  registers: ReadonlyMap<number, number> | null;
}

export class Counters {
  readonly #operations: readonly HistoryOperation[];
  readonly #builder: MeaningBuilder;
  readonly #counters = new Map<string, Counter>();

  constructor(operations: readonly HistoryOperation[], builder: MeaningBuilder) {
    this.#operations = operations;
    this.#builder = builder;
  }

  add(operation: number, key: string, amount: number): void {
    this.#counterOf(key).adds.push({ operation, amount });
  }

  /** Makes registers of the adds; to be called when all were added, before counts are read. */
  decode(): void {
    for (const counter of this.#counters.values()) {
      const amounts = new Set(counter.adds.map(({ amount }) => amount));
      const areDifferent = amounts.size === counter.adds.length;
      if (!areDifferent || ![...amounts].every((amount) => POWERS.includes(amount))) {
        counter.registers = null;
        continue;
      }
      const registers = new Map<number, number>();
      for (const { operation, amount } of counter.adds) {
        const register = this.#builder.register(
          `the add of ${amount} to ${counter.name}`,
          NOT_DONE,
        );
        registers.set(amount, register);
        this.#builder.write(operation, register, DONE);
      }
      counter.registers = registers;
    }
  }

  read(operation: number, key: string, total: number): void {
    const counter = this.#counterOf(key);
    if (counter.registers === null) counter.reads.push({ operation, total });
    else if (!Number.isSafeInteger(total) || total < 0) {
      this.#builder.violations.push(oddAnswer(this.#operations, operation));
    } else this.#readDigits(operation, counter, counter.registers, total);
  }

  /** Hands over the counters of which only bounds can be told. */
  finish(): void {
    for (const { name, adds, reads, registers } of this.#counters.values()) {
      if (registers !== null) continue;
      if (adds.some(({ amount }) => !(amount >= 0))) {
        this.#builder.note(`${name} was not checked: there are negative amounts`);
        continue;
      }
      this.#builder.note(`${name} was checked by bounds only: no different powers of 4`);
      this.#builder.sums.push({ name, adds, reads });
    }
  }

  #counterOf(key: string): Counter {
    const known = this.#counters.get(key);
    if (known !== undefined) return known;
    const name = `counter ${JSON.stringify(key)}`;
    const counter: Counter = { name, adds: [], reads: [], registers: new Map() };
    this.#counters.set(key, counter);
    return counter;
  }

  #readDigits(
    operation: number,
    counter: Counter,
    registers: ReadonlyMap<number, number>,
    total: number,
  ): void {
    const returned = this.#operations[operation]?.returned ?? 0;
    let rest = total;
    let isExplained = true;
    for (const amount of POWERS) {
      const digit = rest % 4;
      rest = Math.floor(rest / 4);
      const register = registers.get(amount);
      if (register === undefined) {
        isExplained &&= digit === 0;
      } else if (digit > 0) {
        isExplained &&= digit === 1;
        this.#builder.read(operation, register, DONE);
      } else if (this.#builder.firstSent(register, this.#operations) < returned) {
        this.#builder.read(operation, register, NOT_DONE);
      }
    }
    if (!isExplained || rest > 0) this.#reportExcess(operation, counter, total);
  }

  #reportExcess(operation: number, { name, adds }: Counter, total: number): void {
    const sent = adds.map((add) => add.amount).sort((one, other) => one - other);
    const digits = total.toString(4);
    const excess = adds.filter(({ amount }) => Math.floor(total / amount) % 4 > 1);
    const amounts = sent.length === 0 ? 'nothing' : sent.join(', ');
    const words =
      `${describe(this.#operations, operation)} showed ${name} as ${total}, in base 4 ${digits}: more ` +
      `than each of the amounts that were ever sent (${amounts}) once` +
      excess
        .map((add) => `\n  more than once: ${describe(this.#operations, add.operation)}`)
        .join('');
    this.#builder.violations.push({
      promise: 'exactly once',
      words,
      operations: [operation, ...excess.map((add) => add.operation)],
    });
  }
}
