/**
 * The world outside the cluster that the simulator's front ends find, as a small HTTP server: real front
 * ends are told its addresses in place of the services that they would ask. Each setting has a folder.
 */

import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { settingFlag } from '../src/launch/forms.js';
import type { Outside } from '../src/service/contract.js';

const HOST = '127.0.0.1';

/** Nobody outside takes any time. */
const TIMEOUT_MS = 1000;

export class OutsideServer {
  readonly #server: Server;
  readonly #outside: Outside;

  static async listen(outside: Outside): Promise<OutsideServer> {
    const server = createServer();
    server.listen(0, HOST);
    await once(server, 'listening');
    return new OutsideServer(server, outside);
  }

  private constructor(server: Server, outside: Outside) {
    this.#server = server;
    this.#outside = outside;
    // Nobody is kept waiting by it when a run cannot even begin.
    server.unref();
    server.on('request', ({ url = '' }, response) => void this.#answer(url, response));
  }

  /** The settings that lead here, as words of a front end's command line. */
  get words(): readonly string[] {
    const { port } = this.#server.address() as AddressInfo;
    return Object.keys(this.#outside.settings).flatMap((setting) => [
      `--${settingFlag(setting)}`,
      `http://${HOST}:${port}/${setting}`,
    ]);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(path: string, response: ServerResponse): Promise<void> {
    const [, setting = '', ...rest] = path.split('/');
    const { settings } = this.#outside;
    const address = Object.hasOwn(settings, setting) ? settings[setting] : undefined;
    if (address === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { status, body } = await this.#outside.get([address, ...rest].join('/'), TIMEOUT_MS);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }
}
