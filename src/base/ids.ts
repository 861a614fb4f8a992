/**
 * Names of things, as branded strings: a member id cannot be passed where an origin is meant.
 * Forms (DESIGN section 1): name `rm-1`, member id `rm-1.x7k2m9qp` (name + nonce of its data directory),
 * origin `rm-1.x7k2m9qp~3fa8b1c0` (member id + one start), session a nanoid, update id `session:n`.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** The name of a replica or front end, as a person gives it: `rm-1`. */
export type Name = Branded<'Name'>;
/** A replica's name and the nonce of its data directory: votes and counts as a copy. */
export type MemberId = Branded<'MemberId'>;
/** One start of a member, or `!g`: an entry of vector timestamps, never used twice (PROTOCOL A1). */
export type Origin = Branded<'Origin'>;
/** A client's session: a nanoid made by the client library. */
export type SessionId = Branded<'SessionId'>;

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const MEMBER_ID = /^[a-z][a-z0-9-]{0,31}\.[a-z0-9]{2,16}$/;
const ORIGIN = /^(?:[a-z][a-z0-9-]{0,31}\.[a-z0-9]{2,16}~[a-z0-9]{1,16}|!(?:0|[1-9][0-9]{0,8}))$/;
const SESSION = /^[A-Za-z0-9_-]{8,32}$/;

/** Says what a name looks like; used in messages about a wrong one. */
export const NAME_FORM = 'a lower-case letter, then up to 31 letters, digits or "-"';

export const isName = (text: string): text is Name => NAME.test(text);
export const isMemberId = (text: string): text is MemberId => MEMBER_ID.test(text);
export const isOrigin = (text: string): text is Origin => ORIGIN.test(text);
export const isSessionId = (text: string): text is SessionId => SESSION.test(text);

/** Entries that begin with `!` are reserved for forced operations (PROTOCOL B). */
export const isReservedOrigin = (origin: Origin): boolean => origin.startsWith('!');

export const memberIdOf = (name: Name, nonce: string): MemberId => `${name}.${nonce}` as MemberId;
export const originOf = (member: MemberId, start: string): Origin => `${member}~${start}` as Origin;

/** The name a person knows an origin or a member id by: `rm-1` for `rm-1.x7~3f`; `!0` stays. */
export function nameOf(id: Origin | MemberId): Name {
  const dot = id.indexOf('.');
  return (dot < 0 ? id : id.slice(0, dot)) as Name;
}

/** For sorting, as people count: `rm-10` after `rm-9`. */
export function compareNames(one: string, other: string): number {
  const [first, second] = [sortKey(one), sortKey(other)];
  return Number(first > second) - Number(first < second);
}

/** Digits count for their value, whatever their number; a name is shorter than this. */
const DIGITS = 64;

const sortKey = (name: string): string =>
  name.replaceAll(/\d+/g, (digits) => digits.padStart(DIGITS, '0'));

/** The member that an origin is a start of; a reserved origin belongs to none. */
export function memberOf(origin: Origin): MemberId | null {
  const tilde = origin.indexOf('~');
  return tilde < 0 ? null : (origin.slice(0, tilde) as MemberId);
}
