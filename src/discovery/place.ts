/**
 * What `--discover` and `connect` are given, as text, read into one closed union: a list of addresses, a
 * DNS name, or etcd. Pure.
 */

import { HearsayError } from '../base/errors.js';
import { formatAddress, type HostAndPort, parseAddress } from '../transport/address.js';

export type DiscoveryPlace =
  | { readonly kind: 'seeds'; readonly addresses: readonly string[] }
  | { readonly kind: 'dns'; readonly name: HostAndPort }
  | {
      readonly kind: 'etcd';
      /** `HOST:PORT` of etcd's client side, tried in turn. */
      readonly hosts: readonly string[];
      /** What the keys of this cluster begin with; no slash at either end. */
      readonly prefix: string;
    };

/** Says what can be given; used in messages about something else. */
export const DISCOVERY_FORM =
  'HOST:PORT,… or dns://NAME:PORT or etcd://HOST:2379,…/PREFIX, such as etcd://127.0.0.1:2379/hearsay';

/** Text that is not an address list names one of these. */
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i;

/** Path segments of what etcd tools print without quoting. */
const PREFIX = /^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/;

/** Reads it. Throws HearsayError INVALID; `what` names the flag or argument in the message. */
export function readPlace(what: string, text: string): DiscoveryPlace {
  const [, scheme, rest = ''] = SCHEME.exec(text) ?? [];
  switch (scheme?.toLowerCase()) {
    case undefined:
    case 'ws':
      return { kind: 'seeds', addresses: addressesIn(what, text) };
    case 'dns': {
      const name = parseAddress(rest);
      if (name === null) throw wrong(what, text, 'dns:// takes NAME:PORT');
      return { kind: 'dns', name };
    }
    case 'etcd': {
      const slash = rest.indexOf('/');
      const hosts = slash < 0 ? rest : rest.slice(0, slash);
      const prefix = slash < 0 ? '' : rest.slice(slash + 1).replace(/\/$/, '');
      if (!PREFIX.test(prefix)) {
        throw wrong(
          what,
          text,
          'etcd:// takes a prefix of its own for each cluster after the hosts',
        );
      }
      return { kind: 'etcd', hosts: addressesIn(what, hosts), prefix };
    }
    default:
      throw wrong(what, text, `${scheme}:// is not known`);
  }
}

function addressesIn(what: string, text: string): string[] {
  const addresses = text.split(',').map((part) => {
    const parsed = parseAddress(part);
    if (parsed === null) throw wrong(what, text, `${JSON.stringify(part)} is no HOST:PORT`);
    return formatAddress(parsed);
  });
  return [...new Set(addresses)];
}

const wrong = (what: string, text: string, why: string): HearsayError =>
  new HearsayError(
    'INVALID',
    `${what} must be ${DISCOVERY_FORM}, not ${JSON.stringify(text)}: ${why}`,
  );
