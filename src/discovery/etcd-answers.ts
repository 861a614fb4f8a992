/**
 * What etcd's JSON gateway answers, read with suspicion: whatever listens at the address may have
 * written it. Numbers of 64 bits are texts there, keys and values are base64, and fields that are
 * zero or empty are left out. Everything unexpected is an Error in words.
 */

/** One key of ours. */
export interface EtcdEntry {
  readonly key: string;
  readonly value: string;
  /** The lease that it goes with; `0` for none. */
  readonly lease: string;
  /** Its last change: what a conditional put compares. */
  readonly modRevision: string;
}

export interface EtcdRange {
  readonly entries: readonly EtcdEntry[];
  /** The store's revision that this was read at. */
  readonly revision: string;
}

/** What happened to a key: its new entry, or that it is gone. */
export type EtcdChange =
  | { readonly kind: 'put'; readonly entry: EtcdEntry }
  | { readonly kind: 'gone'; readonly key: string };

/** One message of a watch. */
export interface EtcdWatched {
  /** The watch has ended at the server: keys have to be read anew. */
  readonly isCanceled: boolean;
  readonly changes: readonly EtcdChange[];
}

type Fields = Readonly<Record<string, unknown>>;

const WHOLE = /^-?[0-9]{1,20}$/;

export function readJson(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`no JSON came but ${JSON.stringify(text.slice(0, 80))}: is this etcd?`);
  }
  return fieldsOf(value);
}

/** What an answer with an error status says of it. */
export function readErrorText(text: string): string {
  try {
    const { error, message } = readJson(text);
    const words = typeof error === 'string' ? error : message;
    if (typeof words === 'string') return words;
  } catch {
    // The text itself says it, then.
  }
  return text.trim().slice(0, 200);
}

export function readLease(answer: Fields): string {
  return wholeIn(answer, 'ID');
}

/** Seconds that the lease has left; 0 when there is no such lease any more. */
export function readTimeToLive(answer: Fields): number {
  return Number(wholeIn(fieldsOf(answer['result'] ?? {}), 'TTL', '0'));
}

export function readRange(answer: Fields): EtcdRange {
  const revision = wholeIn(fieldsOf(answer['header']), 'revision');
  return { entries: listIn(answer, 'kvs').map(readEntry), revision };
}

/** Whether the condition held. */
export function readSucceeded(answer: Fields): boolean {
  return answer['succeeded'] === true;
}

export function readWatched(answer: Fields): EtcdWatched {
  if (answer['error'] !== undefined)
    throw new Error(readErrorText(JSON.stringify(answer['error'])));
  const result = fieldsOf(answer['result']);
  const changes = listIn(result, 'events').map((event): EtcdChange => {
    const { type, kv } = fieldsOf(event);
    if (type === 'DELETE') return { kind: 'gone', key: textIn(fieldsOf(kv), 'key') };
    return { kind: 'put', entry: readEntry(kv) };
  });
  return { isCanceled: result['canceled'] === true, changes };
}

function readEntry(value: unknown): EtcdEntry {
  const fields = fieldsOf(value);
  return {
    key: textIn(fields, 'key'),
    value: textIn(fields, 'value'),
    lease: wholeIn(fields, 'lease', '0'),
    modRevision: wholeIn(fields, 'mod_revision'),
  };
}

function fieldsOf(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw unexpected(value);
}

function listIn(fields: Fields, name: string): readonly unknown[] {
  const list = fields[name] ?? [];
  if (Array.isArray(list)) return list;
  throw unexpected(fields);
}

/** A text in base64. */
function textIn(fields: Fields, name: string): string {
  const text = fields[name] ?? '';
  if (typeof text === 'string') return Buffer.from(text, 'base64').toString();
  throw unexpected(fields);
}

/** A whole number of up to 64 bits, as text. */
function wholeIn(fields: Fields, name: string, ifMissing?: string): string {
  const value = fields[name] ?? ifMissing;
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && WHOLE.test(text)) return text;
  throw unexpected(fields);
}

function unexpected(value: unknown): Error {
  const shown = JSON.stringify(value)?.slice(0, 80) ?? 'nothing';
  return new Error(`the answer is none of etcd's: ${shown}`);
}
