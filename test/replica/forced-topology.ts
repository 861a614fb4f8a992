/** Which cores may be connected: severed pairs stay apart until they are mended. */

import type { CoreNode } from './forced-node.js';
import { endOf } from './forced-node.js';
import type { ForcedNetwork } from './forced-network.js';
import type { VirtualTime } from './virtual-time.js';

/** A core that lost a connection tries again after so long. */
const RECONNECT_MS = 50;

export class ForcedTopology {
  readonly #nodes: readonly CoreNode[];
  readonly #network: ForcedNetwork<CoreNode>;
  readonly #time: VirtualTime;
  #isWaiting = false;
  readonly #severed = new Set<string>();

  constructor(nodes: readonly CoreNode[], network: ForcedNetwork<CoreNode>, time: VirtualTime) {
    this.#nodes = nodes;
    this.#network = network;
    this.#time = time;
  }

  /** Breaks the connection of two cores and lets none be made until `mend`. */
  sever(a: string, b: string): void {
    this.#severed.add(pairOf(a, b));
    this.#network.sever(a, b);
  }

  /** A severed pair may be connected again. */
  mend(a: string, b: string): void {
    this.#severed.delete(pairOf(a, b));
  }

  isSevered(a: string, b: string): boolean {
    return this.#severed.has(pairOf(a, b));
  }

  /** Only these pairs are connected from now on. */
  onlyLinks(pairs: readonly (readonly [string, string])[]): void {
    const kept = new Set(pairs.map(([a, b]) => pairOf(a, b)));
    this.#eachPair(({ name: a }, { name: b }) => {
      if (kept.has(pairOf(a, b))) this.mend(a, b);
      else this.sever(a, b);
    });
    this.connect();
  }

  /** Cuts these off from all others, but not from each other. */
  isolate(...names: readonly string[]): void {
    this.#eachPair(({ name: a }, { name: b }) => {
      if (names.includes(a) !== names.includes(b)) this.sever(a, b);
      else this.mend(a, b);
    });
    this.connect();
  }

  /** All pairs may be connected, and no direction stands still. */
  heal(): void {
    this.#eachPair(({ name: a }, { name: b }) => {
      this.mend(a, b);
      this.#network.unblock(a, b);
      this.#network.unblock(b, a);
    });
    this.connect();
  }

  /** Connects whoever runs, may be connected, and is not; goes on doing so. */
  connect(): void {
    this.#eachPair((a, b) => {
      if (this.isSevered(a.name, b.name) || this.#network.areConnected(a.name, b.name)) return;
      if (a.state !== null && b.state !== null) this.#network.connect(endOf(a), endOf(b));
    });
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#time.after(RECONNECT_MS, () => {
      this.#isWaiting = false;
      this.connect();
    });
  }

  #eachPair(visit: (a: CoreNode, b: CoreNode) => void): void {
    for (const [index, node] of this.#nodes.entries()) {
      for (const other of this.#nodes.slice(index + 1)) visit(node, other);
    }
  }
}

const pairOf = (a: string, b: string): string => [a, b].sort((x, y) => (x < y ? -1 : 1)).join(' ');
