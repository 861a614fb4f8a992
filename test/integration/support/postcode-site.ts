/** A web server that stands for a postcode service: it answers as the test says, or holds its answers. */

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { postcodesIo, type Reply } from '../../service/hungry/small-data.js';

export class PostcodeSite {
  /** The paths that were asked for, in order. */
  readonly asked: string[] = [];
  reply: Reply = postcodesIo.found();
  readonly #server: Server;
  readonly #held: ServerResponse[] = [];
  #isHolding = false;

  static async open(): Promise<PostcodeSite> {
    const site = new PostcodeSite();
    await new Promise<void>((resolve) => site.#server.listen(0, '127.0.0.1', resolve));
    return site;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? '');
      if (this.#isHolding) this.#held.push(response);
      else this.#answer(response);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Who asks from now on waits. */
  hold(): void {
    this.#isHolding = true;
  }

  /** Answers all who wait, and who asks from now on. */
  release(): void {
    this.#isHolding = false;
    for (const response of this.#held.splice(0)) this.#answer(response);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(response: ServerResponse): void {
    const { status, body } = this.reply;
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }
}
