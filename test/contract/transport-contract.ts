/** What every Transport must do; an implementation's test calls this with a way to make two of them. */

import { expect } from 'chai';
import { FatalError, HearsayError } from '../../src/base/errors.js';
import type { CloseReason, Connection, Listener, Transport } from '../../src/ports/transport.js';
import type { TransportLimits } from '../../src/transport/transport-limits.js';

/** Two processes that can reach each other, and the passing of time. */
export interface TransportWorld {
  readonly server: Transport;
  readonly client: Transport;
  /** `HOST:0`, to listen on. */
  readonly anyAddress: string;
  /** Lets things happen until the condition holds; throws when it never does. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** Lets happen whatever is under way. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** A connection and all that its owner was told. */
class Owned {
  readonly connection: Connection;
  readonly frames: Uint8Array[] = [];
  /** What onClose was told, each time. */
  readonly ends: (string | null)[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
    connection.onFrame = (frame) => this.frames.push(frame);
    connection.onClose = (error) => this.ends.push(error);
  }

  get texts(): string[] {
    return this.frames.map((frame) => Buffer.from(frame).toString());
  }
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const NORMAL: CloseReason = { kind: 'normal', message: 'done' };
const KINDS: CloseReason['kind'][] = [
  'normal',
  'protocol-error',
  'too-large',
  'version',
  'overloaded',
  'going-away',
];

export function transportContract(
  name: string,
  open: (limits: Partial<TransportLimits>) => Promise<TransportWorld>,
): void {
  describe(`${name} as a Transport`, () => {
    const FRAME_BYTES = 256 * 1024;
    let world: TransportWorld;
    let listener: Listener;
    let served: Owned[];
    let onServed: (owned: Owned) => void;

    beforeEach(async () => {
      world = await open({ frameBytes: FRAME_BYTES });
      await serve();
    });

    afterEach(() => world.close());

    async function serve(): Promise<void> {
      served = [];
      onServed = ({ connection }) => connection.accepted();
      listener = await world.server.listen({
        address: world.anyAddress,
        onConnection: (connection) => {
          const owned = new Owned(connection);
          served.push(owned);
          onServed(owned);
        },
      });
    }

    /** What became of a promise, once things have happened. */
    async function outcome<T>(promise: Promise<T>): Promise<T | Error> {
      let result: { value: T | Error } | null = null;
      promise.then(
        (value) => {
          result = { value };
        },
        (error: Error) => {
          result = { value: error };
        },
      );
      await world.until(() => result !== null, 'the promise settles');
      return (result as unknown as { value: T | Error }).value;
    }

    async function connect(): Promise<[client: Owned, server: Owned]> {
      const before = served.length;
      let client: Owned | null = null;
      const dialled = world.client.dial(listener.address).then((connection) => {
        client = new Owned(connection);
      });
      await world.until(() => client !== null && served.length > before, 'the dial succeeds');
      await dialled;
      const server = served[before];
      if (client === null || server === undefined) throw new Error('waited for both above');
      return [client, server];
    }

    it('carries frames in order, both ways, as they were', async () => {
      const [client, server] = await connect();
      const sent = Array.from({ length: 300 }, (_, i) => `${i}:${'x'.repeat((i * 37) % 5000)}`);
      sent[7] = '';
      for (const [i, text] of sent.entries()) {
        client.connection.send(bytes(text));
        if (i % 20 === 19) await world.settle();
        server.connection.send(bytes(`back ${text}`));
      }
      await world.until(
        () => server.frames.length === sent.length && client.frames.length === sent.length,
        'all frames arrive',
      );
      expect(server.texts).to.deep.equal(sent);
      expect(client.texts).to.deep.equal(sent.map((text) => `back ${text}`));
    });

    it('loses no frame that the listening side sends before the dial has come back', async () => {
      onServed = ({ connection }) => {
        connection.accepted();
        for (const text of ['one', 'two', 'three']) connection.send(bytes(text));
      };
      const [client] = await connect();
      await world.until(() => client.frames.length === 3, 'the early frames arrive');
      expect(client.texts).to.deep.equal(['one', 'two', 'three']);
    });

    it('carries a frame of the greatest size and refuses to send one of a byte more', async () => {
      const [client, server] = await connect();
      const greatest = new Uint8Array(FRAME_BYTES).map((_, i) => i % 251);
      client.connection.send(greatest);
      expect(() => client.connection.send(new Uint8Array(FRAME_BYTES + 1)))
        .to.throw(HearsayError, `${FRAME_BYTES + 1} bytes exceeds the limit`)
        .with.property('code', 'TOO_LARGE');
      client.connection.send(bytes('still here'));
      await world.until(() => server.frames.length === 2, 'both frames arrive');
      expect(Buffer.compare(server.frames[0] ?? bytes(''), greatest)).to.equal(0);
      expect(server.texts[1]).to.equal('still here');
      expect(client.ends).to.deep.equal([]);
    });

    for (const kind of KINDS) {
      it(`tells both sides once why a connection was closed: ${kind}`, async () => {
        const [client, server] = await connect();
        server.connection.close({ kind, message: 'because\nof this' });
        server.connection.close({ kind: 'normal', message: 'a second close changes nothing' });
        await world.until(() => client.ends.length > 0 && server.ends.length > 0, 'both sides end');
        await world.settle();
        expect([client.ends.length, server.ends.length]).to.deep.equal([1, 1]);
        if (kind === 'normal' || kind === 'going-away') {
          expect([client.ends[0], server.ends[0]]).to.deep.equal([null, null]);
        } else {
          expect(client.ends[0]).to.match(/^the peer closed the connection .*: because of this$/);
          expect(server.ends[0]).to.equal('because\nof this');
        }
      });
    }

    it('delivers what was sent before a close, and nothing to the side that closed', async () => {
      const [client, server] = await connect();
      for (let i = 0; i < 50; i++) client.connection.send(bytes(`${i}`));
      client.connection.close(NORMAL);
      server.connection.send(bytes('too late'));
      await world.until(() => client.ends.length > 0 && server.ends.length > 0, 'both sides end');
      expect(server.texts).to.deep.equal(Array.from({ length: 50 }, (_, i) => `${i}`));
      expect(client.frames).to.deep.equal([]);
    });

    it('takes a send, an accepted and a close after the end as nothing', async () => {
      const [client, server] = await connect();
      client.connection.close(NORMAL);
      client.connection.send(bytes('after close'));
      await world.until(() => client.ends.length > 0 && server.ends.length > 0, 'both sides end');
      for (const { connection } of [client, server]) {
        connection.send(bytes('after the end'));
        connection.accepted();
        connection.close(NORMAL);
        expect(connection.bufferedBytes).to.equal(0);
      }
      await world.settle();
      expect([client.ends, server.ends]).to.deep.equal([[null], [null]]);
      expect([client.frames, server.frames]).to.deep.equal([[], []]);
    });

    it('ends each side once when both close at the same moment', async () => {
      const [client, server] = await connect();
      client.connection.close({ kind: 'version', message: 'mine' });
      server.connection.close({ kind: 'version', message: 'yours' });
      await world.until(() => client.ends.length > 0 && server.ends.length > 0, 'both sides end');
      await world.settle();
      expect([client.ends, server.ends]).to.deep.equal([['mine'], ['yours']]);
    });

    it('counts what has not left yet, and nothing once all has', async () => {
      const [client, server] = await connect();
      for (let i = 0; i < 4; i++) client.connection.send(new Uint8Array(FRAME_BYTES));
      expect(client.connection.bufferedBytes).to.be.at.least(4 * FRAME_BYTES);
      await world.until(() => server.frames.length === 4, 'all frames arrive');
      await world.until(() => client.connection.bufferedBytes === 0, 'nothing is buffered');
    });

    it('says in words that nobody listens at an address', async () => {
      const { address } = listener;
      const closed = listener.close();
      await outcome(closed);
      const refused = await outcome(world.client.dial(address));
      expect(refused).to.be.instanceOf(Error);
      expect((refused as Error).message).to.equal(`nothing listens at ${address}`);
    });

    for (const address of ['', 'nonsense', '127.0.0.1', '127.0.0.1:70000', 'http://127.0.0.1:1']) {
      it(`refuses "${address}" as an address, to dial and to listen on`, async () => {
        const dialled = await outcome(world.client.dial(address));
        expect(dialled).to.be.instanceOf(Error);
        expect((dialled as Error).message).to.contain('give HOST:PORT');
        const listened = await outcome(world.server.listen({ address, onConnection: () => {} }));
        expect(listened).to.be.instanceOf(FatalError);
        expect((listened as Error).message).to.contain('give HOST:PORT');
      });
    }

    it('dials an address written as a URL, too', async () => {
      const dialled = await outcome(world.client.dial(`ws://${listener.address}`));
      expect(dialled).to.have.property('remote', listener.address);
    });

    it('refuses to listen on a busy port, naming it', async () => {
      const { address } = listener;
      const second = await outcome(world.server.listen({ address, onConnection: () => {} }));
      expect(second).to.be.instanceOf(FatalError);
      expect((second as Error).message).to.contain(`${address} is in use`);
      await connect();
    });

    it('closes a connection that says no hello, and leaves an accepted one alone', async () => {
      await world.close();
      world = await open({ helloMs: 300 });
      await serve();
      const [accepted, acceptedServer] = await connect();
      onServed = () => {};
      const [silent, silentServer] = await connect();
      await world.until(
        () => silent.ends.length > 0 && silentServer.ends.length > 0,
        'the silent connection is closed',
      );
      expect(silentServer.ends).to.deep.equal(['no hello within 300 ms']);
      expect(silent.ends[0]).to.contain('no hello within 300 ms');
      accepted.connection.send(bytes('alive'));
      await world.until(() => acceptedServer.frames.length === 1, 'the accepted one works');
    });

    it('serves many connections, each with its own frames', async () => {
      const pairs: [Owned, Owned][] = [];
      for (let i = 0; i < 60; i++) pairs.push(await connect());
      for (const [i, [client]] of pairs.entries()) client.connection.send(bytes(`from ${i}`));
      for (const [i, [, server]] of pairs.entries()) server.connection.send(bytes(`to ${i}`));
      await world.until(
        () => pairs.every(([one, other]) => one.frames.length + other.frames.length === 2),
        'every connection has its frames',
      );
      expect(pairs.map(([client]) => client.texts)).to.deep.equal(pairs.map((_, i) => [`to ${i}`]));
      expect(pairs.map(([, server]) => server.texts)).to.deep.equal(
        pairs.map((_, i) => [`from ${i}`]),
      );
    });

    it('ends all connections when the listener closes, and frees its address', async () => {
      const pairs = [await connect(), await connect(), await connect()];
      const { address } = listener;
      const closed = Promise.all([listener.close(), listener.close()]);
      const endsThen = await outcome(
        closed.then(() => pairs.map(([, server]) => [...server.ends])),
      );
      expect(endsThen).to.deep.equal([[null], [null], [null]]);
      await world.until(() => pairs.every(([client]) => client.ends.length > 0), 'clients end');
      expect(pairs.map(([client]) => client.ends)).to.deep.equal([[null], [null], [null]]);
      const again = await outcome(world.server.listen({ address, onConnection: () => {} }));
      expect(again).to.have.property('address', address);
    });
  });
}
