/**
 * Reads a log as ShiViz does, with the regular expression on its first line, and checks ShiViz' rules.
 * Written from the rules alone, so that it shares no mistake with the writer.
 */

export interface ShivizEntry {
  readonly event: string;
  readonly host: string;
  readonly clock: ReadonlyMap<string, number>;
}

/** The entries of a log; throws an Error that names the rule that it breaks. */
export function readShiviz(text: string): ShivizEntry[] {
  if (text.includes('\r')) throw new Error('ends of line are not LF alone');
  const [expression = '', delimiter = '?', ...lines] = text.split('\n');
  if (delimiter !== '') throw new Error(`line 2 is a delimiter: ${delimiter}`);
  const entries: ShivizEntry[] = [];
  const body = lines.join('\n');
  let readUpTo = 0;
  for (const match of body.matchAll(new RegExp(expression, 'g'))) {
    const { event = '', host = '', clock = '' } = match.groups ?? {};
    if (body.slice(readUpTo, match.index).trim() !== '') throw new Error('text between entries');
    readUpTo = match.index + match[0].length;
    const counts = JSON.parse(clock) as Record<string, number>;
    entries.push({ event, host, clock: new Map(Object.entries(counts)) });
  }
  if (body.slice(readUpTo).trim() !== '') throw new Error('text after the last entry');
  if (entries.length * 2 !== lines.length) throw new Error('an entry is not two lines');
  checkClocks(entries);
  return entries;
}

function checkClocks(entries: readonly ShivizEntry[]): void {
  const clocks = new Map<string, ReadonlyMap<string, number>>();
  const earlier = new Map<string, ShivizEntry[]>();
  for (const { event, host, clock } of entries) {
    const fail = (rule: string): never => {
      throw new Error(`${host} ${JSON.stringify([...clock])} "${event}": ${rule}`);
    };
    const before = clocks.get(host) ?? new Map<string, number>();
    if (host === '') fail('no host');
    if (clock.get(host) !== (before.get(host) ?? 0) + 1) fail('own entry does not rise by 1');
    for (const [other, count] of before) {
      if ((clock.get(other) ?? 0) < count) fail(`forgets ${other}:${count}`);
    }
    for (const [other, count] of clock) {
      if (!Number.isSafeInteger(count) || count < 1) fail(`${other} is no count`);
      if (other === host) continue;
      const known = earlier.get(other)?.[count - 1];
      if (known === undefined) fail(`${other}:${count} is no earlier event`);
      for (const [third, its] of known?.clock ?? []) {
        if ((clock.get(third) ?? 0) < its)
          fail(`knows ${other}:${count} but not its ${third}:${its}`);
      }
    }
    clocks.set(host, clock);
    const its = earlier.get(host) ?? [];
    its.push({ event, host, clock });
    earlier.set(host, its);
  }
}
