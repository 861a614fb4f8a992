/**
 * Addresses as people write them: `HOST:PORT`, or `ws://HOST:PORT` where one dials. IPv6 hosts stand
 * in brackets. What is no address is refused in words, before any system call sees it.
 */

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Says what an address looks like; used in messages about a wrong one. */
export const ADDRESS_FORM = 'HOST:PORT, such as 127.0.0.1:7100 or [::1]:7100';

const FORM = /^(?:ws:\/\/)?(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+)):([0-9]{1,5})\/?$/;

/** Reads an address; null when it has another form or a port above 65535. */
export function parseAddress(text: string): HostAndPort | null {
  const match = FORM.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > 65_535 ? null : { host, port };
}

/** The address as text, the way {@link parseAddress} reads it. */
export function formatAddress({ host, port }: HostAndPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
