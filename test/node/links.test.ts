import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import { Links } from '../../src/node/links.js';
import type { Connection } from '../../src/ports/transport.js';
import type { Message } from '../../src/wire/messages.js';

describe('links', () => {
  it('queue nothing more on a connection that is cut off for what is queued', () => {
    const links = new Links({
      onHello: () => null,
      onMessage: () => {},
      onDown: () => {},
      onTrouble: () => {},
      onDirty: () => {},
    });
    let bufferedBytes = 0;
    let closed: string | null = null;
    const connection: Connection = {
      remote: 'slow',
      get bufferedBytes() {
        return bufferedBytes;
      },
      onFrame: () => {},
      onClose: () => {},
      send: (frame) => (bufferedBytes += frame.length),
      accepted: () => {},
      close: ({ kind }) => (closed = kind),
    };
    const link = links.add(connection);
    const bytes = new Uint8Array(LIMITS.snapshotPartBytes);
    const part: Message = { kind: 'snapshot-part', hash: 'h', size: 1, offset: 0, bytes };
    const tooMany = LIMITS.bufferedBytes / LIMITS.snapshotPartBytes + 8;
    for (let i = 0; i < tooMany; i++) links.send(link, part);
    links.flush();
    expect(closed).to.equal('overloaded');
    expect(bufferedBytes).to.be.above(LIMITS.bufferedBytes);
    expect(bufferedBytes).to.be.below(LIMITS.bufferedBytes + 2 * LIMITS.messageBytes);
  });
});
