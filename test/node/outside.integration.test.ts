import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { httpOutside } from '../../src/node/outside.js';
import { hungry } from '../../src/service/hungry/hungry.js';
import {
  ALICE,
  getthedata,
  OXFORD,
  page,
  postcodesIo,
  type Reply,
} from '../service/hungry/small-data.js';

/** Long enough for any machine; what never comes is waited for a short time only. */
const LONG_MS = 60_000;
const SHORT_MS = 300;

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

const answers =
  ({ status, body }: Reply): Behaviour =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };

/** Takes the request and never says a word. */
const silent: Behaviour = () => {};

const hangsUp: Behaviour = (request) => request.socket.destroy();

/** A web server of the test on a port of its own. */
class Site {
  readonly #server: Server;
  readonly asked: string[] = [];
  behaviour: Behaviour = silent;
  /** Resolves when a connection of this site is closed. */
  readonly closed: Promise<void>;

  constructor() {
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? '');
      this.behaviour(request, response);
    });
    this.closed = new Promise((resolve) => {
      this.#server.on('connection', (socket) => socket.on('close', () => resolve()));
    });
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** Without a slash at the end. */
  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Afterwards the port refuses connections. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function failureOf(doing: Promise<unknown>): Promise<Error> {
  try {
    await doing;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return expect.fail('it did not fail');
}

describe('the world outside, by HTTP', () => {
  let first: Site;
  let second: Site;

  beforeEach(async () => {
    first = new Site();
    second = new Site();
    await first.open();
    await second.open();
  });
  afterEach(async () => {
    await first.close();
    await second.close();
  });

  describe('get', () => {
    const outside = httpOutside({});

    it('gives status and body, whatever the status', async () => {
      for (const status of [200, 404, 429, 500]) {
        first.behaviour = answers({ status, body: 'Zoë' });
        expect(await outside.get(`${first.address}/a?b=c`, LONG_MS)).to.deep.equal({
          status,
          body: 'Zoë',
        });
      }
      expect(first.asked[0]).to.equal('/a?b=c');
    });

    it('goes where it is sent on to', async () => {
      second.behaviour = answers({ status: 200, body: 'here' });
      first.behaviour = (_request, response) => {
        response.writeHead(301, { location: `${second.address}/there` }).end();
      };
      expect(await outside.get(first.address, LONG_MS)).to.include({ body: 'here' });
      expect(second.asked).to.deep.equal(['/there']);
    });

    it('does not wait longer than it was told, neither for the answer nor for its end', async () => {
      const message = `no answer within ${SHORT_MS} ms`;
      expect((await failureOf(outside.get(first.address, SHORT_MS))).message).to.equal(message);
      first.behaviour = (_request, response) => {
        response.writeHead(200).write('one moment');
      };
      expect((await failureOf(outside.get(first.address, SHORT_MS))).message).to.equal(message);
    });

    it('takes 64 KiB and not a byte more, and hangs up on who goes on', async () => {
      first.behaviour = answers({ status: 200, body: 'x'.repeat(65_536) });
      expect((await outside.get(first.address, LONG_MS)).body).to.have.length(65_536);
      first.behaviour = answers({ status: 200, body: 'x'.repeat(65_537) });
      const message = 'the answer is larger than 65536 bytes';
      expect((await failureOf(outside.get(first.address, LONG_MS))).message).to.equal(message);
      second.behaviour = (_request, response) => {
        const more = () => response.write('x'.repeat(1000), more);
        more();
      };
      expect((await failureOf(outside.get(second.address, LONG_MS))).message).to.equal(message);
      await second.closed;
    });

    it('says in words why there is no answer', async () => {
      first.behaviour = hangsUp;
      expect((await failureOf(outside.get(first.address, LONG_MS))).message).to.match(
        /other side closed|socket hang up|ECONNRESET/,
      );
      const nobody = await failureOf(outside.get(await addressOfNobody(), LONG_MS));
      expect(nobody.message).to.contain('ECONNREFUSED');
    });

    it('asks web addresses only', async () => {
      for (const url of ['file:///etc/passwd', 'data:,x', 'ftp://a', '/a', '', 'http://']) {
        const { message } = await failureOf(outside.get(url, LONG_MS));
        expect(message).to.equal(`${url} is no address that begins with http:// or https://`);
      }
    });
  });

  describe('asked by the lookup of a postcode', () => {
    const register = () =>
      hungry.lookUp(
        'register',
        ALICE,
        'alice',
        httpOutside({ postcodesIo: first.address, getthedata: second.address }),
      );

    it('finds a place with postcodes.io', async () => {
      first.behaviour = answers(postcodesIo.found());
      expect(await register()).to.deep.equal({ ...ALICE, ...OXFORD });
      expect(first.asked).to.deep.equal(['/postcodes/OX1%201DP']);
      expect(second.asked).to.deep.equal([]);
    });

    it('hears that there is no such postcode', async () => {
      first.behaviour = answers(postcodesIo.notFound);
      const failure = await failureOf(register());
      expect(failure).to.be.instanceOf(HearsayError).with.property('code', 'INVALID');
      expect(second.asked).to.deep.equal([]);
    });

    const failing: [what: string, behaviour: Behaviour][] = [
      ['429', answers(postcodesIo.tooMany)],
      ['500', answers(postcodesIo.broken)],
      ['garbage', answers(page(200))],
      ['too much', answers({ status: 200, body: 'x'.repeat(100_000) })],
      ['a closed connection', hangsUp],
      ['silence', silent],
    ];
    for (const [what, behaviour] of failing) {
      it(`finds it with getthedata.com after ${what}`, async () => {
        first.behaviour = behaviour;
        second.behaviour = answers(getthedata.found());
        expect(await register()).to.include({ latitude: 51.75021, longitude: -1.25742 });
        expect(second.asked).to.deep.equal(['/postcode/OX11DP']);
      });
    }

    it('finds it with getthedata.com when nobody listens at postcodes.io', async () => {
      second.behaviour = answers(getthedata.found());
      const doing = hungry.lookUp(
        'register',
        ALICE,
        'alice',
        httpOutside({ postcodesIo: await addressOfNobody(), getthedata: second.address }),
      );
      expect(await doing).to.include({ latitude: 51.75021 });
    });

    it('hears from getthedata.com that there is no such postcode', async () => {
      first.behaviour = hangsUp;
      second.behaviour = answers(getthedata.noMatch);
      expect(await failureOf(register())).to.have.property('code', 'INVALID');
    });

    it('can be tried again when neither answers', async () => {
      first.behaviour = answers(postcodesIo.broken);
      second.behaviour = hangsUp;
      expect(await failureOf(register())).to.include({ code: 'UNAVAILABLE', retriable: true });
      first.behaviour = answers(postcodesIo.found());
      expect(await register()).to.include(OXFORD);
    });
  });
});

/** An address at which connections are refused. */
async function addressOfNobody(): Promise<string> {
  const site = new Site();
  await site.open();
  const { address } = site;
  await site.close();
  return address;
}
