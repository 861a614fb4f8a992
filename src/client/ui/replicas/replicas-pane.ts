/** The list of replicas, as lines. */

import type { ClusterStatus, MemberStatus } from '../../api.js';
import { roleOf } from '../../member-words.js';
import { clip, type Line, pad, type Role, span, wrap } from '../line.js';
import { around } from '../scroll.js';
import type { Size } from '../state.js';
import { MEANING, type Replicas, STATUSES } from './replicas.js';

/** Cells of the columns, but for the last one. */
const WIDTHS = { name: 9, role: 10, status: 21, lag: 8, counted: 9 } as const;

export function replicasLines(replicas: Replicas, { columns, rows }: Size): Line[] {
  const { status, failure, note } = replicas;
  const below = [
    [],
    ...choiceLines(replicas, columns),
    ...(note === null ? [] : wrap(note.text, columns, note.role)),
    ...(failure === null ? [] : wrap(failure, columns, 'bad')),
  ];
  if (status === null) return [[span('Asking the replicas …', 'faint')], ...below];
  const above = [...headLines(status, columns), HEADING];
  const room = Math.max(1, rows - above.length - below.length);
  const members = status.members.map((member) => memberLine(member, replicas.chosen));
  const chosen = status.members.findIndex(({ name }) => name === replicas.chosen);
  const parts = [...members, ...status.frontends.map(frontendLine)];
  return [...above, ...around(parts, Math.max(0, chosen), room), ...below];
}

const HEADING: Line = [
  span('   '),
  span(pad('replica', WIDTHS.name), 'faint'),
  span(pad('role', WIDTHS.role), 'faint'),
  span(pad('status', WIDTHS.status), 'faint'),
  span(pad('lacks', WIDTHS.lag), 'faint'),
  span(pad('counted', WIDTHS.counted), 'faint'),
  span('address', 'faint'),
];

/** Cluster, epoch, primary; and what a change of the members waits for. */
function headLines({ clusterId, epoch, view, members }: ClusterStatus, columns: number): Line[] {
  const [primary = ''] = view?.owner.split('.') ?? [];
  const waits = new Set(members.flatMap(({ waitsFor }) => (waitsFor === null ? [] : [waitsFor])));
  return [
    [
      span('cluster ', 'faint'),
      span(clip(clusterId, 24)),
      span('   epoch ', 'faint'),
      span(String(epoch), 'strong'),
      ...(view === null
        ? [span('   no primary', 'warning')]
        : [span('   view ', 'faint'), span(`${view.n}`), span(' led by ', 'faint'), span(primary)]),
    ],
    ...[...waits].flatMap((words) => wrap(`waits for ${words}`, columns, 'warning')),
    [],
  ];
}

function memberLine(member: MemberStatus, chosen: string | null): Line {
  const { name, status, lagRecords, counted, address } = member;
  const isChosen = name === chosen;
  const shown = status.source === 'auto' ? status.value : `${status.value} (${status.source})`;
  return [
    span(isChosen ? ' ▸ ' : '   ', 'strong'),
    span(pad(name, WIDTHS.name), isChosen ? 'selected' : 'plain'),
    span(pad(roleOf(member), WIDTHS.role), member.role === 'primary' ? 'strong' : 'plain'),
    span(pad(shown, WIDTHS.status), STATUS_ROLES[status.value]),
    span(pad(lagRecords === null ? '-' : String(lagRecords), WIDTHS.lag)),
    span(pad(counted === null ? '-' : counted ? 'yes' : 'no', WIDTHS.counted)),
    span(address, 'faint'),
  ];
}

const STATUS_ROLES: Readonly<Record<MemberStatus['status']['value'], Role>> = {
  ACTIVE: 'good',
  OVERLOADED: 'warning',
  OFFLINE: 'warning',
  UNREACHABLE: 'bad',
};

function frontendLine({ name, address }: ClusterStatus['frontends'][number]): Line {
  const { role, status, lag, counted } = WIDTHS;
  return [
    span('   '),
    span(pad(name, WIDTHS.name)),
    span(pad('front end', role + status + lag + counted), 'faint'),
    span(address, 'faint'),
  ];
}

/** What can be set, the chosen one marked, and what it means. */
function choiceLines({ chosen, value }: Replicas, columns: number): Line[] {
  if (chosen === null) return [];
  const choices = STATUSES.map((each) => span(` ${each} `, each === value ? 'selected' : 'plain'));
  return [
    [span(`set ${chosen} to `, 'faint'), ...choices],
    ...wrap(`${value}: ${MEANING[value]}`, columns, 'faint'),
  ];
}
