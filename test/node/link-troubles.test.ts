/** What is told of connections that end or are refused: to whom it happened, and how grave it is. */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import type { Name } from '../../src/base/ids.js';
import { foundedCluster } from '../../src/node/handshake.js';
import { Links } from '../../src/node/links.js';
import type { LinkTrouble } from '../../src/node/trouble-log.js';
import type { Connection } from '../../src/ports/transport.js';
import { kv } from '../../src/service/kv/kv.js';
import { lostWords, SILENT_PEER_WORDS } from '../../src/transport/words.js';
import { encodeFrames, PROTOCOL_VERSIONS } from '../../src/wire/codec.js';
import type { Message } from '../../src/wire/messages.js';

const FRONTEND: Message = {
  ...{ kind: 'hello', role: 'frontend', protocol: PROTOCOL_VERSIONS, name: 'fe-1' as Name },
  ...{ address: 'h:7100', cluster: foundedCluster(kv, 'c', 0), operations: [] },
};

const JOINER: Message = {
  ...{ kind: 'hello', role: 'joiner', protocol: PROTOCOL_VERSIONS, name: 'rm-9' as Name },
  ...{ initialHash: null, replaces: false, clusterId: 'other', service: kv.name },
  ...{ serviceVersion: [kv.version, kv.version], schemaHash: kv.schemaHash },
};

describe('troubles of connections', () => {
  let told: string[];
  let refusal: HearsayError | null;
  let links: Links;

  beforeEach(() => {
    told = [];
    refusal = null;
    links = new Links({
      onHello: () => refusal,
      onMessage: () => {},
      onDown: () => {},
      onTrouble: ({ level, line }: LinkTrouble) => told.push(`${level} ${line}`),
      onDirty: () => {},
    });
  });

  function connected(...messages: Message[]): Connection {
    const connection: Connection = {
      ...{ remote: 'h:5001', bufferedBytes: 0 },
      ...{ onFrame: () => {}, onClose: () => {}, send: () => {}, accepted: () => {} },
      close: () => connection.onClose(null),
    };
    links.add(connection);
    for (const frame of encodeFrames(messages)) connection.onFrame(frame);
    return connection;
  }

  it('names who went without goodbye, which is a detail', () => {
    connected(FRONTEND).onClose(lostWords(null));
    connected().onClose(lostWords('ECONNRESET'));
    expect(told).to.deep.equal([
      'detail fe-1 (h:5001): the connection ended without goodbye: the peer died or was cut off',
      'detail h:5001: the connection was reset by the peer',
    ]);
  });

  it('warns of a silent peer', () => {
    connected(FRONTEND).onClose(SILENT_PEER_WORDS);
    expect(told).to.deep.equal([`warn fe-1 (h:5001): ${SILENT_PEER_WORDS}`]);
  });

  it('warns of refusals, but not of those that are no mistake', () => {
    refusal = new HearsayError('INVALID', 'another cluster');
    connected(FRONTEND);
    refusal = new HearsayError('UNAVAILABLE', 'not needed');
    connected(FRONTEND);
    connected({ kind: 'rejected', code: 'UNAVAILABLE', message: 'not yet' });
    connected({ kind: 'rejected', code: 'VERSION', message: 'too old' });
    expect(told).to.deep.equal([
      'warn fe-1 (h:5001): INVALID: another cluster',
      'detail fe-1 (h:5001): UNAVAILABLE: not needed',
      'detail h:5001 refused us: UNAVAILABLE: not yet',
      'warn h:5001 refused us: VERSION: too old',
    ]);
  });

  it('warns of one that wants to join another cluster here', () => {
    refusal = new HearsayError('UNAVAILABLE', 'belongs to cluster c, not to other');
    connected(JOINER);
    expect(told).to.deep.equal([
      'warn rm-9 (h:5001): UNAVAILABLE: belongs to cluster c, not to other',
    ]);
  });
});
