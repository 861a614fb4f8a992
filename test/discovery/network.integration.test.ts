import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { lookupHost, postJson } from '../../src/discovery/network.js';

async function wordsOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing went wrong');
}

describe('the network that discovery uses', () => {
  let server: Server;
  let address: string;
  let behaviour: RequestListener;

  beforeEach(async () => {
    server = createServer((request, response) => behaviour(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const post = (signal = new AbortController().signal) =>
    postJson(`http://${address}/v3/x`, '{"a":1}', signal);

  async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
    let text = '';
    for await (const piece of body) text += Buffer.from(piece).toString();
    return text;
  }

  it('looks a host name up as the system does', async () => {
    const found = await lookupHost('localhost');
    expect(found.some((each) => each === '127.0.0.1' || each === '::1')).to.equal(true);
    expect(await lookupHost('127.0.0.1')).to.deep.equal(['127.0.0.1']);
  });

  it('says when there is no such host', async () => {
    const words = await wordsOf(lookupHost('no-such-host.invalid'));
    expect(words).to.equal('no host of that name: no-such-host.invalid');
  });

  it('posts JSON, and takes an answer of any status', async () => {
    behaviour = (request, response) => {
      let body = '';
      request.on('data', (piece: Buffer) => (body += piece.toString()));
      request.on('end', () => {
        response.writeHead(418).end(`${request.method} ${request.headers['content-type']} ${body}`);
      });
    };
    const { status, body } = await post();
    expect(status).to.equal(418);
    expect(await textOf(body)).to.equal('POST application/json {"a":1}');
  });

  it('says who could not be reached', async () => {
    server.close();
    await once(server, 'close');
    expect(await wordsOf(post())).to.equal(`nothing listens at ${address}`);
  });

  it('gives what has come of an endless answer, until that breaks off', async () => {
    behaviour = (_request, response) => void response.writeHead(200).write('one');
    const { body } = await post();
    const pieces: string[] = [];
    const words = await wordsOf(
      (async () => {
        for await (const piece of body) {
          pieces.push(Buffer.from(piece).toString());
          server.closeAllConnections();
        }
      })(),
    );
    expect(pieces).to.deep.equal(['one']);
    expect(words).to.match(/^the connection (broke|was reset)/);
  });

  it('gives up when it is told to', async () => {
    behaviour = () => {};
    const controller = new AbortController();
    const answer = wordsOf(post(controller.signal));
    await once(server, 'request');
    controller.abort();
    expect(await answer).to.contain(address);
  });
});
