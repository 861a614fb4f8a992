/** Who there is in a small world, and who dials whom: as in a real cluster. */

import type { Name, SessionId } from '../base/ids.js';
import { DEFAULT_TUNING, type ReplicaTuning } from '../replica/state.js';
import { ClientProcess } from './client-process.js';
import type { Cores } from './cores.js';
import type { WantedChange } from './founding.js';
import { FrontendProcess } from './frontend-process.js';
import type { LiveProcess } from './process.js';
import { ReplicaProcess } from './replica-process.js';
import type { WorldDescription } from './world-description.js';

export interface Member {
  readonly name: string;
  readonly role: 'replica' | 'frontend' | 'client';
  readonly mayCrash: boolean;
  /** Once it has crashed, it is down for as long as there is trouble. */
  readonly staysDown: boolean;
  readonly mayTick: boolean;
  /** What it may be brought to do about the members. */
  readonly change: WantedChange | null;
  /** What it may come to that it hears nobody. */
  readonly silence: 'lapse' | 'action' | null;
  readonly make: () => LiveProcess;
}

/** Two processes with a connection between them; `dialler` and `acceptor` are places in the list. */
export interface Pair {
  readonly dialler: number;
  readonly acceptor: number;
  /** For a client: which of the front ends, counted from 0. */
  readonly frontend: number;
  readonly mayBreak: boolean;
  /** It is there at the beginning only, so that both know each other. */
  readonly isApart: boolean;
  /** It goes with the others that can be cut, all of them at once. */
  readonly mayBeCut: boolean;
}

export interface Topology {
  readonly members: readonly Member[];
  readonly pairs: readonly Pair[];
  /** Each update that the programs make, by `session:n`, and its bit in sets of updates. */
  readonly bits: ReadonlyMap<string, number>;
  /** Some messages come twice. */
  readonly hasDuplicates: boolean;
  /** There is a primary, and each process has a clock of its own. */
  readonly isForced: boolean;
  /** The members can change. */
  readonly isFounded: boolean;
  /** The members at the beginning. */
  readonly founders: readonly string[];
}

const UPDATES: ReadonlySet<string> = new Set(['put', 'create', 'add', 'take', 'set']);

export function topologyOf(world: WorldDescription, cores: Cores): Topology {
  const members: Member[] = [];
  const add = (name: string, role: Member['role'], make: () => LiveProcess): void => {
    const mayCrash = world.crashes?.of.includes(name) ?? false;
    const mayTick = world.ticks?.of.includes(name) ?? false;
    const { silences, lapses } = world;
    const silence = lapses?.includes(name)
      ? 'lapse'
      : silences?.of.includes(name)
        ? 'action'
        : null;
    const staysDown = world.staysDown?.includes(name) ?? false;
    const retire = (world.changes?.retire ?? null) as Name | null;
    const change = world.changes?.of.includes(name) ? { retire } : null;
    members.push({ name, role, mayCrash, staysDown, mayTick, silence, change, make });
  };
  const isFounded = world.founders !== undefined;
  const isForced = world.forced === true || isFounded;
  const tuning: ReplicaTuning = { ...DEFAULT_TUNING, forced: isForced ? 'on' : 'off' };
  const names = numbered('rm', world.replicas) as Name[];
  const frontends = numbered('fe', world.frontends) as Name[];
  const founders = isFounded ? names.slice(0, world.founders) : null;
  for (const name of names) {
    const hasSlowDisk = world.slowDisks?.includes(name) ?? true;
    const init = { name, members: names, founders, tuning, hasSlowDisk, cores };
    add(name, 'replica', () => new ReplicaProcess(init));
  }
  for (const name of frontends) {
    const known = isFounded ? null : names;
    add(name, 'frontend', () => new FrontendProcess({ name, members: known, cores }));
  }
  world.scripts.forEach((script, index) => {
    const session = `session-${index + 1}` as SessionId;
    const home = world.homes?.[index] ?? 0;
    const init = { session, script, frontends: frontends.length, home, cores };
    add(session, 'client', () => new ClientProcess(init));
  });
  return {
    members,
    pairs: pairsOf(members, world),
    bits: bitsOf(world),
    hasDuplicates: (world.duplicates ?? 0) > 0,
    isForced,
    isFounded,
    founders: founders ?? names,
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
      const name = `${one.name}-${other.name}`;
      const isApart = world.apart?.includes(name) ?? false;
      // Replicas that take part in elections must have heard of each other once.
      const haveMet = (world.forced ?? world.founders) !== undefined && one.role === 'replica';
      if (!dials || (isApart && !haveMet)) return;
      const mayBreak = world.breaks?.of.includes(name) ?? false;
      const mayBeCut = world.cut?.includes(name) ?? false;
      const frontend = acceptor - world.replicas;
      pairs.push({ dialler, acceptor, frontend, mayBreak, isApart, mayBeCut });
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
