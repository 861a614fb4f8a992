/** `hearsay status`: what every part of the cluster says of itself, as a table or as JSON. */

import { compareNames } from '../base/ids.js';
import type { ClusterStatus, MemberStatus, PlainTimestamp } from '../client/api.js';
import { printable, printableJson } from '../client/printable.js';
import { roleOf } from '../client/member-words.js';
import type { StatusCommand } from './command.js';
import { printAnswer } from './one-answer.js';
import type { Surroundings } from './surroundings.js';

/** Digits of a state hash that tell equal states from different ones on a screen. */
const HASH_SHOWN = 8;

/** Sets a status first where that is asked for. Always compares states, which reads all of them. */
export const runStatus = (
  { set, frontends, json }: StatusCommand,
  surroundings: Surroundings,
): Promise<number> =>
  printAnswer({ frontends, json }, surroundings, async (client) => {
    if (set !== null) await client.setStatus(set.name, set.value);
    const status = await client.status({ hash: true });
    return json ? printableJson(status) : statusTable(client.service, status);
  });

/** The table for people: a line on the cluster, a line for each part. */
export function statusTable(service: string, status: ClusterStatus): string {
  const { clusterId, epoch, view, members, frontends } = status;
  const [primaryName = ''] = view?.owner.split('.') ?? [];
  const primary = view === null ? ', no primary' : `, view ${view.n} led by ${primaryName}`;
  const rows = [
    ['NAME', 'ROLE', 'STATUS', 'PID', 'ADDRESS', 'RECORDS', 'LAG', 'COUNTED', 'STATE', 'APPLIED'],
    ...members.map(memberRow),
    ...frontends.map(({ name, pid, address }) => [name, 'front end', '', orDash(pid), address]),
  ];
  const lines = [
    `${service}, cluster ${clusterId}, epoch ${epoch}${primary}`,
    '',
    ...aligned(rows),
    ...waits(members),
    ...wrongClocks(members),
  ];
  return lines.map((line) => printable(line)).join('\n');
}

function memberRow(member: MemberStatus): string[] {
  const { name, status, pid, address, logRecords, lagRecords, counted, stateHash, valueTS } =
    member;
  return [
    name,
    roleOf(member),
    status.source === 'auto' ? status.value : `${status.value} (${status.source})`,
    orDash(pid),
    address,
    orDash(logRecords),
    orDash(lagRecords),
    counted === null ? '-' : counted ? 'yes' : 'no',
    stateHash?.slice(0, HASH_SHOWN) ?? '-',
    valueTS === null ? '-' : shortTimestamp(valueTS),
  ];
}

/** A clock that is further than this from the others' is wrong; see PROTOCOL H. */
const CLOCK_WRONG_MS = 10_000;

/** Clocks that somebody had better set right. */
function wrongClocks(members: readonly MemberStatus[]): string[] {
  return members.flatMap(({ name, clockAheadMs }) => {
    if (clockAheadMs === null || Math.abs(clockAheadMs) <= CLOCK_WRONG_MS) return [];
    const side = clockAheadMs > 0 ? 'ahead of' : 'behind';
    return [
      `the clock of ${name} is ${Math.round(Math.abs(clockAheadMs) / 1000)} s ${side} the others'`,
    ];
  });
}

/** Changes of the members and claims of identities that somebody waits for, and what for. */
function waits(members: readonly MemberStatus[]): string[] {
  const lines = members.flatMap(({ name, waitsFor }) =>
    waitsFor === null ? [] : [`${name} waits for ${waitsFor}`],
  );
  return lines.length === 0 ? [] : ['', ...lines];
}

/** Counts by member, over all its starts: how many updates of each are applied. */
function shortTimestamp(timestamp: PlainTimestamp): string {
  const counts = new Map<string, number>();
  for (const [origin, count] of Object.entries(timestamp)) {
    const [name = origin] = origin.split('.');
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  const entries = [...counts].sort(([one], [other]) => compareNames(one, other));
  return entries.length === 0 ? '-' : entries.map(([name, count]) => `${name}:${count}`).join(' ');
}

const orDash = (value: number | null): string => (value === null ? '-' : String(value));

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
