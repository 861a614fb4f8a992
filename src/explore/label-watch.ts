/**
 * What a replica says of its own part in the cluster (docs/protocol.md): a label is told only by a member
 * whose start is claimed, once the disk knows that the configuration is committed, and it never goes
 * back, whatever crashes (I25, I26). Written without a look at how the core decides it.
 */

import { type MemberId, memberOf, type Name } from '../base/ids.js';
import type { ForcedLog } from '../log/forced-log.js';
import { type Configuration, majorityIn } from '../log/membership.js';
import type { ReplicaState } from '../replica/state.js';
import type { Travelling } from './process.js';

export class LabelWatch {
  readonly #name: Name;
  readonly #id: MemberId;
  readonly #first: Configuration;
  /** The greatest label that this identity has told, in whatever life. */
  #told = 0;
  /** Who has granted this start. */
  #granted = new Set<Name>();

  constructor(name: Name, id: MemberId, first: Configuration) {
    this.#name = name;
    this.#id = id;
    this.#first = first;
  }

  /** Another start: nobody has granted that one yet. */
  begin(): void {
    this.#granted = new Set([this.#name]);
  }

  /** `by`: who it came from; null where the connection is over. */
  granted(by: Name | null): void {
    if (by !== null) this.#granted.add(by);
  }

  /** Decides what is wrong later on, so it is a part of the state. */
  text(): string {
    return `${this.#told} ${[...this.#granted].sort().join()}`;
  }

  /** What is wrong with saying this, with such a forced log on the disk. */
  faultsOf(disk: ForcedLog, message: Travelling): string[] {
    const label = labelOf(message);
    if (label === 0) return [];
    const told = this.#told;
    this.#told = Math.max(told, label);
    const what = `${this.#name} sends ${message.kind} under label ${label}`;
    if (label < told) return [`I25: ${what}, and has told ${told} before`];
    const configuration = configurationsOn(disk, this.#first).get(label);
    if (configuration === undefined) {
      return [`I25: ${what}, which its disk does not know to be committed`];
    }
    if (message.kind === 'configuration' || message.kind === 'frozen') return [];
    if (!configuration.members.some(({ id }) => id === this.#id)) {
      return [`I25: ${what}, and is no member of it`];
    }
    const grants = configuration.members.filter(({ name }) => this.#granted.has(name)).length;
    return grants >= majorityIn(configuration) ? [] : [`I25: ${what}, and is not claimed`];
  }
}

function labelOf(message: Travelling): number {
  switch (message.kind) {
    case 'acknowledged':
    case 'answer':
    case 'collected':
    case 'heartbeat':
    case 'gossip':
    case 'fetched':
    case 'frozen':
      return message.epoch;
    case 'configuration':
      return message.configuration.epoch;
    default:
      return 0;
  }
}

/** Configurations that a disk knows to be committed, by epoch. */
function configurationsOn(disk: ForcedLog, first: Configuration): Map<number, Configuration> {
  const known = new Map([[first.epoch, first]]);
  for (const entry of disk.slice(1, disk.commit)) {
    if (entry.kind !== 'change' || entry.change.kind !== 'configure') continue;
    known.set(entry.change.configuration.epoch, entry.change.configuration);
  }
  return known;
}

/** I23: what is void is not executed by anybody who goes on. */
export function faultsOfFinals({ self, membership, value, received }: ReplicaState): string[] {
  const faults: string[] = [];
  for (const [origin, count] of received.value().entries()) {
    const final = memberOf(origin) === null ? null : membership.finalOf(origin);
    if (final === null || count <= final) continue;
    const what = value.get(origin) > final ? 'executed' : 'holds';
    faults.push(`I23: ${self.name} ${what} ${origin}:${count}, void above ${final}, and goes on`);
  }
  return faults;
}
