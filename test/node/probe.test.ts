/** A process that is gone is told apart from one that cannot be reached. */

import { expect } from 'chai';
import { isListening } from '../../src/node/probe.js';
import type { CloseReason, Connection, Transport } from '../../src/ports/transport.js';
import { MemoryWorld } from '../transport/memory-world.js';

const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
const unreachable = Object.assign(new Error('connect'), { code: 'EHOSTUNREACH' });

const dialling = (dial: () => Promise<Connection>): Transport => ({ dial }) as unknown as Transport;

const failingWith = (reason: Error): Transport => dialling(() => Promise.reject(reason));

describe('whether anybody listens at an address', () => {
  it('is denied only where the machine says that nobody does', async () => {
    const failure = (cause?: unknown) => new Error('no connection', { cause });
    expect(await isListening(failingWith(failure(refused)), 'rm-1:1')).to.equal(false);
    const silences = [failure(unreachable), failure(new Error('?')), failure()];
    // The words are for people: what they say does not count.
    const words = new Error('connection refused (ECONNREFUSED)');
    for (const reason of [...silences, words]) {
      expect(await isListening(failingWith(reason), 'rm-1:1'), String(reason)).to.equal(true);
    }
  });

  it('is found by a connection that is closed at once, for a reason in words', async () => {
    const closed: CloseReason[] = [];
    const connection = { close: (reason: CloseReason) => closed.push(reason) };
    const transport = dialling(async () => connection as unknown as Connection);
    expect(await isListening(transport, 'rm-1:1')).to.equal(true);
    expect(closed.map(({ kind }) => kind)).to.deep.equal(['normal']);
  });

  it('is told apart by a network: a process that is gone, and one that cannot be reached', async () => {
    const world = new MemoryWorld();
    const probe = async (): Promise<boolean> => {
      let found: boolean | null = null;
      void isListening(world.network.transport('a'), 'b:7001').then((listens) => {
        found = listens;
      });
      await world.until(() => found !== null, 'the probe ends');
      return found as unknown as boolean;
    };
    expect(await probe()).to.equal(false);
    await world.network.transport('b').listen({ address: 'b:7001', onConnection: () => {} });
    expect(await probe()).to.equal(true);
    world.network.cut('a', 'b', { breakAfterMs: null });
    expect(await probe()).to.equal(true);
  });
});
