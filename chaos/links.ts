/**
 * All links of a cluster, each through proxies of its own: every process is told addresses that lead to
 * its own proxies. Between two replicas there are two, since each dials the other. Faults on a link may
 * overlap: each is lifted by itself.
 */

import { combine, type Conditions } from './conditions.js';
import { type Direction, Proxy, type Target } from './proxy.js';

export type Names = readonly string[];

export interface LinksInit {
  readonly replicas: Names;
  readonly frontends: Names;
  readonly clients: Names;
  /** Where replicas and front ends listen. */
  readonly targetOf: (name: string) => Target;
}

/** One direction of one proxy. */
interface Way {
  readonly proxy: Proxy;
  readonly direction: Direction;
}

export class Links {
  readonly #proxies = new Map<string, Proxy>();
  readonly #inForce = new Map<string, Set<Partial<Conditions>>>();

  static async open({ replicas, frontends, clients, targetOf }: LinksInit): Promise<Links> {
    const links = new Links();
    const open = async (dialling: Names, dialled: Names): Promise<void> => {
      for (const from of dialling) {
        for (const to of dialled) {
          if (from !== to) links.#proxies.set(key(from, to), await Proxy.listen(targetOf(to)));
        }
      }
    };
    await open(replicas, replicas);
    await open(frontends, replicas);
    await open(clients, frontends);
    return links;
  }

  /** `HOST:PORT` at which `from` reaches `to`. */
  addressFor(from: string, to: string): string {
    const proxy = this.#proxies.get(key(from, to));
    if (proxy === undefined) throw new Error(`${from} does not dial ${to}`);
    return proxy.address;
  }

  /** Who is reached at an address, by the address. */
  targets(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#proxies].map(([link, { address }]) => [address, link.split(' ')[1] ?? '']),
    );
  }

  /** Imposes conditions on all that goes from one to the other; call the result to lift them. */
  impose(from: string, to: string, conditions: Partial<Conditions>): () => void {
    const link = key(from, to);
    const inForce = this.#inForce.get(link) ?? new Set();
    this.#inForce.set(link, inForce);
    const renew = (): void => {
      const sum = combine(inForce);
      for (const { proxy, direction } of this.#ways(from, to)) proxy.set(direction, sum);
    };
    inForce.add(conditions);
    renew();
    return () => {
      if (inForce.delete(conditions)) renew();
    };
  }

  /** Breaks the connections between two. Answers how many there were. */
  reset(one: string, other: string): number {
    return this.#ways(one, other).reduce((sum, { proxy }) => sum + proxy.reset(), 0);
  }

  /** Tears what next goes from one to the other. Call the result to take it back: it tells whether one was. */
  tearNext(from: string, to: string, share: number): () => boolean {
    const ways = this.#ways(from, to);
    const torn = (): number => ways.reduce((sum, { proxy }) => sum + proxy.torn, 0);
    const before = torn();
    for (const { proxy, direction } of ways) proxy.tearNext(direction, share);
    return () => {
      for (const { proxy, direction } of ways) proxy.tearNext(direction, null);
      return torn() > before;
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
  }

  #ways(from: string, to: string): readonly Way[] {
    const dialled = this.#proxies.get(key(from, to));
    const dialling = this.#proxies.get(key(to, from));
    return [
      ...(dialled === undefined ? [] : [{ proxy: dialled, direction: 'there' } as const]),
      ...(dialling === undefined ? [] : [{ proxy: dialling, direction: 'back' } as const]),
    ];
  }
}

const key = (from: string, to: string): string => `${from} ${to}`;
