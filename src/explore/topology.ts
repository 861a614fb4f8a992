/** Who there is in a small world, and who dials whom: as in a real cluster. */

import type { Name, SessionId } from '../base/ids.js';
import { DEFAULT_TUNING } from '../replica/state.js';
import { ClientProcess } from './client-process.js';
import type { Cores } from './cores.js';
import { FrontendProcess } from './frontend-process.js';
import type { LiveProcess } from './process.js';
import { ReplicaProcess } from './replica-process.js';
import type { WorldDescription } from './worlds.js';

export interface Member {
  readonly name: string;
  readonly role: 'replica' | 'frontend' | 'client';
  readonly mayCrash: boolean;
  readonly mayTick: boolean;
  readonly make: () => LiveProcess;
}

/** Two processes with a connection between them; `dialler` and `acceptor` are places in the list. */
export interface Pair {
  readonly dialler: number;
  readonly acceptor: number;
  /** For a client: which of the front ends, counted from 0. */
  readonly frontend: number;
  readonly mayBreak: boolean;
}

export interface Topology {
  readonly members: readonly Member[];
  readonly pairs: readonly Pair[];
  /** Each update that the programs make, by `session:n`, and its bit in sets of updates. */
  readonly bits: ReadonlyMap<string, number>;
  /** Some messages come twice. */
  readonly hasDuplicates: boolean;
}

const UPDATES: ReadonlySet<string> = new Set(['put', 'create', 'add']);

export function topologyOf(world: WorldDescription, cores: Cores): Topology {
  const members: Member[] = [];
  const add = (name: string, role: Member['role'], make: () => LiveProcess): void => {
    const mayCrash = world.crashes?.of.includes(name) ?? false;
    const mayTick = world.ticks?.of.includes(name) ?? false;
    members.push({ name, role, mayCrash, mayTick, make });
  };
  const names = numbered('rm', world.replicas) as Name[];
  const frontends = numbered('fe', world.frontends) as Name[];
  for (const name of names) {
    add(
      name,
      'replica',
      () => new ReplicaProcess({ name, members: names, tuning: DEFAULT_TUNING, cores }),
    );
  }
  for (const name of frontends) {
    add(name, 'frontend', () => new FrontendProcess({ name, members: names, cores }));
  }
  world.scripts.forEach((script, index) => {
    const session = `session-${index + 1}` as SessionId;
    const init = { session, script, frontends: frontends.length, cores };
    add(session, 'client', () => new ClientProcess(init));
  });
  return {
    members,
    pairs: pairsOf(members, world),
    bits: bitsOf(world),
    hasDuplicates: (world.duplicates ?? 0) > 0,
  };
}

const numbered = (word: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${word}-${index + 1}`);

/** Of two replicas the one whose name comes first dials; front ends dial replicas, clients front ends. */
function pairsOf(members: readonly Member[], world: WorldDescription): Pair[] {
  const pairs: Pair[] = [];
  members.forEach((one, dialler) => {
    members.forEach((other, acceptor) => {
      const dials =
        other.role === 'replica'
          ? one.role === 'frontend' || (one.role === 'replica' && dialler < acceptor)
          : one.role === 'client' && other.role === 'frontend';
      const isApart = world.apart?.includes(`${one.name}-${other.name}`) ?? false;
      if (!dials || isApart) return;
      const mayBreak = world.breaks?.of.includes(`${one.name}-${other.name}`) ?? false;
      pairs.push({ dialler, acceptor, frontend: acceptor - world.replicas, mayBreak });
    });
  });
  return pairs;
}

function bitsOf({ scripts }: WorldDescription): Map<string, number> {
  const bits = new Map<string, number>();
  scripts.forEach((script, index) => {
    const updates = script.filter(({ kind }) => UPDATES.has(kind));
    updates.forEach((_, n) => bits.set(`session-${index + 1}:${n + 1}`, bits.size));
  });
  return bits;
}
