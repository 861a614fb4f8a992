/** What replicas say of themselves, and what that comes to. */

import type { MemberStatus } from '../src/client/api.js';

export type Member = MemberStatus;

/** The number of the last view that anybody has taken part in; 0 before the first. */
export const lastViewOf = (members: readonly Member[]): number =>
  Math.max(0, ...members.map(({ view }) => view?.n ?? 0));

/**
 * Who says that it is the primary: of several the one in the latest view, since the others have not heard
 * yet that they are it no longer.
 */
export function primaryAmong(members: readonly Member[]): Member | undefined {
  const primaries = members.filter(({ role }) => role === 'primary');
  const latest = lastViewOf(primaries);
  return primaries.find(({ view }) => view?.n === latest);
}

/** What keeps the cluster from being whole and quiet, in words, or null. */
export function unrest(members: readonly Member[]): string | null {
  for (const { name, status, counted, lagRecords } of members) {
    if (status.value === 'UNREACHABLE') return `${name} is not reached`;
    if (counted !== true) return `${name} does not count for fresh queries`;
    if (lagRecords !== 0) return `${name} lacks ${lagRecords} records`;
  }
  return disunity(members) ?? difference(members);
}

/** Whether just these are members, and all of them count, whatever is under way; if not, why. */
export function unsettled(members: readonly Member[], names: ReadonlySet<string>): string | null {
  const strangers = members.filter(({ name }) => !names.has(name));
  if (strangers.length > 0) return `${strangers.map(({ name }) => name).join(', ')} should be gone`;
  for (const name of names) {
    const member = members.find((each) => each.name === name);
    if (member === undefined) return `${name} is no member`;
    if (member.status.value === 'UNREACHABLE') return `${name} is not reached`;
    if (member.counted !== true) return `${name} does not count for fresh queries`;
  }
  return null;
}

/** All are in one view, whose owner is the one primary. */
function disunity(members: readonly Member[]): string | null {
  const primaries = members.filter(({ role }) => role === 'primary');
  const [primary, ...others] = primaries;
  if (primary === undefined) return 'nobody is the primary';
  if (others.length > 0) {
    return `several are the primary: ${primaries.map(({ name }) => name).join(', ')}`;
  }
  const stray = members.find(
    ({ view }) => view?.n !== primary.view?.n || view?.owner !== primary.id,
  );
  if (stray === undefined) return null;
  const viewOf = ({ name, view }: Member): string =>
    `${name} is in ${view === null ? 'no view' : `view ${view.n} of ${view.owner}`}`;
  return `${primary.name} is the primary, but ${members.map(viewOf).join(', ')}`;
}

function difference(members: readonly Member[]): string | null {
  if (new Set(members.map(({ stateHash }) => stateHash)).size === 1) return null;
  const hashes = members.map(({ name, stateHash }) => `${name} ${stateHash}`);
  return `the states differ: ${hashes.join(', ')}`;
}
